import type { GatewayComparison } from './gateway-book.ts';
import type { SourceCounts, SourceSummary } from './source/summary.ts';

type Counts = Readonly<Record<string, number>>;

/** What `GET /v1/ledger/trade` answers; amounts are integer strings in minor units. */
export interface TradeFigures {
  readonly grossSum: string;
  readonly byClassMinor: Readonly<Record<string, string>>;
  readonly roundingMinor: string;
  readonly cogsMinor: string;
  readonly inventoryValueMinor: string;
  readonly capturedMinor: string;
  readonly refundedMinor: string;
  readonly creditedToAccountMinor: string;
  readonly receivablesMinor: string;
  readonly trialBalanceDifferenceMinor: string;
  readonly unitsReceived: number;
  readonly unitsShipped: number;
  readonly unitsCancelledBeforeShipment: number;
  readonly unitsReturned: number;
  readonly unitsFound: number;
  readonly unitsWrittenOff: number;
  readonly unitsWriteOffShort: number;
  readonly unitsScrapped: number;
  readonly unitsReturnedToSupplier: number;
  readonly unitsLeft: number;
  readonly unitsCarriedIn: number;
  readonly orders: {
    readonly accepted: number;
    readonly completed: number;
    readonly cancelled: number;
    readonly waiting: number;
  };
  readonly returns: Counts;
  readonly purchaseOrders: Counts;
  readonly approvals: Counts;
  readonly exceptions: Counts;
}

/** What `GET /v1/ledger/check` answers. */
export interface CheckFigures {
  readonly ok: boolean;
  readonly drift: readonly unknown[];
}

export interface Speed {
  readonly ordersPerSecond: number;
  readonly wallSeconds: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Everything that a replay found, from each side. */
export interface Findings {
  /** From the rows that were read. */
  readonly summary: SourceSummary;
  /** From the files' text, by other code. */
  readonly plain: SourceCounts;
  readonly trade: TradeFigures;
  readonly check: CheckFigures;
  readonly gateway: GatewayComparison;
  readonly speed: Speed;
  readonly expected: { readonly orders: number };
}

/** The report as JSON. */
export function reportOf({ summary, trade, check, gateway, speed }: Findings) {
  const { orders, returns, purchaseOrders, approvals, exceptions, ...figures } = trade;
  return {
    source: summary.source,
    classes: summary.classes,
    coverage: summary.coverage,
    ledger: { ...figures, check: { ok: check.ok, drift: check.drift } },
    orders,
    returns,
    purchaseOrders,
    approvals,
    exceptions,
    gateway: { capturedMinor: gateway.capturedMinor, refundedMinor: gateway.refundedMinor },
    speed,
  };
}

export type ReplayReport = ReturnType<typeof reportOf>;

/** How fast it went. A percentile is the smallest time that so many of the orders did not exceed; 0 without orders. */
export function speedOf(completed: number, wallSeconds: number, orderMs: readonly number[]): Speed {
  const sorted = orderMs.toSorted((a, b) => a - b);
  const percentile = (share: number): number =>
    Number((sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0).toFixed(1));
  return {
    ordersPerSecond: Number((wallSeconds === 0 ? 0 : completed / wallSeconds).toFixed(2)),
    wallSeconds: Number(wallSeconds.toFixed(1)),
    p50Ms: percentile(0.5),
    p95Ms: percentile(0.95),
  };
}
