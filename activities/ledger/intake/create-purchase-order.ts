import type { ApprovalAsk } from '../../../rules/approval/ask-approval.ts';
import type { PurchaseOrderDecision } from '../../../rules/purchase-order/decide-purchase-order.ts';
import { writeAsk } from '../approval-json.ts';
import type { Ledger } from '../connect.ts';

/** What a caller asserts of a new purchase order, and what the rules made of it. Times RFC 3339 UTC. */
export interface CreatePurchaseOrderRequest {
  readonly externalRef: string;
  readonly supplier: string;
  readonly node: string;
  readonly orderedAt: string;
  readonly currency: string;
  /** The supplier is to deliver everything at this very time. */
  readonly deliverExactlyAt?: string | undefined;
  readonly lines: readonly { sku: string; quantity: number; unitPrice?: string | undefined }[];
  readonly actor: string;
  readonly decision: Omit<PurchaseOrderDecision, 'approval'> & {
    readonly policyVersion: string;
    /** The approval that it needs first; null when it is sent at once. */
    readonly approval: ApprovalAsk | null;
  };
}

/**
 * Stores a purchase order, its approval where one is asked, and its process.
 * Idempotency key: externalRef and content. Errors: InvalidInput, IdempotencyMismatch.
 */
export function createPurchaseOrder(
  ledger: Ledger,
  { decision, ...request }: CreatePurchaseOrderRequest,
): Promise<{ purchaseOrderId: string; replayed: boolean }> {
  const approval = writeAsk(decision.approval);
  return ledger.call('create_purchase_order', { ...request, decision: { ...decision, approval } });
}
