import type { PurchaseOrderDecision } from '../../../rules/purchase-order/decide-purchase-order.ts';
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
  readonly decision: PurchaseOrderDecision & { readonly policyVersion: string };
}

/**
 * Stores a purchase order, its approval where one is asked, and its process.
 * Idempotency key: externalRef and content. Errors: InvalidInput, IdempotencyMismatch.
 */
export function createPurchaseOrder(
  ledger: Ledger,
  request: CreatePurchaseOrderRequest,
): Promise<{ purchaseOrderId: string; replayed: boolean }> {
  return ledger.call('create_purchase_order', request);
}
