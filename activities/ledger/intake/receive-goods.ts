import type { PurchaseOrderState } from '../../../rules/purchase-order/states.ts';
import type { Ledger } from '../connect.ts';

/** What has arrived for a purchase order; a line may come in several lots. */
export interface GoodsReceiptRequest {
  readonly purchaseOrderId: string;
  readonly receiptId: string;
  readonly noticeId?: string | undefined;
  readonly occurredAt: string;
  readonly lines: readonly { lineNo: number; quantity: number; lot?: string | undefined }[];
  readonly actor: string;
}

/** `applied` is false where the order's state allows no receipt. Units. */
export interface GoodsReceiptResult {
  readonly applied: boolean;
  readonly state: PurchaseOrderState;
  readonly receiptId: string;
  readonly receivedUnits?: number;
  /** Beyond the order, in quarantine until procurement decides. */
  readonly overUnits?: number;
  /** Given at once to orders that waited. */
  readonly backorderUnits?: number;
  readonly replayed?: boolean;
}

/**
 * Stock, cost, money and waiting orders in one call.
 * Idempotency key: receiptId. Errors: NotFound, InvalidInput (lines, noticeId), IdempotencyMismatch.
 */
export function receiveGoods(
  ledger: Ledger,
  request: GoodsReceiptRequest,
): Promise<GoodsReceiptResult> {
  return ledger.call('receive_goods', request);
}
