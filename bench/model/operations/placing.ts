import { createHash } from 'node:crypto';
import { acceptOrders } from '../../../activities/ledger/intake/accept-orders.ts';
import type { OrderAcceptance } from '../../../activities/ledger/intake/order-acceptance.ts';
import * as orders from '../plain/orders.ts';
import type { Answer } from '../plain/world.ts';
import { answerOf, CHANNELS, newName, NODES, type Desk, type Operation } from './operation.ts';
import { orderAnswer } from './views.ts';

type Line = OrderAcceptance['lines'][number];

const PRICES_MINOR = [255, 100, 0, 1999, 333];
const PLACED = ['2026-03-02T10:00:00.000Z', '2026-03-02T09:00:00.000Z', '2026-03-02T11:00:00.000Z'];

/** Several orders in one call; some come twice, some with other content under the same name. */
export function placeOrders(desk: Desk): Operation {
  const { dice } = desk;
  const batch = Array.from({ length: 1 + dice.below(4) }, () => newOrder(desk));
  const [first] = batch;
  if (first !== undefined && dice.chance(6)) batch.push(first);
  if (first !== undefined && dice.chance(4)) batch.push(changed(first));
  return { ...placing(batch), altered: placing(batch.map(changed)) };
}

function placing(batch: readonly OrderAcceptance[]): Operation {
  return {
    verb: 'acceptOrders',
    request: batch,
    send: (ledger) =>
      answerOf(
        acceptOrders(ledger, batch).then((results) => ({
          results: results.map((result): Answer => {
            if (result.outcome === 'mismatch' || result.outcome === 'invalid')
              return { outcome: result.outcome };
            const { outcome, order, replayed } = result;
            return { outcome, order: orderAnswer(order), replayed };
          }),
        })),
      ),
    predict: (world) => orders.acceptOrders(world, batch),
  };
}

function changed(order: OrderAcceptance): OrderAcceptance {
  return hashed({ ...order, shipTo: { ...order.shipTo, postalCode: 'N2' } });
}

function hashed(order: OrderAcceptance): OrderAcceptance {
  const { plans: _plans, payloadHash: _hash, ...content } = order;
  const payloadHash = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return { ...order, payloadHash };
}

function newOrder({ dice, shop }: Desk): OrderAcceptance {
  const channel = dice.pick(CHANNELS);
  const externalId = newName(shop, 'o');
  const lines = newLines(dice, shop.skus);
  const totalMinor = lines.reduce(
    (sum, { kind, amountMinor }) => sum + (kind === 'discount' ? -1n : 1n) * BigInt(amountMinor),
    0n,
  );
  const customer = dice.pick([null, ...shop.customers]);
  const mayWait = channel === 'b2b' && dice.below(5) < 4;
  const status = dice.pick(['authorized', 'none', 'captured', null] as const);
  const paid = status !== null && totalMinor > 0n;
  return hashed({
    channel,
    externalId,
    payloadHash: '',
    orderId: `order:${channel}:${externalId}`,
    class: 'standard',
    currency: 'GBP',
    placedAt: dice.pick(PLACED),
    promisedDispatchAt: null,
    at: '2026-03-02T12:00:00.000Z',
    priority: dice.pick([100, 100, 50]),
    customer: customer === null ? null : { externalId: customer },
    shipTo: { country: 'GB', postalCode: 'N1' },
    screening: dice.chance(20) ? ['address'] : [],
    policyVersions: {},
    totalMinor: totalMinor.toString(),
    lines,
    plans: plansFor(dice, lines),
    backorderNodes: mayWait ? dice.pick([['north', 'south'], ['south'], ['south', 'north']]) : [],
    payment: paid
      ? {
          provider: 'gateway',
          status,
          requestedMinor: totalMinor.toString(),
          ...(status === 'none' ? {} : { reference: `auth-${externalId}` }),
        }
      : null,
    actor: 'shop',
  });
}

function newLines(dice: Desk['dice'], skus: readonly string[]): Line[] {
  const goods = Array.from({ length: 1 + dice.below(3) }, (): Omit<Line, 'lineNo'> => {
    const quantity = 1 + dice.below(5);
    const priceMinor = dice.pick(PRICES_MINOR);
    const gross = priceMinor * quantity;
    const discount = dice.chance(15) ? Math.floor(gross / 7) : 0;
    const amount = gross - discount;
    return {
      ...priced('goods', dice.chance(1) ? 'UNKNOWN' : dice.pick(skus), amount),
      quantity,
      unitPrice: (priceMinor / 100).toFixed(2),
      taxMinor: String(dice.chance(30) ? Math.floor(amount / 6) : 0),
      discountMinor: String(discount),
    };
  });
  const sum = goods.reduce((total, { amountMinor }) => total + Number(amountMinor), 0);
  const charges: Omit<Line, 'lineNo'>[] = [];
  if (dice.chance(25)) charges.push(priced('shipping', 'POST', 395));
  if (dice.chance(10) && sum > 0) charges.push(priced('discount', 'OFF', Math.ceil(sum / 9)));
  return [...goods, ...charges].map((line, index) => ({
    ...line,
    lineNo: index + 1,
    externalLineId: String(index + 1),
  }));
}

function priced(kind: string, code: string, amount: number): Omit<Line, 'lineNo'> {
  return {
    externalLineId: '',
    kind,
    code,
    quantity: 1,
    unitPrice: (amount / 100).toFixed(2),
    amountMinor: String(amount),
    belowMinor: '0',
    taxMinor: '0',
    discountMinor: '0',
    sourceRef: null,
  };
}

/** Ranked plans in any order: whole from one node, or each line split. */
function plansFor(dice: Desk['dice'], lines: readonly Line[]): OrderAcceptance['plans'] {
  const goods = lines.filter(({ kind }) => kind === 'goods');
  const whole = NODES.map((node) =>
    goods.map(({ lineNo, quantity }) => ({ lineNo, node, quantity })),
  );
  const split = goods.flatMap(({ lineNo, quantity }) => {
    const north = Math.ceil(quantity / 2);
    return [
      { lineNo, node: 'north', quantity: north },
      { lineNo, node: 'south', quantity: quantity - north },
    ].filter((entry) => entry.quantity > 0);
  });
  const [north = [], south = []] = whole;
  return dice.pick([[north, south], [south], [north, south, split], [split, south]]);
}
