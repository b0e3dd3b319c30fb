import type { Ledger } from '../connect.ts';

/** `applied` is false when nothing changed; `state` is the approval's. */
export interface ApprovalOutcome {
  readonly applied: boolean;
  readonly state: string;
}

/**
 * Settles a stored decision with its effect on the subject; the first decision of an approval wins.
 * Idempotent by decisionId. Errors: NotFound.
 */
export function recordDecision(
  ledger: Ledger,
  request: { decisionId: string; approvalId: string },
): Promise<ApprovalOutcome> {
  return ledger.call('record_decision', request);
}

/** The deadline passed: puts an approval that is still open on the exception board, once. Errors: NotFound. */
export function escalateApproval(
  ledger: Ledger,
  request: { approvalId: string },
): Promise<ApprovalOutcome> {
  return ledger.call('escalate_approval', request);
}

/** Where an approval stands; changes nothing. Errors: NotFound. */
export function lookAtApproval(
  ledger: Ledger,
  request: { approvalId: string },
): Promise<ApprovalOutcome> {
  return ledger.call('look_at_approval', request);
}
