import type { Ledger } from '../connect.ts';

export type DispatchResult =
  | {
      applied: true;
      state: string;
      orderId: string;
      invoiceNumber: string;
      amountMinor: string;
      replayed?: boolean;
    }
  | { applied: false; state: string; reason: string };

/**
 * Records that goods have left, which invoices them. Idempotency key:
 * `<shipment id>:dispatch:<dispatchId>`. Errors: NotFound; goods that are not open are a result.
 */
export function dispatchShipment(
  ledger: Ledger,
  request: {
    shipmentId: string;
    dispatchId: string;
    /** When it happened; else `at`, when we heard of it, which the idempotency hash leaves out. */
    occurredAt?: string | undefined;
    at?: string | undefined;
    lines: { lineNo: number; quantity: number; lot?: string | undefined }[];
    carrier?: string | undefined;
    trackingNumber?: string | undefined;
    actor: string;
  },
): Promise<DispatchResult> {
  return ledger.call('dispatch_shipment', request);
}
