import type { Context, Next } from 'hono';
import { matchedRoutes } from 'hono/route';
import { Failure } from '../../activities/failures.ts';
import type { Ledger } from '../../activities/ledger/connect.ts';
import { readAccessFacts } from '../../activities/ledger/read/access-facts.ts';
import { readApproval } from '../../activities/ledger/read/approval.ts';
import { readException } from '../../activities/ledger/read/exception.ts';
import { listNodes } from '../../activities/ledger/read/master-data.ts';
import {
  decideAccess,
  type AccessDecision,
  type AccessSubject,
  type Principal,
  type Requirement,
} from '../../rules/access/decide-access.ts';
import type { ApiContext, RequestVariables } from '../context.ts';
import { judgeSight, readerOf } from './approval-sight.ts';
import type { FoundRoute, Refusal } from './found-route.ts';
import { refuseAccess } from './refuse-access.ts';
import {
  requirementOf,
  ROUTE_ACCESS,
  routeNameOf,
  type RouteAccess,
  type RouteName,
} from './route-access.ts';
import { ELEMENT_SUBJECTS, ROUTE_SUBJECTS, type NamedSubject } from './route-subjects.ts';
import { actReach, rowsWithin } from './rows-within.ts';

type Hono = Context<RequestVariables>;
type Guarded = Extract<RouteAccess, { guard: 'scope' }>;

/** Which route will answer; undefined where there is none. */
export function findRoute(hono: Hono): FoundRoute | undefined {
  const routes = matchedRoutes(hono);
  const index = routes.findIndex(({ method }) => method !== 'ALL');
  const route = routes[index];
  if (route === undefined) return undefined;
  const name = routeNameOf(hono.req.method, route.path);
  return { name, params: paramsOf(hono, index), access: ROUTE_ACCESS[name] };
}

/** The parameters as that route itself will read them: another way to read them would judge something else. */
function paramsOf(hono: Hono, routeIndex: number): Record<string, string> {
  const own = hono.req.routeIndex;
  hono.req.routeIndex = routeIndex;
  try {
    return hono.req.param();
  } finally {
    hono.req.routeIndex = own;
  }
}

/**
 * Refuses whoever lacks the scope of a route, before anything of the request is read. Of a route that asks for
 * another scope in each case, whoever has none of them; {@link checkReach} judges the case itself. Reports on
 * everything are for those who reach everything, and a list is told what it may show.
 */
export async function checkScope(hono: Hono, next: Next): Promise<Response | void> {
  const route = hono.get('route');
  if (route === undefined) return next();
  if (route.access === undefined)
    return refuseAccess(hono, 'route-unlisted', `${route.name} is open to nobody.`);
  if (route.access.guard !== 'scope') return next();
  const principal = hono.get('principal');
  const { access, target } = route.access;
  const requirements = 'scope' in access ? [access] : Object.values(access.cases);
  const decisions = requirements.map((requirement) =>
    decideAccess(principal, requirement, target === 'whole' ? {} : 'rows'),
  );
  const [first] = decisions;
  if (first?.outcome === 'refused' && !decisions.some(isAllowed)) return refuse(hono, first);
  if (target === 'rows' && 'scope' in access) {
    hono.set('within', rowsWithin(principal.reach, access));
    const { about } = route.access;
    if (about !== undefined) hono.set('reader', readerOf(principal, about));
  }
  return next();
}

/**
 * Refuses what lies beyond somebody's reach: what the path or the body names. Of a body's elements each is
 * judged by itself, and its route answers for those that are refused. Whoever reaches everything is not asked
 * about, so that nothing is read for them.
 */
export async function checkReach(
  hono: Hono,
  next: Next,
  { ledger, now }: Pick<ApiContext, 'ledger' | 'now'>,
): Promise<Response | void> {
  const route = hono.get('route');
  if (route?.access?.guard !== 'scope') return next();
  const { target } = route.access;
  if (target !== 'subject' && target !== 'elements') return next();
  const principal = hono.get('principal');
  if (reachesAll(principal, route.access)) return next();
  const body = await bodyOf(hono);
  const requirement = await requirementFor(route, body, ledger);
  if (requirement === 'unlisted')
    return refuseAccess(hono, 'case-unlisted', 'Nobody may decide on things of this kind.');
  // The route says that there is no such thing, or what is wrong with its name.
  if (requirement === undefined) return next();
  const judge = (subjects: readonly NamedSubject[]) =>
    judgeAll(principal, requirement, subjects, ledger);
  if (target === 'elements') {
    const refused = await judgeElements(route.name, body, judge);
    hono.set('refusedElements', refused);
    const [first] = refused.values();
    if (first !== undefined) hono.set('refusedBy', first.rule);
    return next();
  }
  const subjects = ROUTE_SUBJECTS[route.name]?.({ params: route.params, body }) ?? [{ told: {} }];
  const { about } = route.access;
  const id = route.params['id'] ?? '';
  const refusal =
    (await judge(subjects)) ??
    (about && (await judgeSight(principal, about, id, { ledger, at: now() })));
  if (refusal !== undefined) return refuse(hono, refusal);
  const within = actReach(principal, requirement, subjects);
  if (within !== undefined) hono.set('by', { ...hono.get('by'), within });
  return next();
}

