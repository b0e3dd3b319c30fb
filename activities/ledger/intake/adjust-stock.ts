import type { ApprovalAsk } from '../../../rules/approval/ask-approval.ts';
import type { AdjustmentDecision } from '../../../rules/stock/decide-adjustment.ts';
import { writeAsk } from '../approval-json.ts';
import type { Ledger } from '../connect.ts';
import type { AdjustmentKind, StockAdjustment } from '../read/adjustment.ts';

/** What a count or a person asserts; units are positive, but a correction's are signed. */
export interface AdjustStockRequest {
  readonly externalRef: string;
  readonly kind: AdjustmentKind;
  readonly node: string;
  readonly sku: string;
  readonly quantity: number;
  readonly lot?: string | undefined;
  readonly reasonCode: string;
  /** RFC 3339, business time. */
  readonly occurredAt: string;
  readonly sourceRef?: string | undefined;
  readonly actor: string;
  readonly decision: Omit<AdjustmentDecision, 'valueMinor'> & {
    readonly valueMinor: string;
    /** The approval that it needs first; null when it is applied at once. */
    readonly approval: ApprovalAsk | null;
  };
}

/**
 * Takes in a stock adjustment and applies it, or opens the approval that it needs first.
 * Idempotent by externalRef. Errors: InvalidInput (sku, node, reasonCode), IdempotencyMismatch.
 */
export function adjustStock(
  ledger: Ledger,
  { decision, ...request }: AdjustStockRequest,
): Promise<{ replayed: boolean; adjustment: StockAdjustment }> {
  const approval = writeAsk(decision.approval);
  return ledger.call('adjust_stock', { ...request, decision: { ...decision, approval } });
}
