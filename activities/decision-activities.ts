import type { Ledger } from './ledger/connect.ts';
import { escalateApproval, lookAtApproval, recordDecision } from './ledger/steps/decision.ts';
import { reportFailure } from './ledger/steps/failure.ts';

/** What every process needs: decisions on its approvals, and a way to say that a step failed for good. */
export function createDecisionActivities({ ledger }: { ledger: Ledger }) {
  return {
    recordDecision: (request: { decisionId: string; approvalId: string }) =>
      recordDecision(ledger, request),
    escalateApproval: (request: { approvalId: string }) => escalateApproval(ledger, request),
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
