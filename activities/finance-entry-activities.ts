import type { Ledger } from './ledger/connect.ts';
import { PROCESSES } from './ledger/process-actors.ts';
import { beginFinanceEntry, endFinanceEntry } from './ledger/steps/finance-entry.ts';

/** The steps of a finance entry's process. */
export function createFinanceEntryActivities(parts: { ledger: Ledger }) {
  const ledger = parts.ledger.as(PROCESSES.worker);
  return {
    beginFinanceEntry: (request: { processId: string }) => beginFinanceEntry(ledger, request),
    endFinanceEntry: (request: { processId: string }) => endFinanceEntry(ledger, request),
  };
}

/** The activities by name, for the workflow's proxies. */
export type FinanceEntryLedgerSteps = ReturnType<typeof createFinanceEntryActivities>;
