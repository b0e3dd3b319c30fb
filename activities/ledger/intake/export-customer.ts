import type { Json, Ledger } from '../connect.ts';

/** Something that is held of a customer, as the ledger writes it. */
type Held = { readonly [field: string]: Json };

/** Everything that is held of one customer. */
export interface CustomerDocument {
  readonly customer: {
    readonly id: string;
    readonly channel: string;
    readonly externalId: string;
    readonly name: string | null;
    readonly email: string | null;
    readonly erasedAt: string | null;
    readonly recordedAt: string;
  };
  /** How they are and were rated. */
  readonly riskRatings: readonly Held[];
  /** Orders and returns as the API shows them, with where they went to and what happened to them. */
  readonly orders: readonly Held[];
  readonly returns: readonly Held[];
  readonly entries: readonly Held[];
  readonly credits: readonly Held[];
  readonly mails: readonly Held[];
  readonly goodwill: readonly Held[];
  /** Orders that came again with other content, as they came. */
  readonly refusedOrders: readonly Held[];
  /** By which facts theirs was approved or refused, and what trouble there was with it. */
  readonly approvals: readonly Held[];
  readonly exceptions: readonly Held[];
  readonly exportedAt: string;
  readonly replayed: boolean;
}

/**
 * Reads everything that is held of one person, and leaves a row in the audit. A long call where there are many
 * orders. Idempotency key: `<customer>:export:<exportId>`, over actor and reason. Errors: NotFound,
 * IdempotencyMismatch.
 */
export function exportCustomer(
  ledger: Ledger,
  request: {
    customerId: string;
    exportId: string;
    reason: string;
    actor: string;
    /** RFC 3339. */
    at: string;
  },
): Promise<CustomerDocument> {
  return ledger.report('export_customer', request);
}
