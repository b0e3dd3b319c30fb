import type { ApprovalSubject, Risk } from '../policy/approval-matrix.ts';
import { CHANGE_SUBJECTS, type RecordNoun } from '../master-data/record-fields.ts';
import type { ApprovalFacts } from './evaluate-matrix.ts';

/** What every subject says of itself; amounts in minor units of `currency`, either sign. */
interface Stake {
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly quantityEach?: bigint;
  readonly reasonCodes?: readonly string[];
  readonly channel?: string | null;
  readonly region?: string | null;
  readonly details?: Readonly<Record<string, string | undefined>>;
}

/** Customers and suppliers whom nobody has rated are as any other. */
const UNRATED: Risk = 'normal';

/** Facts of a stock adjustment: a write-off, or a correction of what the books say. */
export function adjustmentFacts(
  adjustment: Stake & {
    readonly kind: 'found' | 'write-off' | 'correction';
    readonly sku: string;
    readonly node: string;
  },
): ApprovalFacts {
  const { kind, sku, node } = adjustment;
  const subject = kind === 'write-off' ? 'write-off' : 'stock-correction';
  return factsOf(subject, { ...adjustment, details: { sku, node } });
}

/** Facts of a purchase order. */
export function purchaseOrderFacts(
  order: Stake & { readonly supplier: string; readonly node: string; readonly risk?: Risk },
): ApprovalFacts {
  const { supplier, node, risk } = order;
  return {
    ...factsOf('purchase-order', { ...order, details: { supplier, node } }),
    supplierRisk: risk ?? UNRATED,
  };
}

/** Facts of a return: what comes back, and what will be paid for it. */
export function returnFacts(stake: Stake & { readonly customerRisk?: Risk }): ApprovalFacts {
  return { ...factsOf('return', stake), customerRisk: stake.customerRisk ?? UNRATED };
}

/** Facts of a manual entry in the books. */
export function journalFacts(
  entry: Stake & { readonly invoice?: string | undefined; readonly customer?: string | undefined },
): ApprovalFacts {
  const { invoice, customer } = entry;
  return factsOf('manual-journal', { ...entry, details: { invoice, customer } });
}

/** Facts of goodwill: what a customer is given for an order of which nothing comes back. */
export function goodwillFacts(
  stake: Stake & {
    readonly order: string;
    readonly resolution: string;
    readonly customerRisk?: Risk;
  },
): ApprovalFacts {
  const { order, resolution, customerRisk } = stake;
  return {
    ...factsOf('goodwill', { ...stake, details: { order, resolution } }),
    customerRisk: customerRisk ?? UNRATED,
  };
}

/** Facts of a change of master data. What the fields said and are to say, the ledger tells from the change itself. */
export function masterDataFacts(change: {
  readonly noun: RecordNoun;
  /** `<noun>.<field>` of what is asked about. */
  readonly fields: readonly string[];
  readonly skuClass: string | null;
  readonly channel: string | null;
  readonly region: string | null;
  /** Of a supplier; null of all else. */
  readonly risk: Risk | null;
  /** The base currency. */
  readonly currency: string;
}): ApprovalFacts {
  const { noun, fields, skuClass, channel, region, risk, currency } = change;
  return {
    ...factsOf(CHANGE_SUBJECTS[noun], { amountMinor: 0n, currency, channel, region }),
    supplierRisk: risk,
    skuClasses: skuClass === null ? null : [skuClass],
    fields,
  };
}

function factsOf(subject: ApprovalSubject, stake: Stake): ApprovalFacts {
  const { amountMinor, currency, quantityEach, reasonCodes, channel, region, details } = stake;
  return {
    subject,
    amountMinor: magnitude(amountMinor),
    currency,
    quantityEach: quantityEach === undefined ? null : magnitude(quantityEach),
    marginBasisPoints: null,
    customerRisk: null,
    supplierRisk: null,
    skuClasses: null,
    reasonCodes: reasonCodes === undefined ? null : [...new Set(reasonCodes)].toSorted(),
    channel: channel ?? null,
    region: region ?? null,
    details: Object.fromEntries(
      Object.entries(details ?? {}).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      ),
    ),
  };
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}
