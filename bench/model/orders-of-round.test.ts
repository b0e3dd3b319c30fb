import { expect, test } from 'vitest';
import type { Operation } from './operations/operation.ts';
import { ordersOf, type Done } from './orders-of-round.ts';
import { adjustStock } from './plain/adjustments.ts';
import { costOf, costText } from './plain/cost.ts';
import { receiveStock } from './plain/purchasing.ts';
import { currentCost, itemAt } from './plain/stock.ts';
import { emptyWorld, type Answer, type World } from './plain/world.ts';

const MUG = {
  sku: 'MUG',
  method: 'fifo',
  standardCost: costOf('1.735'),
  supplierPrice: costOf('1.5'),
  lastReceipt: null,
} as const;

function done(verb: string, answer: Answer, predict: (world: World) => Answer): Done {
  const operation: Operation = { verb, request: {}, send: async () => answer, predict };
  return { operation, answer };
}

function receipt(node: string): Done {
  const lines = [{ sku: 'MUG', quantity: 10, unitCost: '7.005' }];
  return done('receive', { units: 10, value: '7005', replayed: false }, (world) =>
    receiveStock(world, { receiptId: 'r1', node, lines }),
  );
}

/** Units of unknown cost, after which the item is looked at. */
function found(node: string): Done {
  const answer = { state: 'applied', applied: 2, short: 0, replayed: false };
  return done('find', answer, (world) =>
    adjustStock(world, {
      externalRef: 'a1',
      kind: 'found',
      node,
      sku: 'MUG',
      quantity: 2,
      actor: 'asker',
      reasonCode: 'counted',
      decision: { outcome: 'apply' },
    }),
  );
}

/** Somebody sees so many units at each node. */
function seeing(units: { readonly [node: string]: number }): Done {
  return done('look', units, (world) =>
    Object.fromEntries(
      Object.keys(units).map((node) => [
        node,
        itemAt(world, 'MUG', node).buckets.get('on-hand') ?? 0,
      ]),
    ),
  );
}

/** What the two units may be worth after the round, in the order in which it is tried. */
function worths(round: readonly Done[], node: string): string[] {
  const world = emptyWorld([{ ...MUG, overlapping: [] }], []);
  return [...ordersOf(world, round, false)]
    .filter(({ what }) => what.length === 0)
    .map(({ world: after }) => costText(itemAt(after, 'MUG', node).layers.at(-1)?.value ?? 0n));
}

test('the order in which the calls were sent comes first, then every other', () => {
  expect(worths([receipt('south'), found('south')], 'south')).toEqual(['14.01', '70.05']);
});

test('a receipt that another node records meanwhile may not count yet, even where it was seen by then', () => {
  const seen = seeing({ north: 10, south: 0 });
  expect(worths([receipt('north'), seen, found('south')], 'south')).toEqual(['14.01', '3']);
});

test('a call that looks twice may see it the second time only', () => {
  const twice = done('find twice', {}, (world) => {
    const item = itemAt(world, 'MUG', 'south');
    const values = [currentCost(world, item, 2), currentCost(world, item, 2)];
    item.layers.push({ units: 4, value: values.reduce((sum, value) => sum + value, 0n) });
    return {};
  });
  const values = worths([receipt('north'), twice], 'south');
  expect(values).toEqual(['28.02', '17.01', '17.01', '6', '6']);
});

test('a receipt of the same node counts from the moment at which it is seen', () => {
  expect(worths([receipt('south'), seeing({ south: 10 }), found('south')], 'south')).toEqual([
    '14.01',
  ]);
});

test('an answer that no order explains is told with what was expected', () => {
  const outcomes = [
    ...ordersOf(
      emptyWorld([{ ...MUG, overlapping: [] }], []),
      [receipt('north'), seeing({ north: 11 })],
      false,
    ),
  ];
  expect(outcomes.map(({ what }) => what.length)).toEqual([1, 1]);
  expect(outcomes[0]?.what[0]).toBe('look {}\n  expected {"north":10}\n  seen     {"north":11}');
});
