import type { ApprovalAsk } from '../../../rules/approval/ask-approval.ts';
import type {
  EntryDecision,
  EntryKind,
  EntryPosting,
} from '../../../rules/finance/decide-entry.ts';
import { writeAsk } from '../approval-json.ts';
import type { Ledger } from '../connect.ts';
import type { FinanceEntry } from '../read/finance.ts';

/** What finance or a connector asserts; a negative amount is money going out. */
export interface RecordFinanceEntryRequest {
  readonly externalRef: string;
  readonly kind: EntryKind;
  readonly quantity: number;
  readonly unitPrice: string;
  readonly currency: string;
  /** The channel that knows the customer. */
  readonly channel?: string | undefined;
  readonly customer?: { readonly externalId: string } | undefined;
  /** The number of the invoice that the entry is about. */
  readonly invoice?: string | undefined;
  readonly sourceRef?: string | undefined;
  /** RFC 3339, business time. */
  readonly occurredAt: string;
  readonly actor: string;
  readonly decision: Omit<EntryDecision, 'amountMinor' | 'postings'> & {
    readonly amountMinor: string;
    readonly policyVersion: string;
    /** The approval that it needs first; null when it is posted at once. */
    readonly approval: ApprovalAsk | null;
    readonly postings: readonly (Omit<EntryPosting, 'amountMinor'> & {
      readonly amountMinor: string;
    })[];
  };
}

/**
 * Takes in a finance entry and posts what its decision says, or opens its approval.
 * Idempotent by externalRef. Errors: InvalidInput (channel, invoice), IdempotencyMismatch.
 */
export function recordFinanceEntry(
  ledger: Ledger,
  { decision, ...request }: RecordFinanceEntryRequest,
): Promise<{ replayed: boolean; entry: FinanceEntry }> {
  const approval = writeAsk(decision.approval);
  return ledger.call('record_finance_entry', { ...request, decision: { ...decision, approval } });
}
