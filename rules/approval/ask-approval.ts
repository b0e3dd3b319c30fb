import type { ApprovalMatrix } from '../policy/approval-matrix.ts';
import { inBaseCurrency } from './base-amount.ts';
import {
  evaluateMatrix,
  type ApprovalFacts,
  type ApprovalPlan,
  type MatrixDecision,
  type RowReason,
} from './evaluate-matrix.ts';
import { projectRun, type ApprovalProjection } from './project-run.ts';
import { runApproval } from './run-approval.ts';

/** A policy document with the name of its version. */
export interface MatrixVersion {
  readonly version: string;
  readonly document: ApprovalMatrix;
}

/** Who asks, and since when. */
export interface Asking {
  /** Business time, milliseconds since 1970. */
  readonly atMs: number;
  readonly requestedBy: string;
  /** The rule of the subject's own policy that wants a person whatever the matrix says; null when none does. */
  readonly wantedBy: string | null;
}

/** An approval that is to be asked for, with all that stands on it from the beginning. */
export interface ApprovalAsk {
  /** The rule that wants it: the subject's own, else the matrix row. */
  readonly rule: string;
  readonly wantedBy: string | null;
  readonly facts: ApprovalFacts;
  readonly plan: ApprovalPlan;
  readonly applied: RowReason;
  readonly passedOver: readonly RowReason[];
  readonly text: string;
  readonly policyVersion: string;
  readonly projection: ApprovalProjection;
}

/** The approval that a request needs, by the matrix or by the subject's own policy; null when it needs none. */
export function askApproval(
  { version, document }: MatrixVersion,
  stated: ApprovalFacts,
  { atMs, requestedBy, wantedBy }: Asking,
): ApprovalAsk | null {
  const facts = inBaseCurrency(document, stated);
  const { outcome, plan, applied, passedOver, text } = decideMatrix(document, facts, wantedBy);
  if (outcome === 'automatic') return null;
  const requested = { kind: 'requested', by: requestedBy, requestedFor: null, atMs } as const;
  const run = runApproval([{ ...requested, plan, facts }]);
  return {
    rule: wantedBy ?? plan.row,
    wantedBy,
    facts,
    plan,
    applied,
    passedOver,
    text,
    policyVersion: version,
    projection: projectRun(run, document.calendars),
  };
}

/**
 * What the matrix says; where the subject's own policy wants a person and the matrix asks nobody, the first of
 * its rows that asks somebody and applies, else the one that asks fewest. A matrix none of whose rows for the
 * subject asks anybody has the last word.
 */
export function decideMatrix(
  matrix: ApprovalMatrix,
  facts: ApprovalFacts,
  wantedBy: string | null,
): MatrixDecision {
  const decision = evaluateMatrix(matrix, facts);
  if (wantedBy === null || decision.outcome === 'approval') return decision;
  const asking = matrix.rows.filter(
    ({ subject, levels }) => subject === facts.subject && levels.length > 0,
  );
  const [fewest] = asking.toSorted((a, b) => a.levels.length - b.levels.length);
  if (fewest === undefined) return decision;
  const rows = [...asking, { ...fewest, when: {} }];
  const { plan, applied } = evaluateMatrix({ ...matrix, rows }, facts);
  return {
    outcome: 'approval',
    plan,
    applied,
    passedOver: [decision.applied, ...decision.passedOver],
    text: `An approval is needed by the rule ${wantedBy}, and row ${plan.row} says who decides. ${plan.because}.`,
  };
}
