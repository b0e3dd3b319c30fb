import type { Ledger } from '../connect.ts';

/**
 * What became of an erasure. `erased` with `applied` false: it had been done before. `under-way`: something of the
 * customer's is not over, `underWay` names it (at most twenty), and nothing was erased.
 */
export interface Erasure {
  readonly applied: boolean;
  readonly state: 'erased' | 'under-way';
  /** `customer:<number>`, which stays. */
  readonly customerId: string;
  readonly erasedAt: string | null;
  readonly underWay: readonly string[];
  /** Rows that a person was taken out of; null when nothing was erased by this call. */
  readonly erased: {
    readonly orders: number;
    readonly payments: number;
    readonly mails: number;
    readonly refusedOrders: number;
  } | null;
  readonly replayed: boolean;
}

/**
 * Erases what is held of one person; amounts, ids, invoices and the country delivered to stay, as the law wants.
 * A long call where there are many orders. Idempotency key: `<customer>:erase:<erasureId>`, over the reason.
 * Errors: NotFound, IdempotencyMismatch.
 */
export function eraseCustomer(
  ledger: Ledger,
  request: {
    customerId: string;
    erasureId: string;
    reason: string;
    actor: string;
    /** RFC 3339. */
    at: string;
  },
): Promise<Erasure> {
  return ledger.report('erase_customer', request);
}
