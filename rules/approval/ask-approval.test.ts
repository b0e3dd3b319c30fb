import { describe, expect, test } from 'vitest';
import { DEFAULT_APPROVAL_MATRIX } from '../policy/default-approval-matrix.ts';
import { askApproval } from './ask-approval.ts';
import { adjustmentFacts, journalFacts, purchaseOrderFacts, returnFacts } from './subject-facts.ts';

const POLICY = { version: 'approval-matrix@1', document: DEFAULT_APPROVAL_MATRIX };
const ASKED = { atMs: Date.parse('2026-11-16T09:00:00Z'), requestedBy: 'rita', wantedBy: null };

function refundOf(amountMinor: bigint) {
  return returnFacts({ amountMinor, currency: 'GBP', quantityEach: 2n, reasonCodes: ['damaged'] });
}

describe('an approval is asked for', () => {
  test('where the matrix wants one, with the row, the reason and the first deadline', () => {
    expect(askApproval(POLICY, refundOf(12_500n), ASKED)).toMatchObject({
      rule: 'return-medium',
      wantedBy: null,
      policyVersion: 'approval-matrix@1',
      plan: { row: 'return-medium', levels: [{ name: 'approver' }] },
      text: 'An approval is needed by row return-medium: the amount 125.00 GBP is not above 1000.00 GBP. One person looks at it. Passed over: return-risky-customer (the customer risk is normal, not high), return-small (the amount 125.00 GBP is above 100.00 GBP).',
      projection: {
        askedRoles: ['approver'],
        deadline: { what: 'remind', level: 0, atMs: Date.parse('2026-11-16T17:00:00Z') },
      },
    });
  });

  test('and not where it asks nobody', () => {
    expect(askApproval(POLICY, refundOf(10_000n), ASKED)).toBeNull();
  });

  test("where the subject's own policy wants a person, of whom the matrix asks fewest", () => {
    const ask = askApproval(POLICY, refundOf(100n), { ...ASKED, wantedBy: 'blind-review' });
    expect(ask).toMatchObject({
      rule: 'blind-review',
      wantedBy: 'blind-review',
      plan: { row: 'return-medium', levels: [{ name: 'approver' }] },
      applied: { row: 'return-medium', applies: 'yes' },
    });
    expect(ask?.text).toContain('by the rule blind-review');
    expect(ask?.passedOver.map(({ row }) => row)).toContain('return-small');
  });

  test('by the row that asks fewest, where none of those that ask applies', () => {
    const rows = DEFAULT_APPROVAL_MATRIX.rows.map((row) =>
      Object.keys(row.when).length === 0 && row.subject === 'return' ? { ...row, levels: [] } : row,
    );
    const policy = { ...POLICY, document: { ...DEFAULT_APPROVAL_MATRIX, rows } };
    const asked = { ...ASKED, wantedBy: 'price-above-sale' };
    expect(askApproval(policy, refundOf(500_000n), asked)?.plan.levels).toHaveLength(1);
  });

  test('of nobody where no row of the subject asks anybody, whoever wants it', () => {
    const rows = DEFAULT_APPROVAL_MATRIX.rows.map((row) => ({ ...row, levels: [] }));
    const policy = { ...POLICY, document: { ...DEFAULT_APPROVAL_MATRIX, rows } };
    expect(askApproval(policy, refundOf(100n), { ...ASKED, wantedBy: 'blind-review' })).toBeNull();
  });
});

describe('facts of a subject', () => {
  const stake = { amountMinor: -500n, currency: 'GBP' };

  test('are of no sign, and say what is known', () => {
    expect(
      adjustmentFacts({ ...stake, kind: 'write-off', sku: 'MUG', node: 'main', quantityEach: -3n }),
    ).toMatchObject({
      subject: 'write-off',
      amountMinor: 500n,
      quantityEach: 3n,
      details: { sku: 'MUG', node: 'main' },
    });
    expect(journalFacts({ ...stake, invoice: '7' })).toMatchObject({
      subject: 'manual-journal',
      quantityEach: null,
      details: { invoice: '7' },
    });
  });

  test('found and miscounted stock is a correction, and written off stock is not', () => {
    const place = { sku: 'MUG', node: 'main' };
    for (const kind of ['found', 'correction'] as const) {
      expect(adjustmentFacts({ ...stake, ...place, kind }).subject).toBe('stock-correction');
    }
  });

  test('whoever is not rated is as any other', () => {
    expect(returnFacts(stake)).toMatchObject({ customerRisk: 'normal', supplierRisk: null });
    expect(purchaseOrderFacts({ ...stake, supplier: 'S1', node: 'N1' })).toMatchObject({
      customerRisk: null,
      supplierRisk: 'normal',
      details: { supplier: 'S1', node: 'N1' },
    });
  });

  test('reasons are named once, in an order of their own', () => {
    const facts = returnFacts({ ...stake, reasonCodes: ['too-late', 'damaged', 'damaged'] });
    expect(facts.reasonCodes).toEqual(['damaged', 'too-late']);
  });
});
