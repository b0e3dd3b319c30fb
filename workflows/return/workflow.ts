import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { DecisionLedgerSteps } from '../../activities/decision-activities.ts';
import type { ReturnPosition } from '../../activities/ledger/steps/return.ts';
import type { ReturnLedgerSteps, ReturnProviderSteps } from '../../activities/return-activities.ts';
import { RETURN_STATES } from '../../rules/return/states.ts';
import { runToEnd } from '../approval/run-to-end.ts';
import { awaitApproval, listenForDecisions, type ApprovalChannels } from '../process/approval.ts';
import { causeOf } from '../process/cause.ts';
import { listen } from '../process/listen.ts';
import type { ProcessInput } from '../process/messages.ts';
import { payRefund } from '../process/pay-refund.ts';
import { ledgerSteps, providerSteps } from '../process/steps.ts';
import { waitText } from '../process/waits.ts';

const ledger = ledgerSteps<ReturnLedgerSteps & DecisionLedgerSteps>();
const carrier = providerSteps<Pick<ReturnProviderSteps, 'buyReturnLabel'>>({
  giveUpAfter: '10 minutes',
});
const provider = providerSteps<Pick<ReturnProviderSteps, 'refundPayment'>>();

/** Not a state: the history has grown long, so the process goes on under a new one. */
const CONTINUE = 'continue-as-new';

/**
 * A return's way: decision → label → receipt → inspection → credit note → refunds → closed. The units
 * were promised to it when it was requested. The ledger says what comes next (approval, label, refund,
 * wait), the process does it and records it, so it can be started again from any point. Answers the
 * return's final state.
 */
export async function returnProcess({ processId }: ProcessInput): Promise<string> {
  const listener = listen();
  const decisions = listenForDecisions(ledger, listener);
  const channels = { listener, decisions, steps: ledger };
  try {
    const state = await runToEnd(processId, channels, () => runReturn(processId, channels));
    await condition(allHandlersFinished);
    return state === CONTINUE ? await continueAsNew<typeof returnProcess>({ processId }) : state;
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => abandon(processId));
    throw error;
  }
}

async function runReturn(returnId: string, channels: ApprovalChannels): Promise<string> {
  let position = await ledger.beginReturn({ processId: returnId });
  while (!position.alreadyFinished) {
    if (workflowInfo().continueAsNewSuggested) return CONTINUE;
    position = await takeNextStep(position, channels);
  }
  describe(position);
  return position.state;
}

function takeNextStep(
  position: ReturnPosition,
  channels: ApprovalChannels,
): Promise<ReturnPosition> {
  const { approvalId, label, refunds } = position;
  const [refund] = refunds;
  if (approvalId !== null) return awaitReview(position, approvalId, channels);
  if (label !== null) return sendLabel(position, label);
  if (refund !== undefined) return payBack(position, refund);
  return awaitNews(position, channels);
}

async function awaitReview(
  position: ReturnPosition,
  approvalId: string,
  channels: ApprovalChannels,
): Promise<ReturnPosition> {
  const { returnId } = position;
  describe(position, `approval \`${approvalId}\``);
  await awaitApproval(channels, approvalId);
  return ledger.advanceReturn({ returnId });
}

/** A return can travel without our label, so a carrier that is away does not hold it up. */
async function sendLabel(
  position: ReturnPosition,
  label: NonNullable<ReturnPosition['label']>,
): Promise<ReturnPosition> {
  const { returnId } = position;
  describe(position, 'a label');
  const bought = await carrier.buyReturnLabel({ returnId, ...label }).catch((error: unknown) => {
    if (isCancellation(error)) throw error;
    return { message: causeOf(error) };
  });
  const { occurrence } = label;
  if ('message' in bought)
    return ledger.skipReturnLabel({ returnId, occurrence, decision: bought });
  return ledger.recordReturnLabel({ returnId, ...bought });
}

/**
 * Goods, an inspection, the capture of the sale, or a person's word on failed refunds. Past the receipt's
 * deadline the return goes on with what arrived, or expires; past the others the exception board has it,
 * and the wait goes on.
 */
async function awaitNews(
  position: ReturnPosition,
  channels: ApprovalChannels,
): Promise<ReturnPosition> {
  const { returnId, state } = position;
  const dueId = await waitForFact(position, channels);
  if (dueId === undefined) return ledger.advanceReturn({ returnId });
  if (state === 'awaiting-receipt') return ledger.closeReturnReceipt({ returnId, dueId });
  if (state === 'awaiting-inspection') return ledger.remindInspection({ returnId, dueId });
  return ledger.remindCapture({ returnId, dueId });
}

/** Waits for news; answers the present wait's due id when its deadline has passed. */
async function waitForFact(
  position: ReturnPosition,
  { listener }: ApprovalChannels,
): Promise<string | undefined> {
  const { dueId, waitSeconds } = position;
  const wait = waitOf(position);
  describe(position, wait);
  const fact = await listener.next(
    waitSeconds ?? undefined,
    wait === undefined ? undefined : `Waits for ${wait}`,
  );
  const passed = fact === undefined || fact === `due:${dueId}`;
  return passed && dueId !== null ? dueId : undefined;
}

function waitOf({ returnId, dueId, waitSeconds, refundTrouble }: ReturnPosition) {
  if (dueId !== null) return waitText(returnId, dueId, waitSeconds);
  return refundTrouble > 0 ? `a person's word on ${refundTrouble} failed refund(s)` : undefined;
}

async function payBack(
  position: ReturnPosition,
  { occurrence, ...refund }: ReturnPosition['refunds'][number],
): Promise<ReturnPosition> {
  describe(position);
  const answer = await payRefund(provider, refund);
  return ledger.recordRefund({ refundId: refund.refundId, occurrence, ...answer });
}

/** Cancelled from outside: what has not begun is undone, the rest is for a person. */
async function abandon(returnId: string): Promise<void> {
  const failure = {
    processId: returnId,
    step: 'cancelled from outside',
    message: 'the workflow was cancelled',
  };
  try {
    const { applied } = await ledger.abandonReturn({ returnId });
    if (!applied) await ledger.reportFailure({ ...failure, compensation: false });
  } catch (error) {
    await ledger.reportFailure({ ...failure, compensation: true, message: causeOf(error) });
  }
}

/** What an operator reads in Temporal's UI. */
function describe({ state }: ReturnPosition, wait = ''): void {
  setCurrentDetails(
    `**${state}**: ${RETURN_STATES[state].label}${wait === '' ? '' : `\n\nWaits for: ${wait}`}`,
  );
}
