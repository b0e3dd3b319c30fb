import {
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { DecisionLedgerSteps } from '../../activities/decision-activities.ts';
import type { PurchaseOrderStatus } from '../../activities/ledger/steps/purchase-order.ts';
import type {
  PurchaseOrderLedgerSteps,
  PurchaseOrderProviderSteps,
} from '../../activities/purchase-order-activities.ts';
import { PURCHASE_ORDER_STATES } from '../../rules/purchase-order/states.ts';
import { runToEnd } from '../approval/run-to-end.ts';
import { awaitApproval, listenForDecisions, type ApprovalChannels } from '../process/approval.ts';
import { causeOf } from '../process/cause.ts';
import { listen, type Listener } from '../process/listen.ts';
import type { ProcessInput } from '../process/messages.ts';
import { ledgerSteps, providerSteps } from '../process/steps.ts';
import { waitText } from '../process/waits.ts';

const ledger = ledgerSteps<PurchaseOrderLedgerSteps & DecisionLedgerSteps>();
const supplier = providerSteps<PurchaseOrderProviderSteps>();

/**
 * A purchase order's way: approved, sent, acknowledged, received in one or more parts, invoiced,
 * closed. The ledger says what comes next, so the process can be started again from any point.
 * Answers the order's final state.
 */
export async function purchaseOrderProcess({ processId }: ProcessInput): Promise<string> {
  const listener = listen();
  const decisions = listenForDecisions(ledger, listener);
  const channels = { decisions, listener, steps: ledger };

  const outcome = await runToEnd(processId, channels, async () => {
    let order = await ledger.beginPurchaseOrder({ processId });
    while (order.next !== 'done') {
      describe(order);
      if (order.next === 'review') order = await reviewOrder(order, channels);
      else if (order.next === 'submit') order = await submitOrder(order);
      else order = await waitForSupplier(order, listener);
    }
    describe(order);
    return order.state;
  });

  await condition(allHandlersFinished);
  return outcome;
}

async function reviewOrder(
  order: PurchaseOrderStatus,
  channels: ApprovalChannels,
): Promise<PurchaseOrderStatus> {
  const { processId, approvalId } = order;
  // Without an open approval only a new fact can change what the ledger answers.
  if (approvalId === null) await channels.listener.next();
  else await awaitApproval(channels, approvalId);
  return ledger.beginPurchaseOrder({ processId });
}

/** A supplier that cannot be reached for good is a case for procurement, who may have it tried again. */
async function submitOrder(order: PurchaseOrderStatus): Promise<PurchaseOrderStatus> {
  const { processId, submission } = order;
  try {
    return await supplier.submitPurchaseOrder({ processId });
  } catch (error) {
    if (isCancellation(error)) throw error;
    const message = causeOf(error);
    return ledger.reportSupplierRefusal({ processId, occurrence: submission, message });
  }
}

/** Waits for receipts, invoices and resolutions; past the deadline the late supplier is escalated. */
async function waitForSupplier(
  order: PurchaseOrderStatus,
  listener: Listener,
): Promise<PurchaseOrderStatus> {
  const { processId, dueId, waitSeconds } = order;
  if (workflowInfo().continueAsNewSuggested) {
    await condition(allHandlersFinished);
    await continueAsNew<typeof purchaseOrderProcess>({ processId });
  }
  const fact = await listener.next(
    waitSeconds ?? undefined,
    dueId === null ? undefined : `Waits for ${waitText(processId, dueId)}`,
  );
  if (fact === undefined && dueId !== null) {
    return ledger.escalateLateSupplier({ processId, occurrence: dueId });
  }
  if (fact?.startsWith('due:') === true) {
    return ledger.escalateLateSupplier({ processId, occurrence: fact.slice('due:'.length) });
  }
  return ledger.settlePurchaseOrder({ processId, occurrence: fact ?? 'look' });
}

/** What an operator reads in Temporal's UI. */
function describe(order: PurchaseOrderStatus): void {
  const { processId, state, next, approvalId, dueId, waitSeconds } = order;
  const decision = approvalId === null ? 'a decision' : `the decision on \`${approvalId}\``;
  const waits =
    next === 'review' ? decision : dueId === null ? '' : waitText(processId, dueId, waitSeconds);
  const deadline = waits === '' ? '' : `\n\nWaits for ${waits}`;
  setCurrentDetails(`**${state}**: ${PURCHASE_ORDER_STATES[state].label}${deadline}`);
}
