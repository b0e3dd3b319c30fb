import { readOrder } from '../../../activities/ledger/read/order.ts';
import { readReturn } from '../../../activities/ledger/read/return.ts';
import { readStock } from '../../../activities/ledger/read/stock.ts';
import { orderView } from '../plain/orders.ts';
import { unitsIn } from '../plain/stock.ts';
import { found, type Answer, type Item, type Return, type World } from '../plain/world.ts';
import { answerOf, idOf, type Desk, type Operation } from './operation.ts';
import { orderAnswer } from './views.ts';

/** What anybody sees of a SKU, an order or a return. */
export function look(desk: Desk): Operation {
  const { world, dice, shop } = desk;
  const orders = [...world.orders.keys()];
  const returns = [...world.returns.keys()];
  const what = dice.below(3);
  if (what === 1 && orders.length > 0) return readingOrder(dice.pick(orders));
  if (what === 2 && returns.length > 0) return readingReturn(desk, dice.pick(returns));
  return readingStock(dice.pick(shop.skus));
}

function readingOrder(orderId: string): Operation {
  return {
    verb: 'readOrder',
    request: { orderId },
    send: (ledger) =>
      answerOf(
        readOrder(ledger, orderId).then((order) => (order === null ? {} : orderAnswer(order))),
      ),
    predict: (world) => orderView(world, found(world.orders.get(orderId), orderId)),
  };
}

function readingReturn({ shop }: Desk, ref: string): Operation {
  return {
    verb: 'readReturn',
    request: { ref },
    send: (ledger) =>
      answerOf(
        readReturn(ledger, idOf(shop, 'return', ref)).then((view) => ({
          state: view.state,
          lines: [...view.lines, ...view.cancellations]
            .map(
              (line) =>
                `${line.returnLineId.split('#')[1]} ${line.receivedQuantity} ${line.inspectedQuantity} ${line.creditedMinor}`,
            )
            .toSorted(),
          refunds: view.refunds
            .map(({ amountMinor, state }) => `${amountMinor} ${state}`)
            .toSorted(),
        })),
      ),
    predict: (world) => returnView(found(world.returns.get(ref), ref)),
  };
}

function returnView(of: Return): Answer {
  return {
    state: of.state,
    lines: of.lines
      .map((line) => `${line.lineNo} ${line.received} ${line.inspected} ${line.creditedMinor}`)
      .toSorted(),
    refunds: of.refunds.map(({ amount, state }) => `${amount} ${state}`).toSorted(),
  };
}

function readingStock(sku: string): Operation {
  return {
    verb: 'readStock',
    request: { sku },
    send: (ledger) =>
      answerOf(
        readStock(ledger, sku).then(({ nodes }) => ({
          nodes: nodes
            .map(
              (at) =>
                `${at.node} ${[at.onHand, at.reserved, at.available, at.inTransit, at.inbound, at.returned, at.quarantined, at.damaged, at.backordered].join(' ')}`,
            )
            .filter(isKnown)
            .toSorted(),
        })),
      ),
    predict: (world) => ({
      nodes: [...world.items.values()]
        .filter((item) => item.sku === sku)
        .map((item) => stockText(world, item))
        .filter(isKnown)
        .toSorted(),
    }),
  };
}

/** Not a node that has nothing and expects nothing: the ledger lists it once somebody has asked for stock there. */
function isKnown(text: string): boolean {
  return !text.endsWith(' 0 0 0 0 0 0 0 0 0');
}

function stockText(world: World, item: Item): string {
  const [available, reserved] = [unitsIn(item, 'on-hand'), unitsIn(item, 'reserved')];
  const inbound = [...world.purchaseOrders.values()]
    .filter(({ node, state }) => {
      return node === item.node && ['approved', 'sent', 'acknowledged'].includes(state);
    })
    .flatMap(({ lines }) => lines)
    .filter(({ sku }) => sku === item.sku)
    .reduce((sum, line) => sum + Math.max(line.quantity - line.received - line.short, 0), 0);
  const waiting = world.queue
    .filter(({ sku, node }) => sku === item.sku && node === item.node)
    .reduce((sum, { quantity }) => sum + quantity, 0);
  const others = (['returned', 'quarantined', 'damaged'] as const).map((bucket) =>
    unitsIn(item, bucket),
  );
  const units = [available + reserved, reserved, available, unitsIn(item, 'inbound'), inbound];
  return `${item.node} ${[...units, ...others, waiting].join(' ')}`;
}
