import { parseDecimal } from '../money/decimal.ts';
import { priceLine } from '../money/price-line.ts';
import type { AdjustmentPolicy } from '../policy/documents.ts';
import type { ACCOUNTS } from './accounts.ts';

/** What is neither goods nor a charge of an order. */
export const ENTRY_KINDS = [
  'fee',
  'bank-charge',
  'bad-debt',
  'manual',
  'sample',
  'donation',
  'voucher',
] as const;

export type EntryKind = (typeof ENTRY_KINDS)[number];
type AccountName = (typeof ACCOUNTS)[number]['account'];

export interface EntryFacts {
  readonly kind: EntryKind;
  /** Signed, not zero: negative is money going out. */
  readonly quantity: bigint;
  /** Decimal string, may be negative. */
  readonly unitPrice: string;
  readonly hasCustomer: boolean;
  /** Whether an invoice is named that the entry is about. */
  readonly hasInvoice: boolean;
}

/** One posting; the amount is positive, in minor units of the entry's currency. */
export interface EntryPosting {
  readonly debit: AccountName;
  readonly credit: AccountName;
  readonly amountMinor: bigint;
}

/** What an entry posts, and whether a person has to agree first. */
export interface EntryDecision {
  readonly outcome: 'post' | 'review';
  readonly rule: 'posts-at-once' | 'manual-within-threshold' | 'manual-above-threshold';
  /** Signed as the entry. */
  readonly amountMinor: bigint;
  readonly belowMinor: string;
  readonly postings: readonly EntryPosting[];
  readonly role: string;
  readonly dueHours: number;
}

/**
 * Maps an entry to its postings: over income and expense accounts (and voucher liability) credit less
 * debit is the entry's signed amount. Only manual entries above the threshold need a person.
 * Source: the table of events in docs/ACCOUNTING.md.
 */
export function decideEntry(policy: AdjustmentPolicy, facts: EntryFacts): EntryDecision {
  const unitPrice = parseDecimal(facts.unitPrice);
  if (unitPrice === undefined) throw new Error(`${facts.unitPrice} is no unit price`);
  const { amountMinor, belowMinor } = priceLine(unitPrice, facts.quantity);
  const rule = ruleOf(policy, facts.kind, amountMinor);
  return {
    outcome: rule === 'manual-above-threshold' ? 'review' : 'post',
    rule,
    amountMinor,
    belowMinor,
    postings: postingsOf(facts, amountMinor),
    role: policy.approvalRole,
    dueHours: policy.approvalHours,
  };
}

function ruleOf(
  policy: AdjustmentPolicy,
  kind: EntryKind,
  amountMinor: bigint,
): EntryDecision['rule'] {
  if (kind !== 'manual') return 'posts-at-once';
  const magnitude = amountMinor < 0n ? -amountMinor : amountMinor;
  return magnitude > BigInt(policy.approvalAboveMinor)
    ? 'manual-above-threshold'
    : 'manual-within-threshold';
}

function postingsOf(facts: EntryFacts, amountMinor: bigint): EntryPosting[] {
  if (amountMinor === 0n) return [];
  // Credit given is owed first, and then stands on the customer's account.
  if (facts.kind === 'manual' && amountMinor < 0n) {
    const credited = facts.hasCustomer ? 'customer-credit' : 'unidentified-credits';
    return [
      { debit: 'manual-adjustments', credit: 'refunds-payable', amountMinor: -amountMinor },
      { debit: 'refunds-payable', credit: credited, amountMinor: -amountMinor },
    ];
  }
  const { debit, credit } = incomeAccounts(facts, amountMinor);
  return [
    amountMinor > 0n
      ? { debit, credit, amountMinor }
      : { debit: credit, credit: debit, amountMinor: -amountMinor },
  ];
}

/** The accounts of a positive amount; a negative one, which for costs is the usual one, swaps them. */
function incomeAccounts(
  facts: EntryFacts,
  amountMinor: bigint,
): { readonly debit: AccountName; readonly credit: AccountName } {
  switch (facts.kind) {
    case 'fee':
      return { debit: 'payables', credit: 'marketplace-fees' };
    case 'bank-charge':
      return facts.hasCustomer && amountMinor > 0n
        ? { debit: 'receivables', credit: 'bank-charges-recovered' }
        : { debit: 'bank', credit: 'bank-charges' };
    case 'bad-debt':
      return { debit: facts.hasInvoice ? 'receivables' : 'doubtful-debts', credit: 'bad-debt' };
    case 'manual':
      return { debit: 'receivables', credit: 'manual-adjustments' };
    case 'sample':
      return { debit: 'payables', credit: 'samples' };
    case 'donation':
      return { debit: 'payables', credit: 'donations' };
    case 'voucher':
      return { debit: 'receivables', credit: 'voucher-liability' };
  }
}
