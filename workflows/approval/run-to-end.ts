import {
  ActivityFailure,
  CancellationScope,
  ContinueAsNew,
  isCancellation,
} from '@temporalio/workflow';
import type { DecisionLedgerSteps } from '../../activities/decision-activities.ts';
import type { Listener } from '../process/listen.ts';
import { failedStep } from '../process/steps.ts';

/** Without a resolution the process tries again by itself after this long. */
const RETRY_AFTER_SECONDS = 86_400;

/**
 * Runs a process that has nothing to undo. A step that fails for good goes to the exception board;
 * whoever resolves it lets the process go on from what the ledger knows.
 */
export async function runToEnd(
  processId: string,
  { listener, steps }: { listener: Listener; steps: Pick<DecisionLedgerSteps, 'reportFailure'> },
  run: () => Promise<string>,
): Promise<string> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      // Going on under a new history is no failure, although the SDK says it by throwing.
      if (isCancellation(error) || error instanceof ContinueAsNew) throw error;
      const failure = {
        processId,
        step: failedStep(error) ?? 'workflow',
        compensation: false,
        message: messageOf(error),
      };
      await CancellationScope.nonCancellable(() => steps.reportFailure(failure));
      await listener.next(RETRY_AFTER_SECONDS);
    }
  }
}

function messageOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
