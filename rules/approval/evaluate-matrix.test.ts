import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  APPROVAL_SUBJECTS,
  approvalMatrix,
  type ApprovalMatrix,
  type ApprovalRow,
  type Risk,
} from '../policy/approval-matrix.ts';
import { DEFAULT_APPROVAL_MATRIX } from '../policy/default-approval-matrix.ts';
import { evaluateMatrix, type ApprovalFacts } from './evaluate-matrix.ts';

const FACTS: ApprovalFacts = {
  subject: 'return',
  amountMinor: 12_050n,
  currency: 'GBP',
  quantityEach: 1n,
  marginBasisPoints: 2_500,
  customerRisk: 'low',
  supplierRisk: 'low',
  skuClasses: ['toys'],
  reasonCodes: ['damaged'],
  channel: 'web',
  region: 'gb',
  details: {},
};

function withRows(first: readonly Partial<ApprovalRow>[]): ApprovalMatrix {
  const [small] = DEFAULT_APPROVAL_MATRIX.rows.filter(({ levels }) => levels.length === 1);
  if (small === undefined) throw new Error('the default matrix has no row with one level');
  const rows = first.map((row, at) => ({ ...small, id: `row-${at}`, when: {}, ...row }));
  return { ...DEFAULT_APPROVAL_MATRIX, rows: [...rows, ...DEFAULT_APPROVAL_MATRIX.rows] };
}

describe('the approval matrix', () => {
  test('that a new shop starts with meets its schema and holds nothing besides', () => {
    expect(approvalMatrix.parse(DEFAULT_APPROVAL_MATRIX)).toEqual(DEFAULT_APPROVAL_MATRIX);
  });

  test('says which row applies, why, and why no earlier one does', () => {
    const decision = evaluateMatrix(DEFAULT_APPROVAL_MATRIX, FACTS);
    expect(decision.outcome).toBe('approval');
    expect(decision.plan.levels.map(({ name }) => name)).toEqual(['approver']);
    expect(decision.applied).toEqual({
      row: 'return-medium',
      applies: 'yes',
      conditions: [
        {
          condition: 'amountUpToMinor',
          met: 'yes',
          text: 'the amount 120.50 GBP is not above 1000.00 GBP',
        },
      ],
    });
    expect(decision.passedOver.map(({ row, conditions }) => [row, conditions[0]?.text])).toEqual([
      ['return-risky-customer', 'the customer risk is low, not high'],
      ['return-small', 'the amount 120.50 GBP is above 100.00 GBP'],
    ]);
    expect(decision.text).toBe(
      'An approval is needed by row return-medium: the amount 120.50 GBP is not above 1000.00 GBP. One person looks at it. Passed over: return-risky-customer (the customer risk is low, not high), return-small (the amount 120.50 GBP is above 100.00 GBP).',
    );
  });

  test('says as well why nobody is asked', () => {
    const decision = evaluateMatrix(DEFAULT_APPROVAL_MATRIX, { ...FACTS, amountMinor: 10_000n });
    expect(decision).toMatchObject({ outcome: 'automatic', applied: { row: 'return-small' } });
    expect(decision.text).toContain('Nobody is asked by row return-small');
  });

  test.each([
    [{ amountAboveMinor: '12049', amountUpToMinor: '12050' }, {}, true],
    [{ amountAboveMinor: '12050' }, {}, false],
    [{ amountUpToMinor: '12049' }, {}, false],
    [{ marginBelowBasisPoints: 2_501 }, {}, true],
    [{ marginBelowBasisPoints: 2_500 }, {}, false],
    [{ customerRisks: ['low', 'normal'] as Risk[] }, {}, true],
    [{ customerRisks: ['high'] as Risk[] }, {}, false],
    [{ supplierRisks: ['high'] as Risk[] }, { supplierRisk: 'high' as const }, true],
    [{ skuClasses: ['books'] }, { skuClasses: ['toys', 'books'] }, true],
    [{ skuClasses: ['books'] }, { skuClasses: [] }, false],
    [{ reasonCodes: ['damaged'], channels: ['web'], regions: ['gb'] }, {}, true],
    [{ reasonCodes: ['damaged'], channels: ['shop'], regions: ['gb'] }, {}, false],
    [{ fields: ['node.country'] }, { fields: ['node.name', 'node.country'] }, true],
    [{ fields: ['node.country'] }, { fields: ['node.name'] }, false],
  ])('applies a row with %o to %o: %s', (when, facts, applies) => {
    const decision = evaluateMatrix(withRows([{ when }]), { ...FACTS, ...facts });
    const first = [decision.applied, ...decision.passedOver].find(({ row }) => row === 'row-0');
    expect(decision.applied.row === 'row-0').toBe(applies);
    expect(first?.conditions).toHaveLength(Object.keys(when).length);
    expect(first?.conditions.every(({ text }) => text.length > 0)).toBe(true);
  });

  test('takes the stricter row while a fact is not known, and says so', () => {
    const unknown = { ...FACTS, amountMinor: 5_000n, customerRisk: null };
    const decision = evaluateMatrix(DEFAULT_APPROVAL_MATRIX, unknown);
    expect(decision).toMatchObject({
      outcome: 'approval',
      applied: { row: 'return-risky-customer', applies: 'unknown' },
    });
    expect(decision.text).toContain('the customer risk is not known');
    expect(decision.text).toContain('as not all is known');
    const large = evaluateMatrix(DEFAULT_APPROVAL_MATRIX, { ...unknown, amountMinor: 100_001n });
    expect(large.applied.row).toBe('return-large');
  });

  test('never asks less because less is known', () => {
    const risks = fc.constantFrom<Risk>('low', 'normal', 'high');
    const facts = fc.record({
      subject: fc.constantFrom(...APPROVAL_SUBJECTS),
      amountMinor: fc.bigInt({ min: 0n, max: 5_000_000n }),
      marginBasisPoints: fc.integer({ min: -5_000, max: 9_000 }),
      customerRisk: risks,
      supplierRisk: risks,
    });
    fc.assert(
      fc.property(facts, (known) => {
        const full = evaluateMatrix(DEFAULT_APPROVAL_MATRIX, { ...FACTS, ...known });
        const partly = evaluateMatrix(DEFAULT_APPROVAL_MATRIX, {
          ...FACTS,
          ...known,
          marginBasisPoints: null,
          customerRisk: null,
          supplierRisk: null,
        });
        expect(partly.plan.levels.length).toBeGreaterThanOrEqual(full.plan.levels.length);
      }),
    );
  });

  test('writes amounts with the places of their currency', () => {
    const yen = { ...FACTS, currency: 'JPY', amountMinor: 500n };
    expect(evaluateMatrix(DEFAULT_APPROVAL_MATRIX, yen).text).toContain('500 JPY');
  });

  test('gives each level the calendar of its role, and questions that of the region', () => {
    const [office] = Object.values(DEFAULT_APPROVAL_MATRIX.calendars);
    if (office === undefined) throw new Error('the default matrix has no calendar');
    const calendars = {
      default: office,
      approvers: { ...office, roles: ['approver'] },
      british: { ...office, regions: ['gb'] },
    };
    const matrix = { ...DEFAULT_APPROVAL_MATRIX, calendars };
    const { plan } = evaluateMatrix(matrix, { ...FACTS, amountMinor: 200_000n });
    expect(plan.levels.map(({ calendar }) => calendar)).toEqual(['approvers', 'british']);
    expect(plan.calendar).toBe('british');
  });
});

