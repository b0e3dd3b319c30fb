import type { Ledger } from '../connect.ts';

/** The purchase orders of a cycle whose processes are to be started. */
export interface ReplenishmentStatus {
  readonly alreadyFinished: boolean;
  readonly node: string;
  readonly purchaseOrderIds: string[];
}

/** First step: the cycle's process runs. Errors: NotFound. */
export function beginReplenishment(
  ledger: Ledger,
  request: { processId: string },
): Promise<ReplenishmentStatus> {
  return ledger.call('begin_replenishment', request);
}

/** Last step: every purchase order has its process. Safe to repeat. */
export function endReplenishment(
  ledger: Ledger,
  request: { processId: string },
): Promise<{ applied: boolean; state: 'done' }> {
  return ledger.call('end_replenishment', request);
}
