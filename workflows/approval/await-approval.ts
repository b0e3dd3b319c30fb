import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { DecisionLedgerSteps } from '../../activities/decision-activities.ts';
import type { Decisions } from '../process/await-decision.ts';
import type { Listener } from '../process/listen.ts';

/** The three channels by which a process hears of its approval. */
export interface ApprovalChannels {
  readonly decisions: Decisions;
  readonly listener: Listener;
  readonly steps: DecisionLedgerSteps;
}

/**
 * Waits until the approval is decided, by an update or by a signal to look; answers its final state.
 * Past `seconds`, or when the business clock reaches the deadline, it is escalated and the wait goes on.
 */
export async function awaitApproval(
  channels: ApprovalChannels,
  approval: { approvalId: string; seconds: number },
): Promise<string> {
  const decided = channels.decisions.awaitDecision(approval);
  const looking = new CancellationScope();
  const looked = looking.run(() => lookWhenTold(channels, approval.approvalId));
  const told = looked.then(
    () => decided,
    (error: unknown) => {
      if (isCancellation(error)) return decided;
      throw error;
    },
  );
  try {
    return await Promise.race([decided, told]);
  } finally {
    looking.cancel();
    // A look that has begun is waited for, so that it does not run on beside what comes next.
    await looked.catch(() => undefined);
  }
}

/** A decision may be in the ledger before this wait began, so it looks once by itself. */
async function lookWhenTold(
  { decisions, listener, steps }: ApprovalChannels,
  approvalId: string,
): Promise<void> {
  let { state } = await toItsEnd(() => steps.lookAtApproval({ approvalId }));
  while (state === 'open') {
    const fact = await listener.next();
    const isDeadline = fact?.startsWith('due:') ?? false;
    ({ state } = await toItsEnd(() =>
      isDeadline ? steps.escalateApproval({ approvalId }) : steps.lookAtApproval({ approvalId }),
    ));
  }
  decisions.settled(state);
}

/**
 * Only the wait for news is cut short when the decision came by another way. A local activity that is
 * cancelled in the task that completes it makes the engine fail that task ("invalid transition").
 */
function toItsEnd<Result>(step: () => Promise<Result>): Promise<Result> {
  return CancellationScope.nonCancellable(step);
}
