import type { Ledger } from '../connect.ts';

/** Counts by state. */
export type StateCounts = Record<string, number>;

/**
 * Figures of the trade whose rows carry one of the source references' prefixes. Minor units are integer
 * strings; `grossSum` (major units) and `roundingMinor` are exact decimals.
 */
export interface TradeReport {
  grossSum: string;
  byClassMinor: Record<string, string>;
  roundingMinor: string;
  cogsMinor: string;
  inventoryValueMinor: string;
  capturedMinor: string;
  refundedMinor: string;
  creditedToAccountMinor: string;
  receivablesMinor: string;
  trialBalanceDifferenceMinor: string;
  unitsReceived: number;
  unitsShipped: number;
  unitsCancelledBeforeShipment: number;
  unitsReturned: number;
  unitsFound: number;
  unitsWrittenOff: number;
  unitsWriteOffShort: number;
  unitsScrapped: number;
  unitsReturnedToSupplier: number;
  unitsLeft: number;
  unitsCarriedIn: number;
  orders: { accepted: number; completed: number; cancelled: number; waiting: number };
  returns: StateCounts;
  purchaseOrders: StateCounts;
  approvals: StateCounts;
  exceptions: StateCounts;
}

/** The report over the given sources: the part of a source reference before its first colon. A long read. */
export function readTrade(ledger: Ledger, sources: readonly string[]) {
  return ledger.report<TradeReport>('read_trade', { sources });
}
