import type { ApprovalPlan } from '../approval/evaluate-matrix.ts';
import { approveReturn } from '../return/approve-return.ts';
import { decideReturn, type JudgedPart } from '../return/decide-return.ts';
import { timeRefund } from '../return/time-refund.ts';
import type { ApprovalMatrix, Quorum } from './approval-matrix.ts';
import type { RefundTimingPolicy, ReturnPolicy } from './documents.ts';
import type { PastPart, PastReturn } from './past-return.ts';

/** The policies that a return is judged by, from its request to its refund. */
export interface ReturnPolicies {
  readonly return: ReturnPolicy;
  readonly 'approval-matrix': ApprovalMatrix;
  readonly 'refund-timing': RefundTimingPolicy;
}

export type ReturnOutcome = 'automatic' | 'asked' | 'refused';

/** What becomes of a return under some policies. */
export interface JudgedReturn {
  readonly outcome: ReturnOutcome;
  /** The rule of the return policy that had the last word. */
  readonly rule: string;
  /** Why, in words. */
  readonly text: string;
  readonly amountMinor: bigint;
  /** How many have to say yes. */
  readonly decisions: number;
  /** What is paid without a person's yes, or before the goods were looked at. */
  readonly atRiskMinor: bigint;
  /** Whether the money goes out before anybody has looked at the goods. */
  readonly isEarly: boolean;
  /** From the request to the refund, as far as it is known. */
  readonly waitingMinutes: number;
}

/**
 * Judges a past return by the rules that judge returns today. All policies are taken to have been in force at
 * its sale and at its request. A decision takes as long as it took, where one was asked for then; else
 * `typicalDecisionMinutes`; without that, as long as the levels have. Goods arrive and are inspected when they
 * did.
 */
export function judgePastReturn(
  policies: ReturnPolicies,
  past: PastReturn,
  typicalDecisionMinutes: number | null,
): JudgedReturn {
  const { parts, trusted, currency, channel, region, skuClasses, customerRisk } = past;
  const reasonCodes = reasonCodesOf(parts);
  const judgedParts = parts.map(judgedPart);
  const decision = decideReturn(policies.return, new Map(), {
    trusted,
    parts: judgedParts,
    reasonCodes,
  });
  const { rule, amountMinor } = decision;
  const said = decision.reasons.find((reason) => reason.rule === rule)?.detail;
  const why = said === undefined ? rule : `${rule}: ${said}`;
  const nothing = { decisions: 0, atRiskMinor: 0n, isEarly: false, waitingMinutes: 0 };
  const base = { rule, amountMinor, ...nothing };
  if (decision.outcome === 'refused') return { ...base, outcome: 'refused', text: why };
  const coming = parts.filter(({ cover }) => cover !== 'cancelled');
  if (coming.length === 0) return { ...base, outcome: 'automatic', text: why };

  const { release } = timeRefund(policies['refund-timing'], {
    amountMinor,
    reasonCodes: coming.map(({ reasonCode }) => reasonCode),
  });
  // Only goods can be looked at.
  const isEarly = release === 'receipt' && coming.some(({ kind }) => kind === 'goods');
  const goodsMinutes = (release === 'receipt' ? past.receiptMinutes : past.inspectionMinutes) ?? 0;
  // When it was asked for moves its deadlines, and none of what is looked at here.
  const asked = { currency, channel, region, atMs: 0, actor: 'simulation' };
  const approval = approveReturn(
    { version: 'simulation', document: policies['approval-matrix'] },
    { decision, parts: judgedParts, reasonCodes, skuClasses, customerRisk, ...asked },
  );
  if (approval === null) {
    const paid = { outcome: 'automatic', atRiskMinor: amountMinor, isEarly } as const;
    return { ...base, ...paid, text: why, waitingMinutes: goodsMinutes };
  }
  return {
    ...base,
    outcome: 'asked',
    text: approval.text,
    decisions: decisionsOf(approval.plan),
    atRiskMinor: isEarly ? amountMinor : 0n,
    isEarly,
    waitingMinutes:
      (past.decisionMinutes ?? typicalDecisionMinutes ?? planMinutes(approval.plan)) + goodsMinutes,
  };
}

function judgedPart({ line, cover, quantity, unitPrice, amountMinor, sale }: PastPart): JudgedPart {
  return {
    line,
    cover,
    quantity,
    unitPrice,
    amountMinor: BigInt(amountMinor),
    sale: sale === null ? undefined : { ...sale, policyVersion: null },
  };
}

/** The reason of each requested line, by index. */
function reasonCodesOf(parts: readonly PastPart[]): string[] {
  const codes: string[] = [];
  for (const { line, reasonCode } of parts) codes[line] = reasonCode;
  return codes;
}

/** The least number of people who have to say yes. */
function decisionsOf({ levels, needed }: ApprovalPlan): number {
  const counts = levels
    .map(({ quorum, roles, people }) => yeses(quorum, roles.length + people.length))
    .toSorted((a, b) => a - b);
  return counts.slice(0, yeses(needed, levels.length)).reduce((sum, count) => sum + count, 0);
}

function yeses(quorum: Quorum, all: number): number {
  if (quorum === 'all') return all;
  return quorum === 'any' ? 1 : quorum.count;
}

function planMinutes({ order, levels }: ApprovalPlan): number {
  const hours = levels.map(({ deadlineHours }) => deadlineHours);
  const all =
    order === 'parallel' ? Math.max(0, ...hours) : hours.reduce((sum, one) => sum + one, 0);
  return Math.round(all * 60);
}
