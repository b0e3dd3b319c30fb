import type { Ledger } from '../connect.ts';
import type { Approval } from '../read/approval.ts';
import type { KnownProcess } from '../steps/outbox.ts';

/**
 * What became of a decision. `pending`: its process has to take it. `settled`: final; `applied` is
 * false when the approval was not open any more. `refused`: `rule` says why, nothing was stored.
 */
export interface DecisionSubmission {
  readonly status: 'pending' | 'settled' | 'refused';
  readonly applied: boolean;
  readonly replayed: boolean;
  readonly rule: string | null;
  /** Whose decision it is; null when there is no such process any more. */
  readonly process: KnownProcess | null;
  readonly approval: Approval;
}

/**
 * Stores what a person said about an approval; the process then records it, or the ledger at once when
 * the process has ended. Idempotent by decisionId. Errors: NotFound, IdempotencyMismatch.
 */
export function submitDecision(
  ledger: Ledger,
  request: {
    approvalId: string;
    decisionId: string;
    decision: 'approve' | 'reject';
    note?: string | undefined;
    actor: string;
    /** When the person acted, RFC 3339; no part of what a repeat has to match. */
    occurredAt?: string | undefined;
    /** When the API heard of it: counts where occurredAt is missing. */
    at?: string | undefined;
  },
): Promise<DecisionSubmission> {
  return ledger.call('submit_decision', request);
}

/**
 * The process has answered: nobody sends the decision again. Answers what became of it. Safe to repeat.
 * Errors: NotFound.
 */
export function acknowledgeDecision(
  ledger: Ledger,
  request: { decisionId: string },
): Promise<DecisionSubmission> {
  return ledger.call('acknowledge_decision', request);
}
