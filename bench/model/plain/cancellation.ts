import { itemAt, move, serveBackorders } from './stock.ts';
import { partOf } from './lines.ts';
import type { Order, OrderLine, Reserved, World } from './world.ts';

/**
 * Takes open units out of an order: first what waits for stock, then what is reserved and on no shipment,
 * then what stands on a released one. Freed units go to those who wait. Answers the order's part of the amount.
 */
export function cancelUnits(world: World, order: Order, line: OrderLine, units: number): bigint {
  const part = partOf(line, units);
  if (line.kind === 'goods') {
    const freed = takeReserved(order, line, takeWaiting(world, order, line, units));
    for (const [node, quantity] of freed) {
      const item = itemAt(world, line.code, node);
      move(
        item,
        'reserved',
        world.faults.has('cancelled-units-vanish') ? null : 'on-hand',
        quantity,
      );
      serveBackorders(world, item);
    }
  }
  line.cancelled += units;
  line.cancelledMinor += part;
  return part;
}

/** Answers what is left to cancel. */
function takeWaiting(world: World, order: Order, line: OrderLine, units: number): number {
  let left = units;
  for (const entry of world.queue) {
    if (entry.orderId !== order.id || entry.lineNo !== line.lineNo) continue;
    const taken = Math.min(left, entry.quantity);
    entry.quantity -= taken;
    left -= taken;
  }
  return left;
}

/** Answers what was freed, by node. */
function takeReserved(order: Order, line: OrderLine, units: number): Map<string, number> {
  let left = units;
  const freed = new Map<string, number>();
  const take = (node: string, held: Reserved, quantity: number): void => {
    if (quantity === 0) return;
    held.quantity -= quantity;
    left -= quantity;
    freed.set(node, (freed.get(node) ?? 0) + quantity);
  };
  const reserved = [...line.reserved].toSorted(([nodeA], [nodeB]) => nodeA.localeCompare(nodeB));
  for (const [node, held] of reserved) {
    take(node, held, Math.min(left, held.quantity - held.onShipment));
  }
  for (const [node, held] of reserved) {
    const quantity = Math.min(left, held.onShipment);
    held.onShipment -= quantity;
    take(node, held, quantity);
    takeOffShipments(order, line.lineNo, node, quantity);
  }
  return freed;
}

/** Shrinks released shipments, newest first; one that is left empty is cancelled, or was sent whole. */
function takeOffShipments(order: Order, lineNo: number, node: string, units: number): void {
  let left = units;
  for (const shipment of order.shipments.toReversed()) {
    const line = shipment.lines.get(lineNo);
    if (shipment.state !== 'released' || shipment.node !== node || line === undefined) continue;
    const taken = Math.min(left, line.quantity - line.dispatched);
    if (taken === 0) continue;
    line.quantity -= taken;
    left -= taken;
    if ([...shipment.lines.values()].some(({ quantity, dispatched }) => quantity > dispatched))
      continue;
    shipment.state = shipment.sentOnce ? 'dispatched' : 'cancelled';
  }
}
