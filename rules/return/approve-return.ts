import { askApproval, type ApprovalAsk, type MatrixVersion } from '../approval/ask-approval.ts';
import { returnFacts } from '../approval/subject-facts.ts';
import type { Risk } from '../policy/approval-matrix.ts';
import type { ReturnDecision } from './decide-return.ts';
import type { PricedPart } from './price-parts.ts';

/** A judged return: whom it is of, and what it was judged by. */
export interface JudgedReturn {
  readonly decision: ReturnDecision;
  readonly parts: readonly Pick<PricedPart, 'cover' | 'quantity'>[];
  readonly reasonCodes: readonly string[];
  /** Of what comes back; none of charges. */
  readonly skuClasses: readonly string[];
  readonly customerRisk: Risk;
  readonly currency: string;
  readonly channel: string | null;
  readonly region: string | null;
  /** Business time, milliseconds since 1970. */
  readonly atMs: number;
  readonly actor: string;
}

/**
 * The approval that a return waits for, where its policy or the matrix wants one; null for one that is refused,
 * cancelled before it was sent, or needs nobody.
 */
export function approveReturn(
  approvalMatrix: MatrixVersion,
  judged: JudgedReturn,
): ApprovalAsk | null {
  const { decision, parts, reasonCodes, skuClasses, currency, channel, region } = judged;
  const coming = parts.filter(({ cover }) => cover !== 'cancelled');
  if (decision.outcome === 'refused' || coming.length === 0) return null;
  const { amountMinor } = decision;
  const quantityEach = coming.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n);
  const stake = { amountMinor, currency, quantityEach, reasonCodes, channel, region };
  const facts = { ...returnFacts({ ...stake, customerRisk: judged.customerRisk }), skuClasses };
  return askApproval(approvalMatrix, facts, {
    atMs: judged.atMs,
    requestedBy: judged.actor,
    wantedBy: decision.outcome === 'in-review' ? decision.rule : null,
  });
}
