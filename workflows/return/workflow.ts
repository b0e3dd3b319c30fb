import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { DecisionLedgerSteps } from '../../activities/decision-activities.ts';
import type { ReturnPosition } from '../../activities/ledger/steps/return.ts';
import type { ReturnLedgerSteps, ReturnProviderSteps } from '../../activities/return-activities.ts';
import { RETURN_STATES } from '../../rules/return/states.ts';
import { awaitApproval, type ApprovalChannels } from '../approval/await-approval.ts';
import { runToEnd } from '../approval/run-to-end.ts';
import { listenForDecisions } from '../process/await-decision.ts';
import { causeOf } from '../process/cause.ts';
import { listen } from '../process/listen.ts';
import type { ProcessInput } from '../process/messages.ts';
import { ledgerSteps, providerSteps } from '../process/steps.ts';
import { waitText } from '../process/waits.ts';

const ledger = ledgerSteps<ReturnLedgerSteps & DecisionLedgerSteps>();
const carrier = providerSteps<Pick<ReturnProviderSteps, 'buyReturnLabel'>>({
  giveUpAfter: '10 minutes',
});
const provider = providerSteps<Pick<ReturnProviderSteps, 'refundPayment'>>();

/** Not a state: the history has grown long, so the process goes on under a new one. */
const CONTINUE = 'continue-as-new';

/** How long to wait for captures of the sales before refunding what is captured by then. */
const CAPTURE_WAITS_SECONDS = [1, 5, 30, 300, 3_600];

/**
 * A return's way: decision → label → receipt → inspection → credit note → refunds → closed. The units
 * were promised to it when it was requested; the ledger says what comes next, so the process can be
 * started again from any point. Answers the return's final state.
 */
export async function returnProcess({ processId }: ProcessInput): Promise<string> {
  const listener = listen();
  const decisions = listenForDecisions(ledger);
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
  if (position.alreadyFinished) return position.state;
  if (position.state === 'in-review') position = await awaitReview(position, channels);
  if (position.label !== null) position = await sendLabel(position);
  while (position.state === 'awaiting-receipt' || position.state === 'awaiting-inspection') {
    if (workflowInfo().continueAsNewSuggested) return CONTINUE;
    position = await awaitGoods(position, channels);
  }
  if (position.state === 'refunding') await settle(position, channels);
  const closed = await ledger.closeReturn({ returnId });
  describe(closed);
  return closed.state;
}

async function awaitReview(
  position: ReturnPosition,
  channels: ApprovalChannels,
): Promise<ReturnPosition> {
  const { approvalId, returnId, waitSeconds } = position;
  describe(position, approvalId === null ? '' : `approval \`${approvalId}\``);
  if (approvalId !== null) await awaitApproval(channels, { approvalId, seconds: waitSeconds ?? 0 });
  return ledger.readReturnPosition({ returnId });
}

/** A return can travel without our label, so a carrier that is away does not hold it up. */
async function sendLabel(position: ReturnPosition): Promise<ReturnPosition> {
  const { returnId, label } = position;
  if (label === null) return position;
  describe(position, 'a label');
  const bought = await carrier.buyReturnLabel({ returnId, ...label }).catch((error: unknown) => {
    if (isCancellation(error)) throw error;
    return { message: causeOf(error) };
  });
  if ('message' in bought) return ledger.skipReturnLabel({ returnId, decision: bought });
  return ledger.recordReturnLabel({ returnId, ...bought });
}

/**
 * Past the receipt's deadline the return goes on with what arrived, or expires; past the inspection's
 * the warehouse is reminded on the exception board, and the wait goes on.
 */
async function awaitGoods(
  position: ReturnPosition,
  channels: ApprovalChannels,
): Promise<ReturnPosition> {
  const { returnId, state } = position;
  const dueId = await waitForFact(position, channels);
  if (dueId === undefined) return ledger.readReturnPosition({ returnId });
  if (state === 'awaiting-receipt') return ledger.closeReturnReceipt({ returnId, dueId });
  return ledger.remindInspection({ returnId, dueId });
}

/** Waits for news; answers the present wait's due id when its deadline has passed. */
async function waitForFact(
  position: ReturnPosition,
  { listener }: ApprovalChannels,
): Promise<string | undefined> {
  const { dueId, waitSeconds } = position;
  const wait = dueId === null ? undefined : waitText(position.returnId, dueId, waitSeconds);
  describe(position, wait);
  const fact = await listener.next(
    waitSeconds ?? undefined,
    wait === undefined ? undefined : `Waits for ${wait}`,
  );
  const passed = fact === undefined || fact === `due:${dueId}`;
  return passed && dueId !== null ? dueId : undefined;
}

async function settle(begun: ReturnPosition, channels: ApprovalChannels): Promise<void> {
  const { returnId } = begun;
  describe(begun);
  await ledger.issueCreditNote({ returnId });
  await planRefunds(returnId);
  let position = await ledger.resumeRefunds({ returnId });
  while (position.refunds.length > 0 || position.refundTrouble > 0) {
    for (const refund of position.refunds) await payBack(refund);
    position = await ledger.resumeRefunds({ returnId });
    if (position.refunds.length === 0 && position.refundTrouble > 0) {
      describe(position, `a person's word on ${position.refundTrouble} failed refund(s)`);
      await channels.listener.next();
      position = await ledger.resumeRefunds({ returnId });
    }
  }
}

/** A capture that is under way is waited for: what it brings can be refunded instead of credited. */
async function planRefunds(returnId: string): Promise<void> {
  for (const seconds of CAPTURE_WAITS_SECONDS) {
    const plan = await ledger.planRefunds({ returnId, decision: { waitForCaptures: true } });
    if (!plan.waiting) return;
    await sleep(seconds * 1_000);
  }
  await ledger.planRefunds({ returnId, decision: { waitForCaptures: false } });
}

/** An answer that never came is unknown, not failed: only the same refund may be tried again then. */
async function payBack({
  occurrence,
  ...refund
}: ReturnPosition['refunds'][number]): Promise<void> {
  const { refundId } = refund;
  const answer = await provider.refundPayment(refund).catch((error: unknown) => {
    if (isCancellation(error)) throw error;
    return {
      status: isRefusal(error) ? ('failed' as const) : ('unknown' as const),
      failure: causeOf(error),
    };
  });
  const providerId = 'providerId' in answer ? answer.providerId : undefined;
  const { status: outcome, failure } = answer;
  await ledger.recordRefund({ refundId, occurrence, outcome, providerId, decision: { failure } });
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof ApplicationFailure &&
    error.cause.type === 'ProviderRefused'
  );
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
