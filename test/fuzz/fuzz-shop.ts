import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { fresh, KEYS, openApiShop, SECRET, type Answer, type ApiShop } from '../api/api-shop.ts';
import { askForChanges } from '../api/asked-changes.ts';
import { describeAnswers, type AnswerCheck } from '../api/declared-answers.ts';
import type { ValidCall } from '../api/route-with-body.ts';
import { ROUTES_WITH_BODIES } from '../api/routes-with-bodies.ts';
import { shopOrder } from '../api/samples.ts';
import { stockIn } from '../ledger/return-shop.ts';
import { watchChanges } from '../support/watch-changes.ts';

/** How often a valid call is taken as the start of a case before another one is made. */
const CASES_PER_CALL = 12;
const MAX_KNOWN = 60;

/** Values at the edge of what a field takes; the rest of what is known comes from valid calls. */
const EDGES: Readonly<Record<string, readonly unknown[]>> = {
  quantity: [1, 2, 3, 5, 10, 100, 99_999, 10_000_000],
  unitPrice: ['0', '0.000001', '0.01', '2.5', '5', '9999.999999', '10000', '100000000000'],
  unitCost: ['0', '0.000001', '0.01', '2.5', '9999.999999', '10000', '100000000000'],
  standardCost: ['0', '2.5', '0.000001', '99999999999.999999', null],
  supplierPrice: ['0', '2.5', '0.000001', '99999999999.999999', null],
  taxMinor: ['0', '1', '100', '999999999999999'],
  discountMinor: ['0', '1', '100', '999999999999999'],
  amountMinor: ['0', '1', '1000', '100000', '999999999999999'],
  lineNo: [1, 2, 3, 2_147_483_647],
  priority: [0, 1, 2, 2_147_483_647, -1],
  leadTimeDays: [0, 1, 3, 365, 3_650],
  minimumQuantity: [1, 10, 10_000_000],
  multipleQuantity: [1, 12, 10_000_000],
  occurredAt: ['1970-01-01T00:00:00Z', '2010-12-01T09:00:00Z', '2010-12-06T09:00:00Z'],
  placedAt: ['2010-11-06T00:00:00Z', '2010-12-01T09:00:00+14:00', '2010-12-05T10:00:00.999999Z'],
  expiresAt: ['1970-01-01T00:00:00Z', '2199-12-31T23:59:59Z'],
  expectedAt: ['1970-01-01T00:00:00Z', '2199-12-31T23:59:59Z'],
  orderedAt: ['1970-01-01T00:00:00Z', '2010-12-05T12:00:00Z'],
  shippedAt: ['1970-01-01T00:00:00Z', '2010-12-05T12:00:00Z'],
  until: ['1970-01-01T00:00:00Z', '2010-12-06T00:00:00Z'],
  businessTime: ['1970-01-01T00:00:00Z', '2010-12-06T00:00:00Z'],
  date: ['1970-01-01', '2010-02-28', '2010-12-05', '2010-12-06'],
  currency: ['GBP', 'EUR', 'USD'],
  country: ['GB', 'FR', 'ZZ'],
  lot: ['', 'L1', 'L2'],
  sku: ['MUG', 'TEA', 'PEN', 'CUP'],
  node: ['main', 'south'],
  channel: ['web', 'file'],
  grade: ['A', 'B', 'C', 'D'],
};

/** The API on a socket, over a ledger of its own whose changes are counted. */
export interface FuzzShop extends ApiShop {
  readonly port: number;
  readonly conforms: AnswerCheck;
  /** A call of this route that would succeed, or has just succeeded. */
  validCall(route: string): Promise<ValidCall>;
  /** Values that the ledger knows under a field's name. */
  known(field: string): readonly unknown[];
  /** Ids for the parameter of a path such as `/v1/orders/{id}`. */
  ids(path: string): readonly string[];
  /** Cursors that this list has given out. */
  cursors(path: string): readonly string[];
  /** Names every row that was changed since the last time it was asked, as `table operation`. */
  changes(): Promise<string[]>;
}