/** Whether nothing that a request could name would be refused. */
function reachesAll(principal: Principal, { access, about }: Guarded): boolean {
  const asked = 'scope' in access ? [access] : Object.values(access.cases);
  const requirements = [...asked, ...Object.values(about?.cases ?? {})];
  const { nodes, channels, regions, amountMinor } = principal.reach;
  const isFree = {
    node: nodes === '*',
    channel: channels === '*',
    region: regions === '*',
    amount: amountMinor === null,
  };
  return requirements.every(
    ({ scope, reach }) =>
      principal.scopes.includes(scope) && reach.every((dimension) => isFree[dimension]),
  );
}

async function bodyOf(hono: Hono): Promise<unknown> {
  const { method } = hono.req;
  if (method !== 'POST' && method !== 'PUT') return undefined;
  return hono.req.json().catch(() => undefined) as Promise<unknown>;
}

/** What the case at hand asks for; undefined where the case cannot be told, `unlisted` where it is for nobody. */
async function requirementFor(
  { name, params, access }: FoundRoute,
  body: unknown,
  ledger: Ledger,
): Promise<Requirement | 'unlisted' | undefined> {
  if (access?.guard !== 'scope') return undefined;
  if ('scope' in access.access) return access.access;
  const id = params['id'] ?? '';
  if (name.startsWith('POST /v1/approvals/{id}/')) {
    const approval = await known(readApproval(ledger, { approvalId: id }));
    return approval && (requirementOf(access, approval.subjectKind) ?? 'unlisted');
  }
  if (name.startsWith('POST /v1/exceptions/{id}/')) {
    const exception = await known(readException(ledger, { exceptionId: id }));
    return exception && (requirementOf(access, exception.kind) ?? 'unlisted');
  }
  // What kinds of entries there are, the schema of the route says as well.
  const kind: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'kind') : '';
  return typeof kind === 'string' ? requirementOf(access, kind) : undefined;
}

async function known<Found>(read: Promise<Found>): Promise<Found | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof Failure && error.type === 'NotFound') return undefined;
    throw error;
  }
}

async function judgeElements(
  name: RouteName,
  body: unknown,
  judge: (subjects: readonly NamedSubject[]) => Promise<Refusal | undefined>,
): Promise<ReadonlyMap<number, Refusal>> {
  const elements = ELEMENT_SUBJECTS[name];
  const refusals = new Map<number, Refusal>();
  for (const [index, element] of (elements?.elementsOf(body) ?? []).entries()) {
    const refusal = await judge(elements?.subjectsOf(element) ?? [{ told: {} }]);
    if (refusal !== undefined) refusals.set(index, refusal);
  }
  return refusals;
}

async function judgeAll(
  principal: Principal,
  requirement: Requirement,
  subjects: readonly NamedSubject[],
  ledger: Ledger,
): Promise<Refusal | undefined> {
  for (const named of subjects) {
    const subject = await locate(named, principal, ledger);
    if (subject === undefined) continue;
    const decision = decideAccess(principal, requirement, subject);
    if (decision.outcome === 'refused') return decision;
  }
  return undefined;
}

/** Where something lies; undefined for what is not there and is left to the route. */
async function locate(
  named: NamedSubject,
  { reach }: Principal,
  ledger: Ledger,
): Promise<AccessSubject | undefined> {
  if ('told' in named) return named.told;
  if ('kind' in named) {
    const { kind, id, by } = named;
    const facts = await readAccessFacts(ledger, { kind, id });
    return facts ?? (by === 'path' ? undefined : {});
  }
  const { atNodes: nodes, inRegions = [] } = named;
  const countries = reach.regions === '*' ? [] : await countriesOf(ledger, nodes);
  return { nodes, channels: '*', regions: [...new Set([...inRegions, ...countries])] };
}

const PAGE = 200;

/** The countries that nodes lie in; those that nobody knows lie nowhere. */
async function countriesOf(ledger: Ledger, wanted: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listNodes(ledger, { limit: PAGE, cursor });
    for (const { node, country } of page.data) if (wanted.includes(node)) found.push(country);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

function isAllowed({ outcome }: AccessDecision): boolean {
  return outcome === 'allowed';
}

function refuse(hono: Hono, { rule, text }: Refusal): Response {
  return refuseAccess(hono, rule, text);
}
