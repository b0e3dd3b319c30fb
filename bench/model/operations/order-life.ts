import { cancelOrder } from '../../../activities/ledger/intake/cancel-order.ts';
import { dispatchShipment } from '../../../activities/ledger/intake/dispatch-shipment.ts';
import { recordFact } from '../../../activities/ledger/intake/record-fact.ts';
import * as steps from '../../../activities/ledger/steps/order.ts';
import * as plainDispatch from '../plain/dispatch.ts';
import * as plainOrders from '../plain/orders.ts';
import * as plainPayments from '../plain/payments.ts';
import { atRest, giveBackOf } from '../plain/progress.ts';
import type { Order } from '../plain/world.ts';
import {
  answerOf,
  idOf,
  newName,
  SENT_AT,
  type Desk,
  type Operation,
  type Shop,
} from './operation.ts';
import { firmProgress, orderAnswer, progressAnswer } from './views.ts';

/** Mostly an order that goes on, sometimes any. */
function someOrder({ world, dice }: Desk): Order | undefined {
  const all = [...world.orders.values()].toReversed();
  const open = all.filter(isOpen);
  const from = open.length === 0 || dice.chance(10) ? all : open;
  return from.length === 0 ? undefined : dice.pick(from);
}

/** An order whose process has something to do; of a refused one, to give back what was paid. */
function isOpen(order: Order): boolean {
  const { state } = order;
  if (state === 'rejected') return giveBackOf(order) !== null;
  return state === 'accepted' || state === 'released';
}

/** What an order's process would do next, with providers of any mood. */
export function stepOrder(desk: Desk): Operation | undefined {
  const owing = [...desk.world.orders.values()].filter(({ captures }) =>
    captures.some(({ state }) => state === 'due'),
  );
  const order =
    owing.length > 0 && desk.dice.below(4) < 2 ? desk.dice.pick(owing) : someOrder(desk);
  if (order === undefined) return undefined;
  const { payment } = order;
  const due = order.captures.find(({ state }) => state === 'due');
  const goesOn = order.state === 'accepted' || order.state === 'released';
  if (payment?.state === 'due' && order.state === 'accepted' && !atRest(order))
    return authorizing(desk, order, payment.id);
  if (payment?.state === 'challenged' && desk.dice.chance(60)) return paymentEvent(desk);
  if (order.screening.length > 0 && goesOn) return screening(desk, order);
  if (due !== undefined && payment?.state === 'authorized') return capturing(desk, order, due.id);
  const goesBack = isOpen(order) && atRest(order) && !order.isKept;
  if (goesBack && giveBackOf(order) !== null) return givingBack(desk, order);
  return looking(desk, order);
}

function looking({ dice, shop }: Desk, { id }: Order): Operation {
  if (dice.chance(40)) {
    return {
      verb: 'beginOrder',
      firmly: firmProgress,
      request: { orderId: id },
      send: (ledger) => answerOf(steps.beginOrder(ledger, { orderId: id }).then(progressAnswer)),
      predict: (world) => plainOrders.beginOrder(world, { orderId: id }),
    };
  }
  const request = { orderId: id, occurrence: newName(shop, 'look') };
  return {
    verb: 'advanceOrder',
    firmly: firmProgress,
    request,
    send: (ledger) => answerOf(steps.advanceOrder(ledger, request).then(progressAnswer)),
    predict: (world) => plainOrders.advanceOrder(world, request),
  };
}

function authorizing({ dice, shop }: Desk, { id }: Order, paymentId: string): Operation {
  const outcome = dice.pick(['authorized', 'authorized', 'challenged', 'declined'] as const);
  const request = {
    orderId: id,
    paymentId,
    key: `${paymentId}:authorize:1`,
    outcome,
    reference: `auth-${id}`,
  };
  const operation = (content: typeof request): Operation => ({
    verb: 'recordAuthorization',
    firmly: firmProgress,
    request: content,
    send: (ledger) => answerOf(steps.recordAuthorization(ledger, content).then(progressAnswer)),
    predict: (world) => plainPayments.recordAuthorization(world, content),
  });
  return {
    ...operation(request),
    altered: operation({ ...request, reference: newName(shop, 'other') }),
  };
}

/** What the provider reports by itself, of any payment. */
export function paymentEvent({ world, dice, shop }: Desk): Operation | undefined {
  const payments = [...world.orders.values()].flatMap(({ id, payment }) =>
    payment === null ? [] : [{ orderId: id, payment }],
  );
  const challenged = payments.filter(({ payment }) => payment.state === 'challenged');
  const from = challenged.length > 0 && !dice.chance(20) ? challenged : payments;
  if (from.length === 0) return undefined;
  const { orderId, payment } = dice.pick(from);
  const reference = payment.reference ?? `auth-${orderId}`;
  const event = {
    id: newName(shop, 'event'),
    type: `authorization.${dice.pick(['succeeded', 'succeeded', 'failed'])}`,
    occurredAt: SENT_AT,
    data: { authorizationId: reference, reference: payment.id },
  };
  const operation = (content: typeof event): Operation => ({
    verb: 'recordFact',
    request: content,
    send: (ledger) =>
      answerOf(
        recordFact(ledger, 'gateway', content).then(({ applied, state, replayed }) => ({
          applied,
          state,
          replayed,
        })),
      ),
    predict: (plain) => plainPayments.recordPaymentEvent(plain, content),
  });
  return {
    ...operation(event),
    altered: operation({ ...event, occurredAt: '2026-03-05T10:00:00.000Z' }),
  };
}

