import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cover } from '../return/match-cover.ts';
import { DEFAULT_POLICIES } from './defaults.ts';
import type { ReturnPolicies } from './judge-past-return.ts';
import { pastPart, pastReturn } from './past-return-sample.ts';
import type { PastReturn } from './past-return.ts';
import { simulationReport } from './simulation-report.ts';
import {
  EMPTY_TALLY,
  EXAMPLES,
  mergeTallies,
  SIMULATED_POLICIES,
  tallyReturns,
  type Comparison,
  type Tally,
} from './simulate-returns.ts';

const inForce: ReturnPolicies = {
  return: DEFAULT_POLICIES.return,
  'approval-matrix': DEFAULT_POLICIES['approval-matrix'],
  'refund-timing': DEFAULT_POLICIES['refund-timing'],
};

function against(
  draft: Partial<ReturnPolicies>,
  typicalDecisionMinutes: number | null = 300,
): Comparison {
  return { before: inForce, after: { ...inForce, ...draft }, typicalDecisionMinutes };
}

const returnsWith = (fields: Partial<ReturnPolicies['return']>): Comparison =>
  against({ return: { ...inForce.return, ...fields } });

const worth = (amountMinor: string) => [pastPart({ amountMinor, unitPrice: '20' })];

const part = fc
  .record({
    line: fc.nat(2),
    cover: fc.constantFrom<Cover>('sale', 'blind', 'cancelled'),
    kind: fc.constantFrom('goods', 'shipping'),
    quantity: fc.integer({ min: 1, max: 50 }),
    unitPrice: fc.constantFrom('1', '19.99', '20', '20.01'),
    amountMinor: fc.bigInt({ min: 0n, max: 300_000n }).map(String),
    reasonCode: fc.constantFrom('changed-mind', 'damaged', 'defective', 'unspecified'),
    ageDays: fc.double({ min: 0, max: 120, noNaN: true }),
  })
  .map(({ ageDays, ...fields }) =>
    pastPart({
      ...fields,
      sale: fields.cover === 'blind' ? null : { orderId: 'order:web:1', unitPrice: '20', ageDays },
    }),
  );

const minutes = fc.option(fc.nat(100_000), { nil: null });

const past: fc.Arbitrary<PastReturn> = fc
  .record({
    id: fc.nat(999_999).map((n) => `return:R-${String(n).padStart(6, '0')}`),
    channel: fc.constantFrom('web', 'market', null),
    region: fc.constantFrom('GB', 'FR', null),
    orderClass: fc.constantFrom('standard', 'express', null),
    skuClasses: fc.constantFrom([], ['A'], ['A', 'B']),
    customerRisk: fc.constantFrom('low', 'normal', 'high'),
    currency: fc.constantFrom('GBP', 'EUR'),
    trusted: fc.boolean(),
    rule: fc.constantFrom('within-policy', 'outside-window', 'blind-review'),
    parts: fc.array(part, { minLength: 1, maxLength: 4 }),
    decisionMinutes: minutes,
    receiptMinutes: minutes,
    inspectionMinutes: minutes,
  })
  .map((fields) => pastReturn(fields));

const pages = fc.array(fc.array(past, { maxLength: 12 }), { maxLength: 5 });
const drafts = fc.constantFrom(
  returnsWith({ windowDays: 14, approvalAboveMinor: '5000', blind: 'refuse' }),
  returnsWith({ windowDays: 100, approvalAboveMinor: '900000', blind: 'accept' }),
  earlyRefunds('5000', ['damaged']),
  against({ 'approval-matrix': matrixThatAsksAlways() }),
);

function earlyRefunds(earlyUpToMinor: string, inspectedReasons: string[] = []): Comparison {
  return against({ 'refund-timing': { earlyUpToMinor, earlyAt: 'receipt', inspectedReasons } });
}

function matrixThatAsksAlways(): ReturnPolicies['approval-matrix'] {
  const matrix = inForce['approval-matrix'];
  const rows = matrix.rows.filter(
    ({ subject, levels }) => subject !== 'return' || levels.length > 1,
  );
  return { ...matrix, rows };
}

const sum = (tally: Tally) => [tally.total.before, tally.total.after];

