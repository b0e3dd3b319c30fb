import { createRoute, z } from '@hono/zod-openapi';
import { putDelegation, type DelegationRule } from '../../activities/ledger/intake/delegation.ts';
import { listDelegations } from '../../activities/ledger/read/delegation.ts';
import { APPROVAL_SUBJECTS } from '../../rules/policy/approval-matrix.ts';
import { note, personId } from '../approval-schemas.ts';
import { decidingRoles } from '../access/deciding-roles.ts';
import { givingLimits } from '../access/giving-limits.ts';
import { speakerOf } from '../approval-word.ts';
import type { Api, ApiContext } from '../context.ts';
import { problem } from '../problem.ts';
import { json, jsonBody, listRoute, PROBLEMS, refused } from '../responses.ts';
import { idPart, instant, pageQuery } from '../schemas.ts';

const delegation = z
  .object({
    id: z.string(),
    from: z.string(),
    to: z
      .string()
      .nullable()
      .openapi({ description: "Null: away, and nobody decides in the person's place" }),
    subjects: z.array(z.string()).nullable().openapi({ description: 'Null for every subject' }),
    limitMinor: z
      .string()
      .nullable()
      .openapi({ description: 'In minor units of the base currency' }),
    validFrom: instant,
    validUntil: instant,
    absent: z.boolean(),
    revokedAt: instant.nullable(),
    reason: z.string().nullable(),
    version: z.number().int(),
    by: z.string().openapi({ description: 'Who entered it as it stands' }),
    recordedAt: instant,
  })
  .openapi('Delegation');

const delegationBody = z
  .strictObject({
    delegationId: z
      .string()
      .regex(/^delegation:[A-Za-z0-9._-]{1,120}$/, 'must be delegation:<name>')
      .optional()
      .openapi({ description: 'The ledger gives a number where none is given' }),
    to: personId.nullable(),
    subjects: z
      .array(z.enum(APPROVAL_SUBJECTS))
      .min(1)
      .max(APPROVAL_SUBJECTS.length)
      .nullable()
      .default(null),
    limitMinor: z
      .string()
      .regex(/^\d{1,15}$/, 'must be minor units')
      .nullable()
      .default(null),
    validFrom: instant,
    validUntil: instant,
    absent: z.boolean().default(false),
    revoked: z.boolean().default(false),
    reason: note.optional(),
  })
  .refine(({ validFrom, validUntil }) => Date.parse(validFrom) < Date.parse(validUntil), {
    path: ['validUntil'],
    message: 'must lie behind validFrom',
  })
  .refine(({ to, absent }) => to !== null || absent, {
    path: ['absent'],
    message: 'must be true where nobody acts in the place of the person',
  });

const tags = ['Approvals'];

const list = listRoute({
  path: '/v1/delegations',
  tags,
  summary: 'Delegations from and to the sender, or of everybody for whoever may see people',
  query: pageQuery.extend({
    person: personId
      .optional()
      .openapi({ description: 'Of somebody else, for whoever may see people' }),
  }),
  item: delegation,
});

const put = createRoute({
  method: 'put',
  path: '/v1/delegations',
  tags,
  summary: 'Let somebody decide in the own place, or say that one is away',
  description:
    'Natural key: delegationId and content. Only the own ones; `revoked` ends one. To somebody whose roles decide on one of the subjects at least. Nobody passes on what was delegated to them.',
  request: jsonBody(delegationBody),
  responses: {
    200: json(delegation, 'As it stands.'),
    403: refused('Not the own one, or not a person.'),
    ...PROBLEMS,
  },
});

const putForOther = createRoute({
  method: 'put',
  path: '/v1/people/{id}/delegations',
  tags,
  summary: 'Say who decides in the place of somebody else, or that they are away',
  description:
    'For whoever cannot say so themself. Natural key: delegationId and content. To somebody whose roles decide on one of the subjects at least, never to the sender; it stays the delegation of the person, who may end it.',
  request: { params: z.object({ id: idPart }), ...jsonBody(delegationBody) },
  responses: {
    200: json(delegation, 'As it stands.'),
    403: refused('It would be to the sender, is somebody else’s, or names no person.'),
    ...PROBLEMS,
  },
});

const RULES: Readonly<Record<Exclude<DelegationRule, 'cannot-decide'>, string>> = {
  'not-own': 'A delegation stays that of whoever delegates.',
  'to-oneself': 'Nobody enters a delegation of somebody else to themself.',
  'unknown-person': 'Only people who work here delegate, and to such people.',
  revoked: 'It was ended before; put another one.',
};

type Hono = Parameters<typeof speakerOf>[0];
type Body = z.output<typeof delegationBody>;

/** Who decides in whose place. */
export function registerDelegationRoutes(app: Api, { ledger, now }: ApiContext): void {
  app.openapi(list, async (hono) => {
    const { person, ...page } = hono.req.valid('query');
    const seesAll = hono.get('principal').scopes.includes('people:read');
    if (!seesAll && person !== undefined && person !== speakerOf(hono)) {
      const detail = 'Only whoever may see people sees the delegations of others.';
      return problem(hono, 403, 'AccessDenied', detail, [], { rule: 'scope-missing' }) as never;
    }
    const of = person ?? (seesAll ? undefined : speakerOf(hono));
    return hono.json(await listDelegations(ledger, { ...page, person: of }), 200);
  });
  const putOf = async (hono: Hono, from: string, body: Body): Promise<never> => {
    const refuseTo = (message: string) =>
      problem(hono, 422, 'InvalidInput', `to: ${message}`, [{ path: 'to', message }]) as never;
    if (body.to === from) return refuseTo('must be somebody else');
    const actor = speakerOf(hono);
    const limits = from === actor ? undefined : givingLimits(hono.get('principal'));
    const deciders = decidingRoles(body.subjects);
    const request = { ...body, from, actor, at: now(), limits, deciders };
    const answer = await putDelegation(ledger, request);
    if (answer.outcome !== 'refused') return hono.json(answer.delegation, 200) as never;
    const { rule } = answer;
    if (rule === 'cannot-decide')
      return refuseTo(`must have a role that decides on it: ${deciders.join(', ')}`);
    const status = rule === 'revoked' ? 409 : 403;
    const title = rule === 'revoked' ? 'Conflict' : 'DelegationRefused';
    return problem(hono, status, title, RULES[rule], [], { rule }) as never;
  };
  app.openapi(put, (hono) => putOf(hono, speakerOf(hono), hono.req.valid('json')));
  app.openapi(putForOther, (hono) =>
    putOf(hono, hono.req.valid('param').id, hono.req.valid('json')),
  );
}
