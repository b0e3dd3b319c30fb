import { allHandlersFinished, condition, setCurrentDetails } from '@temporalio/workflow';
import type { DecisionLedgerSteps } from '../../activities/decision-activities.ts';
import type { StockAdjustmentLedgerSteps } from '../../activities/stock-adjustment-activities.ts';
import { ADJUSTMENT_STATES } from '../../rules/stock/states.ts';
import { runToEnd } from '../approval/run-to-end.ts';
import { awaitApproval, listenForDecisions } from '../process/approval.ts';
import { listen } from '../process/listen.ts';
import type { ProcessInput } from '../process/messages.ts';
import { ledgerSteps } from '../process/steps.ts';

/**
 * A stock adjustment above the threshold: it waits for its approval. The decision itself moves stock
 * and money, in the call that records it. Answers the adjustment's final state.
 */
export async function stockAdjustmentProcess({ processId }: ProcessInput): Promise<string> {
  const steps = ledgerSteps<StockAdjustmentLedgerSteps & DecisionLedgerSteps>();
  const listener = listen();
  const decisions = listenForDecisions(steps, listener);

  const outcome = await runToEnd(processId, { listener, steps }, async () => {
    const begun = await steps.beginStockAdjustment({ processId });
    if (!begun.alreadyFinished && begun.state === 'in-review') {
      setCurrentDetails(
        `The adjustment ${ADJUSTMENT_STATES['in-review'].label}: \`${begun.approvalId}\``,
      );
      await awaitApproval({ decisions, listener, steps }, begun.approvalId);
    }
    const ended = await steps.endStockAdjustment({ processId });
    setCurrentDetails(`The adjustment is ${ADJUSTMENT_STATES[ended.state].label}`);
    return ended.state;
  });

  await condition(allHandlersFinished);
  return outcome;
}