describe('a simulation', () => {
  test.each(SIMULATED_POLICIES)('of the policy in force changes nothing: %s', (policy) => {
    fc.assert(
      fc.property(fc.array(past, { maxLength: 30 }), (page) => {
        const same = against({ [policy]: structuredClone(inForce[policy]) });
        const tally = tallyReturns(same, page);
        expect(tally).toMatchObject({ changed: 0, examples: [] });
        expect(tally.total.after).toEqual(tally.total.before);
        for (const groups of Object.values(tally.by))
          for (const { before, after } of Object.values(groups)) expect(after).toEqual(before);
        for (const turn of Object.keys(tally.outcomes)) {
          const [before, after] = turn.split(' ');
          expect(after).toBe(before);
        }
      }),
    );
  });

  test('counts each return once, in one outcome and in one segment of each kind', () => {
    fc.assert(
      fc.property(fc.array(past, { maxLength: 30 }), drafts, (page, comparison) => {
        const tally = tallyReturns(comparison, page);
        for (const sums of sum(tally)) {
          expect(sums.returns).toBe(page.length);
          expect(sums.approvalsAsked + sums.refundsAutomatic + sums.refused).toBe(page.length);
        }
        const turned = Object.values(tally.outcomes).reduce((a, b) => a + b, 0);
        expect(turned).toBe(page.length);
        for (const groups of Object.values(tally.by)) {
          const all = Object.values(groups);
          expect(all.reduce((a, { before }) => a + before.returns, 0)).toBe(page.length);
          expect(all.reduce((a, { after }) => a + after.waitingMinutes, 0)).toBe(
            tally.total.after.waitingMinutes,
          );
        }
      }),
    );
  });

  test('comes to the same in pages of any size', () => {
    fc.assert(
      fc.property(pages, drafts, (all, comparison) => {
        const inPages = all
          .map((page) => tallyReturns(comparison, page))
          .reduce(mergeTallies, EMPTY_TALLY);
        expect(simulationReport(inPages)).toEqual(
          simulationReport(tallyReturns(comparison, all.flat())),
        );
      }),
    );
  });

  test('a stricter window or limit never refunds more by itself, a wider one never less', () => {
    fc.assert(
      fc.property(
        fc.array(past, { maxLength: 20 }),
        fc.integer({ min: 1, max: 60 }),
        fc.bigInt({ min: 0n, max: 10_000n }),
        (page, windowDays, limit) => {
          const stricter = returnsWith({ windowDays, approvalAboveMinor: String(limit) });
          const { before, after } = tallyReturns(stricter, page).total;
          expect(after.refundsAutomatic).toBeLessThanOrEqual(before.refundsAutomatic);
          expect(after.refused).toBeGreaterThanOrEqual(before.refused);
          const wider = { ...stricter, before: stricter.after, after: stricter.before };
          const back = tallyReturns(wider, page).total;
          expect(back).toEqual({ before: after, after: before });
        },
      ),
    );
  });
});

describe('what would have changed', () => {
  test('a lower limit asks for approvals, and people take as long as they do', () => {
    const tally = tallyReturns(returnsWith({ approvalAboveMinor: '1000' }), [pastReturn()]);
    expect(tally.total).toEqual({
      before: {
        returns: 1,
        approvalsAsked: 0,
        decisionsNeeded: 0,
        refundsAutomatic: 1,
        refundsEarly: 0,
        refused: 0,
        atRiskMinor: { GBP: 2000n },
        waitingMinutes: 3 * 24 * 60,
      },
      after: {
        returns: 1,
        approvalsAsked: 1,
        decisionsNeeded: 1,
        refundsAutomatic: 0,
        refundsEarly: 0,
        refused: 0,
        atRiskMinor: { GBP: 0n },
        waitingMinutes: 3 * 24 * 60 + 300,
      },
    });
  });

  test('a decision takes as long as it took, else as others take, else as long as it may', () => {
    const asks = returnsWith({ approvalAboveMinor: '1000' });
    const wait = (decisionMinutes: number | null, typicalDecisionMinutes: number | null) =>
      tallyReturns({ ...asks, typicalDecisionMinutes }, [
        pastReturn({ decisionMinutes, inspectionMinutes: 0 }),
      ]).total.after.waitingMinutes;
    expect([wait(7, 300), wait(null, 300), wait(null, null)]).toEqual([7, 300, 16 * 60]);
  });

  test('a shorter window refuses, and what lies with the seller is asked', () => {
    const old = { orderId: 'order:web:1', unitPrice: '20', ageDays: 20 };
    const page = [
      pastReturn({ id: 'return:R-000001', parts: [pastPart({ sale: old })] }),
      pastReturn({
        id: 'return:R-000002',
        parts: [pastPart({ sale: old, reasonCode: 'defective' })],
      }),
    ];
    const tally = tallyReturns(returnsWith({ windowDays: 14 }), page);
    expect(tally.outcomes).toEqual({ 'automatic refused': 1, 'automatic asked': 1 });
    const report = simulationReport(tally);
    expect(report.examples.map(({ returnId, after }) => [returnId, after])).toEqual([
      ['return:R-000001', { outcome: 'refused', rule: 'outside-window' }],
      ['return:R-000002', { outcome: 'asked', rule: 'fault-outside-window' }],
    ]);
    expect(report.examples[0]?.text).toBe(
      '20.00 GBP: refunded without a person, instead refused (outside-window: 20 days after order:web:1, 14 allowed).',
    );
  });

  test('an earlier refund saves the wait for the inspection and puts its money at risk', () => {
    const early = earlyRefunds('200000');
    const page = [pastReturn({ parts: worth('150000'), decisionMinutes: 60 })];
    const { before, after } = tallyReturns(early, page).total;
    expect([before.waitingMinutes, after.waitingMinutes]).toEqual([60 + 4_320, 60 + 2_880]);
    expect([before.atRiskMinor, after.atRiskMinor]).toEqual([{ GBP: 0n }, { GBP: 150_000n }]);
    expect([before.approvalsAsked, after.approvalsAsked]).toEqual([1, 1]);
    expect([before.refundsEarly, after.refundsEarly]).toEqual([0, 1]);
  });

  test('an earlier refund is a change also where nobody has to be asked and nothing had to wait', () => {
    const page = [pastReturn({ receiptMinutes: 0, inspectionMinutes: 0 })];
    const report = simulationReport(tallyReturns(earlyRefunds('5000'), page));
    expect(report).toMatchObject({
      changedReturns: 1,
      before: { refundsEarly: 0, refundsAutomatic: 1 },
      after: { refundsEarly: 1, refundsAutomatic: 1 },
    });
    expect(report.examples[0]?.text).toBe(
      '20.00 GBP: refunded without a person as before, but the money goes out before the inspection.',
    );
  });

  test('another matrix asks others, and more of them', () => {
    const tally = tallyReturns(against({ 'approval-matrix': matrixThatAsksAlways() }), [
      pastReturn(),
    ]);
    expect(tally.total.before).toMatchObject({ approvalsAsked: 0, decisionsNeeded: 0 });
    expect(tally.total.after).toMatchObject({ approvalsAsked: 1, decisionsNeeded: 2 });
  });

  test('what was cancelled before it was sent is nobody’s question', () => {
    const parts = [pastPart({ cover: 'cancelled', amountMinor: '999999' })];
    const tally = tallyReturns(returnsWith({ approvalAboveMinor: '0', windowDays: 1 }), [
      pastReturn({ parts, rule: 'cancelled-before-shipment' }),
    ]);
    expect(tally).toMatchObject({
      changed: 0,
      otherwiseThen: 0,
      outcomes: { 'automatic automatic': 1 },
    });
  });
});

