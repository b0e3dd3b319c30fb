import type { Ledger } from './ledger/connect.ts';
import { PROCESSES } from './ledger/process-actors.ts';
import { beginStockAdjustment, endStockAdjustment } from './ledger/steps/stock-adjustment.ts';

/** The steps of a stock adjustment's process. */
export function createStockAdjustmentActivities(parts: { ledger: Ledger }) {
  const ledger = parts.ledger.as(PROCESSES.worker);
  return {
    beginStockAdjustment: (request: { processId: string }) => beginStockAdjustment(ledger, request),
    endStockAdjustment: (request: { processId: string }) => endStockAdjustment(ledger, request),
  };
}

/** The activities by name, for the workflow's proxies. */
export type StockAdjustmentLedgerSteps = ReturnType<typeof createStockAdjustmentActivities>;
