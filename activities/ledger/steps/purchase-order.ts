import type { PurchaseOrderState } from '../../../rules/purchase-order/states.ts';
import type { SupplierAcknowledgement, SupplierOrder } from '../../supplier/supplier.ts';
import type { Ledger } from '../connect.ts';

/** Where a purchase order stands and what its process does next. */
export interface PurchaseOrderStatus {
  readonly processId: string;
  readonly state: PurchaseOrderState;
  readonly alreadyFinished: boolean;
  readonly next: 'review' | 'submit' | 'wait' | 'done';
  /** Which attempt to reach the supplier comes next; the occurrence of a refusal. */
  readonly submission: string;
  /** The open approval, while in review. */
  readonly approvalId: string | null;
  /** The open deadline, while waiting for the supplier. */
  readonly dueId: string | null;
  /** Business seconds until the approval or the deadline is due; null when nothing is. */
  readonly waitSeconds: number | null;
}

/** First step: the process runs, from where the ledger says. Errors: NotFound. */
export function beginPurchaseOrder(
  ledger: Ledger,
  request: { processId: string },
): Promise<PurchaseOrderStatus> {
  return ledger.call('begin_purchase_order', request);
}

/** The order as the supplier gets it, null when there is nothing to send. Safe to repeat. */
export function sendPurchaseOrder(
  ledger: Ledger,
  request: { processId: string },
): Promise<PurchaseOrderStatus & { readonly order: SupplierOrder | null }> {
  return ledger.call('send_purchase_order', request);
}

/** What the supplier will send, and when. Idempotency key: acknowledgementId. */
export function recordAcknowledgement(
  ledger: Ledger,
  request: { processId: string } & SupplierAcknowledgement,
): Promise<PurchaseOrderStatus> {
  return ledger.call('record_acknowledgement', request);
}

/** The supplier could not be told: procurement decides. Idempotency key: occurrence, the `submission`. */
export function reportSupplierRefusal(
  ledger: Ledger,
  request: { processId: string; occurrence: string; message: string },
): Promise<PurchaseOrderStatus> {
  return ledger.call('report_supplier_refusal', request);
}

/**
 * Carries out what people resolved, matches invoices, closes the order when nothing more will come.
 * Idempotency key: occurrence, the id of the fact that made the process look.
 */
export function settlePurchaseOrder(
  ledger: Ledger,
  request: { processId: string; occurrence: string },
): Promise<PurchaseOrderStatus> {
  return ledger.call('settle_purchase_order', request);
}

/** A deadline has passed: an exception, unless it is over. Idempotency key: occurrence, the due id. */
export function escalateLateSupplier(
  ledger: Ledger,
  request: { processId: string; occurrence: string },
): Promise<PurchaseOrderStatus> {
  return ledger.call('escalate_late_supplier', request);
}
