import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAccessFacts, type AccessKind } from '../../activities/ledger/read/access-facts.ts';
import { listCustomers } from '../../activities/ledger/read/master-data.ts';
import type { Page } from '../../activities/ledger/read/page.ts';
import { listStock, readStock } from '../../activities/ledger/read/stock.ts';
import { accessOf, requirementOf, type RouteName } from '../../api/access/route-access.ts';
import { rowsWithin } from '../../api/access/rows-within.ts';
import {
  decideAccess,
  type AccessSubject,
  type Principal,
  type Reach,
  type Requirement,
} from '../../rules/access/decide-access.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { writeWorld } from './access-world.ts';

let test: TestLedger;
beforeAll(async () => {
  test = await openLedger();
  await writeWorld(test.owner);
});
afterAll(async () => test?.close());

describe('where things lie and what they are worth', () => {
  it.each<[AccessKind, string, AccessSubject]>([
    // The line's node, and where a unit is reserved; what is reserved no more lies there no more.
    [
      'order',
      'order:web:1',
      { nodes: ['east', 'north'], channels: ['web'], regions: ['GB'], amountMinor: 1000n },
    ],
    // In another currency there is no amount to compare with a limit.
    ['order', 'order:web:2', { nodes: ['south'], channels: ['web'], regions: ['DE'] }],
    ['order', 'order:b2b:3', { nodes: [], channels: ['b2b'], regions: ['DE'], amountMinor: 3000n }],
    [
      'order',
      'order:b2b:4',
      { nodes: ['east', 'north'], channels: ['b2b'], regions: [], amountMinor: 4000n },
    ],
    ['shipment', 'shipment:web:1:1', { nodes: ['north'], channels: ['web'], regions: ['GB'] }],
    ['shipment', 'shipment:b2b:4:1', { nodes: ['east'], channels: ['b2b'], regions: [] }],
    // Nothing is back: it lies where it was sent from. What was cancelled was never sent.
    [
      'return',
      'return:R-000001',
      { nodes: ['south'], channels: ['web'], regions: ['DE', 'GB'], amountMinor: 1000n },
    ],
    [
      'return',
      'return:R-000002',
      { nodes: ['south'], channels: [], regions: ['DE'], amountMinor: 700n },
    ],
    ['return', 'return:R-000003', { nodes: [], channels: ['b2b'], regions: [] }],
    [
      'return',
      'return:R-000004',
      { nodes: ['north'], channels: ['web'], regions: ['DE'], amountMinor: 1000n },
    ],
    [
      'stock-adjustment',
      'stock-adjustment:1',
      { nodes: ['south'], channels: '*', regions: ['DE'], amountMinor: 450n },
    ],
    [
      'purchase-order',
      'purchase-order:PO-000001',
      { nodes: ['north'], channels: '*', regions: ['GB'], amountMinor: 5000n },
    ],
    [
      'purchase-order',
      'purchase-order:PO-000002',
      { nodes: ['south'], channels: '*', regions: ['DE'] },
    ],
    ['shipping-notice', 'ASN-2', { nodes: ['south'], channels: '*', regions: ['DE'] }],
    [
      'replenishment',
      'replenishment:south:2026-01-05',
      { nodes: ['south'], channels: '*', regions: ['DE'] },
    ],
    [
      'finance-entry',
      'finance-entry:1',
      { nodes: '*', channels: ['b2b'], regions: '*', amountMinor: -100n },
    ],
    [
      'finance-entry',
      'finance-entry:3',
      { nodes: [], channels: [], regions: [], amountMinor: -300n },
    ],
    ['hold', 'H1', { nodes: ['north', 'south'], channels: '*', regions: ['DE', 'GB'] }],
    ['hold', 'H2', { nodes: [], channels: '*', regions: [] }],
    ['customer', 'customer:2', { nodes: '*', channels: ['b2b'], regions: '*' }],
    // Amounts of approvals are in the base currency already.
    [
      'approval',
      'approval:return:R-000001:1',
      { nodes: ['south'], channels: ['web'], regions: ['DE'], amountMinor: 1200n },
    ],
    [
      'approval',
      'approval:purchase-order:PO-000002:1',
      { nodes: ['south'], channels: '*', regions: ['DE'], amountMinor: 5100n },
    ],
    [
      'approval',
      'approval:policy-change:7:1',
      { nodes: '*', channels: ['web'], regions: ['GB'], amountMinor: 0n },
    ],
    [
      'approval',
      'approval:finance-entry:3:1',
      { nodes: [], channels: [], regions: [], amountMinor: 300n },
    ],
    ['policy-draft', '7', { nodes: '*', channels: ['web'], regions: ['GB'] }],
    ['policy-draft', '8', { nodes: [], channels: [], regions: [] }],
    ['exception', 'exception:1', { nodes: ['east', 'north'], channels: ['web'], regions: ['GB'] }],
    ['exception', 'exception:2', { nodes: ['north'], channels: '*', regions: ['GB'] }],
    ['exception', 'exception:3', { nodes: [], channels: [], regions: [] }],
  ])('%s %s', async (kind, id, facts) => {
    expect(await readAccessFacts(test.ledger, { kind, id })).toEqual(facts);
  });

  it.each<AccessKind>([
    'order',
    'shipment',
    'return',
    'stock-adjustment',
    'purchase-order',
    'shipping-notice',
    'replenishment',
    'finance-entry',
    'goodwill',
    'hold',
    'customer',
    'approval',
    'exception',
    'policy-draft',
  ])('there is none of a %s that does not exist', async (kind) => {
    expect(await readAccessFacts(test.ledger, { kind, id: 'nothing:1' })).toBeNull();
  });

  it.each([
    [
      'order:web:1',
      { nodes: ['east', 'north'], channels: ['web'], regions: ['GB'], amountMinor: '1000' },
    ],
    [
      'shipment:web:2:1',
      { nodes: ['south'], channels: ['web'], regions: ['DE'], amountMinor: null },
    ],
    [
      'hold:H1',
      { nodes: ['north', 'south'], channels: '*', regions: ['DE', 'GB'], amountMinor: null },
    ],
    [
      'replenishment:south:2026-01-05',
      { nodes: ['south'], channels: '*', regions: ['DE'], amountMinor: null },
    ],
    ['order:web:unknown', { nodes: [], channels: [], regions: [], amountMinor: null }],
    ['connector:web', { nodes: [], channels: [], regions: [], amountMinor: null }],
    ['policy-change:7', { nodes: '*', channels: ['web'], regions: ['GB'], amountMinor: null }],
    ['policy-change:8', { nodes: [], channels: [], regions: [], amountMinor: null }],
    ['policy-change:unknown', { nodes: [], channels: [], regions: [], amountMinor: null }],
  ])('of the subject %s are told to whatever is about it', async (subject, places) => {
    const [row] = await test.owner`select ledger.subject_places(${subject}) as places`;
    expect(row).toEqual({ places });
  });

  it('a kind that nobody knows is invalid', async () => {
    await expect(
      test.ledger.call('access_facts', { kind: 'planet', id: 'x' }),
    ).rejects.toMatchObject({ type: 'InvalidInput', path: 'kind' });
  });
});

