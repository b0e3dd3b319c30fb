import type { ApprovalAsk } from '../../../rules/approval/ask-approval.ts';
import type { ReturnReason, ReturnRule } from '../../../rules/return/decide-return.ts';
import type { Cover, ReturnKind } from '../../../rules/return/match-cover.ts';
import type { RefundTiming } from '../../../rules/return/time-refund.ts';
import { writeAsk } from '../approval-json.ts';
import type { Ledger } from '../connect.ts';
import type { RequestAnswer, ReturnContent } from '../read/return.ts';

/** What the rules decided about a return; not part of what the caller said. */
export interface ReturnRequestDecision {
  readonly requestedAt: string;
  readonly outcome: 'authorized' | 'in-review' | 'refused';
  readonly rule: ReturnRule;
  readonly reasons: readonly ReturnReason[];
  readonly policyVersion: number;
  readonly amountMinor: string;
  /** Of a return that is in review: what it waits for; null for any other. */
  readonly approval: ApprovalAsk | null;
  /** When the money goes back, and the policy's version; left out: after the inspection. */
  readonly refundTiming?: RefundTiming & { readonly version: string };
  readonly parts: readonly {
    readonly externalLineId: string;
    readonly kind: ReturnKind;
    readonly code: string;
    readonly cover: Cover;
    readonly orderId?: string;
    readonly orderLineNo?: number;
    readonly quantity: number;
    readonly unitPrice: string;
    /** Null for cancelled units at the order's own price. */
    readonly amountMinor: string | null;
    readonly taxMinor: string;
    readonly belowMinor: string;
    readonly reasonCode: string;
    readonly sourceRef?: string;
  }[];
}

/**
 * Stores a return with its decision and effects. `stale`: the sales changed since they were read, so read
 * and decide again. Idempotency key: channel + external reference. Errors: InvalidInput, IdempotencyMismatch.
 */
export function requestReturn(
  ledger: Ledger,
  {
    decision,
    ...request
  }: { request: ReturnContent; decision: ReturnRequestDecision; actor: string },
): Promise<RequestAnswer | { readonly outcome: 'stale' }> {
  const approval = writeAsk(decision.approval);
  return ledger.call('request_return', { ...request, decision: { ...decision, approval } });
}
