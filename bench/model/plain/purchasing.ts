import { costOf, minorOf } from './cost.ts';
import { recordReceipt } from './receipts.ts';
import { addReturned, itemAt, move, receiveAtCost, serveBackorders } from './stock.ts';
import {
  found,
  once,
  post,
  refused,
  type Answer,
  type PurchaseOrder,
  type World,
} from './world.ts';

interface NewPurchaseOrder {
  readonly externalRef: string;
  readonly node: string;
  readonly lines: readonly {
    readonly sku: string;
    readonly quantity: number;
    readonly unitPrice: string;
  }[];
}

export function createPurchaseOrder(
  world: World,
  request: NewPurchaseOrder,
  needsApproval: boolean,
): Answer {
  const call = { key: `po:${request.externalRef}`, content: request, marksRepeats: true };
  return once(world, call, () => {
    for (const { sku } of request.lines) itemAt(world, sku, request.node);
    world.purchaseOrders.set(request.externalRef, {
      node: request.node,
      state: needsApproval ? 'in-review' : 'approved',
      final: false,
      notices: new Map(),
      lines: request.lines.map(({ sku, quantity, unitPrice }, index) => ({
        lineNo: index + 1,
        sku,
        quantity,
        unitPrice: costOf(unitPrice),
        noticed: 0,
        received: 0,
        short: 0,
      })),
    });
    return { answer: {}, kept: true };
  });
}

/** The supplier is told; nothing else than the state changes. */
export function sendPurchaseOrder(world: World, ref: string): Answer {
  const po = found(world.purchaseOrders.get(ref), ref);
  if (po.state === 'approved') po.state = 'sent';
  return { state: po.state };
}

export function acknowledge(
  world: World,
  request: { readonly ref: string; readonly acknowledgementId: string },
): Answer {
  const po = found(world.purchaseOrders.get(request.ref), request.ref);
  const key = `ack:${request.ref}:${request.acknowledgementId}`;
  return once(world, { key, content: request, marksRepeats: false }, () => {
    if (po.state === 'approved' || po.state === 'sent') po.state = 'acknowledged';
    return { answer: { state: po.state }, kept: true };
  });
}

function takesFacts(po: PurchaseOrder): boolean {
  return po.state === 'sent' || po.state === 'acknowledged';
}

interface Notice {
  readonly ref: string;
  readonly noticeId: string;
  readonly final: boolean;
  readonly lines: readonly { readonly lineNo: number; readonly quantity: number }[];
}

/** Announced goods are inbound; after the last notice, what was neither announced nor received is short. */
export function recordNotice(world: World, request: Notice): Answer {
  const po = found(world.purchaseOrders.get(request.ref), request.ref);
  const key = `notice:${request.ref}:${request.noticeId}`;
  return once(world, { key, content: request, marksRepeats: true }, () => {
    if (!takesFacts(po)) return { answer: { applied: false, state: po.state }, kept: false };
    po.notices.set(
      request.noticeId,
      request.lines.map((line) => ({ ...line, received: 0 })),
    );
    for (const { lineNo, quantity } of request.lines) {
      const line = lineOf(po, lineNo);
      move(itemAt(world, line.sku, po.node), null, 'inbound', quantity);
      line.noticed += quantity;
    }
    po.final ||= request.final;
    if (po.final) {
      for (const line of po.lines)
        line.short = Math.max(line.quantity - Math.max(line.noticed, line.received), 0);
    }
    const short = po.lines.reduce((sum, line) => sum + line.short, 0);
    return { answer: { applied: true, state: po.state, short }, kept: true };
  });
}

interface GoodsReceipt {
  readonly ref: string;
  readonly receiptId: string;
  readonly noticeId?: string;
  readonly lines: readonly { readonly lineNo: number; readonly quantity: number }[];
}

