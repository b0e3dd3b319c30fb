import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAccessFacts, type AccessKind } from '../../activities/ledger/read/access-facts.ts';
import { createApi } from '../../api/app.ts';
import {
  ROUTE_ACCESS,
  type ReachTarget,
  type RouteAccess,
  type RouteName,
} from '../../api/access/route-access.ts';
import type { Api } from '../../api/context.ts';
import {
  decideAccess,
  EVERYWHERE,
  type Dimension,
  type Principal,
  type Reach,
  type Requirement,
} from '../../rules/access/decide-access.ts';
import { ROLE_NAMES, rolesWith, scopesOf, type Role } from '../../rules/access/roles.ts';
import { writeWorld } from '../ledger/access-world.ts';
import { identifyBy } from '../support/identify-by.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { JUDGED_INSIDE, MAY, ONLY_UNRESTRICTED, WALK, type WalkSample } from './walk-samples.ts';

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

/** One requirement of a route: of one that asks by case, one case. */
interface Step {
  readonly name: RouteName;
  readonly found: string | undefined;
  readonly target: ReachTarget;
  readonly requirement: Requirement;
}

const steps: readonly Step[] = Object.entries(ROUTE_ACCESS).flatMap(([name, access]) =>
  stepsOf(name as RouteName, access),
);

function stepsOf(name: RouteName, access: RouteAccess): Step[] {
  if (access.guard !== 'scope') return [];
  const { target, access: needed } = access;
  if ('scope' in needed) return [{ name, found: undefined, target, requirement: needed }];
  return Object.entries(needed.cases).map(([found, requirement]) => ({
    name,
    found,
    target,
    requirement,
  }));
}

let shop: TestLedger;
let app: Api;
/** What broke, and where. */
const reported: string[] = [];
let asked = '';
let walked = 0;

beforeAll(async () => {
  shop = await openLedger();
  await writeWorld(shop.owner);
  await writeCases();
  const principals = ROLE_NAMES.flatMap((role) =>
    Object.keys(REACHES).map((reach) => [keyOf(role, reach), principalOf(role, reach)] as const),
  );
  app = createApi(
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
    },
  );
});
afterAll(async () => {
  console.log(`walked ${walked} combinations of route, case, role and reach`);
  await shop?.close();
});

const keyOf = (role: Role, reach: string) => `${role}/${reach}`;

function principalOf(role: Role, reach: string): Principal {
  return {
    id: `person:${role}`,
    kind: 'process',
    name: role,
    roles: [role],
    scopes: scopesOf([role]),
    reach: REACHES[reach] ?? EVERYWHERE,
  };
}

/** An approval and an exception of each kind, at the places of the ones that the world has. */
async function writeCases(): Promise<void> {
  for (const { name, found } of steps) {
    if (found === undefined) continue;
    if (name === 'POST /v1/approvals/{id}/decisions')
      await shop.owner`
        insert into ledger.approval
        select n.* from ledger.approval a, jsonb_populate_record(a, jsonb_build_object(
          'approval_id', ${`approval:walk:${found}`}::text, 'subject_kind', ${found}::text)) n
        where a.approval_id = 'approval:return:R-000001:1'`;
    if (name === 'POST /v1/exceptions/{id}/resolutions')
      await shop.owner`
        insert into ledger.exception
        select n.* from ledger.exception e, jsonb_populate_record(e, jsonb_build_object(
          'exception_id', ${`exception:walk:${found}`}::text, 'dedupe_key', ${`walk:${found}`}::text, 'kind', ${found}::text)) n
        where e.exception_id = 'exception:1'`;
  }
}

/** What the walk asks a route about in one case. */
function sampleOf({ name, found }: Step): WalkSample {
  const sample = WALK[name] ?? { body: {} };
  if (found === undefined) return sample;
  if (name.includes('/approvals/{id}/'))
    return { ...sample, params: { id: `approval:walk:${found}` } };
  if (name.includes('/exceptions/{id}/'))
    return { ...sample, params: { id: `exception:walk:${found}` } };
  return { ...sample, body: { ...(sample.body as object), kind: found } };
}

