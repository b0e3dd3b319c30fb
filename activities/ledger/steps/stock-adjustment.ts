import type { AdjustmentState } from '../../../rules/stock/states.ts';
import type { Ledger } from '../connect.ts';

/** Where the process of an adjustment stands; `waitSeconds` of business time until the approval is due. */
export interface AdjustmentProgress {
  readonly alreadyFinished: boolean;
  readonly state: AdjustmentState;
  readonly approvalId: string;
  readonly waitSeconds: number;
}

/** The process runs. Safe to repeat. Errors: NotFound. */
export function beginStockAdjustment(
  ledger: Ledger,
  request: { processId: string },
): Promise<AdjustmentProgress> {
  return ledger.call('begin_stock_adjustment', request);
}

/** The process is over, unless the adjustment is still in review. Safe to repeat. Errors: NotFound. */
export function endStockAdjustment(
  ledger: Ledger,
  request: { processId: string },
): Promise<{ applied: boolean; state: AdjustmentState }> {
  return ledger.call('end_stock_adjustment', request);
}