describe('a report', () => {
  test('shows ten examples, another outcome before another wait, large amounts first', () => {
    const page = Array.from({ length: 15 }, (_, at) =>
      pastReturn({
        id: `return:R-${String(at).padStart(6, '0')}`,
        // The last five are asked about before and after: only their wait may change.
        parts: worth(at < 10 ? String(1_000 + at) : '50000'),
      }),
    );
    const tally = tallyReturns(
      against({
        return: { ...inForce.return, approvalAboveMinor: '1004' },
        'refund-timing': { earlyUpToMinor: '90000', earlyAt: 'receipt', inspectedReasons: [] },
      }),
      page,
    );
    const { examples } = simulationReport(tally);
    expect(examples).toHaveLength(EXAMPLES);
    expect(examples.slice(0, 6).map(({ amount }) => amount.amountMinor)).toEqual([
      '1009',
      '1008',
      '1007',
      '1006',
      '1005',
      '50000',
    ]);
    expect(examples[5]?.text).toBe(
      '500.00 GBP: an approval is asked for as before, but the money goes out before the inspection and 53.0 h until the refund instead of 77.0 h and 500.00 GBP at risk instead of 0.00 GBP.',
    );
  });

  test('tells segments by their size and the whole in sentences', () => {
    const page = [
      pastReturn(),
      pastReturn({ id: 'return:R-000002', region: 'FR', channel: null }),
      pastReturn({ id: 'return:R-000003', rule: 'outside-window' }),
    ];
    const report = simulationReport(
      tallyReturns(returnsWith({ approvalAboveMinor: '1000' }), page),
    );
    expect(report.segments.region.map(({ name, before }) => [name, before.returns])).toEqual([
      ['GB', 2],
      ['FR', 1],
    ]);
    expect(report.segments.channel.map(({ name }) => name)).toEqual(['web', 'none']);
    expect(report.segments.reason.map(({ name }) => name)).toEqual(['changed-mind']);
    expect(report.summary).toEqual([
      '3 of 3 returns would have gone another way.',
      'Approvals asked: 0 before, 3 after, 3 more.',
      'Decisions needed: 0 before, 3 after, 3 more.',
      'Refunds without a person: 3 before, 0 after, 3 fewer.',
      'Refunds before the inspection: 0 before, 0 after.',
      'Refused: 0 before, 0 after.',
      'Money at risk: 60.00 GBP before, 0.00 GBP after.',
      'Hours of waiting: 216.0 before, 231.0 after.',
      '1 of them were decided by another rule then: the policies in force now are not those of their time.',
    ]);
  });

  test('of no returns says so', () => {
    expect(simulationReport(EMPTY_TALLY).summary).toEqual([
      'There is no return in this period that the draft would hold for.',
    ]);
  });
});
