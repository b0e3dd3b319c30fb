import { createHash, randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import {
  makeKey,
  revokeKey,
  rotateKey,
  type RotationRule,
} from '../../activities/ledger/intake/service-keys.ts';
import { listKeys, type ServiceKeyView } from '../../activities/ledger/read/service-keys.ts';
import { keyScopes, scopesOf } from '../../rules/access/roles.ts';
import { isForPeople } from '../../rules/access/scopes.ts';
import {
  expiryOf,
  KEY_BYTES,
  makeServiceKey,
  MAX_LIFETIME_DAYS,
  MAX_OVERLAP_HOURS,
  type ServiceKey,
} from '../../rules/access/service-key.ts';
import { reachOf, reachSchema, reachView, roles, scopes } from '../access-schemas.ts';
import { givingLimits } from '../access/giving-limits.ts';
import { digestOfKey } from '../access/key-digest.ts';
import type { Api, ApiContext } from '../context.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, listRoute, PROBLEMS } from '../responses.ts';
import { idPart, instant, pageQuery } from '../schemas.ts';

const tags = ['Service keys'];
const DEFAULT_LIFETIME_DAYS = 90;
const DEFAULT_OVERLAP_HOURS = 24;

const lifetimeDays = z.number().int().min(1).max(MAX_LIFETIME_DAYS).default(DEFAULT_LIFETIME_DAYS);

const keySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    roles,
    scopes,
    reach: reachSchema,
    madeBy: z.string(),
    madeAt: instant,
    expiresAt: instant,
    replacedBy: z.string().nullable().openapi({ description: 'The key that follows it' }),
    replacedFrom: instant
      .nullable()
      .openapi({ description: 'When it counts no more beside the one that follows it' }),
    revokedAt: instant.nullable(),
    revokedBy: z.string().nullable(),
    lastUsedAt: instant.nullable().openapi({ description: 'To five minutes' }),
  })
  .openapi('ServiceKey');

const madeKeySchema = keySchema
  .extend({ key: z.string().openapi({ description: 'The whole key: this answer alone shows it' }) })
  .openapi('MadeServiceKey');

const makeBody = z
  .strictObject({
    name: z.string().min(1).max(100),
    roles: roles.min(1),
    scopes: scopes
      .optional()
      .openapi({ description: 'Of those of its roles; all that programs may have when left out' }),
    reach: reachSchema,
    lifetimeDays,
  })
  .superRefine((body, refine) => {
    for (const [index, scope] of (body.scopes ?? []).entries()) {
      const message = isForPeople(scope)
        ? 'is for people alone'
        : keyScopes(body.roles, [scope]).length === 0
          ? 'is a scope of none of these roles'
          : undefined;
      if (message !== undefined)
        refine.addIssue({ code: 'custom', path: ['scopes', index], message });
    }
  });

const list = listRoute({
  path: '/v1/keys',
  tags,
  summary: 'Service keys, newest first; never their secrets',
  query: pageQuery.extend({
    counting: z
      .enum(['true', 'false'])
      .optional()
      .openapi({ description: 'true: those that count now' }),
  }),
  item: keySchema,
});

const make = createRoute({
  method: 'post',
  path: '/v1/keys',
  tags,
  summary: 'Make a service key for a program',
  description:
    'Each call makes a key of its own, which does and reaches no more than whoever makes it. With an Idempotency-Key a repeat answers 409 that names the first: its secret was shown once.',
  request: jsonBody(makeBody),
  responses: { 201: json(madeKeySchema, 'The key, whole this once.'), ...PROBLEMS },
});

const rotate = createRoute({
  method: 'post',
  path: '/v1/keys/{id}/rotations',
  tags,
  summary: 'Replace a key by a new one with the same rights; both count for a while',
  request: {
    params: z.object({ id: idPart }),
    ...jsonBody(
      z.strictObject({
        overlapHours: z
          .number()
          .min(0)
          .max(MAX_OVERLAP_HOURS)
          .default(DEFAULT_OVERLAP_HOURS)
          .openapi({ description: 'How long the old one counts beside the new one' }),
        lifetimeDays,
      }),
    ),
  },
  responses: {
    201: json(
      madeKeySchema.extend({ replaced: keySchema }).openapi('RotatedServiceKey'),
      'The new key, whole this once, and the old one.',
    ),
    ...PROBLEMS,
  },
});

