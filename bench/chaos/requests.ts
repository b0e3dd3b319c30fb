import type { Acknowledged, FactKind } from './facts.ts';
import type { Chance } from './random.ts';

/** An order that was acknowledged, as far as cancellations and returns need it. */
export interface KnownOrder {
  readonly id: string;
  readonly channel: string;
  readonly lines: readonly {
    readonly lineNo: number;
    readonly sku: string;
    readonly quantity: number;
  }[];
}

/** Few enough that some run out, and orders wait for goods. */
const SKUS = 150;
const NODES = ['leeds', 'bristol', 'dublin'] as const;
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

function skuName(number: number): string {
  return `LL-${String(number).padStart(4, '0')}`;
}

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
    externalId: `chaos-${name}`,
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

/** The whole order, or some units of one line. */
export function cancellationBody(chance: Chance, cancellationId: string, order: KnownOrder) {
  const { lineNo, quantity } = chance.pick(order.lines);
  const lines = [{ orderLineId: `${order.id}#${lineNo}`, quantity: chance.whole(1, quantity) }];
  return {
    cancellationId,
    reason: 'customer-request',
    ...(chance.happens(0.5) ? {} : { lines }),
  };
}

/** Of one line; what is not shipped yet is cancelled instead. */
export function returnBody(chance: Chance, externalRef: string, order: KnownOrder) {
  const { lineNo, sku, quantity } = chance.pick(order.lines);
  return {
    channel: order.channel,
    externalRef,
    orderId: order.id,
    resolution: chance.happens(0.9) ? 'refund' : 'credit',
    lines: [
      {
        externalLineId: '1',
        orderLineId: `${order.id}#${lineNo}`,
        sku,
        quantity: chance.whole(1, quantity),
        reasonCode: chance.pick(['changed-mind', 'damaged', 'wrong-item']),
      },
    ],
  };
}

/** Staff at work: goods in, counted, entered, bought, replenished. Some need an approval. */
export function otherRequest(
  chance: Chance,
  name: string,
): { readonly kind: FactKind; readonly path: string; readonly key: string; readonly body: object } {
  const occurredAt = new Date().toISOString();
  const node = chance.pick(NODES);
  const share = chance.fraction();
  if (share < 0.35) {
    const key = `receipt-${name}`;
    const numbers = new Set([chance.whole(1, SKUS), chance.whole(1, SKUS)]);
    const lines = [...numbers].map((number) => ({
      sku: skuName(number),
      quantity: chance.whole(5, 40),
      unitCost: '3.25',
    }));
    const body = { receiptId: key, node, occurredAt, lines };
    return { kind: 'receipt', path: '/v1/stock/receipts', key, body };
  }
  if (share < 0.6) {
    const key = `adjust-${name}`;
    const kind = chance.pick(['found', 'write-off'] as const);
    const body = {
      externalRef: key,
      kind,
      node,
      sku: skuName(chance.whole(1, SKUS)),
      quantity: chance.whole(1, 25),
      reasonCode: kind === 'found' ? 'found' : 'lost',
      occurredAt,
    };
    return { kind: 'adjustment', path: '/v1/stock/adjustments', key, body };
  }
  if (share < 0.75) {
    const key = `entry-${name}`;
    const unitPrice = chance.happens(0.5) ? '1250.00' : '12.50';
    const body = {
      externalRef: key,
      kind: 'manual',
      quantity: 1,
      unitPrice,
      currency: 'GBP',
      occurredAt,
    };
    return { kind: 'finance entry', path: '/v1/finance/entries', key, body };
  }
  if (share < 0.97) return purchase(chance, `buy-${name}`, node, occurredAt);
  const date = new Date(Date.parse('2026-01-01') + chance.whole(0, 300) * 86_400_000);
  const day = date.toISOString().slice(0, 10);
  const body = { node, date: day, businessTime: occurredAt };
  const key = `${node}:${day}`;
  return { kind: 'replenishment', path: '/v1/replenishment/cycles', key, body };
}

/** The first three of every twelve SKUs of the sample shop are this supplier's. */
function purchase(chance: Chance, key: string, node: string, orderedAt: string) {
  const numbers = new Set(
    [1, 2, 3].map((place) => chance.whole(0, Math.floor(SKUS / 12) - 1) * 12 + place),
  );
  const quantity = chance.happens(0.15) ? 600 : 6 * chance.whole(1, 5);
  const body = {
    externalRef: key,
    supplier: 'kiln-and-clay',
    node,
    orderedAt,
    currency: 'GBP',
    lines: [...numbers].map((number) => ({ sku: skuName(number), quantity })),
  };
  return { kind: 'purchase order' as const, path: '/v1/purchase-orders', key, body };
}

/** What an answer promises: the id, and what else the ledger has to say of it. */
export function promiseOf(
  kind: FactKind,
  key: string,
  body: Readonly<Record<string, unknown>>,
): Acknowledged {
  const id = typeof body['id'] === 'string' ? body['id'] : null;
  switch (kind) {
    case 'order':
      return { key, id, detail: String(body['totalMinor']) };
    case 'receipt':
      return { key, id: null, detail: String(body['units']) };
    case 'adjustment':
      return { key, id, detail: String(body['quantity']) };
    case 'cancellation': {
      const cancelled = body['cancelled'] as { quantity: number }[];
      const units = cancelled.reduce((sum, { quantity }) => sum + quantity, 0);
      return { key, id: null, detail: String(units) };
    }
    case 'return':
    case 'finance entry':
    case 'purchase order':
    case 'replenishment':
    case 'decision':
    case 'resolution':
      return { key, id, detail: null };
  }
}
