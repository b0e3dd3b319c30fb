import {
  condition,
  defineUpdate,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { causeOf } from './cause.ts';
import type { FailureSteps } from './failure.ts';
import { DECIDE_UPDATE, type DecisionMessage, type DecisionOutcome } from './messages.ts';

/** The ledger's side of decisions; recordDecision is the authority, whatever the workflow believes. */
export interface DecisionSteps extends FailureSteps {
  recordDecision(message: DecisionMessage): Promise<DecisionOutcome>;
  /** The deadline passed: the approval is overdue, its owner and ops are told. */
  escalateApproval(request: { approvalId: string }): Promise<DecisionOutcome>;
}

export interface Decisions {
  /**
   * Waits until the approval is decided; past `seconds` it is escalated and the wait goes on.
   * Answers the approval's final state: approved, rejected, expired or withdrawn.
   */
  awaitDecision(approval: { approvalId: string; seconds: number }): Promise<string>;
  /** Another channel (a signal to look) may have brought the outcome: tell the waiting code. */
  settled(state: string): void;
}

/** Registers the update handler; call it before the first await. */
export function listenForDecisions(steps: DecisionSteps): Decisions {
  let open: string | undefined;
  /** What is known of each approval: an update may be handled before the process comes to wait. */
  const states = new Map<string, string>();
  const stateOf = (approvalId: string) => states.get(approvalId) ?? 'open';
  setHandler(
    defineUpdate<DecisionOutcome, [DecisionMessage]>(DECIDE_UPDATE),
    async (message) => {
      const outcome = await recordOrReport(steps, message);
      states.set(message.approvalId, outcome.state);
      return outcome;
    },
    {
      validator: (message) => {
        if (open !== undefined && message.approvalId !== open) {
          throw new Error(`${message.approvalId} is not what this process waits for`);
        }
      },
    },
  );
  return {
    async awaitDecision({ approvalId, seconds }) {
      open = approvalId;
      const decided = () => stateOf(approvalId) !== 'open';
      const inTime = await condition(decided, Math.max(1, Math.ceil(seconds)) * 1000, {
        summary: `Deadline of ${approvalId}: escalate`,
      });
      if (!inTime) {
        const outcome = await steps.escalateApproval({ approvalId });
        if (outcome.state !== 'open') states.set(approvalId, outcome.state);
        await condition(decided);
      }
      open = undefined;
      return stateOf(approvalId);
    },
    settled(state) {
      if (open !== undefined) states.set(open, state);
    },
  };
}

/** Whoever decided is refused, and ops is told: the process itself does not notice, it goes on waiting. */
async function recordOrReport(
  steps: DecisionSteps,
  message: DecisionMessage,
): Promise<DecisionOutcome> {
  try {
    return await steps.recordDecision(message);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { workflowId: processId } = workflowInfo();
    await steps.reportFailure({
      processId,
      step: 'recordDecision',
      compensation: false,
      message: causeOf(error),
    });
    throw error;
  }
}
