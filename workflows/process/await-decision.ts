import { condition, defineUpdate, setHandler } from '@temporalio/workflow';
import { DECIDE_UPDATE, type DecisionMessage, type DecisionOutcome } from './messages.ts';

/** The ledger's side of decisions; recordDecision is the authority, whatever the workflow believes. */
export interface DecisionSteps {
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
  let state = 'open';
  setHandler(
    defineUpdate<DecisionOutcome, [DecisionMessage]>(DECIDE_UPDATE),
    async (message) => {
      const outcome = await steps.recordDecision(message);
      if (message.approvalId === open) state = outcome.state;
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
      state = 'open';
      const inTime = await condition(() => state !== 'open', Math.max(1, Math.ceil(seconds)) * 1000);
      if (!inTime) {
        const outcome = await steps.escalateApproval({ approvalId });
        if (outcome.state !== 'open') state = outcome.state;
        await condition(() => state !== 'open');
      }
      open = undefined;
      return state;
    },
    settled(newState) {
      state = newState;
    },
  };
}
