import { shareOf } from './cost.ts';
import { releaseClaims, saleOf } from './returns.ts';
import {
  addCost,
  addReturned,
  currentCost,
  itemAt,
  move,
  serveBackorders,
  takeReturned,
} from './stock.ts';
import {
  found,
  once,
  post,
  refused,
  type Answer,
  type Bucket,
  type Return,
  type ReturnLine,
  type World,
} from './world.ts';

interface ReturnReceipt {
  readonly ref: string;
  readonly receiptId: string;
  readonly complete: boolean;
  readonly lines: readonly {
    readonly lineNo: number;
    readonly sku: string;
    readonly quantity: number;
    readonly node: string;
  }[];
}

/** Goods came back. What is expected waits for its inspection; everything else is quarantined. */
export function receiveReturn(world: World, request: ReturnReceipt): Answer {
  const of = found(world.returns.get(request.ref), request.ref);
  const call = { key: `return-receipt:${request.receiptId}`, content: request, marksRepeats: true };
  return once(world, call, () => {
    const expected = request.lines.map((arrival) => expectedOf(of, arrival));
    const elsewhere = request.lines.some(({ node }, index) => {
      const { line, units } = found(expected[index], 'arrival');
      return units > 0 && line.node !== null && line.node !== node;
    });
    if (elsewhere) return { answer: refused('InvalidInput'), kept: false };
    for (const [index, { sku, node, quantity }] of request.lines.entries()) {
      const { line, units } = found(expected[index], 'arrival');
      if (units > 0) takeExpected(world, line, units, node);
      if (quantity > units) takeUnexpected(world, sku, node, quantity - units);
    }
    const open = comingBack(of).some(({ received, quantity }) => received < quantity);
    if (of.state === 'awaiting-receipt' && (request.complete || !open)) finishReceipt(world, of);
    return { answer: { applied: true, state: of.state }, kept: true };
  });
}

function comingBack(of: Return): ReturnLine[] {
  return of.lines.filter(({ cover }) => cover !== 'cancelled');
}

/** How many of these units the return still waits for. */
function expectedOf(
  of: Return,
  arrival: { readonly lineNo: number; readonly quantity: number },
): { line: ReturnLine; units: number } {
  const line = found(
    of.lines.find(({ lineNo }) => lineNo === arrival.lineNo),
    'return line',
  );
  const waits = of.state === 'awaiting-receipt' && line.cover !== 'cancelled';
  return { line, units: waits ? Math.min(arrival.quantity, line.quantity - line.received) : 0 };
}

/** With the cost that these very units left with. */
function takeExpected(world: World, line: ReturnLine, units: number, node: string): void {
  const item = itemAt(world, line.sku, node);
  let value = currentCost(world, item, units);
  let account = 'cost-of-goods-sold';
  if (line.cover === 'sale') {
    const sale = saleOf(world, line);
    value = shareOf(sale.shippedCost - sale.returnedCost, units, sale.shipped - sale.returned);
    sale.returned += units;
    sale.returnedCost += value;
    if (sale.free) account = 'free-goods';
  }
  move(item, null, 'returned', units);
  post(world, 'returns-stock', account, addReturned(item, units, value));
  line.received += units;
  line.receivedCost += value;
  line.node = node;
}

function takeUnexpected(world: World, sku: string, node: string, units: number): void {
  const item = itemAt(world, sku, node);
  const value = currentCost(world, item, units);
  move(item, null, 'quarantined', units);
  post(world, 'returns-stock', 'cost-of-goods-sold', addReturned(item, units, value));
}

/** No more will come: the return goes on with what did, and ends where nothing did. */
function finishReceipt(world: World, of: Return): void {
  const lines = comingBack(of);
  releaseClaims(world, of);
  if (lines.every(({ received }) => received === 0)) of.state = 'expired';
  else if (lines.every(({ received, inspected }) => received === inspected)) of.state = 'refunding';
  else of.state = 'awaiting-inspection';
}

const BUCKETS: Readonly<Record<string, Bucket | null>> = {
  restock: 'on-hand',
  repack: 'damaged',
  refurbish: 'damaged',
  quarantine: 'quarantined',
  scrap: null,
  'vendor-return': null,
};

interface Inspection {
  readonly ref: string;
  readonly inspectionId: string;
  readonly units: readonly {
    readonly lineNo: number;
    readonly quantity: number;
    readonly disposition: string;
  }[];
}

/** Units were graded: sold again, kept aside or gone. */
export function inspectReturn(world: World, request: Inspection): Answer {
  const of = found(world.returns.get(request.ref), request.ref);
  const key = `return-inspection:${request.inspectionId}`;
  return once(world, { key, content: request, marksRepeats: true }, () => {
    if (of.state !== 'awaiting-receipt' && of.state !== 'awaiting-inspection')
      return { answer: { applied: false, state: of.state }, kept: false };
    const lines = request.units.map(({ lineNo }) =>
      found(
        of.lines.find((line) => line.lineNo === lineNo),
        'return line',
      ),
    );
    const tooMany = request.units.some(({ quantity }, index) => {
      const line = found(lines[index], 'return line');
      return quantity > line.received - line.inspected;
    });
    if (tooMany) return { answer: refused('InvalidInput'), kept: false };
    for (const [index, unit] of request.units.entries())
      dispose(world, found(lines[index], 'return line'), unit);
    for (const [index, { disposition }] of request.units.entries()) {
      const { sku, node } = found(lines[index], 'return line');
      if (disposition === 'restock')
        serveBackorders(world, itemAt(world, sku, found(node, 'node')));
    }
    const inspected = comingBack(of).every((line) => line.received === line.inspected);
    if (of.state === 'awaiting-inspection' && inspected) of.state = 'refunding';
    return { answer: { applied: true, state: of.state }, kept: true };
  });
}

function dispose(
  world: World,
  line: ReturnLine,
  { quantity, disposition }: { readonly quantity: number; readonly disposition: string },
): void {
  const item = itemAt(world, line.sku, found(line.node, 'node'));
  const value = shareOf(
    line.receivedCost - line.disposedCost,
    quantity,
    line.received - line.inspected,
  );
  line.inspected += quantity;
  line.disposedCost += value;
  move(item, 'returned', BUCKETS[disposition] ?? null, quantity);
  if (disposition === 'scrap' || disposition === 'vendor-return') {
    const { minor } = takeReturned(item, quantity, value);
    post(world, disposition === 'scrap' ? 'scrap' : 'supplier-claims', 'returns-stock', minor);
  } else if (disposition === 'restock') {
    const out = takeReturned(item, quantity, value);
    const inventory = addCost(world, item, quantity, out.value);
    post(world, 'inventory', 'returns-stock', inventory);
    post(world, 'valuation-differences', 'returns-stock', out.minor - inventory);
  }
}
