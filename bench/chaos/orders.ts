import type { Answer } from './client.ts';
import { idIn, oneErrand, type Errand, type Told } from './errand.ts';
import type { Chance } from './random.ts';
import { SKUS, skuName } from './staff.ts';

export type OrderBody = ReturnType<typeof orderBody>;

/** An order that was acknowledged, as far as cancellations, returns and repetitions need it. */
export interface KnownOrder {
  readonly id: string;
  readonly body: OrderBody;
}

const CHANNELS = ['web', 'web', 'web', 'b2b', 'north-market'] as const;
/** What the gateway makes of a payment; the plain one most of the time. */
const TOKENS = [
  ...Array.from({ length: 12 }, () => 'tok_visa'),
  'tok_error_once',
  'tok_error_once',
  'tok_capture_timeout',
  'tok_capture_timeout',
  'tok_decline',
  'tok_challenge',
  'tok_capture_fail',
  'tok_refund_fail',
] as const;

/** One to four lines. Some have no postal code, some are dear and by a new customer: these are held. */
export function orderBody(chance: Chance, name: string) {
  const isDear = chance.happens(0.04);
  const skus = new Set(Array.from({ length: chance.whole(1, 4) }, () => chance.whole(1, SKUS)));
  const lines = [...skus].map((number, index) => ({
    externalLineId: String(index + 1),
    sku: skuName(number),
    quantity: isDear ? 8 : chance.whole(1, 3),
    unitPrice: isDear ? '79.99' : `${chance.whole(2, 30)}.${chance.whole(10, 99)}`,
  }));
  const totalMinor = lines.reduce(
    (sum, { quantity, unitPrice }) => sum + quantity * Number(unitPrice.replace('.', '')),
    0,
  );
  const isPaidBefore = chance.happens(0.06);
  const country = chance.pick(['GB', 'GB', 'IE', 'DE']);
  const payment: {
    provider: string;
    status: 'none' | 'authorized';
    token?: string;
    amountMinor?: string;
  } = isPaidBefore
    ? { provider: 'gateway', status: 'authorized', amountMinor: String(totalMinor) }
    : { provider: 'gateway', status: 'none', token: chance.pick(TOKENS) };
  return {
    channel: chance.pick(CHANNELS),
    externalId: externalIdOf(name),
    currency: 'GBP',
    customer: {
      externalId: isDear ? `new-${name}` : `c-${chance.whole(1, 60)}`,
      email: `${name}@example.com`,
    },
    shipTo: { country, ...(chance.happens(0.04) ? {} : { postalCode: 'N1 1AA' }) },
    lines,
    payment,
  };
}

/** An order's number at its channel. */
export function externalIdOf(name: string): string {
  return `chaos-${name}`;
}

function keyOf({ channel, externalId }: Pick<OrderBody, 'channel' | 'externalId'>): string {
  return `${channel}/${externalId}`;
}

export function placement(body: OrderBody): Errand {
  return oneErrand('order', keyOf(body), { path: '/v1/orders', body }, promiseOfOrder);
}

function promiseOfOrder(order: Answer['body']) {
  return { id: idIn(order), detail: String(order['totalMinor']) };
}

/** Several orders in one request, each with an answer of its own. */
export function batchPlacement(bodies: readonly OrderBody[]): Errand {
  return {
    method: 'POST',
    path: '/v1/orders/batch',
    body: bodies,
    asks: bodies.map((body) => ({ kind: 'order', key: keyOf(body) })),
    told: ({ status, body }) => {
      const results = body as unknown as readonly Answer['body'][];
      return bodies.map((order, index): Told => {
        if (status !== 207) return { kind: 'order', refused: status };
        const element = results[index] ?? {};
        if (element['status'] !== 201) return { kind: 'order', refused: Number(element['status']) };
        const view = element['order'] as Answer['body'];
        return { kind: 'order', acknowledged: { key: keyOf(order), ...promiseOfOrder(view) } };
      });
    },
  };
}

/** A channel edits an order that was taken in: the first content stands, the other one is kept and shown. */
export function changedPlacement({ body }: KnownOrder, name: string): Errand {
  const kind = 'changed order';
  const key = `${keyOf(body)} ${name}`;
  const changed = {
    ...body,
    customer: { ...body.customer, email: `changed-${name}@example.com` },
  };
  return {
    method: 'POST',
    path: '/v1/orders',
    body: changed,
    asks: [{ kind, key }],
    told: ({ status }) => {
      if (status === 409) return [{ kind, acknowledged: { key, id: null, detail: null } }];
      if (status >= 300) return [{ kind, refused: status }];
      return [{ kind, contradiction: `${key} was taken in over what stood (${status})` }];
    },
  };
}

/** The whole order, or some units of one line. */
export function cancellation(chance: Chance, key: string, order: KnownOrder): Errand {
  const { lineNo, quantity } = pickLine(chance, order);
  const lines = [{ orderLineId: `${order.id}#${lineNo}`, quantity: chance.whole(1, quantity) }];
  const path = `/v1/orders/${encodeURIComponent(order.id)}/cancellations`;
  const body = {
    cancellationId: key,
    reason: 'customer-request',
    ...(chance.happens(0.5) ? {} : { lines }),
  };
  return oneErrand('cancellation', key, { path, body }, (answer) => {
    const cancelled = answer['cancelled'] as { quantity: number }[];
    const units = cancelled.reduce((sum, line) => sum + line.quantity, 0);
    return { id: null, detail: String(units) };
  });
}

/** Of one line; what is not shipped yet is cancelled instead. */
export function goodsReturn(chance: Chance, externalRef: string, order: KnownOrder): Errand {
  const { lineNo, sku, quantity } = pickLine(chance, order);
  const { channel } = order.body;
  const units = chance.whole(1, quantity);
  const body = {
    channel,
    externalRef,
    orderId: order.id,
    resolution: chance.happens(0.9) ? 'refund' : 'credit',
    lines: [
      {
        externalLineId: '1',
        orderLineId: `${order.id}#${lineNo}`,
        sku,
        quantity: units,
        reasonCode: chance.pick(['changed-mind', 'damaged', 'wrong-item']),
      },
    ],
  };
  const key = `${channel}/${externalRef}`;
  return oneErrand('return', key, { path: '/v1/returns', body }, (answer) => ({
    id: idIn(answer),
    detail: String(units),
  }));
}

function pickLine(chance: Chance, { body }: KnownOrder) {
  const index = chance.whole(0, body.lines.length - 1);
  const line = body.lines[index];
  if (line === undefined) throw new Error('an order without lines');
  return { ...line, lineNo: index + 1 };
}
