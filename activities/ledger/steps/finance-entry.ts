import type { EntryState } from '../../../rules/finance/states.ts';
import type { Ledger } from '../connect.ts';

/** Where the process of an entry stands; `waitSeconds` of business time until the approval is due. */
export interface EntryProgress {
  readonly alreadyFinished: boolean;
  readonly state: EntryState;
  readonly approvalId: string;
  readonly waitSeconds: number;
}

/** The process runs. Safe to repeat. Errors: NotFound. */
export function beginFinanceEntry(
  ledger: Ledger,
  request: { processId: string },
): Promise<EntryProgress> {
  return ledger.call('begin_finance_entry', request);
}

/** The process is over, unless the entry is still in review. Safe to repeat. Errors: NotFound. */
export function endFinanceEntry(
  ledger: Ledger,
  request: { processId: string },
): Promise<{ applied: boolean; state: EntryState }> {
  return ledger.call('end_finance_entry', request);
}
