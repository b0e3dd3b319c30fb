import { costOf, divideRounded, minorOf, shareOf, type Cost } from './cost.ts';
import { lastReceiptSeen, recordReceipt } from './receipts.ts';
import {
  found,
  post,
  type Bucket,
  type Item,
  type OrderLine,
  type Waiting,
  type World,
} from './world.ts';

export function itemAt(world: World, sku: string, node: string): Item {
  const key = `${sku}@${node}`;
  const known = world.items.get(key);
  if (known !== undefined) return known;
  const item: Item = {
    sku,
    node,
    buckets: new Map(),
    layers: [],
    returnsPool: { units: 0, value: 0n },
  };
  world.items.set(key, item);
  return item;
}

export function unitsIn(item: Item, bucket: Bucket): number {
  return item.buckets.get(bucket) ?? 0;
}

/** Moves units between buckets; null is a place outside the house. */
export function move(item: Item, from: Bucket | null, to: Bucket | null, units: number): void {
  if (from !== null) item.buckets.set(from, unitsIn(item, from) - units);
  if (to !== null) item.buckets.set(to, unitsIn(item, to) + units);
}

/** Units become promised to an order line. */
export function reserve(item: Item, line: OrderLine, units: number): void {
  move(item, 'on-hand', 'reserved', units);
  const held = line.reserved.get(item.node) ?? { quantity: 0, onShipment: 0 };
  held.quantity += units;
  line.reserved.set(item.node, held);
}

/** Who waits for an item, in their turn: by priority, then by time, then by arrival. */
export function queueAt(world: World, item: Item): Waiting[] {
  const turn = world.faults.has('latest-waits-first') ? -1 : 1;
  return world.queue
    .map((entry, arrival) => ({ entry, arrival }))
    .filter(({ entry }) => entry.sku === item.sku && entry.node === item.node && entry.quantity > 0)
    .toSorted(
      (a, b) =>
        turn *
        (a.entry.priority - b.entry.priority ||
          a.entry.queuedAt.localeCompare(b.entry.queuedAt) ||
          a.arrival - b.arrival),
    )
    .map(({ entry }) => entry);
}

/** What is on hand goes to those who wait. Answers the units given. */
export function serveBackorders(world: World, item: Item): number {
  let given = 0;
  for (const entry of queueAt(world, item)) {
    const units = Math.min(entry.quantity, unitsIn(item, 'on-hand'));
    if (units === 0) continue;
    reserve(item, lineOf(world, entry.orderId, entry.lineNo), units);
    entry.quantity -= units;
    given += units;
  }
  return given;
}

export function lineOf(world: World, orderId: string, lineNo: number): OrderLine {
  const order = found(world.orders.get(orderId), `order ${orderId}`);
  return found(
    order.lines.find((line) => line.lineNo === lineNo),
    `line ${lineNo} of ${orderId}`,
  );
}

/** What an order line waits for, at every node. */
export function backordered(world: World, orderId: string, lineNo: number): number {
  return world.queue
    .filter((entry) => entry.orderId === orderId && entry.lineNo === lineNo)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}

/** Value into the stock pool: a layer of its own for FIFO, else the running one. Answers minor units for inventory. */
export function addCost(world: World, item: Item, units: number, value: Cost): bigint {
  const { method, standardCost } = found(world.skus.get(item.sku), item.sku);
  const worth = method === 'standard' ? standardCost * BigInt(units) : value;
  const [running] = item.layers;
  if (method === 'fifo' || running === undefined) {
    item.layers.push({ units, value: worth });
    return minorOf(worth);
  }
  const before = minorOf(running.value);
  running.units += units;
  running.value += worth;
  return minorOf(running.value) - before;
}

/** Value out of the stock pool, oldest layer first; one call cuts a layer at cumulative shares. */
export function takeCosts(
  world: World,
  item: Item,
  quantities: readonly number[],
): { value: Cost; minor: bigint }[] {
  const order = world.faults.has('newest-layer-first') ? item.layers.toReversed() : item.layers;
  const open = order
    .filter(({ units }) => units > 0)
    .map((layer) => ({ layer, units: layer.units, worth: layer.value, taken: 0, gone: 0n }));
  const taken = quantities.map((quantity) => {
    let left = quantity;
    const part = { value: 0n, minor: 0n };
    for (const cut of open) {
      const units = Math.min(left, cut.units - cut.taken);
      if (units === 0) continue;
      cut.taken += units;
      left -= units;
      const gone = shareOf(cut.worth, cut.taken, cut.units);
      part.value += gone - cut.gone;
      part.minor += minorOf(cut.worth - cut.gone) - minorOf(cut.worth - gone);
      cut.gone = gone;
    }
    if (left > 0) throw new Error(`${item.sku} at ${item.node} has no layer for ${left} units`);
    return part;
  });
  for (const { layer, taken: units, gone } of open) {
    layer.units -= units;
    layer.value -= gone;
  }
  return taken;
}

/** Value into the pool of returned and quarantined goods. Answers minor units for returns stock. */
export function addReturned(item: Item, units: number, value: Cost): bigint {
  const pool = item.returnsPool;
  const before = minorOf(pool.value);
  pool.units += units;
  pool.value += value;
  return minorOf(pool.value) - before;
}

/** Value out of it, a given one; the last unit takes what is left. */
export function takeReturned(
  item: Item,
  units: number,
  value: Cost,
): { value: Cost; minor: bigint } {
  const pool = item.returnsPool;
  const taken = units === pool.units ? pool.value : value < pool.value ? value : pool.value;
  const before = minorOf(pool.value);
  pool.units -= units;
  pool.value -= taken;
  return { value: taken, minor: before - minorOf(pool.value) };
}

/** What units of unknown cost are worth: the average there, else the last receipt's, else the supplier's price. */
export function currentCost(world: World, item: Item, units: number): Cost {
  const held = item.layers.filter((layer) => layer.units > 0);
  const stocked = held.reduce((sum, layer) => sum + layer.units, 0);
  if (stocked > 0) {
    const value = held.reduce((sum, layer) => sum + layer.value, 0n);
    return divideRounded(value * BigInt(units), BigInt(stocked));
  }
  const sku = found(world.skus.get(item.sku), item.sku);
  return (lastReceiptSeen(world, sku, item.node) ?? sku.supplierPrice) * BigInt(units);
}

/** Goods in at a price: stock and cost; what standard cost leaves goes to valuation differences. */
export function receiveAtCost(
  world: World,
  item: Item,
  receipt: { readonly units: number; readonly unitCost: string; readonly credit: string },
): bigint {
  const { units, unitCost, credit } = receipt;
  const sku = found(world.skus.get(item.sku), item.sku);
  const paid = costOf(unitCost) * BigInt(units);
  const inventory = addCost(world, item, units, paid);
  const owed = sku.method === 'standard' ? minorOf(paid) : inventory;
  post(world, 'inventory', credit, inventory);
  post(world, 'valuation-differences', credit, owed - inventory);
  recordReceipt(sku, item.node, costOf(unitCost));
  return inventory;
}
