import { createRoute, z } from '@hono/zod-openapi';
import type { Ledger } from '../../activities/ledger/connect.ts';
import type { GivingLimits } from '../../activities/ledger/intake/giving-limits.ts';
import {
  endPerson,
  putPeople,
  type PersonInput,
  type PutPersonResult,
} from '../../activities/ledger/intake/people.ts';
import { listPeople, readPerson, type Person } from '../../activities/ledger/read/people.ts';
import { ACCESS_RULES, type Principal } from '../../rules/access/decide-access.ts';
import { reachOf, reachSchema, reachView, role, roles, scopes } from '../access-schemas.ts';
import { givingLimits } from '../access/giving-limits.ts';
import { refuseAccess } from '../access/refuse-access.ts';
import type { Api, ApiContext } from '../context.ts';
import { fieldErrors, problem, type FieldError } from '../problem.ts';
import { json, listRoute, PROBLEMS } from '../responses.ts';
import { idPart, instant, pageQuery } from '../schemas.ts';
import { unstorable } from '../storable.ts';

const MAX_ELEMENTS = 500;
const tags = ['People'];
const email = z.email().max(320);

const personSchema = z
  .object({
    id: z.string(),
    issuer: z.string(),
    subject: z.string().nullable(),
    loginEmail: z.string().nullable(),
    name: z.string(),
    email: z.string().nullable(),
    roles,
    reach: reachSchema,
    leftAt: instant.nullable(),
    lastLoginAt: instant.nullable(),
    recordedAt: instant,
  })
  .openapi('Person');

const personInput = z
  .strictObject({
    id: z
      .string()
      .regex(/^person:[a-z][A-Za-z0-9._-]{0,62}$/, 'must be person: and a readable name')
      .or(z.string().regex(/^person:\d{1,18}$/))
      .optional(),
    issuer: z
      .string()
      .min(1)
      .max(500)
      .openapi({ description: 'Exactly as the provider names itself' }),
    subject: z.string().min(1).max(255).optional(),
    loginEmail: email.optional().openapi({
      description: 'By which the first login is recognised, if the provider vouches for it',
    }),
    name: z.string().min(1).max(200),
    email: email.nullish().openapi({ description: 'Where notices go' }),
    roles,
    reach: reachSchema,
    returns: z.boolean().optional().openapi({ description: 'Takes back somebody who has left' }),
  })
  .refine((person) => person.subject !== undefined || person.loginEmail !== undefined, {
    path: ['subject'],
    message: 'or loginEmail is needed, to know the person by',
  });

type Input = z.output<typeof personInput>;

const me = createRoute({
  method: 'get',
  path: '/v1/me',
  tags,
  summary: 'Who asks, and what they may do',
  responses: {
    200: json(
      z
        .object({
          id: z.string(),
          kind: z.enum(['person', 'key', 'process']),
          name: z.string(),
          roles,
          scopes,
          reach: reachSchema,
          session: z.object({ endsAt: instant, csrfToken: z.string() }).nullable().openapi({
            description:
              'Of a browser that has logged in. Each change carries the token as X-CSRF-Token.',
          }),
        })
        .openapi('Me'),
      'As the credentials have shown.',
    ),
    ...PROBLEMS,
  },
});

const list = listRoute({
  path: '/v1/people',
  tags,
  summary: 'People with their roles and their reach, newest first',
  query: pageQuery.extend({
    role: role.optional(),
    left: z
      .enum(['true', 'false'])
      .optional()
      .openapi({ description: 'true: those who have left instead' }),
  }),
  item: personSchema,
});

const put = createRoute({
  method: 'put',
  path: '/v1/people',
  tags,
  summary: `Enter or change up to ${MAX_ELEMENTS} people`,
  description:
    'A person is known by issuer and subject, or until the first login by issuer and loginEmail. An element replaces what is known. Nobody changes what they may do themselves, gives more than they reach, or changes somebody who reaches further; and an admin who reaches everything is always left.',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          // Elements are judged one by one below, so that a bad one fails alone.
          schema: z
            .array(z.unknown())
            .min(1)
            .max(MAX_ELEMENTS)
            .openapi({ type: 'array', items: { $ref: '#/components/schemas/PersonInput' } }),
        },
      },
    },
  },
  responses: {
    207: json(
      z.object({
        results: z.array(
          z.object({
            id: z.string().nullable(),
            result: z.enum(['created', 'updated', 'unchanged', 'refused']),
            errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
          }),
        ),
      }),
      'One result each, in the order given',
    ),
    ...PROBLEMS,
  },
});

const leave = createRoute({
  method: 'delete',
  path: '/v1/people/{id}',
  tags,
  summary: 'Somebody has left: no login any more, and every session ends at once',
  request: {
    params: z.object({ id: idPart }),
    query: z.strictObject({ reason: z.string().min(1).max(200).optional() }),
  },
  responses: {
    200: json(
      z.object({
        id: z.string(),
        applied: z.boolean(),
        sessionsEnded: z.number().int(),
        leftAt: instant.nullable(),
      }),
      'Gone; applied is false when they had left before.',
    ),
    ...PROBLEMS,
  },
});

