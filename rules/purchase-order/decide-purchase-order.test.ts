import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICIES } from '../policy/defaults.ts';
import { completeLines, decidePurchaseOrder } from './decide-purchase-order.ts';

const policy = { ...DEFAULT_POLICIES.replenishment, approvalAboveMinor: '1000' };
const facts = {
  supplierKnown: true,
  nodeKnown: true,
  baseCurrency: 'GBP',
  skus: { MUG: { unitPrice: '1.25' }, BOWL: { unitPrice: null } },
};

describe('a purchase order', () => {
  test('each line is rounded once, half away from zero', () => {
    const decision = decidePurchaseOrder(policy, [
      { sku: 'MUG', quantity: 3, unitPrice: '0.005' },
      { sku: 'MUG', quantity: 1, unitPrice: '0.005' },
    ]);
    expect(decision.lines.map(({ amountMinor }) => amountMinor)).toEqual(['2', '1']);
    expect(decision.totalMinor).toBe('3');
  });

  test('approval is asked above the threshold only', () => {
    const approvalAt = (unitPrice: string) =>
      decidePurchaseOrder(policy, [{ sku: 'MUG', quantity: 1, unitPrice }]).approval;
    expect(approvalAt('10.00')).toBeNull();
    expect(approvalAt('10.01')).toMatchObject({ role: 'procurement', hours: 48 });
  });
});

describe('lines of a request', () => {
  test("take the supplier's price where none is named", () => {
    const lines = [
      { sku: 'MUG', quantity: 2 },
      { sku: 'BOWL', quantity: 1, unitPrice: '3' },
    ];
    expect(completeLines(facts, { currency: 'GBP', lines })).toEqual({
      lines: [
        { sku: 'MUG', quantity: 2, unitPrice: '1.25' },
        { sku: 'BOWL', quantity: 1, unitPrice: '3' },
      ],
      errors: [],
    });
  });

  test('every field at fault is named', () => {
    const { errors } = completeLines(
      { ...facts, supplierKnown: false, nodeKnown: false },
      {
        currency: 'EUR',
        lines: [
          { sku: 'NONE', quantity: 1 },
          { sku: 'BOWL', quantity: 1 },
        ],
      },
    );
    expect(errors.map(({ path }) => path)).toEqual([
      'supplier',
      'node',
      'currency',
      'lines[0].sku',
      'lines[1].unitPrice',
    ]);
  });
});