/** Opens a shop where each kind of thing exists, each route with a body having been called once. */
export async function openFuzzShop(): Promise<FuzzShop> {
  const shop = await openApiShop();
  const changes = await watchChanges(shop.owner);
  const known = new Map<string, Set<unknown>>(
    Object.entries(EDGES).map(([field, values]) => [field, new Set(values)]),
  );
  const calls = new Map<string, { call: ValidCall; left: number }>();
  const cursors = new Map<string, string[]>();
  const ids = new Map<string, string[]>();

  const make = async (route: string): Promise<ValidCall> => {
    const prepare = WEBHOOKS[route] ?? preparation(route);
    // An order of an earlier case may have taken all there was: then goods come in, and once more.
    const call = await Promise.resolve()
      .then(() => prepare(shop))
      .catch(async () => {
        await stockIn(shop.owner, 'MUG', 1_000_000_000, '2', fresh('more'));
        return prepare(shop);
      });
    harvest(call.body, '', known);
    return call;
  };
  for (const route of [...Object.keys(ROUTES_WITH_BODIES), ...Object.keys(WEBHOOKS)]) {
    const call = await make(route);
    await post(shop, route, call);
    const [, draft] = /^\/v1\/policies\/finance-entry\/drafts\/([^/]+)$/.exec(call.path) ?? [];
    if (draft !== undefined) ids.set('/v1/policies/{policy}/drafts/{draftId}', [draft]);
  }
  await askForChanges(shop);
  await readIds(shop, ids, known);
  await readCursors(shop, ids, cursors);
  const server = await listen(shop);
  const fuzzShop: FuzzShop = {
    ...shop,
    port: server.port,
    conforms: await describeAnswers(shop.app, KEYS.shop),
    validCall: async (route) => {
      const kept = calls.get(route);
      if (kept !== undefined && kept.left > 0) {
        kept.left -= 1;
        return kept.call;
      }
      const call = await make(route);
      calls.set(route, { call, left: CASES_PER_CALL - 1 });
      await changes();
      return call;
    },
    known: (field) => [...(known.get(field) ?? [])],
    ids: (path) => ids.get(path) ?? [],
    cursors: (path) => cursors.get(path) ?? [],
    changes,
    close: async () => {
      await server.close();
      await shop.close();
    },
  };
  await fuzzShop.changes();
  return fuzzShop;
}

function preparation(route: string): (shop: ApiShop) => Promise<ValidCall> {
  const known = ROUTES_WITH_BODIES[route];
  if (known === undefined) throw new Error(`nobody knows how to call ${route}`);
  return async (shop) => {
    const call = await known.prepare(shop);
    if (known.elements !== 'body') return call;
    return { ...call, body: [call.body] as never };
  };
}

const webhook = (source: string, type: string, data: (orderId: string) => object) => ({
  [`POST /v1/webhooks/${source}`]: async (shop: ApiShop): Promise<ValidCall> => {
    const orderId = await shopOrder(shop, true);
    const event = { id: fresh('e'), type, occurredAt: '2010-12-03T10:00:00Z', data: data(orderId) };
    return { path: `/v1/webhooks/${source}`, body: event };
  },
});

/** What providers post; the other tests treat them apart, as they are signed. */
const WEBHOOKS: Readonly<Record<string, (shop: ApiShop) => Promise<ValidCall>>> = {
  ...webhook('gateway', 'authorization.succeeded', (orderId) => ({
    authorizationId: `auth-payment:${orderId}:1`,
    reference: `payment:${orderId}:1`,
    amountMinor: '1000',
    currency: 'GBP',
  })),
  ...webhook('carrier', 'parcel.delivered', () => ({ trackingNumber: 'T1', status: 'delivered' })),
};

/** The header that proves who posted this body, at the shop's time. */
export function signatureOf(body: Buffer | undefined, now: string): string {
  const seconds = Math.floor(Date.parse(now) / 1000);
  const mac = createHmac('sha256', SECRET)
    .update(`${seconds}.`)
    .update(body ?? '');
  return `t=${seconds},v1=${mac.digest('hex')}`;
}

