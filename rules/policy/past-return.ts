import type { Cover } from '../return/match-cover.ts';
import type { Risk } from './approval-matrix.ts';

/** A part of a past return as it was judged; money in minor units of the return's currency. */
export interface PastPart {
  /** Index of the requested line. */
  readonly line: number;
  readonly cover: Cover;
  readonly kind: string;
  readonly quantity: number;
  readonly unitPrice: string;
  readonly amountMinor: string;
  readonly reasonCode: string;
  /** Null for blind units. `ageDays` as on the day of the request. */
  readonly sale: {
    readonly orderId: string;
    readonly unitPrice: string;
    readonly ageDays: number;
  } | null;
}

/** What the rule that decides on returns knew of a past one, and what became of it. Minutes are whole. */
export interface PastReturn {
  readonly id: string;
  /** RFC 3339 UTC. */
  readonly requestedAt: string;
  readonly channel: string | null;
  /** Where the goods had been sent; null where no sale is known. */
  readonly region: string | null;
  readonly orderClass: string | null;
  readonly skuClasses: readonly string[];
  /** As the customer is rated today. */
  readonly customerRisk: Risk;
  readonly currency: string;
  readonly trusted: boolean;
  /** The rule that had the last word then. */
  readonly rule: string;
  readonly parts: readonly PastPart[];
  /** From asking a person to the answer; null when nobody was asked. */
  readonly decisionMinutes: number | null;
  /** From the authorization to all goods having arrived, and to the last inspection; null when they never were. */
  readonly receiptMinutes: number | null;
  readonly inspectionMinutes: number | null;
}