/** Who asks, and who may work with the shop. */
export function registerPeopleRoutes(app: Api, { ledger, now }: ApiContext): void {
  app.openAPIRegistry.register('PersonInput', personInput);
  app.openapi(me, (hono) => {
    const { reach, ...principal } = hono.get('principal');
    const session = hono.get('session');
    const browser = session && { endsAt: session.endsAt, csrfToken: session.csrfToken };
    return hono.json(
      {
        ...principal,
        roles: [...principal.roles],
        scopes: [...principal.scopes],
        reach: reachView(reach),
        session: browser ?? null,
      },
      200,
    );
  });
  app.openapi(list, async (hono) => {
    const { left, ...query } = hono.req.valid('query');
    const within = hono.get('within');
    const page = await listPeople(ledger, { ...query, left: left === 'true', within });
    return hono.json({ ...page, data: page.data.map(personView) }, 200);
  });
  app.openapi(put, async (hono) => {
    const principal = hono.get('principal');
    const isOwn = await ownAccess(ledger, principal);
    const judged = hono.req.valid('json').map((element) => judge(element, isOwn));
    const people = judged.flatMap(({ person }) => (person === undefined ? [] : [person]));
    const given = { at: now(), limits: givingLimits(principal) };
    const stored = people.length === 0 ? [] : await enter(ledger, people, given);
    const refused = stored.flatMap(({ errors = [] }) => errors).find(({ rule }) => rule);
    if (refused !== undefined) hono.set('refusedBy', refused.rule);
    let next = 0;
    const results = judged.map(({ person, errors }) => {
      const kept = person === undefined ? undefined : stored[next++];
      return kept === undefined
        ? { id: null, result: 'refused' as const, errors }
        : resultView(kept);
    });
    return hono.json({ results }, 207);
  });
  app.openapi(leave, async (hono) => {
    const { id } = hono.req.valid('param');
    const { reason } = hono.req.valid('query');
    const principal = hono.get('principal');
    if (id === principal.id)
      return refuseAccess(hono, 'own-rights', ACCESS_RULES['own-rights']) as never;
    const limits = givingLimits(principal);
    const ended = await endPerson(ledger, { personId: id, at: now(), reason, limits });
    const { personId, rule, ...answer } = ended;
    if (rule === null) return hono.json({ id: personId, ...answer }, 200);
    return problem(hono, 409, 'Conflict', LAST_ADMIN, [], { rule }) as never;
  });
}

const LAST_ADMIN = 'Nobody would be left who gives rights everywhere: enter another admin first.';

/** What is to be stored of an element, or what is wrong with it. */
function judge(
  element: unknown,
  isOwn: (input: Input) => boolean,
): { person?: Input; errors: FieldError[] } {
  const broken = unstorable(element);
  if (broken.length > 0) return { errors: broken };
  const parsed = personInput.safeParse(element);
  if (!parsed.success) return { errors: fieldErrors(parsed.error.issues) };
  if (!isOwn(parsed.data)) return { person: parsed.data, errors: [] };
  return {
    errors: [{ path: 'id', message: 'is your own: nobody changes what they may do themselves' }],
  };
}

/** Tells whether an element is about the very person who sends it. */
async function ownAccess(ledger: Ledger, principal: Principal): Promise<(input: Input) => boolean> {
  if (principal.kind !== 'person') return () => false;
  const own = await readPerson(ledger, { personId: principal.id });
  return ({ id, issuer, subject, loginEmail }) =>
    id === own.personId ||
    (issuer === own.issuer &&
      ((subject !== undefined && subject === own.subject) ||
        (loginEmail !== undefined && loginEmail.toLowerCase() === own.loginEmail)));
}

/** So many at once are entered well within the time that a call of the ledger has. */
const AT_ONCE = 100;

async function enter(
  ledger: Ledger,
  people: readonly Input[],
  given: { readonly at: string; readonly limits: GivingLimits | undefined },
): Promise<PutPersonResult[]> {
  const elements = people.map(({ id, reach, ...person }): PersonInput => ({
    ...person,
    personId: id,
    reach: reachOf(reach),
  }));
  const results: PutPersonResult[] = [];
  for (let from = 0; from < elements.length; from += AT_ONCE) {
    const part = { people: elements.slice(from, from + AT_ONCE), ...given };
    results.push(...(await putPeople(ledger, part)).results);
  }
  return results;
}

function resultView({ personId, result, errors }: PutPersonResult) {
  return {
    id: personId,
    result,
    ...(errors === undefined
      ? {}
      : { errors: errors.map(({ path, message }) => ({ path, message })) }),
  };
}

function personView({ personId, reach, roles: held, ...person }: Person) {
  return { id: personId, ...person, roles: [...held], reach: reachView(reach) };
}
