import type { ApprovalState } from '../../../rules/approval/states.ts';
import type { Ledger } from '../connect.ts';

/** An approval as the API shows it; times RFC 3339, business time but `recordedAt`. */
export interface Approval {
  readonly id: string;
  readonly processId: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly amount: { readonly amountMinor: string; readonly currency: string };
  readonly role: string;
  readonly requestedBy: string;
  readonly rule: string;
  readonly state: ApprovalState;
  readonly dueAt: string;
  readonly requestedAt: string;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly note: string | null;
  readonly recordedAt: string;
}

/** One approval. Errors: NotFound. */
export function readApproval(ledger: Ledger, request: { approvalId: string }): Promise<Approval> {
  return ledger.call('read_approval', request);
}

/** Approvals newest first. Errors: InvalidInput (cursor). */
export function listApprovals(
  ledger: Ledger,
  request: {
    limit: number;
    cursor?: string | undefined;
    state?: ApprovalState | undefined;
    subjectKind?: string | undefined;
  },
): Promise<{ data: Approval[]; nextCursor: string | null }> {
  return ledger.call('list_approvals', request);
}
