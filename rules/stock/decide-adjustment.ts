import { parseDecimal } from '../money/decimal.ts';
import { priceLine } from '../money/price-line.ts';
import type { AdjustmentPolicy } from '../policy/documents.ts';

export interface AdjustmentFacts {
  /** Units found (positive) or written off (negative). */
  readonly quantity: bigint;
  /** Current cost of one unit, major units of the base currency, decimal string. */
  readonly unitCost: string;
}

/** Whether an adjustment is applied at once or reviewed first, and what it is worth. */
export interface AdjustmentDecision {
  readonly outcome: 'apply' | 'review';
  readonly rule: 'value-within-threshold' | 'value-above-threshold';
  /** Never negative. */
  readonly valueMinor: bigint;
  readonly role: string;
  readonly dueHours: number;
}

/** A correction of stock needs a person when its value at current cost is above the policy's threshold. */
export function decideAdjustment(
  policy: AdjustmentPolicy,
  facts: AdjustmentFacts,
): AdjustmentDecision {
  const unitCost = parseDecimal(facts.unitCost);
  if (unitCost === undefined) throw new Error(`${facts.unitCost} is no unit cost`);
  const units = facts.quantity < 0n ? -facts.quantity : facts.quantity;
  const { amountMinor: valueMinor } = priceLine(unitCost, units);
  const above = valueMinor > BigInt(policy.approvalAboveMinor);
  return {
    outcome: above ? 'review' : 'apply',
    rule: above ? 'value-above-threshold' : 'value-within-threshold',
    valueMinor,
    role: policy.approvalRole,
    dueHours: policy.approvalHours,
  };
}
