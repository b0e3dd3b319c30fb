import {
  defineSearchAttributeKey,
  TypedSearchAttributes,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  setCurrentDetails,
  startChild,
} from '@temporalio/workflow';
import type { DecisionLedgerSteps } from '../../activities/decision-activities.ts';
import type { ReplenishmentLedgerSteps } from '../../activities/replenishment-activities.ts';
import { runToEnd } from '../approval/run-to-end.ts';
import { listen } from '../process/listen.ts';
import { WORKFLOW_TYPES, type ProcessInput } from '../process/messages.ts';
import { ledgerSteps } from '../process/steps.ts';

const ledger = ledgerSteps<ReplenishmentLedgerSteps & DecisionLedgerSteps>();

/**
 * One cycle of a node: its purchase orders were stored with it; here they are started as processes of
 * their own, which live on after the cycle. Answers the cycle's final state.
 */
export async function replenishmentProcess({ processId }: ProcessInput): Promise<string> {
  const listener = listen();

  const outcome = await runToEnd(processId, { listener, steps: ledger }, async () => {
    const cycle = await ledger.beginReplenishment({ processId });
    if (cycle.alreadyFinished) return 'done';
    setCurrentDetails(`Starts ${cycle.purchaseOrderIds.length} purchase order(s)`);
    for (const purchaseOrderId of cycle.purchaseOrderIds) {
      await startPurchaseOrder(purchaseOrderId, cycle.node);
    }
    const { state } = await ledger.endReplenishment({ processId });
    setCurrentDetails(`**${state}**: ${cycle.purchaseOrderIds.length} purchase order(s) started`);
    return state;
  });

  await condition(allHandlersFinished);
  return outcome;
}

/** Waits for the start only. One that runs already, started by a dispatcher, counts as started. */
async function startPurchaseOrder(purchaseOrderId: string, node: string): Promise<void> {
  try {
    await startChild(WORKFLOW_TYPES['purchase-order'], {
      workflowId: purchaseOrderId,
      args: [{ processId: purchaseOrderId }],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      parentClosePolicy: 'ABANDON',
      typedSearchAttributes: new TypedSearchAttributes([
        { key: defineSearchAttributeKey('Node', 'KEYWORD'), value: node },
        { key: defineSearchAttributeKey('Owner', 'KEYWORD'), value: 'procurement' },
      ]),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
