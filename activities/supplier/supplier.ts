/** A purchase order as a supplier gets it; unit prices in major units, times RFC 3339 UTC. */
export interface SupplierOrder {
  readonly purchaseOrderId: string;
  readonly number: string;
  readonly supplier: string;
  readonly node: string;
  readonly orderedAt: string;
  readonly leadTimeDays: number;
  readonly deliverExactlyAt: string | null;
  readonly currency: string;
  readonly lines: readonly { lineNo: number; sku: string; quantity: number; unitPrice: string }[];
}

/** What the supplier promises, line by line. */
export interface SupplierAcknowledgement {
  readonly acknowledgementId: string;
  readonly lines: readonly { lineNo: number; quantity: number; expectedAt: string }[];
}

/** What every supplier connection can do. Shipping notices and invoices come in through the API. */
export interface SupplierProvider {
  /** Places the order. Errors: ProviderUnavailable, RateLimited (try again), ProviderRefused. */
  submitOrder(order: SupplierOrder, idempotencyKey: string): Promise<SupplierAcknowledgement>;
}
