import type { Ledger } from '../connect.ts';

/** Goods in without a purchase order; unit costs in major units of the base currency. */
export interface StockReceiptRequest {
  readonly receiptId: string;
  readonly node: string;
  readonly occurredAt: string;
  readonly lines: readonly {
    sku: string;
    quantity: number;
    unitCost: string;
    lot?: string | undefined;
  }[];
  readonly actor: string;
}

export interface StockReceiptResult {
  readonly receiptId: string;
  readonly node: string;
  readonly units: number;
  readonly valueMinor: string;
  readonly replayed?: boolean;
}

/**
 * Opening stock against opening equity; wakes waiting orders.
 * Idempotency key: receiptId. Errors: InvalidInput (node, lines), IdempotencyMismatch.
 */
export function receiveStock(
  ledger: Ledger,
  request: StockReceiptRequest,
): Promise<StockReceiptResult> {
  return ledger.call('receive_stock', request);
}
