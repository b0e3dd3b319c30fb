import type { Findings } from './report.ts';
import { formatDecimal, toDecimal } from './source/decimal.ts';
import type { SourceCounts } from './source/summary.ts';

/** One thing that must hold, with the figures of both sides. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly left: string;
  readonly right: string;
}

/** Every condition for success, one by one. */
export function checksOf(findings: Findings): Check[] {
  return [
    ...sourceChecks(findings),
    ...moneyChecks(findings),
    ...unitChecks(findings),
    ...bookChecks(findings),
    ...stateChecks(findings),
  ];
}

function sourceChecks({ summary, plain }: Findings): Check[] {
  const names = Object.keys(plain) as (keyof SourceCounts)[];
  const different = names.filter((name) => summary.source[name] !== plain[name]);
  const show = (counts: SourceCounts) =>
    different.length === 0
      ? `${counts.rows} rows, ${counts.grossSum}`
      : different.map((name) => `${name} ${counts[name]}`).join(', ');
  const ofClasses = Object.values(summary.classes).reduce((total, { rows }) => total + rows, 0);
  return [
    {
      name: 'source = plain count of the files',
      ok: different.length === 0,
      left: show(summary.source),
      right: show(plain),
    },
    equal('rows of the classes = rows of the files', ofClasses, summary.source.rows),
  ];
}

function moneyChecks({ summary, trade }: Findings): Check[] {
  // In millionths of a penny, so that what is below a penny stays exact.
  const ledger = toDecimal(trade.grossSum) * 100n + toDecimal(trade.roundingMinor);
  const ofClasses = sum(Object.values(trade.byClassMinor));
  return [
    {
      name: 'ledger.grossSum + roundingMinor / 100 = source.grossSum (in pence)',
      ok: ledger === toDecimal(summary.source.grossSum) * 100n,
      left: formatDecimal(ledger),
      right: inPence(summary.source.grossSum),
    },
    equal(
      'byClassMinor adds up to grossSum (in pence)',
      String(ofClasses),
      inPence(trade.grossSum),
    ),
    equal('receivables', trade.receivablesMinor, '0'),
    equal('trial balance', trade.trialBalanceDifferenceMinor, '0'),
  ];
}

function inPence(pounds: string): string {
  return formatDecimal(toDecimal(pounds) * 100n);
}

function unitChecks({ summary, trade }: Findings): Check[] {
  const cameIn =
    trade.unitsReceived + trade.unitsReturned + trade.unitsFound + trade.unitsCarriedIn;
  const wentOut =
    trade.unitsShipped +
    trade.unitsWrittenOff +
    trade.unitsScrapped +
    trade.unitsReturnedToSupplier +
    trade.unitsLeft;
  return [
    equal(
      'received + returned + found = shipped + written off + scrapped + sent back + left',
      cameIn,
      wentOut,
    ),
    equal(
      'shipped + cancelled before shipment = goods and free goods',
      trade.unitsShipped + trade.unitsCancelledBeforeShipment,
      summary.unitsShippedPlusCancelled,
    ),
    equal(
      'returned + cancelled before shipment = units of the return classes',
      trade.unitsReturned + trade.unitsCancelledBeforeShipment,
      summary.unitsReturnedPlusCancelled,
    ),
    equal(
      'written off + short = write-offs asked for',
      trade.unitsWrittenOff + trade.unitsWriteOffShort,
      summary.unitsWriteOffAsked,
    ),
    equal('found = stock found', trade.unitsFound, summary.unitsFound),
  ];
}

function bookChecks({ trade, gateway, check }: Findings): Check[] {
  const [first = 'none'] = gateway.differences;
  return [
    equal("captured = the gateway's book", trade.capturedMinor, gateway.capturedMinor),
    {
      name: "each payment's captured and refunded = the gateway's book",
      ok: gateway.differences.length === 0,
      left: `${gateway.payments} payments`,
      right: `${gateway.differences.length} differences, first: ${first}`,
    },
    {
      name: "the ledger's check finds no drift",
      ok: check.ok && check.drift.length === 0,
      left: check.ok ? 'ok' : 'not ok',
      right: `${check.drift.length} differences${check.drift.length === 0 ? '' : `, first: ${JSON.stringify(check.drift[0])}`}`,
    },
  ];
}

const ENDED = {
  returns: new Set(['closed', 'refused', 'expired']),
  approvals: new Set(['approved', 'rejected', 'expired', 'withdrawn']),
  exceptions: new Set(['resolved']),
};

function stateChecks({ trade, expected }: Findings): Check[] {
  const { orders } = trade;
  return [
    equal('orders accepted = orders in the files', orders.accepted, expected.orders),
    equal('accepted = completed + cancelled', orders.accepted, orders.completed + orders.cancelled),
    equal('returns open', open(trade.returns, ENDED.returns), 0),
    equal('approvals open', open(trade.approvals, ENDED.approvals), 0),
    equal('exceptions open', open(trade.exceptions, ENDED.exceptions), 0),
  ];
}

function open(counts: Readonly<Record<string, number>>, ended: ReadonlySet<string>): number {
  return Object.entries(counts).reduce(
    (total, [state, count]) => total + (ended.has(state) ? 0 : count),
    0,
  );
}

function equal(name: string, left: number | string, right: number | string): Check {
  return { name, ok: left === right, left: String(left), right: String(right) };
}

function sum(amounts: readonly string[]): bigint {
  return amounts.reduce((total, amount) => total + BigInt(amount), 0n);
}