describe('a matrix is refused', () => {
  const [row] = DEFAULT_APPROVAL_MATRIX.rows.filter((one) => one.levels.length > 0);
  const [level] = row?.levels ?? [];

  test.each([
    ['without a last row for a subject', { rows: [] }],
    ['with two rows of one id', { rows: [row, ...DEFAULT_APPROVAL_MATRIX.rows] }],
    ['with a level that nobody may decide', levels({ ...level, roles: [] })],
    ['with a reminder after the deadline', levels({ ...level, remindAfterHours: 16 })],
    ['with an escalation to nobody', levels({ ...level, escalateTo: null })],
    ['with a calendar that does not exist', levels({ ...level, calendar: 'moon' })],
    ['with two levels of one name', levels(level, level)],
    [
      'with more approvals than named people',
      levels({ ...level, roles: [], people: ['ann'], quorum: { count: 2 } }),
    ],
    ['without a default calendar', { calendars: {} }],
    ['with a field that no record has', when({ fields: ['node.colour'] })],
    ['with a field that the subject never changes', when({ fields: ['node.country'] })],
  ])('%s', (_name, change) => {
    expect(approvalMatrix.safeParse({ ...DEFAULT_APPROVAL_MATRIX, ...change }).success).toBe(false);
  });

  function when(conditions: object): object {
    return { rows: [{ ...row, id: 'changed', when: conditions }, ...DEFAULT_APPROVAL_MATRIX.rows] };
  }

  function levels(...changed: readonly unknown[]): object {
    const first = { ...row, id: 'changed', levels: changed };
    return { rows: [first, ...DEFAULT_APPROVAL_MATRIX.rows] };
  }
});
