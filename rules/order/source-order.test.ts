import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICIES } from '../policy/defaults.ts';
import type { SourcingPolicy } from '../policy/documents.ts';
import { sourceOrder, type SourcingFacts } from './source-order.ts';

const NODES = [
  { node: 'north', country: 'GB' },
  { node: 'south', country: 'FR' },
  { node: 'east', country: 'DE' },
];
const LINES = [
  { lineNo: 1, sku: 'MUG', quantity: 4 },
  { lineNo: 2, sku: 'TEA', quantity: 2 },
];

type Stock = Readonly<Record<string, readonly [mugs: number, teas: number]>>;

function source(
  weights: Partial<SourcingPolicy>,
  stock: Stock,
  facts: Partial<SourcingFacts> = {},
) {
  return sourceOrder({ ...DEFAULT_POLICIES.sourcing, split: false, ...weights }, LINES, {
    nodes: NODES,
    country: 'DE',
    available: (sku, node) => stock[node]?.[sku === 'MUG' ? 0 : 1] ?? 0,
    channelBackorder: null,
    ...facts,
  });
}

/** The nodes of the plans that serve the order whole, best first. */
const wholeFrom = (decision: ReturnType<typeof source>) =>
  decision.plans.flatMap((plan) => {
    const nodes = new Set(plan.map(({ node }) => node));
    return nodes.size === 1 ? [...nodes] : [];
  });

const PLENTY: Stock = { north: [5, 3], south: [40, 20], east: [8, 3] };

describe('whole from one node', () => {
  test.each<[string, Partial<SourcingPolicy>, string[]]>([
    ['by priority, as we ship it', {}, ['north', 'south', 'east']],
    ['the nearest one first', { nearWeight: 1 }, ['east', 'north', 'south']],
    [
      'the one that has most left first',
      { priorityWeight: 0, stockWeight: 1 },
      ['south', 'east', 'north'],
    ],
    // South leaves 90 % and has two thirds of the priority, north 20 % and all of it.
    ['priority against stock', { priorityWeight: 1, stockWeight: 1 }, ['south', 'north', 'east']],
    ['a heavy priority', { priorityWeight: 3, stockWeight: 1 }, ['north', 'south', 'east']],
    ['all alike by priority', { priorityWeight: 0 }, ['north', 'south', 'east']],
  ])('%s', (_name, weights, ranked) => {
    expect(wholeFrom(source(weights, PLENTY))).toEqual(ranked);
  });

  test('is asked of those alone that have everything', () => {
    const stock = { north: [5, 3], south: [40, 1], east: [8, 3] } as const;
    expect(wholeFrom(source({ nearWeight: 1 }, stock))).toEqual(['east', 'north']);
  });
});

describe('where no node has everything', () => {
  const stock = { north: [3, 1], south: [3, 1], east: [3, 1] } as const;

  test('the best one is proposed, and the split takes from the best first', () => {
    const { plans } = source({ nearWeight: 1, split: true }, stock);
    expect(plans).toEqual([
      [
        { lineNo: 1, node: 'east', quantity: 4 },
        { lineNo: 2, node: 'east', quantity: 2 },
      ],
      [
        { lineNo: 1, node: 'east', quantity: 3 },
        { lineNo: 1, node: 'north', quantity: 1 },
        { lineNo: 2, node: 'east', quantity: 1 },
        { lineNo: 2, node: 'north', quantity: 1 },
      ],
    ]);
  });

  test('the rest waits where most of the order is, and at the best of equals', () => {
    const waiting = (nodes: Stock) =>
      source({ nearWeight: 1 }, nodes, { channelBackorder: 'allow' }).backorderNodes;
    expect(waiting(stock)).toEqual(['east', 'north', 'south']);
    expect(waiting({ ...stock, south: [4, 1] })).toEqual(['south', 'east', 'north']);
  });
});
