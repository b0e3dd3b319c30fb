import { askApproval, type ApprovalAsk, type MatrixVersion } from '../approval/ask-approval.ts';
import { goodwillFacts } from '../approval/subject-facts.ts';
import type { Risk } from '../policy/approval-matrix.ts';

/** The order that goodwill is for, and the matrix in force where it was sold. */
export interface GoodwillOrder {
  readonly channel: string;
  readonly region: string | null;
  readonly currency: string;
  readonly customerRisk: Risk;
  readonly approvalMatrix: MatrixVersion;
}

/** Goodwill as somebody asks for it. */
export interface GoodwillWish {
  readonly orderId: string;
  /** In the order's currency. */
  readonly amountMinor: bigint;
  readonly resolution: 'refund' | 'credit';
  readonly reasonCode: string;
  /** Business time, milliseconds since 1970. */
  readonly atMs: number;
  readonly actor: string;
}

/** The approval that goodwill needs first; null when it is given at once. */
export function approveGoodwill(
  { channel, region, currency, customerRisk, approvalMatrix }: GoodwillOrder,
  { orderId, amountMinor, resolution, reasonCode, atMs, actor }: GoodwillWish,
): ApprovalAsk | null {
  const facts = goodwillFacts({
    amountMinor,
    currency,
    channel,
    region,
    reasonCodes: [reasonCode],
    order: orderId,
    resolution,
    customerRisk,
  });
  return askApproval(approvalMatrix, facts, { atMs, requestedBy: actor, wantedBy: null });
}
