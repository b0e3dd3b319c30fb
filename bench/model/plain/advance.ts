import { isCharge, openUnits } from './lines.ts';
import { atRest, giveBackOf, makeDue, progressOf } from './progress.ts';
import { post, type Answer, type Order, type World } from './world.ts';

/** Carries an order as far as the ledger alone can; answers its progress. */
export function advance(world: World, order: Order): Answer {
  if (order.state !== 'accepted' && order.state !== 'released') return progressOf(world, order);
  if (isClear(order)) {
    release(order);
    const goodsOpen = order.lines.some((line) => !isCharge(line) && openUnits(line) > 0);
    if (!goodsOpen && order.chargesDue)
      makeDue(world, order, `${order.id}:charges`, invoiceCharges(world, order));
  }
  if (atRest(order) && giveBackOf(order) === null) {
    order.state = order.lines.some((line) => line.shipped > 0) ? 'completed' : 'cancelled';
    order.holds.clear();
  }
  return progressOf(world, order);
}

function isClear(order: Order): boolean {
  const { payment } = order;
  return (
    (order.screening.length === 0 || order.state === 'released') &&
    order.holds.size === 0 &&
    (payment === null || payment.state === 'authorized')
  );
}

/** One shipment per node for what is reserved there and stands on none yet. */
function release(order: Order): void {
  const waiting = order.lines.flatMap((line) =>
    [...line.reserved].map(([node, held]) => ({ line, node, held })),
  );
  const open = waiting.filter(({ held }) => held.quantity > held.onShipment);
  for (const node of [...new Set(open.map((entry) => entry.node))].toSorted()) {
    const lines = new Map<number, { quantity: number; dispatched: number }>();
    for (const { line, held } of open.filter((entry) => entry.node === node)) {
      lines.set(line.lineNo, { quantity: held.quantity - held.onShipment, dispatched: 0 });
      held.onShipment = held.quantity;
    }
    const id = `shipment:${order.id.slice('order:'.length)}:${order.shipments.length + 1}`;
    order.shipments.push({ id, node, state: 'released', sentOnce: false, lines });
  }
  order.state = 'released';
}

/** Posts the charges that no invoice had yet; answers their sum. */
export function invoiceCharges(world: World, order: Order): bigint {
  let sum = 0n;
  for (const line of order.lines) {
    if (!isCharge(line) || line.shipped + line.cancelled >= line.quantity) continue;
    const part = line.amount - line.cancelledMinor;
    if (line.kind === 'discount') post(world, 'discounts', 'receivables', part);
    else post(world, 'receivables', 'shipping-income', part);
    line.shipped = line.quantity - line.cancelled;
    line.invoiced = part;
    sum += line.kind === 'discount' ? -part : part;
  }
  order.chargesDue = false;
  return sum;
}
