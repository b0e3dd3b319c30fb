import type { Ledger } from '../connect.ts';

/** Units of one SKU at one node. */
export interface HoldUnits {
  readonly sku: string;
  readonly node: string;
  readonly quantity: number;
}

/** A wish to keep stock for somebody until `expiresAt`; the first plan that is available as a whole is kept. */
export interface HoldRequest {
  readonly holdId: string;
  readonly expiresAt: string;
  readonly plans: readonly (readonly HoldUnits[])[];
}

/** `held` with the plan's rank, `short` with what the last plan lacks, or `refused` with the fields at fault. */
export interface HoldResult {
  readonly holdId: string;
  readonly applied: boolean;
  readonly state: 'held' | 'short' | 'refused';
  readonly plan?: number;
  readonly expiresAt?: string;
  readonly short?: readonly HoldUnits[];
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly replayed?: boolean;
}

/**
 * Reserves stock that belongs to no order; many requests in one call, one result each, in order.
 * Idempotency key: `hold:<holdId>:hold:1`, over the request's content.
 */
export function holdStock(
  ledger: Ledger,
  request: { holds: readonly HoldRequest[]; occurredAt: string },
) {
  return ledger.call<{ results: HoldResult[] }>('hold_stock', request);
}

/** Gives a hold's units back; `applied` false when it was not held any more. Errors: NotFound. */
export function releaseHold(
  ledger: Ledger,
  request: { holdId: string; occurredAt: string; actor: string },
) {
  return ledger.call<{ holdId: string; applied: boolean; state: string }>('release_hold', request);
}

/** Ends the holds whose time was up at `until`; `more` says that the limit was met. */
export function expireHolds(ledger: Ledger, request: { until: string; limit: number }) {
  return ledger.call<{ expired: number; more: boolean }>('expire_holds', request);
}
