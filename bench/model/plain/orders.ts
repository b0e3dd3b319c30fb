import type { OrderAcceptance } from '../../../activities/ledger/intake/order-acceptance.ts';
import { advance } from './advance.ts';
import { cancelUnits } from './cancellation.ts';
import { isCharge, openUnits } from './lines.ts';
import { itemAt, reserve, unitsIn, backordered } from './stock.ts';
import {
  found,
  once,
  post,
  refused,
  type Answer,
  type Order,
  type OrderLine,
  type World,
} from './world.ts';

/** Takes orders in one after the other; each has a result of its own. */
export function acceptOrders(world: World, orders: readonly OrderAcceptance[]): Answer {
  return { results: orders.map((order) => accept(world, order)) };
}

function accept(world: World, order: OrderAcceptance): Answer {
  const unknown = order.lines.some(({ kind, code }) => kind === 'goods' && !world.skus.has(code));
  if (unknown) return { outcome: 'invalid' };
  const call = { key: `intake:${order.orderId}`, content: order.payloadHash, marksRepeats: true };
  const answer = once(world, call, () => {
    const placed = newOrder(order);
    world.orders.set(placed.id, placed);
    if (!source(world, placed, order)) reject(placed);
    placed.chargesDue = placed.state === 'accepted' && placed.lines.some(isCharge);
    if (placed.payment !== null)
      post(world, 'payment-clearing', 'customer-deposits', placed.payment.deposit);
    return { answer: { outcome: placed.state, order: orderView(world, placed) }, kept: true };
  });
  return 'refused' in answer ? { outcome: 'mismatch' } : answer;
}

/** Nobody is asked to pay for what cannot be had; what was paid already is to be given back. */
function reject(placed: Order): void {
  placed.state = 'rejected';
  if (placed.payment?.state === 'due') placed.payment = null;
  for (const line of placed.lines) line.short = line.quantity;
}

function newOrder(order: OrderAcceptance): Order {
  const { payment } = order;
  const asked = BigInt(payment?.requestedMinor ?? '0');
  const status = payment?.status ?? 'none';
  return {
    id: order.orderId,
    state: 'accepted',
    screening: order.screening,
    holds: new Set(),
    customer: order.customer?.externalId ?? null,
    lines: order.lines.map((line) => newLine(line)),
    chargesDue: false,
    payment:
      payment === null
        ? null
        : {
            id: `payment:${order.orderId}:1`,
            state: status === 'none' ? 'due' : 'authorized',
            reference: payment.reference ?? null,
            requested: asked,
            authorized: status === 'none' ? 0n : asked,
            captured: status === 'captured' ? asked : 0n,
            refunded: 0n,
            deposit: status === 'captured' ? asked : 0n,
          },
    shipments: [],
    captures: [],
    trouble: new Set(),
    isKept: false,
    events: new Map(),
  };
}

function newLine(line: OrderAcceptance['lines'][number]): OrderLine {
  return {
    lineNo: line.lineNo,
    kind: line.kind as OrderLine['kind'],
    code: line.code,
    quantity: line.quantity,
    free: Number(line.unitPrice) === 0,
    amount: BigInt(line.amountMinor),
    tax: BigInt(line.taxMinor),
    node: null,
    reserved: new Map(),
    shipped: 0,
    cancelled: 0,
    short: 0,
    returning: 0,
    returned: 0,
    invoiced: 0n,
    taxInvoiced: 0n,
    cancelledMinor: 0n,
    shippedCost: 0n,
    returnedCost: 0n,
  };
}

/** The first plan that holds as a whole; else, where the order may wait, what is there, and a place in the queue. */
function source(world: World, placed: Order, order: OrderAcceptance): boolean {
  const goods = placed.lines.filter((line) => !isCharge(line));
  for (const plan of order.plans) {
    const wanted = plan.map((entry) => ({
      line: found(
        placed.lines.find(({ lineNo }) => lineNo === entry.lineNo),
        'line',
      ),
      node: entry.node,
      quantity: entry.quantity,
    }));
    const needed = new Map<string, number>();
    for (const { line, node, quantity } of wanted) {
      const key = `${line.code}@${node}`;
      itemAt(world, line.code, node);
      needed.set(key, (needed.get(key) ?? 0) + quantity);
    }
    const holds = [...needed].every(([key, units]) => {
      return unitsIn(found(world.items.get(key), key), 'on-hand') >= units;
    });
    if (!holds) continue;
    for (const { line, node, quantity } of wanted) give(world, line, node, quantity);
    return true;
  }
  const [queueNode] = order.backorderNodes;
  if (queueNode === undefined) return goods.length === 0;
  for (const line of goods) fill(world, placed, line, order);
  return true;
}

