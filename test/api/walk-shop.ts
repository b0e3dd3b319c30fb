import { createHash } from 'node:crypto';
import { createApi } from '../../api/app.ts';
import {
  ROUTE_ACCESS,
  type ReachTarget,
  type RouteAccess,
  type RouteName,
} from '../../api/access/route-access.ts';
import type { Api } from '../../api/context.ts';
import {
  EVERYWHERE,
  type Dimension,
  type Principal,
  type Reach,
  type Requirement,
} from '../../rules/access/decide-access.ts';
import { keyScopes, ROLE_NAMES, scopesOf, type Role } from '../../rules/access/roles.ts';
import { isForPeople, SCOPE_NAMES } from '../../rules/access/scopes.ts';
import { writeWorld } from '../ledger/access-world.ts';
import { identifyBy } from '../support/identify-by.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { WALK, WALK_KEY, WALK_LEAVER, WALK_PERSON, type WalkSample } from './walk-samples.ts';

/** Whoever reaches these reaches all of the test's world. */
const WITHIN: Reach = {
  nodes: ['north', 'east', 'south'],
  channels: ['web', 'b2b'],
  regions: ['GB', 'DE'],
  amountMinor: 10_000_000n,
};
/** Of each dimension what reaches nothing of it. */
const BEYOND: Readonly<Record<Dimension, Partial<Reach>>> = {
  node: { nodes: ['elsewhere'] },
  channel: { channels: ['elsewhere'] },
  region: { regions: ['ZZ'] },
  amount: { amountMinor: 0n },
};
const REACHES: Readonly<Record<string, Reach>> = {
  everywhere: EVERYWHERE,
  within: WITHIN,
  ...Object.fromEntries(
    Object.entries(BEYOND).map(([dimension, beyond]) => [dimension, { ...WITHIN, ...beyond }]),
  ),
};

/** One requirement of a route: of one that asks by case, one case; of one about approvals, one kind of subject. */
export interface Step {
  readonly name: RouteName;
  readonly found: string | undefined;
  readonly target: ReachTarget;
  readonly requirement: Requirement;
  /** What shows the subject of an approval. */
  readonly about?: Requirement;
}

export const STEPS: readonly Step[] = Object.entries(ROUTE_ACCESS).flatMap(([name, access]) =>
  stepsOf(name as RouteName, access),
);

function stepsOf(name: RouteName, access: RouteAccess): Step[] {
  if (access.guard !== 'scope') return [];
  const { target, access: needed, about } = access;
  if ('cases' in needed)
    return Object.entries(needed.cases).map(([found, requirement]) => ({
      name,
      found,
      target,
      requirement,
    }));
  const step = { name, found: undefined, target, requirement: needed };
  // A list of approvals is compared row by row: test/api/approval-sight.test.ts.
  if (about === undefined || target === 'rows') return [step];
  return Object.entries(about.cases).map(([found, sight]) => ({ ...step, found, about: sight }));
}

/** What was answered to one combination of route, case, role and reach. */
export interface WalkAnswer {
  readonly status: number;
  readonly text: string;
  readonly body: Record<string, unknown>;
  /** The rule by which access was refused; undefined for an answer of the route itself, whatever that is. */
  readonly rule: string | undefined;
}

/** The API before a world in which one of everything lies somewhere, with callers of each role and reach. */
export interface WalkShop extends TestLedger {
  readonly app: Api;
  /** What broke, and where. */
  readonly reported: string[];
  /** Asks a route about the sample of a step, or about another one. */
  ask(step: Step, role: Role, who: string, sample?: WalkSample): Promise<WalkAnswer>;
  get(path: string, role: Role, who: string): Promise<WalkAnswer>;
}

const keyOf = (role: Role, who: string) => `${role}/${who}`;

/** Somebody of a role who reaches as `who` says; the key of that role is `key`. */
export function principalOf(role: Role, who: string): Principal {
  const scopes = scopesOf([role]);
  const isKey = who === 'key';
  return {
    id: isKey ? `key:${role}` : `person:${role}`,
    kind: isKey ? 'key' : 'person',
    name: role,
    roles: [role],
    scopes: isKey
      ? keyScopes(
          [role],
          SCOPE_NAMES.filter((one) => !isForPeople(one)),
        )
      : scopes,
    reach: REACHES[who] ?? EVERYWHERE,
  };
}

/** The world's approvals are rows alone: their history, which these routes show or judge by, never was. */
const WITHOUT_HISTORY: readonly RouteName[] = [
  'GET /v1/approvals/{id}',
  'POST /v1/approvals/decisions',
];