/** The world's approvals are rows alone: what happened to them, which this route shows, never did. */
const WITHOUT_HISTORY: readonly RouteName[] = ['GET /v1/approvals/{id}'];

async function ask(step: Step, role: Role, reach: string) {
  walked += 1;
  asked = labelOf(step);
  const broken = reported.length;
  const [method = '', pattern = ''] = step.name.split(' ');
  const { params = {}, query = '', body } = sampleOf(step);
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_whole, name: string) =>
    encodeURIComponent(params[name] ?? 'none'),
  );
  const hasBody = (method === 'POST' || method === 'PUT') && body !== undefined;
  const response = await app.request(`${path}${query}`, {
    method,
    headers: { Authorization: `Bearer ${keyOf(role, reach)}`, 'Content-Type': 'application/json' },
    ...(hasBody ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  if (WITHOUT_HISTORY.includes(step.name)) reported.splice(broken);
  const isJson = response.headers.get('Content-Type')?.includes('json') === true;
  return {
    status: response.status,
    text,
    body: isJson && text.startsWith('{') ? asJson(text) : {},
  };
}

function asJson(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

/** The rule that refused; undefined for an answer of the route itself, whatever that is. */
function refusalOf({ status, body }: Awaited<ReturnType<typeof ask>>): unknown {
  return status === 403 && body['title'] === 'AccessDenied' ? body['rule'] : undefined;
}

const labelOf = ({ name, found }: Step) => (found === undefined ? name : `${name} (${found})`);
const RULES: Readonly<Record<Dimension, string>> = {
  node: 'node-out-of-reach',
  channel: 'channel-out-of-reach',
  region: 'region-out-of-reach',
  amount: 'amount-above-limit',
};

test('the tables in code say what is written down by hand', () => {
  const scopes = new Set(steps.map(({ requirement }) => requirement.scope));
  expect(Object.keys(MAY).toSorted()).toEqual([...scopes].toSorted());
  expect(steps.filter(({ found }) => found !== undefined).length).toBeGreaterThan(40);
  for (const scope of scopes) expect(rolesWith(scope), scope).toEqual(MAY[scope]);
});

test('every route that holds reach against something is asked about something', () => {
  const held = steps.filter(
    ({ target, requirement }) =>
      target !== 'rows' && target !== 'whole' && requirement.reach.length > 0,
  );
  const unasked = held.filter(
    ({ name }) =>
      WALK[name] === undefined &&
      !ONLY_UNRESTRICTED.includes(name) &&
      !JUDGED_INSIDE.includes(name),
  );
  expect(unasked.map(({ name }) => name)).toEqual([]);
});

describe.each(ROLE_NAMES)('%s', (role) => {
  const may = ({ requirement }: Step) => MAY[requirement.scope]?.includes(role) === true;

  test('is let in by scope where it was written down, and nowhere else', async () => {
    const surprises: string[] = [];
    for (const step of steps) {
      if (JUDGED_INSIDE.includes(step.name)) continue;
      const answer = await ask(step, role, 'everywhere');
      const refused = refusalOf(answer);
      const expected = may(step) ? undefined : 'scope-missing';
      if (refused !== expected)
        surprises.push(
          `${labelOf(step)}: ${String(refused)}, not ${String(expected)}: ${answer.text.slice(0, 200)}`,
        );
    }
    expect(surprises).toEqual([]);
  });

  test('acts on what lies within reach, and on nothing that lies beyond it in any dimension', async () => {
    const surprises: string[] = [];
    for (const step of steps) {
      if (!may(step) || JUDGED_INSIDE.includes(step.name)) continue;
      for (const [reach, rule] of expectedOf(step)) {
        const answer = await ask(step, role, reach);
        const refused = step.target === 'elements' ? elementRule(answer.text) : refusalOf(answer);
        if (refused !== rule)
          surprises.push(
            `${labelOf(step)} ${reach}: ${String(refused)}, not ${String(rule)}: ${answer.text.slice(0, 200)}`,
          );
      }
    }
    expect(surprises).toEqual([]);
  });

  test('sees of each list what lies within reach, and nothing that lies beyond it', async () => {
    const surprises: string[] = [];
    for (const step of steps) {
      if (!may(step) || step.target !== 'rows') continue;
      const whole = rowsOf((await ask(step, role, 'everywhere')).body);
      for (const reach of ['within', ...step.requirement.reach]) {
        const answer = await ask(step, role, reach);
        const rows = rowsOf(answer.body);
        const expected = whole && (await visibleOf(step, whole, principalOf(role, reach), reach));
        if (answer.status !== 200 || JSON.stringify(rows) !== JSON.stringify(expected))
          surprises.push(
            `${labelOf(step)} ${reach}: ${answer.status} ${rows?.length} of ${whole?.length} rows, not ${expected?.length}`,
          );
      }
    }
    expect(surprises).toEqual([]);
  });
});

test('nobody is let in without a key, but where the table says so', async () => {
  const surprises: string[] = [];
  for (const [name, access] of Object.entries(ROUTE_ACCESS)) {
    const [method = '', pattern = ''] = name.split(' ');
    const path = pattern.replaceAll(/\{\w+\}/g, 'none');
    const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' };
    const { status } = await app.request(path, { method, ...body });
    // Webhooks answer 401 as well: nobody has signed this.
    if ((status === 401) !== (access.guard !== 'open')) surprises.push(`${name}: ${status}`);
    walked += 1;
  }
  expect(surprises).toEqual([]);
});

test('nothing broke on the way', () => {
  expect(reported).toEqual([]);
});

/** By reach the rule that has to refuse; a list refuses nobody. */
function expectedOf({ name, target, requirement }: Step): [string, string | undefined][] {
  if (target === 'rows' || requirement.reach.length === 0) return [];
  const dimensions = requirement.reach.map((dimension) => [dimension, RULES[dimension]] as const);
  if (target !== 'whole' && !ONLY_UNRESTRICTED.includes(name))
    return [
      ['within', undefined],
      ...dimensions.map(([one, rule]): [string, string] => [one, rule]),
    ];
  // Whoever is restricted at all does not reach everything; the first dimension says so.
  const [first] = dimensions;
  return first === undefined ? [] : [['within', first[1]]];
}

/** The rows of a list that the rule shows to somebody, by where the ledger says that each of them lies. */
async function visibleOf(
  { name, requirement }: Step,
  whole: readonly Row[],
  principal: Principal,
  reach: string,
): Promise<readonly Row[]> {
  const list = LISTS[name];
  if (requirement.reach.length === 0) return whole;
  // Its rows lie at one place each, which is among those within.
  if (list === undefined) return reach === 'within' ? whole : [];
  const visible: Row[] = [];
  for (const row of whole) {
    const subject = await readAccessFacts(shop.ledger, {
      kind: list.kind,
      id: String(row[list.id]),
    });
    const decision = decideAccess(principal, requirement, subject ?? {});
    if (decision.outcome === 'allowed') visible.push(row);
  }
  return visible;
}

type Row = Readonly<Record<string, unknown>>;

/** What the rows of lists are, and by which field they are named. */
const LISTS: Readonly<Record<RouteName, { readonly kind: AccessKind; readonly id: string }>> = {
  'GET /v1/orders': { kind: 'order', id: 'id' },
  'GET /v1/shipments': { kind: 'shipment', id: 'id' },
  'GET /v1/payments': { kind: 'order', id: 'orderId' },
  'GET /v1/returns': { kind: 'return', id: 'id' },
  'GET /v1/stock/adjustments': { kind: 'stock-adjustment', id: 'id' },
  'GET /v1/purchase-orders': { kind: 'purchase-order', id: 'id' },
  'GET /v1/approvals': { kind: 'approval', id: 'id' },
  'GET /v1/exceptions': { kind: 'exception', id: 'id' },
  'GET /v1/finance/entries': { kind: 'finance-entry', id: 'id' },
};

function elementRule(text: string): string | undefined {
  return /\((\w+-out-of-reach)\)/.exec(text)?.[1];
}

/** The rows of a list, or of a SKU's stock; undefined where an answer has none. */
function rowsOf(body: Record<string, unknown>): Row[] | undefined {
  const rows = body['data'] ?? body['nodes'];
  return Array.isArray(rows) ? (rows as Row[]) : undefined;
}
