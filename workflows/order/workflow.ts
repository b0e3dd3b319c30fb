import {
  allHandlersFinished,
  CancellationScope,
  condition,
  ContinueAsNew,
  continueAsNew,
  isCancellation,
  log,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { OrderProgress } from '../../activities/ledger/steps/order.ts';
import type { OrderLedgerSteps, OrderProviderSteps } from '../../activities/order-activities.ts';
import { ORDER_STATES } from '../../rules/order/states.ts';
import { causeOf } from '../process/cause.ts';
import type { FailureSteps } from '../process/failure.ts';
import { listen, type Listener } from '../process/listen.ts';
import type { ProcessInput } from '../process/messages.ts';
import { isRefusal } from '../process/refusal.ts';
import { ledgerSteps, providerSteps } from '../process/steps.ts';
import { waitText } from '../process/waits.ts';

const ledger = ledgerSteps<OrderLedgerSteps & FailureSteps>();
const provider = providerSteps<OrderProviderSteps>();

/**
 * An order's way from acceptance to its end. The reservation was made when the order was accepted; the
 * ledger says what comes next, so the process can be started again from any point.
 */
export async function orderProcess({ processId }: ProcessInput): Promise<{ state: string }> {
  const facts = listen();
  try {
    return await runOrder(processId, facts);
  } catch (error) {
    // Going on under a new history is no failure, although the SDK says it by throwing.
    if (error instanceof ContinueAsNew) throw error;
    // Temporal's UI or an operator ended the process: the order is given up like any other.
    const step = isCancellation(error) ? 'cancelled from outside' : 'order';
    return CancellationScope.nonCancellable(() => giveUp(processId, facts, step, causeOf(error)));
  }
}

async function runOrder(orderId: string, facts: Listener): Promise<{ state: string }> {
  let order = await ledger.beginOrder({ orderId });
  while (!order.ended) {
    describe(order);
    if (order.authorize !== null) order = await authorizePayment(order, order.authorize);
    else if (order.screening.length > 0) order = await ledger.screenOrder({ orderId });
    else if (order.captures.length > 0) order = await capturePayments(order);
    else if (order.giveBack !== null) order = await giveBackPayment(order, order.giveBack);
    else order = await waitForFact(order, facts);
  }
  describe(order);
  await condition(allHandlersFinished);
  return { state: order.state };
}

/** Waits for the warehouse, for stock or for a person; past the deadline the named next step is taken. */
async function waitForFact(order: OrderProgress, facts: Listener): Promise<OrderProgress> {
  const { orderId, dueId } = order;
  if (workflowInfo().continueAsNewSuggested) {
    await condition(allHandlersFinished);
    await continueAsNew<typeof orderProcess>({ processId: orderId });
  }
  const fact = await facts.next(
    order.waitSeconds ?? undefined,
    dueId === null ? undefined : `Waits for ${waitText(orderId, dueId)}`,
  );
  if (fact === undefined && dueId !== null) return ledger.expireOrderWait({ orderId, dueId });
  if (fact?.startsWith('due:') === true) {
    return ledger.expireOrderWait({ orderId, dueId: fact.slice('due:'.length) });
  }
  return ledger.advanceOrder({ orderId, occurrence: fact ?? 'look' });
}

async function authorizePayment(
  { orderId }: OrderProgress,
  payment: NonNullable<OrderProgress['authorize']>,
): Promise<OrderProgress> {
  const { paymentId, key } = payment;
  const answer = await provider.authorizePayment(payment);
  return ledger.recordAuthorization({ orderId, paymentId, key, ...answer });
}

/** A capture that fails for good leaves a receivable and an exception, never goods gone unseen. */
async function capturePayments(order: OrderProgress): Promise<OrderProgress> {
  let progress = order;
  for (const capture of order.captures) {
    const { captureId, occurrence } = capture;
    const answer = await provider.capturePayment(capture).catch((error: unknown) => ({
      outcome: 'failed' as const,
      unknown: !isRefusal(error),
      failure: causeOf(error),
    }));
    const { orderId } = order;
    progress = await ledger.recordCapture({ orderId, captureId, occurrence, ...answer });
  }
  return progress;
}

/** An answer that never came is unknown, not refused: it is only ever asked for again under the same keys. */
async function giveBackPayment(
  { orderId }: OrderProgress,
  payment: NonNullable<OrderProgress['giveBack']>,
): Promise<OrderProgress> {
  const { paymentId, occurrence } = payment;
  const answer = await provider.giveBackPayment(payment).catch((error: unknown) => ({
    voided: false,
    outcome: isRefusal(error) ? ('refused' as const) : ('unknown' as const),
    failure: causeOf(error),
  }));
  return ledger.recordGiveBack({ orderId, paymentId, occurrence, ...answer });
}

/** A step failed for good: release what is not shipped, settle what is, and put it on the board. */
async function giveUp(
  orderId: string,
  facts: Listener,
  step: string,
  message: string,
): Promise<{ state: string }> {
  await report({ processId: orderId, step, compensation: false, message });
  try {
    await ledger.undoOrder({ orderId, reason: 'process-failed', occurrence: `failure:${step}` });
    return await runOrder(orderId, facts);
  } catch (error) {
    await report({ processId: orderId, step: 'undo', compensation: true, message: causeOf(error) });
    throw error;
  }
}

/** A report that cannot be made must not keep the undoing from being done. */
async function report(failure: Parameters<FailureSteps['reportFailure']>[0]): Promise<void> {
  await ledger.reportFailure(failure).catch((error: unknown) => {
    log.error('The exception board could not be told', { ...failure, cause: causeOf(error) });
  });
}

/** What an operator reads in Temporal's UI; search attributes change with the holds and at the end. */
function describe(order: OrderProgress): void {
  const waits = [
    order.authorize === null ? '' : 'payment to be authorized',
    order.screening.length > 0 ? `to be screened: ${order.screening.join(', ')}` : '',
    order.openShipments > 0 ? `${order.openShipments} shipment(s) at the warehouse` : '',
    order.backorderedEach > 0 ? `${order.backorderedEach} unit(s) wait for stock` : '',
    order.captures.length > 0 ? `${order.captures.length} capture(s) due` : '',
    order.holds.length > 0 ? `held: ${order.holds.join(', ')}` : '',
  ].filter((text) => text !== '');
  const next =
    order.dueId === null
      ? ''
      : `\n\nNext deadline: ${waitText(order.orderId, order.dueId, order.waitSeconds)}`;
  const waiting = waits.length > 0 ? `\n\nWaits: ${waits.join('; ')}` : '';
  setCurrentDetails(`**${order.state}**: ${ORDER_STATES[order.state].label}${waiting}${next}`);
  const held = order.holds.join(',');
  const isHoldNew = held !== (workflowInfo().searchAttributes['Hold']?.[0] ?? '');
  if (isHoldNew || order.ended) {
    upsertSearchAttributes({
      OrderStatus: [order.state],
      ...(isHoldNew ? { Hold: held === '' ? [] : [held] } : {}),
    });
  }
}