async function post(shop: ApiShop, route: string, call: ValidCall): Promise<Answer> {
  const text = JSON.stringify(call.body);
  const headers = { 'Simulator-Signature': signatureOf(Buffer.from(text), shop.clock.now) };
  const [method = ''] = route.split(' ');
  const answer = await shop.call(method, call.path, { text, headers, ...call.options });
  if (answer.status >= 300)
    throw new Error(`${route} was answered ${answer.status} ${answer.text}`);
  return answer;
}

/** Remembers every scalar of a body under its field's name. */
function harvest(value: unknown, name: string, known: Map<string, Set<unknown>>): void {
  if (Array.isArray(value)) for (const part of value) harvest(part, name, known);
  else if (typeof value === 'object' && value !== null)
    for (const [field, part] of Object.entries(value)) harvest(part, field, known);
  else {
    const values = known.get(name) ?? new Set();
    if (values.size < MAX_KNOWN) known.set(name, values.add(value));
  }
}

/** The parameter of a path is the id of what the list above it shows. */
async function readIds(
  shop: ApiShop,
  ids: Map<string, string[]>,
  known: Map<string, Set<unknown>>,
): Promise<void> {
  for (const noun of [
    'orders',
    'shipments',
    'returns',
    'purchase-orders',
    'approvals',
    'exceptions',
    'finance/entries',
    'stock/adjustments',
    'goodwill',
    'skus/changes',
    'suppliers/changes',
    'nodes/changes',
    'channels/changes',
  ]) {
    const { body } = await shop.call('GET', `/v1/${noun}?limit=20`);
    const data = body['data'] as { id: string }[];
    ids.set(
      `/v1/${noun}/{id}`,
      data.map(({ id }) => id),
    );
  }
  // Nobody whom a later case acts as: these may be sent away.
  const made = async (noun: string, isMade: (row: Record<string, unknown>) => boolean) => {
    const { body } = await shop.call('GET', `/v1/${noun}?limit=100`);
    const rows = (body['data'] as Record<string, unknown>[]).filter(isMade);
    ids.set(
      `/v1/${noun}/{id}`,
      rows.map(({ id }) => String(id)),
    );
  };
  await made('people', ({ id }) => /^person:p\b/.test(String(id)));
  await made('keys', ({ name }) => /^key\b/.test(String(name)));
  ids.set('/v1/policies/{policy}', ['finance-entry']);
  const texts = (field: string) => [...(known.get(field) ?? [])].map(String);
  ids.set(
    '/v1/replenishment/cycles/{id}',
    texts('date').map((date) => `replenishment:main:${date}`),
  );
  ids.set('/v1/stock/holds/{holdId}', texts('holdId'));
  ids.set('/v1/stock/{sku}', texts('sku'));
  for (const [path, values] of ids) {
    if (values.length === 0) throw new Error(`there is nothing to name in ${path}`);
  }
}

async function readCursors(
  shop: ApiShop,
  ids: ReadonlyMap<string, string[]>,
  cursors: Map<string, string[]>,
): Promise<void> {
  for (const definition of shop.app.openAPIRegistry.definitions) {
    if (definition.type !== 'route' || definition.route.method !== 'get') continue;
    const { path } = definition.route;
    const [id = ''] = ids.get(path.slice(0, path.indexOf('}') + 1)) ?? [];
    const filled = path.replace(/\{\w+\}/, encodeURIComponent(id));
    const { body, status } = await shop.call('GET', `${filled}?limit=1`);
    const next = body['nextCursor'];
    if (status === 200 && typeof next === 'string') cursors.set(path, [next]);
  }
}

function listen(shop: ApiShop): Promise<{ port: number; close(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: shop.app.fetch, hostname: '127.0.0.1', port: 0 }, () => {
      const { port } = server.address() as AddressInfo;
      resolve({ port, close: () => stop(server) });
    });
    server.on('error', reject);
  });
}

function stop(server: ReturnType<typeof serve>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
}
