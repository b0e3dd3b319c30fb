import type { Ledger } from '../connect.ts';
import type { StockAdjustment } from '../read/adjustment.ts';

/** Why an adjustment stays as it was asked for. */
export type AdjustmentChangeRule = 'not-in-review' | 'only-requester-may-change';

/** Another number of units for an adjustment that waits for its approval. */
export interface AdjustmentChange {
  readonly adjustmentId: string;
  readonly changeId: string;
  /** Positive, but a correction's is signed. */
  readonly quantity: number;
  /** What they are worth at current cost, minor units of the base currency, never negative. */
  readonly valueMinor: string;
  readonly note?: string | undefined;
  readonly actor: string;
  /** RFC 3339. */
  readonly at: string;
}

/**
 * Changes an adjustment that waits for its approval, which starts again where the change is material. `rule` says
 * why nothing was changed. Idempotent by changeId. Errors: NotFound, IdempotencyMismatch.
 */
export function changeStockAdjustment(
  ledger: Ledger,
  request: AdjustmentChange,
): Promise<{
  rule: AdjustmentChangeRule | null;
  replayed: boolean;
  adjustment: StockAdjustment;
}> {
  return ledger.call('change_stock_adjustment', request);
}