const REACHES: readonly Reach[] = (['*', ['north'], ['south', 'east'], []] as const).flatMap(
  (nodes) =>
    (['*', ['web'], ['b2b', 'web'], []] as const).flatMap((channels) =>
      (['*', ['GB'], ['DE'], ['FR'], []] as const).map((regions) => ({
        nodes,
        channels,
        regions,
        amountMinor: null,
      })),
    ),
);

/** A list, the route whose requirement filters it, and which of its columns names what kind of thing. */
const LISTS: readonly { list: string; route: RouteName; kind: AccessKind; id: string }[] = [
  { list: 'list_orders', route: 'GET /v1/orders', kind: 'order', id: 'id' },
  { list: 'list_shipments', route: 'GET /v1/shipments', kind: 'shipment', id: 'id' },
  { list: 'list_payments', route: 'GET /v1/payments', kind: 'order', id: 'orderId' },
  { list: 'list_returns', route: 'GET /v1/returns', kind: 'return', id: 'id' },
  {
    list: 'list_stock_adjustments',
    route: 'GET /v1/stock/adjustments',
    kind: 'stock-adjustment',
    id: 'id',
  },
  {
    list: 'list_purchase_orders',
    route: 'GET /v1/purchase-orders',
    kind: 'purchase-order',
    id: 'id',
  },
  {
    list: 'list_shipping_notices',
    route: 'GET /v1/shipping-notices',
    kind: 'shipping-notice',
    id: 'noticeId',
  },
  { list: 'list_goodwill', route: 'GET /v1/goodwill', kind: 'goodwill', id: 'id' },
  {
    list: 'list_finance_entries',
    route: 'GET /v1/finance/entries',
    kind: 'finance-entry',
    id: 'id',
  },
];

