import type { Answer } from './client.ts';
import { idIn, oneErrand, type Errand, type Told } from './errand.ts';
import type { Chance } from './random.ts';

/** Few enough that some run out, and orders wait for goods. */
export const SKUS = 150;
const NODES = ['leeds', 'bristol', 'dublin'] as const;
/** Who enters what is neither goods nor charge: people who might decide it too, or a program. */
const BOOKKEEPERS = ['person:finance-1', 'person:finance-2', null] as const;
const SHORTEST_HOLD_MS = 3_000;
const LONGEST_HOLD_MS = 25_000;

export function skuName(number: number): string {
  return `LL-${String(number).padStart(4, '0')}`;
}

/** Staff at work: goods in, counted, entered, bought, replenished, kept aside. Some need an approval. */
export function staffErrand(chance: Chance, name: string): Errand {
  const share = chance.fraction();
  if (share < 0.24) return receipt(chance, `receipt-${name}`);
  if (share < 0.44) return adjustment(chance, `adjust-${name}`);
  if (share < 0.64) return financeEntry(chance, `entry-${name}`);
  if (share < 0.8) return purchase(chance, `buy-${name}`);
  if (share < 0.97) return hold(chance, name);
  return replenishment(chance);
}

const now = () => new Date().toISOString();

function receipt(chance: Chance, key: string): Errand {
  const numbers = new Set([chance.whole(1, SKUS), chance.whole(1, SKUS)]);
  const lines = [...numbers].map((number) => ({
    sku: skuName(number),
    quantity: chance.whole(5, 40),
    unitCost: '3.25',
  }));
  const body = { receiptId: key, node: chance.pick(NODES), occurredAt: now(), lines };
  const detail = `${body.node}: ${unitsText(lines)}`;
  return oneErrand('receipt', key, { path: '/v1/stock/receipts', body }, () => ({
    id: null,
    detail,
  }));
}

function adjustment(chance: Chance, key: string): Errand {
  const kind = chance.pick(['found', 'write-off'] as const);
  const body = {
    externalRef: key,
    kind,
    node: chance.pick(NODES),
    sku: skuName(chance.whole(1, SKUS)),
    quantity: chance.whole(1, 25),
    reasonCode: kind === 'found' ? 'found' : 'lost',
    occurredAt: now(),
  };
  const signed = kind === 'found' ? body.quantity : -body.quantity;
  const detail = `${body.node}: ${body.sku} ${signed}`;
  return oneErrand('adjustment', key, { path: '/v1/stock/adjustments', body }, (answer) => ({
    id: idIn(answer),
    detail,
  }));
}

function financeEntry(chance: Chance, key: string): Errand {
  // Nobody is asked about the first, one person about the second, two about the third.
  const unitPrice = chance.pick(['12.50', '1250.00', '12500.00'] as const);
  const by = chance.pick(BOOKKEEPERS);
  const body = {
    externalRef: key,
    kind: 'manual',
    quantity: 1,
    unitPrice,
    currency: 'GBP',
    occurredAt: now(),
  };
  const detail = unitPrice.replace('.', '');
  const request = { path: '/v1/finance/entries', body, ...(by === null ? {} : { by }) };
  return oneErrand('finance entry', key, request, (answer) => ({ id: idIn(answer), detail }));
}

/** The first three of every twelve SKUs of the sample shop are this supplier's. */
function purchase(chance: Chance, key: string): Errand {
  const numbers = new Set(
    [1, 2, 3].map((place) => chance.whole(0, Math.floor(SKUS / 12) - 1) * 12 + place),
  );
  const quantity = chance.happens(0.15) ? 600 : 6 * chance.whole(1, 5);
  const lines = [...numbers].map((number) => ({ sku: skuName(number), quantity }));
  const body = {
    externalRef: key,
    supplier: 'kiln-and-clay',
    node: chance.pick(NODES),
    orderedAt: now(),
    currency: 'GBP',
    lines,
  };
  const detail = `${body.node}: ${unitsText(lines)}`;
  return oneErrand('purchase order', key, { path: '/v1/purchase-orders', body }, (answer) => ({
    id: idIn(answer),
    detail,
  }));
}

function replenishment(chance: Chance): Errand {
  const node = chance.pick(NODES);
  const date = new Date(Date.parse('2026-01-01') + chance.whole(0, 300) * 86_400_000);
  const day = date.toISOString().slice(0, 10);
  const key = `${node}:${day}`;
  // The same for every request of a day: a cycle that is asked for again is the same one.
  const body = { node, date: day, businessTime: `${now().slice(0, 10)}T00:00:00Z` };
  return oneErrand('replenishment', key, { path: '/v1/replenishment/cycles', body }, (answer) => ({
    id: idIn(answer),
    detail: null,
  }));
}

/** One or two, which let go of their units after some seconds if nobody gives them back before. */
function hold(chance: Chance, name: string): Errand {
  const kind = 'hold';
  const holds = Array.from({ length: chance.whole(1, 2) }, (_, index) => ({
    holdId: `hold-${name}-${index + 1}`,
    expiresAt: new Date(Date.now() + chance.whole(SHORTEST_HOLD_MS, LONGEST_HOLD_MS)).toISOString(),
    plans: [1, 2].map(() => [
      {
        sku: skuName(chance.whole(1, SKUS)),
        node: chance.pick(NODES),
        quantity: chance.whole(1, 12),
      },
    ]),
  }));
  return {
    method: 'POST',
    path: '/v1/stock/holds',
    body: { holds },
    asks: holds.map(({ holdId }) => ({ kind, key: holdId })),
    told: ({ status, body }) => {
      const { results = [] } = body as { results?: readonly Answer['body'][] };
      return holds.map(({ holdId: key }, index): Told => {
        if (status !== 207) return { kind, refused: status };
        const state = String(results[index]?.['state']);
        if (state === 'refused') return { kind, refused: 422 };
        return { kind, acknowledged: { key, id: null, detail: state } };
      });
    },
  };
}

/** A hold that has reached its time meanwhile was nobody's to give back. */
export function holdGivenBack(key: string): Errand {
  const kind = 'hold given back';
  return {
    method: 'DELETE',
    path: `/v1/stock/holds/${key}`,
    asks: [{ kind, key }],
    told: ({ status, body }) => [
      status < 300 && body['state'] === 'released'
        ? { kind, acknowledged: { key, id: null, detail: null } }
        : { kind, refused: status },
    ],
  };
}

/** `<sku> <quantity>` of each line, by SKU. */
function unitsText(lines: readonly { readonly sku: string; readonly quantity: number }[]): string {
  return lines
    .map(({ sku, quantity }) => `${sku} ${quantity}`)
    .toSorted()
    .join(', ');
}