export async function openWalkShop(): Promise<WalkShop> {
  const shop = await openLedger();
  await writeWorld(shop.owner);
  await writeCases(shop);
  await writePeopleAndKeys(shop);
  const reported: string[] = [];
  let asked = '';
  const principals = ROLE_NAMES.flatMap((role) =>
    [...Object.keys(REACHES), 'key'].map(
      (who) => [keyOf(role, who), principalOf(role, who)] as const,
    ),
  );
  const app = createApi(
    {
      ledger: shop.ledger,
      engine: {
        start: () => undefined,
        nudge: () => undefined,
        decide: async () => undefined,
        reset: async () => undefined,
        ready: async () => true,
      },
      now: () => '2026-02-01T10:00:00Z',
      webhookSecret: 'unused here',
    },
    {
      identify: identifyBy(new Map(principals)),
      reportError: (error) => reported.push(`${asked}: ${String(error)}`),
      // Nobody clicks as fast as a walk.
      rateLimits: {},
    },
  );
  const send = async (method: string, path: string, key: string, body?: unknown) => {
    const response = await app.request(path, {
      method,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answerOf(response);
  };
  return {
    ...shop,
    app,
    reported,
    get: (path, role, who) => {
      asked = path;
      return send('GET', path, keyOf(role, who));
    },
    ask: async (step, role, who, sample = sampleOf(step)) => {
      asked = labelOf(step);
      const broken = reported.length;
      const { method, path, body } = requestOf(step, sample);
      const answer = await send(method, path, keyOf(role, who), body);
      if (WITHOUT_HISTORY.includes(step.name)) reported.splice(broken);
      return answer;
    },
  };
}

function requestOf({ name }: Step, { params = {}, query = '', body }: WalkSample) {
  const [method = '', pattern = ''] = name.split(' ');
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_whole, parameter: string) =>
    encodeURIComponent(params[parameter] ?? 'none'),
  );
  const hasBody = method === 'POST' || method === 'PUT';
  return { method, path: `${path}${query}`, body: hasBody ? body : undefined };
}

async function answerOf(response: Response): Promise<WalkAnswer> {
  const text = await response.text();
  const isJson = response.headers.get('Content-Type')?.includes('json') === true;
  const body = isJson && text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, text, body, rule: ruleOf(response.status, body, text) };
}

/** Of an answer with one result for each element, the rule that refuses the only one. */
function ruleOf(status: number, body: Record<string, unknown>, text: string): string | undefined {
  const results = body['results'];
  const result = Array.isArray(results) ? (results[0] as Record<string, unknown>) : body;
  if (result['title'] === 'AccessDenied') return String(result['rule']);
  return status === 207 ? /\((\w+-(?:out-of-reach|above-limit))\)/.exec(text)?.[1] : undefined;
}

/** What the walk asks a route about in one case. */
export function sampleOf({ name, found }: Step): WalkSample {
  const sample = WALK[name] ?? { body: {} };
  if (found === undefined) return sample;
  const approvalId = `approval:walk:${found}`;
  if (name === 'POST /v1/approvals/decisions') {
    const decision = { approvalId, decisionId: `walk-${found}`, decision: 'approve' };
    return { body: { decisions: [decision] } };
  }
  if (name.includes('/approvals/{id}')) return { ...sample, params: { id: approvalId } };
  if (name.includes('/exceptions/{id}/'))
    return { ...sample, params: { id: `exception:walk:${found}` } };
  return { ...sample, body: { ...(sample.body as object), kind: found } };
}

export const labelOf = ({ name, found }: Step) =>
  found === undefined ? name : `${name} (${found})`;

/** An approval and an exception of each kind, at the places of the ones that the world has. */
async function writeCases({ owner }: TestLedger): Promise<void> {
  for (const { name, found } of STEPS) {
    if (found === undefined) continue;
    if (name === 'POST /v1/approvals/{id}/decisions')
      await owner`
        insert into ledger.approval
        select n.* from ledger.approval a, jsonb_populate_record(a, jsonb_build_object(
          'approval_id', ${`approval:walk:${found}`}::text, 'subject_kind', ${found}::text)) n
        where a.approval_id = 'approval:return:R-000001:1'`;
    if (name === 'POST /v1/exceptions/{id}/resolutions')
      await owner`
        insert into ledger.exception
        select n.* from ledger.exception e, jsonb_populate_record(e, jsonb_build_object(
          'exception_id', ${`exception:walk:${found}`}::text, 'dedupe_key', ${`walk:${found}`}::text, 'kind', ${found}::text)) n
        where e.exception_id = 'exception:1'`;
  }
}

/** Whoever walks, and somebody and a key whose rights are changed and taken on the way. */
async function writePeopleAndKeys({ owner }: TestLedger): Promise<void> {
  for (const role of ROLE_NAMES)
    await owner`
      insert into ledger.person (person_id, issuer, subject, name, roles)
      values (${`person:${role}`}, 'https://login.test', ${role}, ${role}, ${[role]})`;
  await owner`
    insert into ledger.person (person_id, issuer, subject, name, roles, nodes, channels, regions, amount_limit_minor)
    select id, 'https://login.test', id, 'Walk', '{support}', '{north}', '{web}', '{GB}', 100
    from unnest(${[WALK_PERSON, WALK_LEAVER]}::text[]) id`;
  await owner`
    insert into ledger.service_key (key_id, name, roles, scopes, nodes, channels, regions, amount_limit_minor, digest,
      made_by, made_at, expires_at)
    values (${WALK_KEY}, 'Walk', '{admin}', '{orders:read}', '{north}', '{web}', '{GB}', 100,
      ${createHash('sha256').update(WALK_KEY).digest()}, 'person:admin', '2026-01-01', '2027-01-01')`;
}
