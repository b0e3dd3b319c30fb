import { askApproval, type ApprovalAsk, type MatrixVersion } from '../approval/ask-approval.ts';
import { journalFacts } from '../approval/subject-facts.ts';
import type { AdjustmentPolicy } from '../policy/documents.ts';
import {
  decideEntry,
  type EntryDecision,
  type EntryKind,
  type EntryPosting,
} from './decide-entry.ts';

/** The policies that are in force. */
export interface EntryPolicies {
  readonly policy: AdjustmentPolicy;
  readonly policyVersion: string;
  readonly approvalMatrix: MatrixVersion;
}

/** An entry as somebody asks for it. */
export interface EntryWish {
  readonly kind: EntryKind;
  readonly quantity: number;
  readonly unitPrice: string;
  readonly currency: string;
  readonly channel?: string | undefined;
  readonly customer?: { readonly externalId: string } | undefined;
  readonly invoice?: string | undefined;
  /** Business time, milliseconds since 1970. */
  readonly atMs: number;
  readonly actor: string;
}

/** The decision on an entry with the approval that it needs first; amounts as strings. */
export interface ApprovedEntry extends Omit<EntryDecision, 'amountMinor' | 'postings'> {
  readonly amountMinor: string;
  readonly policyVersion: string;
  readonly postings: readonly (Omit<EntryPosting, 'amountMinor'> & {
    readonly amountMinor: string;
  })[];
  readonly approval: ApprovalAsk | null;
}

/** Maps an entry to its postings, and asks for its approval where it is one by hand that needs it. */
export function decideWithApproval(
  { policy, policyVersion, approvalMatrix }: EntryPolicies,
  wish: EntryWish,
): ApprovedEntry {
  const decision = decideEntry(policy, {
    kind: wish.kind,
    quantity: BigInt(wish.quantity),
    unitPrice: wish.unitPrice,
    hasCustomer: wish.customer !== undefined,
    hasInvoice: wish.invoice !== undefined,
  });
  const { amountMinor } = decision;
  const { currency, channel, customer, invoice } = wish;
  const facts = journalFacts({
    amountMinor,
    currency,
    invoice,
    channel: channel ?? null,
    customer: customer?.externalId,
  });
  const approval =
    wish.kind === 'manual'
      ? askApproval(approvalMatrix, facts, {
          atMs: wish.atMs,
          requestedBy: wish.actor,
          wantedBy: decision.outcome === 'review' ? decision.rule : null,
        })
      : null;
  const postings = decision.postings.map((posting) => ({
    ...posting,
    amountMinor: posting.amountMinor.toString(),
  }));
  return { ...decision, amountMinor: amountMinor.toString(), postings, policyVersion, approval };
}
