import type { PurchaseOrderState } from '../../../rules/purchase-order/states.ts';
import type { Ledger } from '../connect.ts';

/** The supplier's invoice; unit prices in major units of the order's currency. */
export interface SupplierInvoiceRequest {
  readonly purchaseOrderId: string;
  readonly invoiceNumber: string;
  readonly occurredAt: string;
  readonly lines: readonly { lineNo: number; quantity: number; unitPrice: string }[];
  readonly actor: string;
}

/** `applied` is false where the order's state allows no invoice. */
export interface SupplierInvoiceResult {
  readonly applied: boolean;
  readonly state: PurchaseOrderState;
  readonly invoiceNumber: string;
  readonly amountMinor?: string;
  readonly replayed?: boolean;
}

/**
 * The invoice waits until its goods have arrived and is then matched by the order's process.
 * Idempotency key: invoiceNumber. Errors: NotFound, InvalidInput (lines), IdempotencyMismatch.
 */
export function recordSupplierInvoice(
  ledger: Ledger,
  request: SupplierInvoiceRequest,
): Promise<SupplierInvoiceResult> {
  return ledger.call('record_supplier_invoice', request);
}
