import { allHandlersFinished, condition, setCurrentDetails } from '@temporalio/workflow';
import type { DecisionLedgerSteps } from '../../activities/decision-activities.ts';
import type { FinanceEntryLedgerSteps } from '../../activities/finance-entry-activities.ts';
import { ENTRY_STATES } from '../../rules/finance/states.ts';
import { runToEnd } from '../approval/run-to-end.ts';
import { awaitApproval, listenForDecisions } from '../process/approval.ts';
import { listen } from '../process/listen.ts';
import type { ProcessInput } from '../process/messages.ts';
import { ledgerSteps } from '../process/steps.ts';

/**
 * A manual finance entry above the threshold: it waits for its approval. The decision itself posts, in
 * the call that records it. Answers the entry's final state.
 */
export async function financeEntryProcess({ processId }: ProcessInput): Promise<string> {
  const steps = ledgerSteps<FinanceEntryLedgerSteps & DecisionLedgerSteps>();
  const listener = listen();
  const decisions = listenForDecisions(steps, listener);

  const outcome = await runToEnd(processId, { listener, steps }, async () => {
    const begun = await steps.beginFinanceEntry({ processId });
    if (!begun.alreadyFinished && begun.state === 'in-review') {
      setCurrentDetails(`The entry ${ENTRY_STATES['in-review'].label}: \`${begun.approvalId}\``);
      await awaitApproval({ decisions, listener, steps }, begun.approvalId);
    }
    const ended = await steps.endFinanceEntry({ processId });
    setCurrentDetails(`The entry is ${ENTRY_STATES[ended.state].label}`);
    return ended.state;
  });

  await condition(allHandlersFinished);
  return outcome;
}
