import { describe, expect, test } from 'vitest';
import { ROUTE_ACCESS, type RouteName } from './route-access.ts';
import { ELEMENT_SUBJECTS, ROUTE_SUBJECTS, type NamedSubject } from './route-subjects.ts';

/** Routes that hold reach in some dimension against what a request names. */
const held = Object.entries(ROUTE_ACCESS).flatMap(([name, access]) => {
  if (access.guard !== 'scope') return [];
  const asked = 'scope' in access.access ? [access.access] : Object.values(access.access.cases);
  const isHeld = asked.some(({ reach }) => reach.length > 0);
  return isHeld ? [{ name, target: access.target }] : [];
});

test.each([
  ['subject', ROUTE_SUBJECTS],
  ['elements', ELEMENT_SUBJECTS],
] as const)('every route that holds reach against its %s says how it is found', (target, table) => {
  const names = held.filter((route) => route.target === target).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(4);
  expect(Object.keys(table).toSorted()).toEqual(names.toSorted());
});

function subjectsOf(name: RouteName, body: unknown, params = {}): readonly NamedSubject[] {
  return ROUTE_SUBJECTS[name]?.({ params, body }) ?? [];
}

describe('a request names', () => {
  test.each<[RouteName, object, unknown, readonly NamedSubject[]]>([
    [
      'GET /v1/orders/{id}',
      { id: 'order:web:1' },
      undefined,
      [{ kind: 'order', id: 'order:web:1', by: 'path' }],
    ],
    [
      'DELETE /v1/stock/holds/{holdId}',
      { holdId: 'h' },
      undefined,
      [{ kind: 'hold', id: 'h', by: 'path' }],
    ],
    [
      'POST /v1/customers/{id}/erasures',
      { id: 'customer:17' },
      {},
      [{ kind: 'customer', id: 'customer:17', by: 'path' }],
    ],
    [
      'POST /v1/orders',
      {},
      { channel: 'web', shipTo: { country: 'GB' } },
      [{ told: { channels: ['web'], regions: ['GB'] } }],
    ],
    ['POST /v1/stock/receipts', {}, { node: 'main' }, [{ atNodes: ['main'] }]],
    ['POST /v1/returns', {}, { channel: 'web', lines: [] }, [{ told: { channels: ['web'] } }]],
    ['POST /v1/returns', {}, {}, [{ told: { channels: [] } }]],
    [
      'POST /v1/returns',
      {},
      {
        orderId: 'order:web:1',
        lines: [{ orderLineId: 'order:b2b:2#1' }, { orderLineId: 'order:web:1#3' }, {}],
      },
      [
        { kind: 'order', id: 'order:web:1', by: 'body' },
        { kind: 'order', id: 'order:b2b:2', by: 'body' },
      ],
    ],
    [
      'POST /v1/finance/entries',
      {},
      {
        channel: 'web',
        customer: { externalId: 'c-1' },
        quantity: -3,
        unitPrice: '1.255',
        currency: 'GBP',
      },
      [{ told: { nodes: '*', channels: ['web'], regions: '*', amountMinor: -377n } }],
    ],
    // A channel without a customer is kept nowhere.
    [
      'POST /v1/finance/entries',
      {},
      { channel: 'web', quantity: 1, unitPrice: '1', currency: 'GBP' },
      [{ told: { amountMinor: 100n } }],
    ],
    [
      'PUT /v1/policies/{policy}/drafts/{draftId}',
      { draftId: 'd-1' },
      { document: {} },
      [{ told: { channels: [], regions: [] } }, { kind: 'policy-draft', id: 'd-1', by: 'path' }],
    ],
    [
      'PUT /v1/policies/{policy}/drafts/{draftId}',
      { draftId: 'd-1' },
      { channel: 'web', region: '*' },
      [
        { told: { nodes: '*', channels: ['web'], regions: [] } },
        { kind: 'policy-draft', id: 'd-1', by: 'path' },
      ],
    ],
    [
      'POST /v1/finance/entries',
      {},
      { quantity: 1, unitPrice: '1', currency: 'EUR' },
      [{ told: {} }],
    ],
  ])('%s %j', (name, params, body, expected) => {
    expect(subjectsOf(name, body, params)).toEqual(expected);
  });

  test.each<[RouteName, unknown]>([
    ['POST /v1/orders', { channel: 'web' }],
    ['POST /v1/orders', { channel: ['web'], shipTo: { country: 'GB' } }],
    ['POST /v1/orders', undefined],
    ['POST /v1/stock/receipts', { node: { $in: ['main'] } }],
    ['POST /v1/stock/receipts', 'text'],
    ['POST /v1/finance/entries', { quantity: 1.5, unitPrice: '1' }],
    ['POST /v1/finance/entries', { quantity: 1, unitPrice: 'one' }],
  ])('nothing that the schema of %s would take: %j', (name, body) => {
    expect(subjectsOf(name, body)).toEqual([]);
  });
});

describe('each element names its own', () => {
  const of = (name: RouteName, body: unknown) => {
    const elements = ELEMENT_SUBJECTS[name];
    return (elements?.elementsOf(body) ?? []).map((element) => elements?.subjectsOf(element));
  };

  test('orders, customers and channels their channel, nodes themselves and their country', () => {
    expect(
      of('POST /v1/orders/batch', [{ channel: 'web', shipTo: { country: 'IE' } }, 'x']),
    ).toEqual([[{ told: { channels: ['web'], regions: ['IE'] } }], []]);
    expect(of('PUT /v1/customers', [{ channel: 'b2b' }, null])).toEqual([
      [{ told: { channels: ['b2b'] } }],
      [],
    ]);
    expect(of('PUT /v1/nodes', [{ node: 'main', country: 'GB' }, { node: 'main' }])).toEqual([
      [{ atNodes: ['main'], inRegions: ['GB'] }],
      [],
    ]);
    expect(of('PUT /v1/channels', 'no list')).toEqual([]);
  });

  test('a hold every node of every plan', () => {
    const plans = [[{ node: 'main' }, { node: 'south' }], [{ node: 'main' }], 'x'];
    expect(of('POST /v1/stock/holds', { holds: [{ plans }, { plans: [] }] })).toEqual([
      [{ atNodes: ['main', 'south'] }],
      [],
    ]);
  });
});
