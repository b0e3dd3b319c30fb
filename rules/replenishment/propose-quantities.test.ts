import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICIES } from '../policy/defaults.ts';
import { groupOrders, splitComplete } from './group-orders.ts';
import {
  proposeQuantities,
  proposeQuantity,
  type Proposal,
  type SkuFacts,
} from './propose-quantities.ts';

const policy = DEFAULT_POLICIES.replenishment;
const DAYS = 28;

const base: SkuFacts = {
  sku: 'MUG',
  supplier: 'S1',
  currency: 'GBP',
  unitPrice: '1.25',
  minimumQuantity: 1,
  multipleQuantity: 1,
  leadTimeDays: 5,
  leadTimeDeviationDays: 0,
  available: 0,
  reserved: 0,
  onOrder: 0,
  backordered: 0,
  demandUnits: 0,
  demandSquares: 0,
};

function ordered(facts: Partial<SkuFacts>): Proposal | undefined {
  const proposal = proposeQuantity(policy, DAYS, { ...base, ...facts });
  return typeof proposal === 'object' ? proposal : undefined;
}

const anyFacts = fc
  .record({
    available: fc.nat(5_000),
    onOrder: fc.nat(5_000),
    backordered: fc.nat(5_000),
    minimumQuantity: fc.integer({ min: 1, max: 500 }),
    multipleQuantity: fc.integer({ min: 1, max: 144 }),
    leadTimeDays: fc.nat(60),
    leadTimeDeviationDays: fc.double({ min: 0, max: 10, noNaN: true }),
    days: fc.array(fc.nat(300), { minLength: 1, maxLength: DAYS }),
  })
  .map(({ days, ...facts }) => ({
    ...base,
    ...facts,
    demandUnits: days.reduce((sum, units) => sum + units, 0),
    demandSquares: days.reduce((sum, units) => sum + units * units, 0),
  }));

/** The reorder point of these facts, read from the terms of an order that is surely placed. */
function reorderPointOf(facts: SkuFacts): number {
  const empty = { ...facts, available: 0, onOrder: 0, backordered: 1 };
  return ordered(empty)?.terms.reorderPoint ?? Number.NaN;
}

describe('one SKU', () => {
  test('nothing is ordered that nobody asks for', () => {
    expect(ordered({})).toBeUndefined();
  });

  test('backorders are ordered without any history of demand', () => {
    const proposal = ordered({ backordered: 7 });
    expect(proposal?.quantity).toBe(7);
    expect(proposal?.terms.reason).toBe('backorders');
  });

  test('what is on order for backorders is not ordered again', () => {
    expect(ordered({ backordered: 7, onOrder: 7 })).toBeUndefined();
  });

  test('every term of an even demand of four a day', () => {
    const proposal = ordered({ demandUnits: 112, demandSquares: 448, available: 10, onOrder: 5 });
    expect(proposal?.quantity).toBe(4 * (5 + 1) + 4 * policy.coverDays - 15);
    expect(proposal?.terms).toMatchObject({
      meanPerDay: 4,
      deviationPerDay: 0,
      meanDemand: 24,
      safetyStock: 0,
      reorderPoint: 24,
      position: 15,
      target: 52,
      needed: 37,
    });
  });

  test('lead times that vary raise the safety stock', () => {
    const steady = ordered({ demandUnits: 112, demandSquares: 448 });
    const varying = ordered({ demandUnits: 112, demandSquares: 448, leadTimeDeviationDays: 2 });
    expect(varying?.terms.safetyStock).toBeCloseTo(policy.serviceZ * 4 * 2, 3);
    expect(varying?.quantity).toBeGreaterThan(steady?.quantity ?? 0);
  });

  test('a SKU without supplier is named, not ordered', () => {
    const facts = { ...base, backordered: 3, supplier: null, currency: null, unitPrice: null };
    expect(proposeQuantities(policy, DAYS, [facts])).toEqual({
      proposals: [],
      withoutSupplier: ['MUG'],
    });
  });
});

