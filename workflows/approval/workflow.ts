import { allHandlersFinished, condition, setCurrentDetails } from '@temporalio/workflow';
import type { DecisionLedgerSteps } from '../../activities/decision-activities.ts';
import { awaitApproval, listenForDecisions } from '../process/approval.ts';
import { listen } from '../process/listen.ts';
import type { ProcessInput } from '../process/messages.ts';
import { ledgerSteps } from '../process/steps.ts';
import { runToEnd } from './run-to-end.ts';

/**
 * An approval whose subject has no process: it waits for its decision and sees to its deadlines. What
 * closes it carries it out, in the same call. Its id is the approval's. Answers the approval's final state.
 */
export async function approvalProcess({ processId }: ProcessInput): Promise<string> {
  const steps = ledgerSteps<DecisionLedgerSteps>();
  const listener = listen();
  const decisions = listenForDecisions(steps, listener);
  const channels = { decisions, listener, steps };

  const outcome = await runToEnd(processId, channels, async () => {
    setCurrentDetails(`Waits for the decision on \`${processId}\``);
    return awaitApproval(channels, processId);
  });
  setCurrentDetails(`It is ${outcome}`);

  await condition(allHandlersFinished);
  return outcome;
}
