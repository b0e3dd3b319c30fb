import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { putChannels } from '../../activities/ledger/intake/master-data.ts';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { driveOrder, sendOrder } from '../ledger/return-shop.ts';
import { fresh, openApiShop, type ApiShop } from './api-shop.ts';
import { order, seg, SOLD, type Body } from './samples.ts';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let shop: ApiShop;

beforeAll(async () => {
  shop = await openApiShop();
});
afterAll(() => shop?.close());

async function placed(change: Body = {}): Promise<Body> {
  const { body, status } = await shop.call('POST', '/v1/orders', {
    body: { ...order(), ...change },
  });
  expect(status).toBe(201);
  return body;
}

const read = async (id: string): Promise<Body> =>
  (await shop.call('GET', `/v1/orders/${seg(id)}`)).body;

const line = (change: Body): Body => ({
  externalLineId: fresh('l'),
  sku: 'MUG',
  quantity: 1,
  unitPrice: '1',
  ...change,
});

/** Every text below a field of one of these names. */
function timesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    /(At|By)$/.test(name) && typeof part === 'string' && /^\d{4}-/.test(part)
      ? [part]
      : timesIn(part),
  );
}

test('every time of an order, its shipments and its timeline is UTC to the millisecond', async () => {
  const id = String((await placed())['id']);
  await driveOrder(shop.ledger, id);
  await sendOrder(shop, id);
  const paths = [`orders/${seg(id)}`, 'orders', `orders/${seg(id)}/timeline`, 'shipments'];
  for (const path of paths) {
    const times = timesIn((await shop.call('GET', `/v1/${path}`)).body);
    expect(times.length, path).toBeGreaterThan(1);
    for (const time of times) expect(time, path).toMatch(INSTANT);
  }
});

test('unit prices have two places at least, and no zeros behind more', async () => {
  const prices = ['8.5', '8.50', '3', '2.555', '0.125000', '0'];
  const { lines } = (await placed({
    lines: prices.map((unitPrice) => line({ unitPrice })),
  })) as { lines: Body[] };
  expect(lines.slice(0, prices.length).map(({ unitPrice }) => unitPrice)).toEqual([
    '8.50',
    '8.50',
    '3.00',
    '2.555',
    '0.125',
    '0.00',
  ]);
});

test('a payment reads as captured once its goods are invoiced', async () => {
  const payment = { provider: 'gateway', reference: fresh('auth'), status: 'authorized' };
  const all = await placed({ payment: { ...payment, amountMinor: '1345' } });
  const id = String(all['id']);
  expect(all['payments']).toMatchObject([{ state: 'authorized' }]);
  await driveOrder(shop.ledger, id);
  await sendOrder(shop, id);
  expect(await read(id)).toMatchObject({
    payments: [{ state: 'captured', capturedMinor: '1345' }],
  });

  const more = await placed({ payment: { ...payment, amountMinor: '5000' } });
  await driveOrder(shop.ledger, String(more['id']));
  await sendOrder(shop, String(more['id']));
  expect(await read(String(more['id']))).toMatchObject({
    payments: [{ state: 'partially-captured', capturedMinor: '1345' }],
  });
});

test.each([
  ['was authorized', { status: 'authorized', reference: 'auth_short' }, 'pending'],
  ['was captured', { status: 'captured', reference: 'auth_short' }, 'pending'],
  ['is still to be paid', { status: 'none' }, null],
])(
  'a refused order that %s is started only to give its payment back',
  async (_name, payment, process) => {
    await putChannels(shop.ledger, [
      { channel: 'impatient', name: 'Market', kind: 'marketplace', backorder: 'refuse' },
    ]);
    const body = {
      ...order(),
      channel: 'impatient',
      lines: [line({ quantity: 900_000 })],
      payment: { provider: 'gateway', amountMinor: '100000000', ...payment },
    };
    const before = shop.engine.started.length;
    const first = await placed(body);
    expect(first).toMatchObject({ state: 'rejected', process });
    expect(first['payments']).toHaveLength(process === null ? 0 : 1);
    const started = process === null ? [] : [first['id']];
    expect(shop.engine.started.slice(before)).toEqual(started);
    expect(await placed(body)).toEqual(first);
    expect(shop.engine.started.slice(before)).toEqual(started);
  },
);

