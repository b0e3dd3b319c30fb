import type { Ledger } from '../connect.ts';
import type { ApprovalStanding, SettledWord } from '../read/approval-case.ts';
import { attendApproval, reachDeadline, settleDecision } from './settle-approval.ts';

/**
 * Settles a stored word with its effect on the subject: the first of two that cannot both count wins.
 * `applied` is false when it changed nothing; `state` is the approval's, and `closing` says who closed it.
 * Idempotent by decisionId. Errors: NotFound.
 */
export async function recordDecision(
  ledger: Ledger,
  request: { decisionId: string; approvalId: string },
): Promise<SettledWord> {
  const { applied, state, closing } = await settleDecision(ledger, request);
  return { applied, state, closing };
}

/**
 * A deadline has been reached: reminds, escalates, expires, or lets the clock run on after a question that
 * nobody answered. Nothing when it is not waited for any more. Idempotent by dueId. Errors: NotFound.
 */
export function reachApprovalDeadline(
  ledger: Ledger,
  request: { approvalId: string; dueId: string },
): Promise<ApprovalStanding> {
  return reachDeadline(ledger, request);
}

/**
 * Where an approval stands. Begins it again when its subject has changed materially, and escalates what nobody
 * is there to decide; else changes nothing. Errors: NotFound.
 */
export function lookAtApproval(
  ledger: Ledger,
  request: { approvalId: string },
): Promise<ApprovalStanding> {
  return attendApproval(ledger, request);
}
