import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BACK } from '../ledger/return-shop.ts';
import { fresh, openApiShop, type ApiShop } from './api-shop.ts';
import { goodwill, paidOrder } from './goodwill-samples.ts';
import type { RouteWithBody } from './route-with-body.ts';
import { ROUTES_WITH_BODIES } from './routes-with-bodies.ts';
import { order, seg, shopOrder, type Body } from './samples.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FACT_TIMES = [
  'placedAt',
  'occurredAt',
  'orderedAt',
  'shippedAt',
  'businessTime',
  'date',
  'until',
];

let shop: ApiShop;

beforeAll(async () => {
  shop = await openApiShop();
});
afterEach(() => {
  shop.clock.now = BACK;
});
afterAll(() => shop?.close());

const RETURNS = ROUTES_WITH_BODIES['POST /v1/returns'] as RouteWithBody;

const after = (ms: number) => new Date(Date.parse(BACK) + ms).toISOString();
const place = (body: Body) => shop.call('POST', '/v1/orders', { body });

describe('a fact of the future', () => {
  test.each(Object.entries(ROUTES_WITH_BODIES).map(([name, route]) => ({ name, route })))(
    'is refused by $name, and its field is named',
    async ({ name, route }) => {
      const { path, body, options } = await route.prepare(shop);
      const before = await shop.digest();
      for (const field of FACT_TIMES.filter((one) => Object.hasOwn(body, one))) {
        const at = field === 'date' ? after(2 * DAY_MS).slice(0, 10) : after(DAY_MS + 1);
        const changed = { ...body, [field]: at };
        const sent = { body: route.elements === 'body' ? [changed] : changed, ...options };
        const answer = await shop.call(name.split(' ')[0] ?? '', path, sent);
        const { errors } = (
          route.elements === 'body' ? (answer.body as unknown as Body[])[0] : answer.body
        ) as { errors: { path: string; message: string }[] };
        expect(errors).toEqual([{ path: field, message: expect.stringContaining(BACK) }]);
      }
      expect(await shop.digest()).toBe(before);
    },
  );

  test('is none within a day, as clocks differ', async () => {
    expect(await place({ ...order(), placedAt: after(DAY_MS) })).toMatchObject({ status: 201 });
  });

  test('fails alone in a batch', async () => {
    const body = [order(), { ...order(), placedAt: '2099-01-01T00:00:00Z' }, order()];
    const { body: results } = await shop.call('POST', '/v1/orders/batch', { body });
    expect(results).toMatchObject([
      { status: 201 },
      { status: 422, errors: [{ path: 'placedAt' }] },
      { status: 201 },
    ]);
  });
});

describe('an order of long ago', () => {
  test('is refused from a channel that is not trusted, which is told why', async () => {
    const before = await shop.digest();
    const answer = await place({ ...order(), placedAt: after(-30 * DAY_MS - 1) });
    expect(answer).toMatchObject({ status: 422, paths: ['placedAt'] });
    expect(answer.body['detail']).toMatch(/only a channel that brings trusted history/);
    expect(await shop.digest()).toBe(before);
    expect(await place({ ...order(), placedAt: after(-30 * DAY_MS) })).toMatchObject({
      status: 201,
    });
  });

  test('is taken from a channel that brings trusted history', async () => {
    const body = { ...order(), channel: 'file', placedAt: '2009-12-01T08:26:00Z' };
    expect(await place(body)).toMatchObject({
      status: 201,
      body: { placedAt: '2009-12-01T08:26:00.000Z' },
    });
  });

  test('fails alone in a batch', async () => {
    const old = { ...order(), placedAt: '2009-12-01T08:26:00Z' };
    const body = [old, { ...old, channel: 'file' }];
    const { body: results } = await shop.call('POST', '/v1/orders/batch', { body });
    expect(results).toMatchObject([
      { status: 422, errors: [{ path: 'placedAt' }] },
      { status: 201 },
    ]);
  });

  test('is still a repeat when it was taken in while it was young', async () => {
    const body = order();
    const first = await place(body);
    shop.clock.now = after(100 * DAY_MS);
    expect(await place(body)).toMatchObject({ status: 201, replayed: true, body: first.body });
    expect(await place({ ...body, externalId: fresh('o') })).toMatchObject({ status: 422 });
  });
});

describe('an order without a time', () => {
  test('was placed when it came, and a later repeat is still one', async () => {
    const { placedAt: _, ...body } = order();
    const first = await place(body);
    expect(first).toMatchObject({ status: 201, body: { placedAt: after(0) } });
    shop.clock.now = after(HOUR_MS);
    expect(await place(body)).toMatchObject({ status: 201, replayed: true, body: first.body });
    expect(await place({ ...body, placedAt: after(0) })).toMatchObject({
      status: 409,
      paths: ['externalId'],
    });
  });
});

describe('a fact from before what it is about', () => {
  test('is refused of a dispatch, and nothing has left', async () => {
    const id = await shopOrder(shop, false);
    const { body } = await shop.call('GET', `/v1/shipments?orderId=${seg(id)}`);
    const [shipment] = body['data'] as { id: string; lines: { orderLineId: string }[] }[];
    const lines = (shipment?.lines ?? []).map(({ orderLineId }) => ({ orderLineId, quantity: 1 }));
    const answer = await shop.call('POST', `/v1/shipments/${seg(shipment?.id ?? '')}/dispatches`, {
      body: { dispatchId: 'early', occurredAt: '2001-01-01T00:00:00Z', lines },
    });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'occurredAt' }] } });
  });

  test('is refused of a return, which would lie in every window', async () => {
    const { path, body, options } = await RETURNS.prepare(shop);
    const early = { ...body, occurredAt: '1999-01-01T00:00:00Z' };
    const answer = await shop.call('POST', path, { body: early, ...options });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'occurredAt' }] } });
  });

  test('is refused of goodwill, and nothing is given', async () => {
    const id = await paidOrder(shop);
    const { body } = await shop.call('GET', `/v1/orders/${seg(id)}`);
    const placed = Date.parse(String(body['placedAt']));
    const give = (ms: number) => {
      const occurredAt = new Date(placed + ms).toISOString();
      return shop.call('POST', `/v1/orders/${seg(id)}/goodwill`, {
        body: goodwill('500', { occurredAt }),
      });
    };
    const before = await shop.digest();
    expect(await give(-1)).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'occurredAt', message: `lies before ${id} was placed` }] },
    });
    expect(await shop.digest()).toBe(before);
    expect(await give(0)).toMatchObject({ status: 201 });
  });
});