const revoke = createRoute({
  method: 'delete',
  path: '/v1/keys/{id}',
  tags,
  summary: 'Revoke a key at once',
  request: {
    params: z.object({ id: idPart }),
    query: z.strictObject({ reason: z.string().min(1).max(200).optional() }),
  },
  responses: { 200: json(keySchema, 'The key; it counts no more.'), ...PROBLEMS },
});

/** Why a key is not rotated, in words. */
const ROTATION_RULES: Readonly<Record<RotationRule, string>> = {
  'key-revoked': 'it is revoked',
  'key-expired': 'it has expired',
  'key-replaced': 'it has been replaced already; rotate the key that follows it',
};

/** Keys of programs: made, listed, rotated with overlap and revoked. */
export function registerServiceKeyRoutes(app: Api, { ledger, now }: ApiContext): void {
  app.openapi(list, async (hono) => {
    const { counting, ...query } = hono.req.valid('query');
    const at = counting === 'true' ? now() : undefined;
    const page = await listKeys(ledger, { ...query, counting: at, within: hono.get('within') });
    return hono.json({ ...page, data: page.data.map(keyView) }, 200);
  });
  app.openapi(make, async (hono) => {
    const {
      name,
      roles: asked,
      scopes: wanted,
      reach,
      lifetimeDays: days,
    } = hono.req.valid('json');
    const made = newKey(hono.get('actor'), hono.req.header('Idempotency-Key'));
    const { key } = await makeKey(ledger, {
      ...storedPart(made, now(), days),
      name,
      roles: asked,
      scopes: wanted ?? scopesOf(asked).filter((scope) => !isForPeople(scope)),
      reach: reachOf(reach),
      at: now(),
      limits: givingLimits(hono.get('principal')),
    });
    return hono.json({ ...keyView(key), key: made.key }, 201);
  });
  app.openapi(rotate, async (hono) => {
    const { overlapHours, lifetimeDays: days } = hono.req.valid('json');
    const made = newKey(hono.get('actor'), hono.req.header('Idempotency-Key'));
    const rotation = await rotateKey(ledger, {
      keyId: hono.req.valid('param').id,
      next: storedPart(made, now(), days),
      overlapHours,
      at: now(),
      limits: givingLimits(hono.get('principal')),
    });
    const replaced = keyView(rotation.replaced);
    if (rotation.outcome === 'refused') {
      const follower = replaced.replacedBy === null ? '' : `: ${replaced.replacedBy}`;
      const detail = `${replaced.id} is not rotated: ${ROTATION_RULES[rotation.rule]}${follower}.`;
      return problem(hono, 409, 'Conflict', detail, [], { rule: rotation.rule }) as never;
    }
    return hono.json({ ...keyView(rotation.key), key: made.key, replaced }, 201);
  });
  app.openapi(revoke, async (hono) => {
    const { key } = await revokeKey(ledger, {
      keyId: hono.req.valid('param').id,
      at: now(),
      reason: hono.req.valid('query').reason,
      limits: givingLimits(hono.get('principal')),
    });
    return hono.json(keyView(key), 200);
  });
}

/**
 * A new key. Under an Idempotency-Key its id, which is no secret, is always the same, and its secret never is:
 * so a repeat meets the first key and makes no second one.
 */
function newKey(actor: string, idempotencyKey: string | undefined): ServiceKey {
  const bytes = randomBytes(KEY_BYTES);
  if (idempotencyKey !== undefined)
    createHash('sha256').update(`${actor}\n${idempotencyKey}`).digest().copy(bytes, 0, 0, ID_BYTES);
  return makeServiceKey(bytes);
}

/** The first bytes of a key make its id. */
const ID_BYTES = 8;

function storedPart({ id, key }: ServiceKey, at: string, days: number) {
  const expiresAt = new Date(expiryOf(Date.parse(at), days)).toISOString();
  return { keyId: id, digest: digestOfKey(key).toString('hex'), expiresAt };
}

function keyView({ keyId, reach, roles: held, scopes: given, ...key }: ServiceKeyView) {
  return { id: keyId, ...key, roles: [...held], scopes: [...given], reach: reachView(reach) };
}
