import { advance } from './advance.ts';
import { found, once, post, type Answer, type Order, type Payment, type World } from './world.ts';

interface Authorization {
  readonly orderId: string;
  readonly paymentId: string;
  readonly key: string;
  readonly outcome: 'authorized' | 'declined' | 'challenged';
  readonly reference?: string;
}

/** What the provider answered to an authorization; a challenge that was answered before counts as its result. */
export function recordAuthorization(world: World, request: Authorization): Answer {
  const order = found(world.orders.get(request.orderId), request.orderId);
  const call = { key: `${request.key}:recorded`, content: request, marksRepeats: false };
  return once(world, call, () => {
    const payment = found(order.payment, `payment of ${order.id}`);
    const early = order.events.get(request.reference ?? '');
    const outcome = request.outcome === 'challenged' ? (early ?? 'challenged') : request.outcome;
    if (payment.state === 'due' || payment.state === 'challenged') {
      payment.state = outcome;
      payment.reference = request.reference ?? payment.reference;
      payment.authorized = outcome === 'authorized' ? payment.requested : 0n;
    }
    if (outcome !== 'authorized') order.holds.add('payment');
    return { answer: advance(world, order), kept: true };
  });
}

interface PaymentEvent {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly authorizationId: string; readonly reference: string };
}

/** The provider's own event: it settles a challenge, and is remembered where it came before the answer. */
export function recordPaymentEvent(world: World, event: PaymentEvent): Answer {
  const { authorizationId, reference } = event.data;
  const outcome = event.type === 'authorization.succeeded' ? 'authorized' : 'declined';
  const call = { key: `fact:${event.id}`, content: event, marksRepeats: true };
  return once(world, call, () => {
    const order = ownerOf(world, authorizationId, reference);
    if (order === undefined) {
      return { answer: { applied: false, state: 'unknown-payment' }, kept: true };
    }
    const payment = found(order.payment, reference);
    const settles = payment.state === 'challenged' && payment.reference === authorizationId;
    if (!order.events.has(authorizationId)) order.events.set(authorizationId, outcome);
    if (settles) settleChallenge(order, payment, outcome);
    return { answer: { applied: settles, state: payment.state }, kept: true };
  });
}

function settleChallenge(order: Order, payment: Payment, outcome: 'authorized' | 'declined'): void {
  payment.state = outcome;
  if (outcome !== 'authorized') return;
  payment.authorized = payment.requested;
  order.holds.delete('payment');
}

/** By the provider's id of the authorization, else by the payment's own. */
function ownerOf(world: World, authorization: string, paymentId: string): Order | undefined {
  const orders = [...world.orders.values()];
  return (
    orders.find((order) => order.payment?.reference === authorization) ??
    orders.find((order) => order.payment?.id === paymentId)
  );
}

/** What a capture came to; a failed one is trouble until a person decides. */
export function recordCapture(
  world: World,
  request: {
    readonly orderId: string;
    readonly captureId: string;
    readonly outcome: 'captured' | 'failed';
  },
): Answer {
  const order = found(world.orders.get(request.orderId), request.orderId);
  const call = { key: `${request.captureId}:recorded`, content: request, marksRepeats: false };
  return once(world, call, () => {
    const capture = found(
      order.captures.find(({ id }) => id === request.captureId),
      request.captureId,
    );
    if (capture.state === 'due') {
      capture.state = request.outcome;
      if (request.outcome === 'captured') {
        found(order.payment, 'payment').captured += capture.amount;
        post(world, 'payment-clearing', 'receivables', capture.amount);
      } else order.trouble.add(capture.id);
    }
    return { answer: advance(world, order), kept: true };
  });
}

interface GiveBack {
  readonly orderId: string;
  readonly paymentId: string;
  readonly refund?: {
    readonly amountMinor: string;
    readonly outcome: 'refunded' | 'failed';
  };
}

/** The rest of an authorization was voided, and an unused deposit paid back, and the order ends; or not, and it waits for a person. */
export function recordGiveBack(world: World, request: GiveBack): Answer {
  const order = found(world.orders.get(request.orderId), request.orderId);
  const call = { key: `${request.paymentId}:given-back`, content: request, marksRepeats: false };
  return once(world, call, () => {
    const payment = found(order.payment, request.paymentId);
    if (request.refund?.outcome === 'refunded') {
      post(world, 'customer-deposits', 'payment-clearing', BigInt(request.refund.amountMinor));
      payment.refunded += payment.deposit;
      payment.deposit = 0n;
    }
    if (payment.deposit > 0n) order.isKept = true;
    else payment.state = 'voided';
    return { answer: advance(world, order), kept: true };
  });
}