describe('properties', () => {
  test('a quantity is a multiple, at least the minimum, and covers what backorders lack', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const proposal = ordered(facts);
        if (proposal === undefined) return;
        const lacking = facts.backordered - facts.available - facts.onOrder;
        expect(proposal.quantity).toBeGreaterThan(0);
        expect(proposal.quantity % facts.multipleQuantity).toBe(0);
        expect(proposal.quantity).toBeGreaterThanOrEqual(facts.minimumQuantity);
        expect(proposal.quantity).toBeGreaterThanOrEqual(lacking);
      }),
    );
  });

  test('nothing is ordered above the reorder point, something at or below it', () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(100), (facts, units) => {
        const point = Math.floor(reorderPointOf(facts));
        const at = (position: number) =>
          ordered({ ...facts, available: position + facts.backordered, onOrder: 0 });
        const wanted = facts.demandUnits > 0;
        expect(at(point + 1 + units)).toBeUndefined();
        expect(at(Math.max(0, point - units)) !== undefined).toBe(wanted);
      }),
    );
  });

  test('more backorders never mean a smaller order', () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(1_000), (facts, more) => {
        const fewer = ordered(facts)?.quantity ?? 0;
        const greater = ordered({ ...facts, backordered: facts.backordered + more })?.quantity ?? 0;
        expect(greater).toBeGreaterThanOrEqual(fewer);
      }),
    );
  });

  test('what has been ordered is not ordered again', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const first = ordered(facts);
        if (first === undefined || facts.demandUnits === 0) return;
        expect(ordered({ ...facts, onOrder: facts.onOrder + first.quantity })).toBeUndefined();
      }),
    );
  });
});

describe('purchase orders', () => {
  const proposalFor = (sku: string, supplier: string): Proposal => {
    const proposal = ordered({ sku, supplier, backordered: 10 });
    if (proposal === undefined) throw new Error('ten backorders are ordered');
    return proposal;
  };

  test('one per supplier, priced to the penny', () => {
    const orders = groupOrders(policy, [
      proposalFor('A', 'S2'),
      proposalFor('B', 'S1'),
      proposalFor('C', 'S2'),
    ]);
    expect(orders.map(({ supplier, decision }) => [supplier, decision.totalMinor])).toEqual([
      ['S1', '1250'],
      ['S2', '2500'],
    ]);
    expect(orders[1]?.decision.lines.map(({ lineNo, sku }) => [lineNo, sku])).toEqual([
      [1, 'A'],
      [2, 'C'],
    ]);
  });

  test('an order has 500 lines at most', () => {
    const proposals = Array.from({ length: 1_201 }, (_, position) =>
      proposalFor(`SKU-${position}`, 'S1'),
    );
    const sizes = groupOrders(policy, proposals).map(({ decision }) => decision.lines.length);
    expect(sizes).toEqual([500, 500, 201]);
  });

  test('decided page by page they are the same as decided at once', () => {
    const suppliers = fc.array(
      fc.record({ lines: fc.integer({ min: 1, max: 1_100 }), supplier: fc.nat(99) }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(suppliers, fc.integer({ min: 1, max: 700 }), (parts, page) => {
        const proposals = parts
          .flatMap(({ supplier, lines }, part) =>
            Array.from({ length: lines }, (_, line) =>
              proposalFor(`SKU-${part}-${line}`, `S${String(supplier).padStart(2, '0')}`),
            ),
          )
          .toSorted((one, other) => (one.supplier < other.supplier ? -1 : 1));
        const orders: ReturnType<typeof groupOrders> = [];
        let open: readonly Proposal[] = [];
        for (let start = 0; start < proposals.length; start += page) {
          const split = splitComplete([...open, ...proposals.slice(start, start + page)]);
          expect(split.open.length).toBeLessThan(500);
          orders.push(...groupOrders(policy, split.complete));
          open = split.open;
        }
        expect([...orders, ...groupOrders(policy, open)]).toEqual(groupOrders(policy, proposals));
      }),
      { numRuns: 20 },
    );
  });

  test('approval is asked only above the threshold', () => {
    const lines = [proposalFor('A', 'S1')];
    const [below] = groupOrders({ ...policy, approvalAboveMinor: '1250' }, lines);
    const [above] = groupOrders({ ...policy, approvalAboveMinor: '1249' }, lines);
    expect(below?.decision.approval).toBeNull();
    expect(above?.decision.approval).toMatchObject({ role: 'procurement', hours: 48 });
  });
});
