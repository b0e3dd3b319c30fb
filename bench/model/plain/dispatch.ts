import { divideRounded } from './cost.ts';
import { invoiceCharges } from './advance.ts';
import { partOf } from './lines.ts';
import { makeDue } from './progress.ts';
import { itemAt, move, takeCosts } from './stock.ts';
import {
  found,
  once,
  post,
  refused,
  type Answer,
  type OrderLine,
  type Shipment,
  type World,
} from './world.ts';

interface Dispatch {
  readonly shipmentId: string;
  readonly dispatchId: string;
  readonly lines: readonly { readonly lineNo: number; readonly quantity: number }[];
}

/** Goods have left: stock, cost of sale and invoice in one. What is not open on the shipment cannot have left. */
export function dispatchShipment(world: World, request: Dispatch): Answer {
  const order = [...world.orders.values()].find(({ shipments }) =>
    shipments.some(({ id }) => id === request.shipmentId),
  );
  const shipment = order?.shipments.find(({ id }) => id === request.shipmentId);
  if (order === undefined || shipment === undefined) return refused('NotFound');
  const key = `${shipment.id}:dispatch:${request.dispatchId}`;
  return once(world, { key, content: request, marksRepeats: true }, () => {
    const tooMuch = request.lines.some(({ lineNo, quantity }) => {
      const line = shipment.lines.get(lineNo);
      return quantity > (line?.quantity ?? 0) - (line?.dispatched ?? 0);
    });
    if (shipment.state !== 'released' || tooMuch)
      return { answer: { applied: false, state: shipment.state }, kept: false };
    const sent = request.lines.map(({ lineNo, quantity }) => ({
      line: found(
        order.lines.find((line) => line.lineNo === lineNo),
        'line',
      ),
      quantity,
    }));
    takeOff(shipment, sent);
    const total = invoice(world, shipment, sent) + invoiceCharges(world, order);
    makeDue(world, order, key, total);
    return {
      answer: { applied: true, state: shipment.state, amount: total.toString() },
      kept: true,
    };
  });
}

type Sent = readonly { readonly line: OrderLine; readonly quantity: number }[];

function takeOff(shipment: Shipment, sent: Sent): void {
  for (const { line, quantity } of sent) {
    found(shipment.lines.get(line.lineNo), 'shipment line').dispatched += quantity;
    const held = found(line.reserved.get(shipment.node), 'reservation');
    held.quantity -= quantity;
    held.onShipment -= quantity;
  }
  shipment.sentOnce = true;
  if ([...shipment.lines.values()].every(({ quantity, dispatched }) => quantity === dispatched))
    shipment.state = 'dispatched';
}

/** Cost of sale by line, then revenue and tax as cumulative shares. Answers what is invoiced for goods. */
function invoice(world: World, shipment: Shipment, sent: Sent): bigint {
  let total = 0n;
  for (const sku of new Set(sent.map(({ line }) => line.code))) {
    const item = itemAt(world, sku, shipment.node);
    const ofSku = sent
      .filter(({ line }) => line.code === sku)
      .toSorted((a, b) => a.line.lineNo - b.line.lineNo);
    const costs = takeCosts(
      world,
      item,
      ofSku.map(({ quantity }) => quantity),
    );
    for (const [index, { line, quantity }] of ofSku.entries()) {
      const cost = found(costs[index], 'cost');
      move(item, 'reserved', null, quantity);
      post(world, line.free ? 'free-goods' : 'cost-of-goods-sold', 'inventory', cost.minor);
      line.shippedCost += cost.value;
      total += invoiceUnits(world, line, quantity);
    }
  }
  return total;
}

function invoiceUnits(world: World, line: OrderLine, units: number): bigint {
  const amount = partOf(line, units);
  const taxSoFar = divideRounded(line.tax * BigInt(line.shipped + units), BigInt(line.quantity));
  const tax = taxSoFar - line.taxInvoiced;
  post(world, 'receivables', 'revenue', amount - tax);
  post(world, 'receivables', 'output-tax', tax);
  line.shipped += units;
  line.invoiced += amount;
  line.taxInvoiced += tax;
  return amount;
}
