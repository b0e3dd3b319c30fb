import type { Ledger } from './ledger/connect.ts';
import { PROCESSES } from './ledger/process-actors.ts';
import { lookAtApproval, reachApprovalDeadline, recordDecision } from './ledger/steps/decision.ts';
import { reportFailure } from './ledger/steps/failure.ts';

/** What every process needs: decisions on its approvals, and a way to say that a step failed for good. */
export function createDecisionActivities(parts: { ledger: Ledger }) {
  const ledger = parts.ledger.as(PROCESSES.worker);
  return {
    recordDecision: (request: { decisionId: string; approvalId: string }) =>
      recordDecision(ledger, request),
    reachApprovalDeadline: (request: { approvalId: string; dueId: string }) =>
      reachApprovalDeadline(ledger, request),
    lookAtApproval: (request: { approvalId: string }) => lookAtApproval(ledger, request),
    reportFailure: (request: {
      processId: string;
      step: string;
      compensation: boolean;
      message: string;
    }) => reportFailure(ledger, request),
  };
}

/** The activities by name, for the workflows' proxies. */
export type DecisionLedgerSteps = ReturnType<typeof createDecisionActivities>;
