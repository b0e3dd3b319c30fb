import { askApproval, type ApprovalAsk, type MatrixVersion } from '../approval/ask-approval.ts';
import { purchaseOrderFacts } from '../approval/subject-facts.ts';
import type { Risk } from '../policy/approval-matrix.ts';
import type { ReplenishmentPolicy } from '../policy/documents.ts';
import {
  decidePurchaseOrder,
  type OrderedLine,
  type PurchaseOrderDecision,
  type PurchaseOrderFacts,
} from './decide-purchase-order.ts';

/** The policies that are in force, and what is known of the node and the SKUs. */
export interface OrderPolicies {
  readonly policy: { readonly version: string; readonly document: ReplenishmentPolicy };
  readonly approvalMatrix: MatrixVersion;
  readonly region: string | null;
  /** Of the suppliers that are rated otherwise than normal, by their ids. */
  readonly supplierRisks?: Readonly<Record<string, Risk>>;
  /** Classes of the SKUs; null when they are not known. */
  readonly classes: readonly string[] | null;
}

/** A purchase order as somebody asks for it. */
export interface OrderWish {
  readonly supplier: string;
  readonly node: string;
  readonly currency: string;
  /** Business time, milliseconds since 1970. */
  readonly atMs: number;
  readonly lines: readonly OrderedLine[];
  readonly actor: string;
}

/** The decision on a purchase order with the approval that it needs first. */
export interface ApprovedOrder extends Omit<PurchaseOrderDecision, 'approval'> {
  readonly policyVersion: string;
  readonly approval: ApprovalAsk | null;
}

/** Prices a purchase order and asks for its approval, where its own policy or the matrix wants one. */
export function decideWithApproval(
  { policy, approvalMatrix, region, classes, supplierRisks = {} }: OrderPolicies,
  wish: OrderWish,
): ApprovedOrder {
  const { approval: wanted, ...decision } = decidePurchaseOrder(policy.document, wish.lines);
  const { supplier, node, currency, atMs, lines, actor } = wish;
  const quantityEach = lines.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n);
  const amountMinor = BigInt(decision.totalMinor);
  const risk = supplierRisks[supplier] ?? 'normal';
  const stake = { supplier, node, amountMinor, currency, quantityEach, region, risk };
  const facts = { ...purchaseOrderFacts(stake), skuClasses: classes };
  const approval = askApproval(approvalMatrix, facts, {
    atMs,
    requestedBy: actor,
    wantedBy: wanted?.rule ?? null,
  });
  return { ...decision, policyVersion: policy.version, approval };
}

/** The classes of the SKUs of an order, each once; null where one of them is not known. */
export function classesOf(
  skus: PurchaseOrderFacts['skus'],
  lines: readonly { readonly sku: string }[],
): readonly string[] | null {
  const classes = lines.map(({ sku }) => skus[sku]?.class);
  const known = classes.filter((name) => name !== undefined);
  return known.length < classes.length ? null : [...new Set(known)].toSorted();
}
