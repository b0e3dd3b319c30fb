import { describe, expect, test } from 'vitest';
import { checksOf } from '../../bench/replay/checks.ts';
import { comparePayments } from '../../bench/replay/gateway-book.ts';
import { printReport } from '../../bench/replay/print-report.ts';
import { reportOf, speedOf, type Findings, type TradeFigures } from '../../bench/replay/report.ts';
import { classifyRows } from '../../bench/replay/source/classify.ts';
import { summarizeSource } from '../../bench/replay/source/summary.ts';
import { sampleRow } from './sample-rows.ts';

const price = { quantity: 3, unitPrice: '0.333333' };
const rows = classifyRows([
  sampleRow({ ordinal: 1, invoiceNo: '1', ...price }),
  sampleRow({
    ordinal: 2,
    invoiceNo: '2',
    sku: 'X',
    quantity: -4,
    unitPrice: '0',
    customerId: null,
  }),
]);
const summary = summarizeSource(rows);

/** What a ledger says that got everything right: 0.999999 is booked as 1.00, and 3 of 4 units were there to write off. */
const trade: TradeFigures = {
  grossSum: '1',
  byClassMinor: { goods: '100' },
  roundingMinor: '-0.0001',
  cogsMinor: '50',
  inventoryValueMinor: '70',
  capturedMinor: '100',
  refundedMinor: '0',
  creditedToAccountMinor: '0',
  receivablesMinor: '0',
  trialBalanceDifferenceMinor: '0',
  unitsReceived: 10,
  unitsShipped: 3,
  unitsCancelledBeforeShipment: 0,
  unitsReturned: 0,
  unitsFound: 0,
  unitsWrittenOff: 3,
  unitsWriteOffShort: 1,
  unitsScrapped: 0,
  unitsReturnedToSupplier: 0,
  unitsLeft: 4,
  unitsCarriedIn: 0,
  orders: { accepted: 1, completed: 1, cancelled: 0, waiting: 0 },
  returns: { closed: 2 },
  purchaseOrders: { closed: 1 },
  approvals: { approved: 1 },
  exceptions: { resolved: 1 },
};

const right: Findings = {
  summary,
  plain: summary.source,
  trade,
  check: { ok: true, drift: [] },
  gateway: { capturedMinor: '100', refundedMinor: '0', payments: 1, differences: [] },
  speed: speedOf(1, 2, [5]),
  expected: { orders: 1 },
};

function failures(findings: Findings): string[] {
  return checksOf(findings).flatMap(({ ok, name }) => (ok ? [] : [name]));
}

describe('when a replay succeeds', () => {
  test('every check holds where files, ledger and gateway agree to the last digit', () => {
    expect(failures(right)).toEqual([]);
  });

  const wrong: [string, Partial<TradeFigures>, RegExp][] = [
    ['a ten-thousandth of a penny is missing', { roundingMinor: '0' }, /grossSum \+ roundingMinor/],
    ['classes do not add up', { byClassMinor: { goods: '99' } }, /byClassMinor/],
    ['a unit has vanished', { unitsLeft: 3 }, /received \+ returned \+ found/],
    [
      'a unit was neither shipped nor cancelled',
      { unitsShipped: 2, unitsLeft: 5 },
      /goods and free goods/,
    ],
    ['a unit came back that nobody sent', { unitsReturned: 1, unitsLeft: 5 }, /return classes/],
    ['a write-off is forgotten', { unitsWriteOffShort: 0 }, /write-offs asked/],
    ['stock was found that is not in the file', { unitsFound: 1, unitsLeft: 5 }, /stock found/],
    ['somebody owes something', { receivablesMinor: '1' }, /receivables/],
    ['debits are not credits', { trialBalanceDifferenceMinor: '-1' }, /trial balance/],
    ['more was captured than the gateway knows', { capturedMinor: '101' }, /captured = /],
    [
      'an order waits',
      { orders: { accepted: 1, completed: 0, cancelled: 0, waiting: 1 } },
      /completed \+ cancelled/,
    ],
    ['a return is open', { returns: { closed: 1, refunding: 1 } }, /returns open/],
    ['an approval is open', { approvals: { open: 1 } }, /approvals open/],
    ['an exception is open', { exceptions: { open: 1 } }, /exceptions open/],
  ];
  test.each(wrong)('it fails by name when %s', (_what, figures, name) => {
    const failed = failures({ ...right, trade: { ...trade, ...figures } });
    expect(failed).toEqual([expect.stringMatching(name)]);
  });

  test('it fails when the plain count differs, drift is found or a payment differs', () => {
    const plain = { ...summary.source, rows: 1 };
    const gateway = { ...right.gateway, differences: ['payment 1 differs'] };
    const check = { ok: false, drift: [{ kind: 'balance' }] };
    expect(failures({ ...right, plain })).toHaveLength(1);
    expect(failures({ ...right, gateway })).toHaveLength(1);
    expect(failures({ ...right, check })).toHaveLength(1);
  });

  test('the screen names each check that failed, with both figures', () => {
    const findings = { ...right, trade: { ...trade, receivablesMinor: '17' } };
    const screen = printReport(reportOf(findings), summary, checksOf(findings));
    expect(screen).toMatch(/FAILED {2}receivables +17 +0/);
    expect(screen).toMatch(/ok +trial balance/);
  });
});

describe('two books of payments', () => {
  const ours = {
    paymentId: 'p1',
    orderId: 'order:online-retail:1',
    provider: 'gateway',
    reference: 'auth_1',
  };

  test('equal payments leave no difference, and only the orders asked for are summed', () => {
    const result = comparePayments(
      [
        { ...ours, capturedMinor: '100', refundedMinor: '30' },
        {
          ...ours,
          paymentId: 'p2',
          orderId: 'order:web:9',
          reference: 'auth_2',
          capturedMinor: '5',
          refundedMinor: '0',
        },
      ],
      [
        { id: 'auth_1', capturedMinor: '100', refundedMinor: '30' },
        { id: 'auth_2', capturedMinor: '5', refundedMinor: '0' },
        { id: 'auth_3', capturedMinor: '0', refundedMinor: '0' },
      ],
      (orderId) => orderId.startsWith('order:online-retail:'),
    );
    expect(result).toEqual({
      capturedMinor: '100',
      refundedMinor: '30',
      payments: 1,
      differences: [],
    });
  });

  test('equal sums do not hide payments that differ', () => {
    const { differences } = comparePayments(
      [
        { ...ours, capturedMinor: '100', refundedMinor: '0' },
        { ...ours, paymentId: 'p2', reference: 'auth_2', capturedMinor: '50', refundedMinor: '0' },
      ],
      [
        { id: 'auth_1', capturedMinor: '50', refundedMinor: '0' },
        { id: 'auth_2', capturedMinor: '100', refundedMinor: '0' },
      ],
      () => true,
    );
    expect(differences).toHaveLength(2);
  });

  test('money that only one book knows is a difference', () => {
    const unsent = { ...ours, reference: null, capturedMinor: '7', refundedMinor: '0' };
    const theirs = { id: 'auth_9', capturedMinor: '9', refundedMinor: '0' };
    expect(comparePayments([unsent], [theirs], () => true).differences).toHaveLength(2);
  });
});

test('a percentile is a time that was measured', () => {
  expect(speedOf(10, 4, [40, 10, 20, 30])).toEqual({
    ordersPerSecond: 2.5,
    wallSeconds: 4,
    p50Ms: 20,
    p95Ms: 40,
  });
  expect(speedOf(0, 0, [])).toEqual({ ordersPerSecond: 0, wallSeconds: 0, p50Ms: 0, p95Ms: 0 });
});
