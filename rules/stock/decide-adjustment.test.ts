import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideAdjustment } from './decide-adjustment.ts';

const policy = { approvalAboveMinor: '10000', approvalHours: 48, approvalRole: 'approver' };

describe('a stock adjustment', () => {
  test.each([
    { quantity: 10n, unitCost: '10', outcome: 'apply', valueMinor: 10_000n },
    { quantity: -10n, unitCost: '10.01', outcome: 'review', valueMinor: 10_010n },
    { quantity: 10n, unitCost: '10.0005', outcome: 'review', valueMinor: 10_001n },
    { quantity: 10n, unitCost: '10.00049', outcome: 'apply', valueMinor: 10_000n },
    { quantity: -9_600n, unitCost: '0', outcome: 'apply', valueMinor: 0n },
  ] as const)(
    'of $quantity at $unitCost: $outcome',
    ({ quantity, unitCost, outcome, valueMinor }) => {
      expect(decideAdjustment(policy, { quantity, unitCost })).toMatchObject({
        outcome,
        valueMinor,
      });
    },
  );

  test('is judged the same whether found or written off, and never waived by a larger quantity', () => {
    const quantities = fc.bigInt({ min: 1n, max: 10_000_000n });
    const costs = fc.integer({ min: 0, max: 1_000_000 }).map((pence) => (pence / 100).toFixed(2));
    fc.assert(
      fc.property(quantities, quantities, costs, (one, more, unitCost) => {
        const found = decideAdjustment(policy, { quantity: one, unitCost });
        expect(decideAdjustment(policy, { quantity: -one, unitCost })).toEqual(found);
        const larger = decideAdjustment(policy, { quantity: one + more, unitCost });
        expect(found.outcome === 'apply' || larger.outcome === 'review').toBe(true);
      }),
    );
  });
});
