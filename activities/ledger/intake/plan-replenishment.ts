import type { SupplierOrder } from '../../../rules/replenishment/group-orders.ts';
import type { Proposal } from '../../../rules/replenishment/propose-quantities.ts';
import type { Ledger } from '../connect.ts';

/** One cycle of a node as the rules decided it. */
export interface PlanReplenishmentRequest {
  readonly node: string;
  /** YYYY-MM-DD; demand is observed before this day. */
  readonly date: string;
  readonly businessTime: string;
  readonly actor: string;
  readonly policyVersion: string;
  readonly proposals: readonly Proposal[];
  readonly orders: readonly SupplierOrder[];
}

/**
 * Stores the cycle, its proposals and its purchase orders; drops what was ordered meanwhile.
 * Idempotency key: node and date; a repeat answers the first cycle. Errors: InvalidInput (node).
 */
export function planReplenishment(
  ledger: Ledger,
  request: PlanReplenishmentRequest,
): Promise<{ cycleId: string; replayed: boolean }> {
  const { policyVersion, proposals, orders, ...cycle } = request;
  return ledger.call('record_replenishment', {
    ...cycle,
    decision: {
      policyVersion,
      proposals,
      orders: orders.map(({ supplier, currency, decision }) => ({
        supplier,
        currency,
        ...decision,
      })),
    },
  });
}
