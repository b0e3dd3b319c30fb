import {
  ApplicationFailure,
  defineUpdate,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { DecisionLedgerSteps } from '../../activities/decision-activities.ts';
import type { ApprovalStanding } from '../../activities/ledger/read/approval-case.ts';
import { causeOf } from './cause.ts';
import { startDeadline } from './deadline.ts';
import { judgeAtOnce, type Known } from './judge-at-once.ts';
import type { Listener } from './listen.ts';
import {
  DECIDE_UPDATE,
  DECISION_REFUSED,
  type DecisionMessage,
  type DecisionOutcome,
} from './messages.ts';

/** How a process hears of its approval: by updates, by signals to look, and by its own steps. */
export interface ApprovalChannels {
  readonly decisions: Decisions;
  readonly listener: Listener;
  readonly steps: DecisionLedgerSteps;
}

/** What the process knows of its approvals. */
export interface Decisions {
  /** From now on only words about this approval are taken. */
  expect(approvalId: string): void;
  learn(approvalId: string, standing: ApprovalStanding): void;
  /** `open` as long as nobody has said otherwise. */
  stateOf(approvalId: string): string;
  /** The process waits for none any more. */
  expectNone(): void;
}

/** Registers the update handler; call it before the first await. */
export function listenForDecisions(steps: DecisionLedgerSteps, listener: Listener): Decisions {
  let expected: string | undefined;
  /** An update may be handled before the process comes to wait for its approval. */
  const standings = new Map<string, Known>();
  const stateOf = (approvalId: string) => standings.get(approvalId)?.state ?? 'open';
  setHandler(
    defineUpdate<DecisionOutcome, [DecisionMessage]>(DECIDE_UPDATE),
    async (message) => {
      const { decisionId, approvalId } = message;
      const outcome = await recordOrReport(steps, { decisionId, approvalId });
      const { state, closing } = outcome;
      if (state !== 'open')
        standings.set(approvalId, { ...standings.get(approvalId), state, closing });
      listener.tell(`decision:${decisionId}`);
      return outcome;
    },
    {
      validator: (message) => {
        const refusal = judgeAtOnce(expected, standings.get(message.approvalId), message);
        if (refusal === undefined) return;
        const { text, ...rest } = refusal;
        throw ApplicationFailure.nonRetryable(text, DECISION_REFUSED, { ...rest, text });
      },
    },
  );
  return {
    expect: (approvalId) => void (expected = approvalId),
    learn(approvalId, standing) {
      // What was looked at before a word was settled knows less than the word's answer.
      if (stateOf(approvalId) === 'open') standings.set(approvalId, standing);
    },
    stateOf,
    expectNone: () => void (expected = undefined),
  };
}

/**
 * Waits until the approval is closed, and lets its deadlines be reached meanwhile: reminders, escalations,
 * questions that nobody answers, and the last, which decides in the policy's stead. Answers its final state.
 */
export async function awaitApproval(
  { decisions, listener, steps }: ApprovalChannels,
  approvalId: string,
): Promise<string> {
  decisions.expect(approvalId);
  const deadline = startDeadline();
  try {
    // Words and changes may be in the ledger before this wait began, so it looks by itself.
    let standing = await steps.lookAtApproval({ approvalId });
    for (;;) {
      decisions.learn(approvalId, standing);
      const state = decisions.stateOf(approvalId);
      if (state !== 'open') {
        decisions.expectNone();
        return state;
      }
      deadline.follow(standing, `Deadline of ${approvalId}: ${stepText(standing.nextStep)}`);
      const fact = await listener.nextUntil(() => deadline.hasPassed());
      if (decisions.stateOf(approvalId) !== 'open') continue;
      const reached = fact === undefined ? standing.dueId : dueOf(fact);
      standing =
        reached === null
          ? await steps.lookAtApproval({ approvalId })
          : await steps.reachApprovalDeadline({ approvalId, dueId: reached });
    }
  } finally {
    deadline.cancel();
  }
}

/** The deadline that the business clock has reached; null for any other fact. */
function dueOf(fact: string): string | null {
  return fact.startsWith('due:') ? fact.slice('due:'.length) : null;
}

/** `escalateApproval` as it stands in Temporal's UI. */
function stepText(nextStep: string | null): string {
  return nextStep === null ? 'look' : nextStep.replace(/Approval$/, '');
}

/** Whoever decided is refused, and ops is told: the process itself does not notice, it goes on waiting. */
async function recordOrReport(
  steps: DecisionLedgerSteps,
  message: { readonly decisionId: string; readonly approvalId: string },
): Promise<Awaited<ReturnType<DecisionLedgerSteps['recordDecision']>>> {
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
