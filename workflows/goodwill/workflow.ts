import { allHandlersFinished, condition, setCurrentDetails } from '@temporalio/workflow';
import type { DecisionLedgerSteps } from '../../activities/decision-activities.ts';
import type { GoodwillLedgerSteps } from '../../activities/goodwill-activities.ts';
import type { GoodwillPosition } from '../../activities/ledger/steps/goodwill.ts';
import type { ReturnProviderSteps } from '../../activities/return-activities.ts';
import { GOODWILL_STATES } from '../../rules/goodwill/states.ts';
import { runToEnd } from '../approval/run-to-end.ts';
import { awaitApproval, listenForDecisions, type ApprovalChannels } from '../process/approval.ts';
import { listen } from '../process/listen.ts';
import type { ProcessInput } from '../process/messages.ts';
import { payRefund } from '../process/pay-refund.ts';
import { ledgerSteps, providerSteps } from '../process/steps.ts';

const ledger = ledgerSteps<GoodwillLedgerSteps & DecisionLedgerSteps>();
const provider = providerSteps<Pick<ReturnProviderSteps, 'refundPayment'>>();

/**
 * Goodwill's way: approval → refunds → closed. The decision itself posts what is given and plans the refunds; the
 * process pays them and waits for people where one fails. Answers the goodwill's final state.
 */
export async function goodwillProcess({ processId }: ProcessInput): Promise<string> {
  const listener = listen();
  const decisions = listenForDecisions(ledger, listener);
  const channels = { decisions, listener, steps: ledger };

  const outcome = await runToEnd(processId, channels, async () => {
    let position = await ledger.beginGoodwill({ processId });
    while (!position.alreadyFinished) position = await takeNextStep(position, channels);
    describe(position);
    return position.state;
  });

  await condition(allHandlersFinished);
  return outcome;
}

async function takeNextStep(
  position: GoodwillPosition,
  channels: ApprovalChannels,
): Promise<GoodwillPosition> {
  const { goodwillId, approvalId, refundTrouble } = position;
  const [refund] = position.refunds;
  if (approvalId !== null) {
    describe(position, `approval \`${approvalId}\``);
    await awaitApproval(channels, approvalId);
  } else if (refund !== undefined) {
    describe(position);
    return payBack(refund);
  } else {
    describe(position, `a person's word on ${refundTrouble} failed refund(s)`);
    await channels.listener.next();
  }
  return ledger.advanceGoodwill({ goodwillId });
}

async function payBack({
  occurrence,
  ...refund
}: GoodwillPosition['refunds'][number]): Promise<GoodwillPosition> {
  const answer = await payRefund(provider, refund);
  return ledger.recordGoodwillRefund({ refundId: refund.refundId, occurrence, ...answer });
}

/** What an operator reads in Temporal's UI. */
function describe({ state }: GoodwillPosition, wait = ''): void {
  setCurrentDetails(
    `**${state}**: ${GOODWILL_STATES[state].label}${wait === '' ? '' : `\n\nWaits for: ${wait}`}`,
  );
}
