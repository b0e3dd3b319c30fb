import type { ApprovalAsk } from '../../../rules/approval/ask-approval.ts';
import { writeAsk } from '../approval-json.ts';
import type { Ledger } from '../connect.ts';
import type { Goodwill } from '../read/goodwill.ts';

/** Money for a customer who returns nothing, in minor units of the order's currency. */
export interface GiveGoodwillRequest {
  readonly externalRef: string;
  readonly orderId: string;
  readonly amountMinor: string;
  readonly currency: string;
  /** Back to the payments, or kept as the customer's credit. */
  readonly resolution: 'refund' | 'credit';
  readonly reasonCode: string;
  /** RFC 3339, business time. */
  readonly occurredAt: string;
  /** When it was asked for, RFC 3339, business time: the matrix of then counts. */
  readonly askedAt: string;
  readonly actor: string;
  /** The version of the approval matrix that it was judged by. */
  readonly policyVersion: string;
  /** The approval that it needs first; null when it is given at once. */
  readonly approval: ApprovalAsk | null;
}

/**
 * Gives goodwill, or opens its approval. Idempotent by externalRef. Errors: NotFound, InvalidInput (amount, reasonCode,
 * occurredAt), IdempotencyMismatch.
 */
export function giveGoodwill(
  ledger: Ledger,
  { approval, ...request }: GiveGoodwillRequest,
): Promise<{ replayed: boolean; goodwill: Goodwill }> {
  return ledger.call('give_goodwill', { ...request, approval: writeAsk(approval) });
}
