import { moneyText } from '../approval/money-text.ts';
import {
  OUTCOME_LABELS,
  type BeforeAfter,
  type ChangedReturn,
  type Dimension,
  type Sums,
  type Tally,
} from './simulate-returns.ts';

/** Sums as they are told; money as strings in minor units, hours with one place. */
export interface SumsReport {
  readonly returns: number;
  readonly approvalsAsked: number;
  readonly decisionsNeeded: number;
  readonly refundsAutomatic: number;
  readonly refundsEarly: number;
  readonly refused: number;
  readonly moneyAtRisk: readonly { readonly amountMinor: string; readonly currency: string }[];
  readonly waitingHours: string;
}

export interface SimulationReport {
  readonly before: SumsReport;
  readonly after: SumsReport;
  readonly changedReturns: number;
  /** Decided by another rule then than the policies in force now would: under older versions. */
  readonly otherwiseThen: number;
  /** How many returns went from one outcome to another. */
  readonly outcomes: readonly {
    readonly before: string;
    readonly after: string;
    readonly returns: number;
  }[];
  readonly segments: Readonly<
    Record<
      Dimension,
      readonly { readonly name: string; readonly before: SumsReport; readonly after: SumsReport }[]
    >
  >;
  readonly examples: readonly {
    readonly returnId: string;
    /** The path that opens the return. */
    readonly href: string;
    readonly requestedAt: string;
    readonly amount: { readonly amountMinor: string; readonly currency: string };
    readonly before: { readonly outcome: string; readonly rule: string };
    readonly after: { readonly outcome: string; readonly rule: string };
    /** What happens instead, in words. */
    readonly text: string;
  }[];
  /** The whole result in sentences. */
  readonly summary: readonly string[];
}

/** A tally as it is told. Segments are sorted by their number of returns, then by name. */
export function simulationReport(tally: Tally): SimulationReport {
  return {
    before: sumsReport(tally.total.before),
    after: sumsReport(tally.total.after),
    changedReturns: tally.changed,
    otherwiseThen: tally.otherwiseThen,
    outcomes: Object.entries(tally.outcomes)
      .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .map(([turn, returns]) => {
        const [before = '', after = ''] = turn.split(' ');
        return { before, after, returns };
      }),
    segments: {
      reason: segmentsOf(tally.by.reason),
      orderClass: segmentsOf(tally.by.orderClass),
      channel: segmentsOf(tally.by.channel),
      region: segmentsOf(tally.by.region),
    },
    examples: tally.examples.map(exampleOf),
    summary: summaryOf(tally),
  };
}

function segmentsOf(groups: Readonly<Record<string, BeforeAfter>>) {
  return Object.entries(groups)
    .toSorted(([a, x], [b, y]) => y.before.returns - x.before.returns || (a < b ? -1 : 1))
    .map(([name, { before, after }]) => ({
      name,
      before: sumsReport(before),
      after: sumsReport(after),
    }));
}

function sumsReport({ atRiskMinor, waitingMinutes, ...counts }: Sums): SumsReport {
  return {
    ...counts,
    moneyAtRisk: Object.entries(atRiskMinor)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, amount]) => ({ amountMinor: amount.toString(), currency })),
    waitingHours: hoursText(waitingMinutes),
  };
}

/** Minutes as hours with one place, rounded half up. */
function hoursText(minutes: number): string {
  const tenths = Math.round(minutes / 6);
  return `${Math.floor(tenths / 10)}.${tenths % 10}`;
}

function exampleOf({ returnId, requestedAt, currency, amountMinor, before, after }: ChangedReturn) {
  return {
    returnId,
    href: `/v1/returns/${encodeURIComponent(returnId)}`,
    requestedAt,
    amount: { amountMinor: amountMinor.toString(), currency },
    before: { outcome: before.outcome, rule: before.rule },
    after: { outcome: after.outcome, rule: after.rule },
    text: exampleText({ currency, amountMinor, before, after }),
  };
}

function exampleText({
  currency,
  amountMinor,
  before,
  after,
}: Pick<ChangedReturn, 'currency' | 'amountMinor' | 'before' | 'after'>): string {
  const amount = moneyText(amountMinor, currency);
  const was = OUTCOME_LABELS[before.outcome];
  if (before.outcome !== after.outcome) {
    return `${amount}: ${was}, instead ${OUTCOME_LABELS[after.outcome]} (${after.text}).`;
  }
  const changes: string[] = [];
  if (before.decisions !== after.decisions)
    changes.push(`${after.decisions} have to say yes instead of ${before.decisions}`);
  if (before.isEarly !== after.isEarly)
    changes.push(
      after.isEarly
        ? 'the money goes out before the inspection'
        : 'the money waits for the inspection',
    );
  if (before.waitingMinutes !== after.waitingMinutes)
    changes.push(
      `${hoursText(after.waitingMinutes)} h until the refund instead of ${hoursText(before.waitingMinutes)} h`,
    );
  if (before.atRiskMinor !== after.atRiskMinor)
    changes.push(
      `${moneyText(after.atRiskMinor, currency)} at risk instead of ${moneyText(before.atRiskMinor, currency)}`,
    );
  return `${amount}: ${was} as before, but ${changes.join(' and ')}.`;
}

function summaryOf({ total: { before, after }, changed, otherwiseThen }: Tally): string[] {
  if (before.returns === 0)
    return ['There is no return in this period that the draft would hold for.'];
  const lines = [
    changed === 0
      ? `None of ${before.returns} returns would have gone another way.`
      : `${changed} of ${before.returns} returns would have gone another way.`,
    move('Approvals asked', before.approvalsAsked, after.approvalsAsked),
    move('Decisions needed', before.decisionsNeeded, after.decisionsNeeded),
    move('Refunds without a person', before.refundsAutomatic, after.refundsAutomatic),
    move('Refunds before the inspection', before.refundsEarly, after.refundsEarly),
    move('Refused', before.refused, after.refused),
    ...riskLines(before, after),
    `Hours of waiting: ${hoursText(before.waitingMinutes)} before, ${hoursText(after.waitingMinutes)} after.`,
  ];
  if (otherwiseThen > 0)
    lines.push(
      `${otherwiseThen} of them were decided by another rule then: the policies in force now are not those of their time.`,
    );
  return lines;
}

function riskLines(before: Sums, after: Sums): string[] {
  const currencies = new Set([
    ...Object.keys(before.atRiskMinor),
    ...Object.keys(after.atRiskMinor),
  ]);
  return [...currencies].toSorted().map((currency) => {
    const was = moneyText(before.atRiskMinor[currency] ?? 0n, currency);
    const is = moneyText(after.atRiskMinor[currency] ?? 0n, currency);
    return `Money at risk: ${was} before, ${is} after.`;
  });
}

function move(what: string, before: number, after: number): string {
  const difference = after - before;
  const sign =
    difference > 0 ? `, ${difference} more` : difference < 0 ? `, ${-difference} fewer` : '';
  return `${what}: ${before} before, ${after} after${sign}.`;
}
