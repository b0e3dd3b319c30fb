import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAccessFacts, type AccessKind } from '../../activities/ledger/read/access-facts.ts';
import { ROUTE_ACCESS, type RouteName } from '../../api/access/route-access.ts';
import {
  decideAccess,
  type Dimension,
  type Principal,
  type Reach,
} from '../../rules/access/decide-access.ts';
import { ROLE_NAMES, rolesWith, type Role } from '../../rules/access/roles.ts';
import { isForPeople } from '../../rules/access/scopes.ts';
import { MAY, NOWHERE, ONLY_UNRESTRICTED, WALK } from './walk-samples.ts';
import {
  labelOf,
  openWalkShop,
  principalOf,
  sampleOf,
  STEPS,
  type Step,
  type WalkAnswer,
  type WalkShop,
} from './walk-shop.ts';

let shop: WalkShop;
let walked = 0;

beforeAll(async () => {
  shop = await openWalkShop();
});
afterAll(async () => {
  console.log(`walked ${walked} combinations of route, case, role and reach`);
  await shop?.close();
});

function ask(...asked: Parameters<WalkShop['ask']>): Promise<WalkAnswer> {
  walked += 1;
  return shop.ask(...asked);
}

const RULES: Readonly<Record<Dimension, string>> = {
  node: 'node-out-of-reach',
  channel: 'channel-out-of-reach',
  region: 'region-out-of-reach',
  amount: 'amount-above-limit',
};

/** The scopes that a step asks for, and the dimensions that it holds reach in. */
const scopesAsked = ({ requirement, about }: Step) =>
  about === undefined ? [requirement.scope] : [requirement.scope, about.scope];
const dimensionsOf = ({ requirement, about }: Step) => [
  ...requirement.reach,
  ...(about?.reach ?? []),
];
const may = (step: Step, role: Role) =>
  scopesAsked(step).every((scope) => MAY[scope]?.includes(role) === true);

/** What was answered, where it is not what was expected. */
function surprise(step: Step, who: string, { rule, text }: WalkAnswer, expected?: string) {
  if (rule === expected) return [];
  return [
    `${labelOf(step)} ${who}: ${String(rule)}, not ${String(expected)}: ${text.slice(0, 200)}`,
  ];
}

test('the tables in code say what is written down by hand', () => {
  const scopes = new Set(STEPS.flatMap(scopesAsked));
  expect(Object.keys(MAY).toSorted()).toEqual([...scopes].toSorted());
  expect(STEPS.filter(({ found }) => found !== undefined).length).toBeGreaterThan(100);
  for (const scope of scopes) expect(rolesWith(scope), scope).toEqual(MAY[scope]);
});

test('every route that holds reach against something is asked about something', () => {
  const held = STEPS.filter(
    (step) => !['rows', 'whole'].includes(step.target) && dimensionsOf(step).length > 0,
  );
  const unasked = held.filter(
    (step) =>
      WALK[step.name] === undefined &&
      step.name !== 'POST /v1/approvals/decisions' &&
      !ONLY_UNRESTRICTED.includes(step.name),
  );
  expect(unasked.map(({ name }) => name)).toEqual([]);
});

