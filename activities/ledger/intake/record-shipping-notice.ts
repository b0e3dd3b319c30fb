import type { PurchaseOrderState } from '../../../rules/purchase-order/states.ts';
import type { Ledger } from '../connect.ts';

/** What the supplier says it has shipped; `final` when it ships no more of this order. */
export interface ShippingNoticeRequest {
  readonly purchaseOrderId: string;
  readonly noticeId: string;
  readonly shippedAt: string;
  readonly expectedAt: string;
  readonly final: boolean;
  readonly lines: readonly { lineNo: number; quantity: number }[];
  readonly actor: string;
}

/** `applied` is false where the order's state allows no notice. Units. */
export interface ShippingNoticeResult {
  readonly applied: boolean;
  readonly state: PurchaseOrderState;
  readonly noticeId: string;
  readonly inboundUnits?: number;
  /** Of the whole order: what will never come. */
  readonly shortUnits?: number;
  readonly replayed?: boolean;
}

/**
 * The goods of a notice are inbound; what a final notice leaves out is short.
 * Idempotency key: noticeId. Errors: NotFound, InvalidInput (lines), IdempotencyMismatch.
 */
export function recordShippingNotice(
  ledger: Ledger,
  request: ShippingNoticeRequest,
): Promise<ShippingNoticeResult> {
  return ledger.call('record_shipping_notice', request);
}
