import { createHash } from 'node:crypto';
import type { ClassifiedRow } from './source/classify.ts';
import { openingStock, skus } from './source/master-data.ts';
import { addDays } from './source/trade-day.ts';
import type { HttpService } from './api-client.ts';
import { CHANNEL, CURRENCY } from './requests.ts';

const SUPPLIER_COUNT = 12;
const LONGEST_LEAD_DAYS = 6;
const MOST_ELEMENTS = 500;
const MOST_LINES = 500;
const OPENING = 'opening:';

/** The warehouses of a replay: `main`, then `main-2` and so on. */
export function nodeNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => (index === 0 ? 'main' : `main-${index + 1}`));
}

/** One of `count` places for a name, always the same one. */
export function placeOf(name: string, count: number): number {
  return createHash('sha256').update(name).digest().readUInt32BE(0) % count;
}

/** The supplier of a SKU. */
function supplierOf(sku: string): string {
  return supplierName(placeOf(sku, SUPPLIER_COUNT));
}

function supplierName(place: number): string {
  return `supplier-${String(place + 1).padStart(2, '0')}`;
}

/** A purchase order as the API takes it. */
export interface OpeningOrder {
  readonly externalRef: string;
  readonly supplier: string;
  readonly node: string;
  readonly orderedAt: string;
  readonly deliverExactlyAt: string;
  readonly currency: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

/** The purchase orders that bring the opening stock at noon of the day before the first day, by supplier and node. */
export function openingOrders(
  rows: readonly ClassifiedRow[],
  nodes: readonly string[],
): OpeningOrder[] {
  const opening = openingStock(rows);
  const fileStem = rows[0]?.fileStem;
  if (opening === null || fileStem === undefined) return [];
  const lines = new Map<string, { sku: string; quantity: number }[]>();
  for (const { sku, quantity } of opening.lines) {
    const base = Math.floor(quantity / nodes.length);
    for (const [index, node] of nodes.entries()) {
      const share = base + (index < quantity % nodes.length ? 1 : 0);
      const key = `${supplierOf(sku)} ${node}`;
      if (share > 0) lines.set(key, [...(lines.get(key) ?? []), { sku, quantity: share }]);
    }
  }
  return [...lines.keys()].toSorted().flatMap((key) => {
    const [supplier = '', node = ''] = key.split(' ');
    return chunks(lines.get(key) ?? [], MOST_LINES).map((part, index) => ({
      externalRef: `${OPENING}${fileStem}:${supplier}:${node}:${index + 1}`,
      supplier,
      node,
      orderedAt: `${opening.receivedOn}T00:00:00.000Z`,
      deliverExactlyAt: `${opening.receivedOn}T12:00:00.000Z`,
      currency: CURRENCY,
      lines: part,
    }));
  });
}

/** Tells the API of channel, warehouses, suppliers and SKUs. A SKU that is known keeps its price. */
export async function putMasterData(
  api: HttpService,
  rows: readonly ClassifiedRow[],
  nodes: readonly string[],
): Promise<void> {
  await put(
    api,
    '/v1/nodes',
    nodes.map((node, index) => ({
      node,
      name: `Warehouse ${index + 1}`,
      country: 'GB',
      priority: index + 1,
    })),
  );
  await put(api, '/v1/channels', [
    {
      channel: CHANNEL,
      name: 'Online Retail',
      kind: 'web-shop',
      backorder: 'allow',
      trustsFile: true,
      // The stack may have warehouses of its own, which nobody stocks here.
      nodes,
    },
  ]);
  await put(api, '/v1/suppliers', suppliers());
  const known = new Set(
    (await api.list('/v1/skus')).map((element) => (element as { sku: string }).sku),
  );
  const missing = skus(rows).filter(({ sku }) => !known.has(sku));
  await put(
    api,
    '/v1/skus',
    missing.map((record) => ({
      ...record,
      description: record.description.slice(0, 500),
      costMethod: 'fifo',
      supplier: supplierOf(record.sku),
    })),
  );
}

/**
 * Orders the opening stock, once per database: where other files have brought theirs already, nothing
 * is ordered. Answers the time by which everything is delivered, or null.
 */
export async function orderOpeningStock(
  api: HttpService,
  rows: readonly ClassifiedRow[],
  nodes: readonly string[],
): Promise<string | null> {
  const orders = openingOrders(rows, nodes);
  const [first] = orders;
  if (first === undefined) return null;
  const ours = new Set(orders.map((order) => order.externalRef));
  const known = await api.list('/v1/purchase-orders');
  const broughtByOthers = known
    .map((element) => (element as { externalRef: string | null }).externalRef)
    .some((reference) => reference?.startsWith(OPENING) === true && !ours.has(reference));
  if (broughtByOthers) return null;
  for (const order of orders) await api.call('POST', '/v1/purchase-orders', order);
  return `${addDays(first.orderedAt.slice(0, 10), 1)}T00:00:00.000Z`;
}

function suppliers(): object[] {
  return Array.from({ length: SUPPLIER_COUNT }, (_, place) => ({
    supplier: supplierName(place),
    name: `Supplier ${place + 1}`,
    currency: CURRENCY,
    leadTimeDays: 1 + (place % LONGEST_LEAD_DAYS),
  }));
}

async function put(api: HttpService, path: string, elements: readonly object[]): Promise<void> {
  for (const part of chunks(elements, MOST_ELEMENTS)) {
    const { body } = await api.call('PUT', path, part);
    const { results } = body as { results: { result: string }[] };
    const refused = results.find(({ result }) => result === 'refused');
    if (refused !== undefined) {
      throw new Error(`PUT ${path} refused an element: ${JSON.stringify(refused)}`);
    }
  }
}

function chunks<Element>(elements: readonly Element[], size: number): Element[][] {
  const parts: Element[][] = [];
  for (let start = 0; start < elements.length; start += size) {
    parts.push(elements.slice(start, start + size));
  }
  return parts;
}
