import type { MatrixVersion } from '../../../rules/approval/ask-approval.ts';
import type { EntryKind } from '../../../rules/finance/decide-entry.ts';
import type { EntryState } from '../../../rules/finance/states.ts';
import type { AdjustmentPolicy } from '../../../rules/policy/documents.ts';
import type { Ledger } from '../connect.ts';
import type { Approval } from './approval.ts';
import type { Within } from './within.ts';

/** A finance entry; `quantity` and `amount` are signed, `belowMinor` is what rounding left out (minor units). */
export interface FinanceEntry {
  readonly id: string;
  readonly externalRef: string;
  readonly kind: EntryKind;
  readonly quantity: number;
  readonly unitPrice: string;
  readonly amount: { readonly amountMinor: string; readonly currency: string };
  readonly belowMinor: string;
  readonly state: EntryState;
  readonly customer: { readonly channel: string; readonly externalId: string } | null;
  readonly sourceRef: string | null;
  readonly requestedBy: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
  /** Of its process; null when it needed none. */
  readonly process: 'pending' | 'running' | 'ended' | null;
  readonly approval: Approval | null;
  readonly postings: {
    readonly debit: string;
    readonly credit: string;
    readonly amountMinor: string;
    readonly currency: string;
    readonly postedOn: string;
  }[];
}

/** Both sides of every account; `balanceMinor` stands on the account's normal side. Minor units. */
export interface TrialBalance {
  readonly accounts: {
    readonly account: string;
    /** In the merchant's own books. */
    readonly number: string;
    readonly name: string;
    readonly kind: 'asset' | 'liability' | 'income' | 'expense' | 'equity';
    readonly currency: string;
    readonly debitMinor: string;
    readonly creditMinor: string;
    readonly balanceMinor: string;
  }[];
  readonly totals: {
    readonly currency: string;
    readonly debitMinor: string;
    readonly creditMinor: string;
    /** Zero, always. */
    readonly differenceMinor: string;
  }[];
}

/** The policies in force for an entry of that business time; who approves it may be a matter of its channel. */
export function readFinanceEntrySnapshot(
  ledger: Ledger,
  request: { occurredAt: string; channel?: string | undefined },
): Promise<{ policy: AdjustmentPolicy; policyVersion: string; approvalMatrix: MatrixVersion }> {
  return ledger.call('read_finance_entry_snapshot', request);
}

/** One finance entry. Errors: NotFound. */
export function readFinanceEntry(
  ledger: Ledger,
  request: { entryId: string },
): Promise<FinanceEntry> {
  return ledger.call('read_finance_entry', request);
}

/** Finance entries newest first. Errors: InvalidInput (cursor). */
export function listFinanceEntries(
  ledger: Ledger,
  request: {
    limit: number;
    cursor?: string | undefined;
    state?: EntryState | undefined;
    kind?: EntryKind | undefined;
    within?: Within | undefined;
  },
): Promise<{ data: FinanceEntry[]; nextCursor: string | null }> {
  return ledger.call('list_finance_entries', request);
}

/**
 * Every account by currency with debits, credits and balance, summed from the postings; numbers by the mapping in
 * force at `at`, the newest one without it.
 */
export function readTrialBalance(
  ledger: Ledger,
  request: { at?: string } = {},
): Promise<TrialBalance> {
  return ledger.report('read_trial_balance', request);
}
