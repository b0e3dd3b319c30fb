import { backordered } from './stock.ts';
import { post, type Answer, type Order, type World } from './world.ts';

/** Nothing is left to send, to invoice or to capture, and no failed capture waits for a person. */
export function atRest(order: Order): boolean {
  return (
    order.lines.every((line) => line.shipped + line.cancelled + line.short >= line.quantity) &&
    order.captures.every(({ state }) => state !== 'due') &&
    order.trouble.size === 0
  );
}

/** What the payer gets back when the order ends: what was never captured, and a deposit not used. */
export function giveBackOf(order: Order): { voidMinor: bigint; refundMinor: bigint } | null {
  const { payment } = order;
  if (payment === null || payment.state === 'declined' || payment.state === 'voided') return null;
  const uncaptured = payment.authorized - payment.captured;
  if (payment.state === 'authorized' && uncaptured <= 0n && payment.deposit === 0n) return null;
  return {
    voidMinor: payment.state === 'challenged' ? payment.requested : uncaptured,
    refundMinor: payment.deposit,
  };
}

/** What the order's process has to do next. */
export function progressOf(world: World, order: Order): Answer {
  const { payment, state } = order;
  const ended = state !== 'accepted' && state !== 'released';
  const rest = atRest(order);
  const due = order.captures.filter((capture) => capture.state === 'due');
  const wanted = order.lines.some((line) => line.cancelled < line.quantity) || due.length > 0;
  const goesBack = (!ended || state === 'rejected') && rest && !order.isKept;
  const back = goesBack ? giveBackOf(order) : null;
  return {
    state,
    holds: ended ? [] : [...order.holds].toSorted(),
    authorize:
      payment?.state === 'due' && state === 'accepted' && wanted
        ? payment.requested.toString()
        : null,
    screening: state === 'accepted' && !rest ? [...order.screening] : [],
    captures:
      payment?.state === 'authorized' ? due.map(({ amount }) => amount.toString()).toSorted() : [],
    giveBack: back === null ? null : `${back.voidMinor} ${back.refundMinor}`,
    backordered: order.lines.reduce(
      (sum, line) => sum + backordered(world, order.id, line.lineNo),
      0,
    ),
    openShipments: order.shipments.filter((shipment) => shipment.state === 'released').length,
  };
}

/** An invoice is settled by the deposit, then by one capture of what is authorized; the rest is trouble. */
export function makeDue(world: World, order: Order, key: string, amount: bigint): void {
  const { payment } = order;
  if (payment === null || amount <= 0n) return;
  const deposit = smaller(payment.deposit, amount);
  payment.deposit -= deposit;
  post(world, 'customer-deposits', 'receivables', deposit);
  const open = order.captures
    .filter(({ state }) => state === 'due')
    .reduce((left, capture) => left - capture.amount, payment.authorized - payment.captured);
  const capture = smaller(amount - deposit, open > 0n ? open : 0n);
  if (capture > 0n) order.captures.push({ id: `${key}:capture`, amount: capture, state: 'due' });
  if (deposit + capture < amount) order.trouble.add(key);
}

export function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