function requirement(route: RouteName): Requirement {
  const [method = '', path = ''] = route.split(' ');
  const access = accessOf(method, path);
  const asked = access?.guard === 'scope' ? requirementOf(access) : undefined;
  if (asked === undefined) throw new Error(`the table does not know ${route}`);
  return asked;
}

function reader(asked: Requirement, reach: Reach): Principal {
  return { id: 'person:x', kind: 'person', name: 'X', roles: [], scopes: [asked.scope], reach };
}

async function customersOf(channels: string[]): Promise<string[]> {
  const { data } = await listCustomers(test.ledger, { limit: 50, within: { channels } });
  return data.map(({ externalId }) => externalId);
}

describe('a list within reach', () => {
  it.each(LISTS)('$list shows exactly what its reader may see one by one', async (entry) => {
    const asked = requirement(entry.route);
    const read = async (within: unknown) => {
      const page = await test.ledger.call<Page<Record<string, string>>>(entry.list, {
        limit: 50,
        within,
      });
      return page.data.map((row) => row[entry.id] ?? '');
    };
    const everything = await read(undefined);
    expect(everything.length).toBeGreaterThan(1);
    const facts = new Map<string, AccessSubject>();
    for (const id of everything) {
      const found = await readAccessFacts(test.ledger, { kind: entry.kind, id });
      if (found === null) throw new Error(`there is no ${entry.kind} ${id}`);
      facts.set(id, found);
    }
    const sizes = new Set<number>();
    for (const reach of REACHES) {
      const principal = reader(asked, reach);
      const visible = everything.filter(
        (id) => decideAccess(principal, asked, facts.get(id) ?? {}).outcome === 'allowed',
      );
      const shown = await read(rowsWithin(reach, asked));
      expect({ reach: JSON.stringify(reach), shown }).toEqual({
        reach: JSON.stringify(reach),
        shown: visible,
      });
      sizes.add(shown.length);
    }
    // The reaches really tell something apart: some see all, some nothing, some a part.
    expect(sizes.size).toBeGreaterThan(2);
  });

  it('goes on page by page', async () => {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await test.ledger.call<Page<{ id: string }>>('list_orders', {
        limit: 1,
        cursor,
        within: { channels: ['web'] },
      });
      ids.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(ids.toSorted()).toEqual(['order:web:1', 'order:web:2']);
  });

  it('shows stock at the nodes within reach, also of a single SKU', async () => {
    const places = async (within: Parameters<typeof readStock>[2]) => {
      const { data } = await listStock(test.ledger, { limit: 50, within });
      return data.map(({ sku, node }) => `${sku}@${node}`);
    };
    expect(await places(undefined)).toEqual(['JAR@east', 'MUG@north', 'MUG@south']);
    expect(await places({ nodes: ['north', 'south'] })).toEqual(['MUG@north', 'MUG@south']);
    expect(await places({ regions: ['GB'] })).toEqual(['JAR@east', 'MUG@north']);
    expect(await places({ nodes: ['south', 'east'], regions: ['GB'] })).toEqual(['JAR@east']);
    expect(await places({ nodes: [] })).toEqual([]);
    const mug = await readStock(test.ledger, 'MUG', { regions: ['DE'] });
    expect(mug.nodes.map(({ node }) => node)).toEqual(['south']);
    expect((await readStock(test.ledger, 'MUG', { nodes: ['east'] })).nodes).toEqual([]);
  });

  it('shows the customers of the channels within reach', async () => {
    expect(await customersOf(['web'])).toEqual(['c-1']);
    expect(await customersOf(['b2b', 'web'])).toEqual(['c-2', 'c-1']);
    expect(await customersOf([])).toEqual([]);
  });
});