describe.each(ROLE_NAMES)('%s', (role) => {
  test('is let in by scope where it was written down, and nowhere else', async () => {
    const surprises: string[] = [];
    for (const step of STEPS) {
      const expected = may(step, role) ? undefined : 'scope-missing';
      surprises.push(
        ...surprise(step, 'everywhere', await ask(step, role, 'everywhere'), expected),
      );
    }
    expect(surprises).toEqual([]);
  });

  test('with a key is let in by the same scopes, but for what people alone do', async () => {
    const surprises: string[] = [];
    for (const step of STEPS) {
      const isAllowed = may(step, role) && !scopesAsked(step).some(isForPeople);
      const expected = isAllowed ? undefined : 'scope-missing';
      surprises.push(...surprise(step, 'key', await ask(step, role, 'key'), expected));
    }
    expect(surprises).toEqual([]);
  });

  test('acts on what lies within reach, and on nothing that lies beyond it in any dimension', async () => {
    const surprises: string[] = [];
    for (const step of STEPS.filter((one) => may(one, role))) {
      for (const [reach, rule] of expectedOf(step))
        surprises.push(...surprise(step, reach, await ask(step, role, reach), rule));
    }
    expect(surprises).toEqual([]);
  });

  test('acts on nothing that lies nowhere, once restricted at all', async () => {
    const surprises: string[] = [];
    for (const [name, sample] of Object.entries(NOWHERE)) {
      const step = STEPS.find((one) => one.name === name && (one.found ?? 'fee') !== 'manual');
      if (step === undefined) throw new Error(`${name} is no route of the walk`);
      // What an approval is about is asked besides, and said second.
      const [first] = step.requirement.reach;
      const isLet = MAY[step.requirement.scope]?.includes(role) === true;
      const expected = isLet && first !== undefined ? RULES[first] : 'scope-missing';
      const answer = await ask(step, role, 'within', sample);
      surprises.push(...surprise(step, 'nowhere', answer, expected));
    }
    expect(surprises).toEqual([]);
  });

  test('sees of each list what lies within reach, and nothing that lies beyond it', async () => {
    const surprises: string[] = [];
    for (const step of STEPS.filter((one) => one.target === 'rows' && may(one, role))) {
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

test('what is counted of a list is what the list shows', async () => {
  for (const reach of ['everywhere', 'within', 'node', 'channel', 'region']) {
    walked += 2;
    const [board, summary] = await Promise.all(
      ['?state=open&limit=200', '/summary'].map((rest) =>
        shop.get(`/v1/exceptions${rest}`, 'ops', reach),
      ),
    );
    expect(summary?.body['open'], reach).toBe(rowsOf(board?.body ?? {})?.length);
  }
});

test('nobody is let in without a key, but where the table says so', async () => {
  const surprises: string[] = [];
  for (const [name, access] of Object.entries(ROUTE_ACCESS)) {
    const [method = '', pattern = ''] = name.split(' ');
    const path = pattern.replaceAll(/\{\w+\}/g, 'none');
    const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' };
    const { status } = await shop.app.request(path, { method, ...body });
    // Webhooks answer 401 as well: nobody has signed this.
    if ((status === 401) !== (access.guard !== 'open')) surprises.push(`${name}: ${status}`);
    walked += 1;
  }
  expect(surprises).toEqual([]);
});

test('nothing broke on the way', () => {
  expect(shop.reported).toEqual([]);
});

/** By reach the rule that has to refuse; a list refuses nobody. */
function expectedOf(step: Step): [string, string | undefined][] {
  const { name, target } = step;
  const held = dimensionsOf(step);
  if (target === 'rows' || held.length === 0) return [];
  if (target !== 'whole' && !ONLY_UNRESTRICTED.includes(name)) {
    const { lacks = [] } = sampleOf(step);
    return [
      ['within', undefined],
      ...held.map((one): [string, string | undefined] => [
        one,
        lacks.includes(one) ? undefined : RULES[one],
      ]),
    ];
  }
  // Whoever is restricted at all does not reach everything; the first dimension says so.
  const [first] = held;
  return first === undefined ? [] : [['within', RULES[first]]];
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
  if (RIGHTS.includes(name)) return whole.filter((row) => reachesSome(row, principal.reach));
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
  'GET /v1/goodwill': { kind: 'goodwill', id: 'id' },
  'GET /v1/finance/entries': { kind: 'finance-entry', id: 'id' },
};

/** Lists whose rows say what somebody reaches: they show who reaches something of what the reader does. */
const RIGHTS: readonly RouteName[] = ['GET /v1/people', 'GET /v1/keys'];

function reachesSome(row: Row, own: Reach): boolean {
  const theirs = row['reach'] as Reach;
  return (['nodes', 'channels', 'regions'] as const).every((place) => {
    const [one, other] = [theirs[place], own[place]];
    return one === '*' || other === '*' || one.some((name) => other.includes(name));
  });
}

/** The rows of a list, or of a SKU's stock; undefined where an answer has none. */
function rowsOf(body: Record<string, unknown>): Row[] | undefined {
  const rows = body['data'] ?? body['nodes'];
  return Array.isArray(rows) ? (rows as Row[]) : undefined;
}
