import type { MatrixVersion } from '../../../rules/approval/ask-approval.ts';
import type { AdjustmentPolicy } from '../../../rules/policy/documents.ts';
import type { AdjustmentState } from '../../../rules/stock/states.ts';
import type { Ledger } from '../connect.ts';
import type { Approval } from './approval.ts';
import type { Within } from './within.ts';

export type AdjustmentKind = 'found' | 'write-off' | 'correction';

/** A stock adjustment; `quantity` is signed, found is positive; `value` is at the cost when it was asked for. */
export interface StockAdjustment {
  readonly id: string;
  readonly externalRef: string;
  readonly kind: AdjustmentKind;
  readonly sku: string;
  readonly node: string;
  readonly lot: string | null;
  readonly quantity: number;
  readonly reasonCode: string;
  readonly state: AdjustmentState;
  readonly value: { readonly amountMinor: string; readonly currency: string };
  readonly appliedQuantity: number;
  /** Units that a write-off did not find unreserved on hand. */
  readonly shortQuantity: number;
  readonly sourceRef: string | null;
  readonly requestedBy: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
  /** Of its process; null when it needed none. */
  readonly process: 'pending' | 'running' | 'ended' | null;
  readonly approval: Approval | null;
}

/** What the approval rule needs to know; unit cost in major units of `currency`, decimal string. */
export interface AdjustmentSnapshot {
  readonly unitCost: string;
  readonly currency: string;
  readonly policy: AdjustmentPolicy;
  readonly policyVersion: string;
  readonly skuClass: string;
  /** Country of the node. */
  readonly region: string;
  readonly approvalMatrix: MatrixVersion;
}

/** The facts behind an adjustment's approval. Errors: InvalidInput (sku, node, reasonCode). */
export function readAdjustmentSnapshot(
  ledger: Ledger,
  request: { sku: string; node: string; reasonCode: string; occurredAt: string },
): Promise<AdjustmentSnapshot> {
  return ledger.call('read_adjustment_snapshot', request);
}

/** One stock adjustment. Errors: NotFound. */
export function readStockAdjustment(
  ledger: Ledger,
  request: { adjustmentId: string },
): Promise<StockAdjustment> {
  return ledger.call('read_stock_adjustment', request);
}

/** Stock adjustments newest first. Errors: InvalidInput (cursor). */
export function listStockAdjustments(
  ledger: Ledger,
  request: {
    limit: number;
    cursor?: string | undefined;
    state?: AdjustmentState | undefined;
    kind?: AdjustmentKind | undefined;
    sku?: string | undefined;
    node?: string | undefined;
    within?: Within | undefined;
  },
): Promise<{ data: StockAdjustment[]; nextCursor: string | null }> {
  return ledger.call('list_stock_adjustments', request);
}