function screening({ dice }: Desk, { id }: Order): Operation {
  const holds = dice.chance(10) ? [{ hold: 'fraud', reason: 'first order' }] : [];
  return {
    verb: 'recordScreening',
    firmly: firmProgress,
    request: { orderId: id, holds },
    send: (ledger) =>
      answerOf(
        steps.recordScreening(ledger, { orderId: id, decision: { holds } }).then(progressAnswer),
      ),
    predict: (world) =>
      plainOrders.recordScreening(
        world,
        { orderId: id },
        holds.map(({ hold }) => hold),
      ),
  };
}

/** A capture for a return's price difference has the return's id in its own. */
function ledgerCapture(shop: Shop, captureId: string): string {
  return captureId.replace(/^return [^:]+/, (named) => {
    return idOf(shop, 'return', named.slice('return '.length));
  });
}

function capturing({ dice, shop }: Desk, { id }: Order, captureId: string): Operation {
  const outcome: 'captured' | 'failed' = dice.chance(12) ? 'failed' : 'captured';
  const operation = (providerId: string): Operation => {
    const request = { orderId: id, captureId, outcome, providerId };
    return {
      verb: 'recordCapture',
      firmly: firmProgress,
      request,
      send: (ledger) =>
        answerOf(
          steps
            .recordCapture(ledger, { ...request, captureId: ledgerCapture(shop, captureId) })
            .then(progressAnswer),
        ),
      predict: (world) => plainPayments.recordCapture(world, request),
    };
  };
  return { ...operation('c-1'), altered: operation('c-2') };
}

function givingBack({ dice }: Desk, order: Order): Operation | undefined {
  const back = giveBackOf(order);
  const { payment } = order;
  if (back === null || payment === null) return undefined;
  const outcome: 'refunded' | 'failed' = dice.chance(10) ? 'failed' : 'refunded';
  const refund = {
    refundId: `${payment.id}:deposit-refund`,
    amountMinor: back.refundMinor.toString(),
    outcome,
  };
  const request = {
    orderId: order.id,
    paymentId: payment.id,
    voided: true,
    ...(back.refundMinor > 0n ? { refund } : {}),
  };
  return {
    verb: 'recordGiveBack',
    firmly: firmProgress,
    request,
    send: (ledger) => answerOf(steps.recordGiveBack(ledger, request).then(progressAnswer)),
    predict: (world) => plainPayments.recordGiveBack(world, request),
  };
}

/** Everything of an order, or some units of some lines, sometimes more than are open. */
export function cancel(desk: Desk): Operation | undefined {
  const order = someOrder(desk);
  if (order === undefined) return undefined;
  const { dice, shop } = desk;
  const named = order.lines
    .filter((_, index) => index === 0 || dice.chance(50))
    .map(({ lineNo, quantity }) => ({ lineNo, quantity: 1 + dice.below(quantity) }));
  const lines = dice.chance(70) ? { lines: named } : {};
  const operation = (reason: string): Operation => {
    const request = { orderId: order.id, cancellationId, occurredAt: SENT_AT, reason, ...lines };
    return {
      verb: 'cancelOrder',
      request,
      send: (ledger) =>
        answerOf(
          cancelOrder(ledger, { ...request, actor: 'person' }).then((result) => ({
            applied: result.applied,
            cancelled: result.cancelled.map((line) => unitsOf(line.orderLineId, line.quantity)),
            shipped: result.shipped.map((line) => unitsOf(line.orderLineId, line.quantity)),
            notOpen: (result.notOpen ?? []).map((line) =>
              unitsOf(line.orderLineId, line.asked, line.open),
            ),
            order: orderAnswer(result.order),
            replayed: result.replayed ?? false,
          })),
        ),
      predict: (world) => plainOrders.cancelOrder(world, request),
    };
  };
  const cancellationId = newName(shop, 'cancel');
  return { ...operation('changed their mind'), altered: operation('found it cheaper') };
}

function unitsOf(orderLineId: string, ...units: number[]): string {
  return [orderLineId.split('#')[1], ...units].join(' ');
}

/** All, some or too much of what stands on a shipment; sometimes one that has left or was cancelled. */
export function dispatch({ world, dice, shop }: Desk): Operation | undefined {
  const all = [...world.orders.values()].flatMap(({ shipments }) => shipments).toReversed();
  const released = all.filter(({ state }) => state === 'released');
  const from = released.length === 0 || dice.chance(8) ? all : released;
  if (from.length === 0) return undefined;
  const shipment = dice.pick(from);
  const inPart = dice.chance(30);
  const lines = [...shipment.lines].flatMap(([lineNo, { quantity, dispatched }]) => {
    const open = quantity - dispatched;
    const some = inPart ? dice.below(open + 2) : open;
    return some > 0 ? [{ lineNo, quantity: some }] : [];
  });
  if (lines.length === 0) return undefined;
  const dispatchId = newName(shop, 'd');
  const operation = (trackingNumber: string): Operation => {
    const request = {
      shipmentId: shipment.id,
      dispatchId,
      occurredAt: SENT_AT,
      lines,
      trackingNumber,
    };
    return {
      verb: 'dispatchShipment',
      request,
      send: (ledger) =>
        answerOf(
          dispatchShipment(ledger, { ...request, actor: 'warehouse' }).then((result) =>
            result.applied
              ? {
                  applied: true,
                  state: result.state,
                  amount: result.amountMinor,
                  replayed: result.replayed ?? false,
                }
              : { applied: false, state: result.state, replayed: false },
          ),
        ),
      predict: (plain) => plainDispatch.dispatchShipment(plain, request),
    };
  };
  return { ...operation(`${dispatchId}-a`), altered: operation(`${dispatchId}-b`) };
}