test('a line says where its backordered units wait', async () => {
  const { lines } = (await placed({ lines: [line({ sku: 'CUP', quantity: 7 })] })) as {
    lines: Body[];
  };
  expect(lines[0]).toMatchObject({
    backordered: 7,
    backorders: [{ node: 'main', quantity: 7 }],
    allocations: [],
  });
  expect(lines[1]).toMatchObject({ backordered: 0, backorders: [] });
});

describe('a cancellation', () => {
  const cancel = (id: string, body: Body) =>
    shop.call('POST', `/v1/orders/${seg(id)}/cancellations`, {
      body: { reason: 'asked', ...body },
    });

  test('of more than is open says how many were', async () => {
    const id = String((await placed())['id']);
    const lines = [{ orderLineId: `${id}#1`, quantity: 5 }];
    expect(await cancel(id, { lines })).toMatchObject({
      status: 200,
      body: {
        applied: true,
        cancelled: [{ orderLineId: `${id}#1`, quantity: 2 }],
        notOpen: [{ orderLineId: `${id}#1`, asked: 5, open: 2 }],
      },
    });
    expect(await cancel(id, { lines: [{ orderLineId: `${id}#1`, quantity: 1 }] })).toMatchObject({
      status: 200,
      body: { applied: false, cancelled: [], notOpen: [{ asked: 1, open: 0 }] },
    });
  });

  test.each([
    ['that the order has not', ['#1', '#99'], 'lines[1].orderLineId'],
    ['named twice', ['#1', '#2', '#1'], 'lines[2].orderLineId'],
  ])('of a line %s is refused, and the line is named', async (_name, parts, path) => {
    const id = String((await placed())['id']);
    const before = await shop.digest();
    const lines = parts.map((part) => ({ orderLineId: `${id}${part}` }));
    expect(await cancel(id, { lines })).toMatchObject({ status: 422, paths: [path] });
    expect(await shop.digest()).toBe(before);
  });
});

test('an order in another currency is posted in it, and its cost in the currency of the books', async () => {
  const id = String((await placed({ currency: 'EUR', placedAt: SOLD }))['id']);
  await driveOrder(shop.ledger, id);
  await sendOrder(shop, id);
  const { body } = await shop.call('GET', '/v1/ledger/trial-balance');
  const { accounts, totals } = body as { accounts: Body[]; totals: Body[] };
  expect(totals).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ currency: 'EUR', differenceMinor: '0' }),
      expect.objectContaining({ currency: 'GBP', differenceMinor: '0' }),
    ]),
  );
  const inEuro = accounts.filter(({ currency }) => currency === 'EUR');
  expect(inEuro.map(({ account }) => account)).toContain('revenue');
  expect(inEuro.map(({ account }) => account)).not.toContain('inventory');
  expect(await checkLedger(shop.ledger)).toMatchObject({ ok: true, drift: [] });
});

test('a channel has its orders sent by its own nodes alone, stock or not', async () => {
  const channel = { channel: fresh('ch'), name: 'South', kind: 'web-shop', backorder: 'allow' };
  const put = async (nodes: unknown) =>
    (await shop.call('PUT', '/v1/channels', { body: [{ ...channel, nodes }] })).body;
  expect(await put(['nowhere'])).toMatchObject({
    results: [
      { result: 'refused', errors: [{ path: 'nodes[0]', message: 'nowhere is not a known node' }] },
    ],
  });
  expect(await put(['south'])).toMatchObject({ results: [{ result: 'created' }] });
  expect(await put(['south'])).toMatchObject({ results: [{ result: 'unchanged' }] });
  const there = await placed({
    channel: channel.channel,
    lines: [line({ sku: 'MUG', quantity: 2 })],
  });
  const { lines } = there as { lines: Body[] };
  expect(lines[0]).toMatchObject({ backorders: [{ node: 'south', quantity: 2 }] });
  expect(await put(null)).toMatchObject({ results: [{ result: 'updated' }] });
  const anywhere = await placed({
    channel: channel.channel,
    lines: [line({ sku: 'MUG', quantity: 2 })],
  });
  const [first] = (anywhere as { lines: Body[] }).lines;
  expect(first).toMatchObject({ allocations: [{ node: 'main', quantity: 2 }] });
});
