import type { Ledger } from '../connect.ts';
import type { ReturnView } from '../read/return.ts';

/** A fact about a return and what it did; `applied` false when the return's state did not allow it. */
export interface ReturnFactAnswer {
  readonly applied: boolean;
  readonly replayed: boolean;
  readonly return: ReturnView;
}

/**
 * Goods of a return arrived. `complete` false: more will come. What is not expected is quarantined and
 * raises an exception. Idempotency key: receiptId. Errors: NotFound, InvalidInput, IdempotencyMismatch.
 */
export function receiveReturn(
  ledger: Ledger,
  request: {
    returnId: string;
    receiptId: string;
    /** When it happened; else `at`, when we heard of it, which the idempotency hash leaves out. */
    occurredAt?: string | undefined;
    at: string;
    complete: boolean;
    lines: {
      lineNo?: number | undefined;
      sku: string;
      quantity: number;
      node?: string | undefined;
    }[];
    actor: string;
  },
): Promise<ReturnFactAnswer> {
  return ledger.call('receive_return', request);
}
