import type { Ledger } from './ledger/connect.ts';
import { beginStockAdjustment, endStockAdjustment } from './ledger/steps/stock-adjustment.ts';

/** The steps of a stock adjustment's process. */
export function createStockAdjustmentActivities({ ledger }: { ledger: Ledger }) {
  return {
    beginStockAdjustment: (request: { processId: string }) => beginStockAdjustment(ledger, request),
    endStockAdjustment: (request: { processId: string }) => endStockAdjustment(ledger, request),
  };
}

/** The activities by name, for the workflow's proxies. */
export type StockAdjustmentLedgerSteps = ReturnType<typeof createStockAdjustmentActivities>;
