import { askApproval, type ApprovalAsk, type MatrixVersion } from '../approval/ask-approval.ts';
import { adjustmentFacts } from '../approval/subject-facts.ts';
import type { AdjustmentPolicy } from '../policy/documents.ts';
import { decideAdjustment, type AdjustmentDecision } from './decide-adjustment.ts';

/** What the ledger knows of the SKU, the node and the policies. */
export interface AdjustmentKnown {
  readonly policy: AdjustmentPolicy;
  readonly unitCost: string;
  readonly currency: string;
  readonly skuClass: string;
  readonly region: string;
  readonly approvalMatrix: MatrixVersion;
}

/** An adjustment as somebody asks for it. */
export interface AdjustmentWish {
  readonly kind: 'found' | 'write-off' | 'correction';
  readonly sku: string;
  readonly node: string;
  readonly quantity: number;
  readonly reasonCode: string;
  /** Business time, milliseconds since 1970. */
  readonly atMs: number;
  readonly actor: string;
}

/** The decision on an adjustment with the approval that it needs first; amounts as strings. */
export interface ApprovedAdjustment extends Omit<AdjustmentDecision, 'valueMinor'> {
  readonly valueMinor: string;
  readonly approval: ApprovalAsk | null;
}

/** Values an adjustment and asks for its approval, where its own policy or the matrix wants one. */
export function decideWithApproval(
  known: AdjustmentKnown,
  { kind, sku, node, quantity, reasonCode, atMs, actor }: AdjustmentWish,
): ApprovedAdjustment {
  const quantityEach = BigInt(quantity);
  const { policy, unitCost, currency, region, skuClass, approvalMatrix } = known;
  const decision = decideAdjustment(policy, { quantity: quantityEach, unitCost });
  const amountMinor = decision.valueMinor;
  const facts = {
    ...adjustmentFacts({
      kind,
      sku,
      node,
      amountMinor,
      currency,
      quantityEach,
      region,
      reasonCodes: [reasonCode],
    }),
    skuClasses: [skuClass],
  };
  const approval = askApproval(approvalMatrix, facts, {
    atMs,
    requestedBy: actor,
    wantedBy: decision.outcome === 'review' ? decision.rule : null,
  });
  return { ...decision, valueMinor: amountMinor.toString(), approval };
}