/** Goods in at the order's price; what is beyond the order is quarantined. Those who wait are served at once. */
export function receiveGoods(world: World, request: GoodsReceipt): Answer {
  const po = found(world.purchaseOrders.get(request.ref), request.ref);
  const key = `receive:${request.ref}:${request.receiptId}`;
  return once(world, { key, content: request, marksRepeats: true }, () => {
    if (!takesFacts(po)) return { answer: { applied: false, state: po.state }, kept: false };
    const notice = po.notices.get(request.noticeId ?? '');
    if (request.noticeId !== undefined && notice === undefined)
      return { answer: refused('InvalidInput'), kept: false };
    let over = 0;
    let woken = 0;
    for (const { lineNo, quantity } of request.lines) {
      const announced = notice?.find((entry) => entry.lineNo === lineNo);
      const inbound = Math.min(
        quantity,
        Math.max((announced?.quantity ?? 0) - (announced?.received ?? 0), 0),
      );
      if (announced !== undefined) announced.received += quantity;
      over += receiveLine(world, po, lineNo, { quantity, inbound });
      woken += serveBackorders(world, itemAt(world, lineOf(po, lineNo).sku, po.node));
    }
    const units = request.lines.reduce((sum, { quantity }) => sum + quantity, 0);
    return { answer: { applied: true, state: po.state, units, over, woken }, kept: true };
  });
}

/** Answers the units beyond the order. */
function receiveLine(
  world: World,
  po: PurchaseOrder,
  lineNo: number,
  { quantity, inbound }: { readonly quantity: number; readonly inbound: number },
): number {
  const line = lineOf(po, lineNo);
  const item = itemAt(world, line.sku, po.node);
  const good = Math.min(quantity, Math.max(line.quantity - line.received, 0));
  const over = quantity - good;
  const announcedGood = Math.min(inbound, good);
  move(item, 'inbound', 'on-hand', announcedGood);
  move(item, null, 'on-hand', good - announcedGood);
  move(item, 'inbound', 'quarantined', inbound - announcedGood);
  move(item, null, 'quarantined', over - (inbound - announcedGood));
  const credit = 'goods-received-not-invoiced';
  const unitCost = decimalOf(line.unitPrice);
  if (good > 0) receiveAtCost(world, item, { units: good, unitCost, credit });
  if (over > 0) receiveOver(world, line.sku, po.node, over, line.unitPrice);
  line.received += quantity;
  line.short = Math.min(line.short, Math.max(line.quantity - line.received, 0));
  return over;
}

function receiveOver(
  world: World,
  sku: string,
  node: string,
  units: number,
  unitPrice: bigint,
): void {
  const item = itemAt(world, sku, node);
  const paid = unitPrice * BigInt(units);
  const worth = addReturned(item, units, paid);
  const known = found(world.skus.get(sku), sku);
  // Standard cost owes what was paid, rounded by itself; the pool rounds as a whole.
  const owed = known.method === 'standard' ? minorOf(paid) : worth;
  post(world, 'returns-stock', 'goods-received-not-invoiced', worth);
  post(world, 'valuation-differences', 'goods-received-not-invoiced', owed - worth);
  recordReceipt(known, node, unitPrice);
}

function decimalOf(cost: bigint): string {
  const digits = cost.toString().padStart(11, '0');
  return `${digits.slice(0, -10)}.${digits.slice(-10)}`;
}

function lineOf(po: PurchaseOrder, lineNo: number): PurchaseOrder['lines'][number] {
  return found(
    po.lines.find((line) => line.lineNo === lineNo),
    `purchase order line ${lineNo}`,
  );
}

interface StockReceipt {
  readonly receiptId: string;
  readonly node: string;
  readonly lines: readonly {
    readonly sku: string;
    readonly quantity: number;
    readonly unitCost: string;
  }[];
}

/** Goods in without a purchase order, against opening equity. */
export function receiveStock(world: World, request: StockReceipt): Answer {
  const key = `stock-receipt:${request.receiptId}`;
  return once(world, { key, content: request, marksRepeats: true }, () => {
    if (request.lines.some(({ sku }) => !world.skus.has(sku)))
      return { answer: refused('InvalidInput'), kept: false };
    let value = 0n;
    for (const { sku, quantity, unitCost } of request.lines) {
      const item = itemAt(world, sku, request.node);
      move(item, null, 'on-hand', quantity);
      value += receiveAtCost(world, item, { units: quantity, unitCost, credit: 'opening-equity' });
      serveBackorders(world, item);
    }
    const units = request.lines.reduce((sum, { quantity }) => sum + quantity, 0);
    return { answer: { units, value: value.toString() }, kept: true };
  });
}
