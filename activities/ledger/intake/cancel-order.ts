import type { Ledger } from '../connect.ts';
import type { OrderView } from '../read/order.ts';

export interface CancellationResult {
  applied: boolean;
  cancelled: { orderLineId: string; quantity: number }[];
  /** What had left already and cannot be cancelled. */
  shipped: { orderLineId: string; quantity: number }[];
  /** Lines of which more was asked to cancel than was open. */
  notOpen?: { orderLineId: string; asked: number; open: number }[];
  order: OrderView;
  replayed?: boolean;
}

/**
 * Cancels what is not shipped, all or the named lines. Idempotency key:
 * `<order id>:cancel:<cancellationId>`. Errors: NotFound, InvalidInput for a line that the order has not.
 */
export function cancelOrder(
  ledger: Ledger,
  request: {
    orderId: string;
    cancellationId: string;
    lines?: { lineNo: number; quantity?: number | undefined }[] | undefined;
    reason: string;
    /** When it happened; else `at`, when we heard of it, which the idempotency hash leaves out. */
    occurredAt?: string | undefined;
    at?: string | undefined;
    actor: string;
  },
): Promise<CancellationResult> {
  return ledger.call('cancel_order', request);
}