function give(world: World, line: OrderLine, node: string, units: number): void {
  if (units === 0) return;
  reserve(itemAt(world, line.code, node), line, units);
  line.node = line.node === null || node < line.node ? node : line.node;
}

/** What any of the nodes has, in their order; the rest waits at the first. */
function fill(world: World, placed: Order, line: OrderLine, order: OrderAcceptance): void {
  let left = line.quantity;
  for (const node of order.backorderNodes) {
    const units = Math.min(left, unitsIn(itemAt(world, line.code, node), 'on-hand'));
    give(world, line, node, units);
    left -= units;
  }
  if (left === 0) return;
  const node = found(order.backorderNodes[0], 'node to wait at');
  line.node ??= node;
  world.queue.push({
    orderId: placed.id,
    lineNo: line.lineNo,
    sku: line.code,
    node,
    quantity: left,
    priority: order.priority,
    queuedAt: order.placedAt,
  });
}

/** An order as its channel sees it. */
export function orderView(world: World, order: Order): Answer {
  return {
    state: order.state,
    holds: [...order.holds].toSorted(),
    lines: order.lines.map((line) => ({
      lineNo: line.lineNo,
      allocated: [...line.reserved]
        .filter(([, { quantity }]) => quantity > 0)
        .map(([node, { quantity }]) => `${node} ${quantity}`)
        .toSorted(),
      backordered: backordered(world, order.id, line.lineNo),
      short: line.short,
      shipped: line.shipped,
      cancelled: line.cancelled,
    })),
    shipments: order.shipments.map(({ id, state }) => `${id} ${state}`).toSorted(),
  };
}

/** The order's process runs, or looks again. */
export function beginOrder(world: World, request: { readonly orderId: string }): Answer {
  const order = world.orders.get(request.orderId);
  return order === undefined ? refused('NotFound') : advance(world, order);
}

export function advanceOrder(
  world: World,
  request: { readonly orderId: string; readonly occurrence: string },
): Answer {
  const order = found(world.orders.get(request.orderId), request.orderId);
  const key = `${order.id}:advance:${request.occurrence}`;
  return once(world, { key, content: request, marksRepeats: false }, () => ({
    answer: advance(world, order),
    kept: true,
  }));
}

export function recordScreening(
  world: World,
  request: { readonly orderId: string },
  holds: readonly string[],
): Answer {
  const order = found(world.orders.get(request.orderId), request.orderId);
  const call = { key: `${order.id}:screen`, content: request, marksRepeats: false };
  return once(world, call, () => {
    order.screening = [];
    for (const hold of holds) order.holds.add(hold);
    return { answer: advance(world, order), kept: true };
  });
}

/** Cancels what is open: everything, or the named lines. */
export function cancelOrder(
  world: World,
  request: {
    readonly orderId: string;
    readonly cancellationId: string;
    readonly lines?: readonly { readonly lineNo: number; readonly quantity?: number | undefined }[];
  },
): Answer {
  const order = world.orders.get(request.orderId);
  if (order === undefined) return refused('NotFound');
  const key = `${order.id}:cancel:${request.cancellationId}`;
  return once(world, { key, content: request, marksRepeats: true }, () => {
    const cancelled: string[] = [];
    const shipped: string[] = [];
    const notOpen: string[] = [];
    for (const line of order.lines) {
      const named = request.lines?.find(({ lineNo }) => lineNo === line.lineNo);
      if (request.lines !== undefined && named === undefined) continue;
      const open = openUnits(line);
      const asked = named?.quantity ?? line.quantity;
      const units = Math.min(open, asked);
      if (units > 0) {
        cancelUnits(world, order, line, units);
        cancelled.push(`${line.lineNo} ${units}`);
      }
      if (line.shipped > 0 && asked > units) shipped.push(`${line.lineNo} ${line.shipped}`);
      if ((named?.quantity ?? 0) > open) notOpen.push(`${line.lineNo} ${asked} ${open}`);
    }
    const answer = {
      applied: cancelled.length > 0,
      cancelled,
      shipped,
      notOpen,
      order: orderView(world, order),
    };
    return { answer, kept: true };
  });
}
