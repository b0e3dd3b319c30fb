import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fresh, openApiShop, type ApiShop } from './api-shop.ts';
import { ROUTES_WITH_BODIES } from './routes-with-bodies.ts';

type Item = Record<string, unknown>;

let shop: ApiShop;

beforeAll(async () => {
  shop = await openApiShop();
});
afterAll(() => shop?.close());

/** An order of one line, as small as it may be. */
const order = (change: Item = {}): Item => ({
  channel: 'web',
  externalId: fresh('b'),
  placedAt: '2010-12-01T10:00:00Z',
  currency: 'GBP',
  shipTo: { country: 'GB' },
  lines: [{ externalLineId: '1', sku: 'MUG', quantity: 1, unitPrice: '1' }],
  ...change,
});

const line = (change: Item = {}): Item => ({
  externalLineId: fresh('l'),
  sku: 'MUG',
  quantity: 1,
  unitPrice: '1',
  ...change,
});

describe('a batch of orders', () => {
  test('has one result each: a bad element fails alone, with its own status and field', async () => {
    const twice = order();
    const body = [
      order(),
      order({ currency: 'gbp' }),
      'not an order',
      order({ lines: [line({ sku: 'NONE' })] }),
      twice,
      twice,
      { ...twice, class: 'express' },
      order({ class: 'a\u0000' }),
      order({ channel: 'nowhere' }),
      null,
      order({ placedAt: '2010-12-01T10:00:00+01:00' }),
    ];
    const { status, body: answered } = await shop.call('POST', '/v1/orders/batch', { body });
    expect(status).toBe(207);
    const results = answered as unknown as Item[];
    expect(results.map((one) => one['status'])).toEqual([
      201, 422, 422, 422, 201, 201, 409, 422, 422, 422, 201,
    ]);
    expect(results[1]).toMatchObject({ errors: [{ path: 'currency' }] });
    expect(results[2]).toMatchObject({ errors: [{ path: 'body' }] });
    expect(results[3]).toMatchObject({ errors: [{ path: 'lines[0].sku' }] });
    expect(results[6]).toMatchObject({
      orderId: expect.any(String),
      errors: [{ path: 'externalId' }],
    });
    expect(results[7]).toMatchObject({ errors: [{ path: 'class' }] });
    expect(results[8]).toMatchObject({ errors: [{ path: 'channel' }] });
    expect(new Set([results[4]?.['replayed'], results[5]?.['replayed']])).toEqual(
      new Set([false, true]),
    );
  });

  test('takes 500 and refuses 501, of which it takes none', async () => {
    const body = Array.from({ length: 500 }, () => order());
    const before = shop.engine.started.length;
    const { status, body: answered } = await shop.call('POST', '/v1/orders/batch', { body });
    expect(status).toBe(207);
    const results = answered as unknown as { status: number; order: { externalId: string } }[];
    expect(results.map((one) => one.order.externalId)).toEqual(
      body.map((one) => one['externalId']),
    );
    expect(results.every((one) => one.status === 201)).toBe(true);
    expect(shop.engine.started).toHaveLength(before + 500);
    const digest = await shop.digest();
    const many = Array.from({ length: 501 }, () => order());
    expect(await shop.call('POST', '/v1/orders/batch', { body: many })).toMatchObject({
      status: 422,
      paths: ['body'],
    });
    expect(await shop.call('POST', '/v1/orders/batch', { body: [] })).toMatchObject({
      status: 422,
      paths: ['body'],
    });
    expect(await shop.digest()).toBe(digest);
  });

  test('of many lines is taken in several calls, none of which takes too long', async () => {
    const body = Array.from({ length: 20 }, () =>
      order({ lines: Array.from({ length: 200 }, () => line()) }),
    );
    const { body: answered } = await shop.call('POST', '/v1/orders/batch', { body });
    const results = answered as unknown as Item[];
    expect(results.map((one) => one['status'])).toEqual(body.map(() => 201));
  });
});

const ofElements = Object.entries(ROUTES_WITH_BODIES).flatMap(([name, route]) =>
  name.startsWith('PUT ') && route.elements === 'body' ? [name] : [],
);

test.each(ofElements)(
  '%s takes 500 elements and refuses 501; a bad one fails alone',
  async (name) => {
    const route = ROUTES_WITH_BODIES[name];
    if (route === undefined) throw new Error(name);
    const elements = (count: number) =>
      Promise.all(Array.from({ length: count }, async () => (await route.prepare(shop)).body));
    const { path } = await route.prepare(shop);
    const body: unknown[] = await elements(497);
    body.push({ nonsense: true }, 'text', {
      ...(body[0] as Item),
      name: 'a\u0000',
      description: 'a\u0000',
    });
    const { status, body: answered } = await shop.call('PUT', path, { body });
    expect(status).toBe(207);
    const results = answered['results'] as Item[];
    expect(results.map((one) => one['result'])).toEqual([
      ...Array.from({ length: 497 }, () => 'created'),
      'refused',
      'refused',
      'refused',
    ]);
    expect(await shop.call('PUT', path, { body: await elements(501) })).toMatchObject({
      status: 422,
      paths: ['body'],
    });
    expect(await shop.call('PUT', path, { body: [] })).toMatchObject({
      status: 422,
      paths: ['body'],
    });
  },
);

describe('an order', () => {
  test.each<[string, Item, string]>([
    ['an e-mail address for an id', { externalId: 'ada@example.com' }, 'externalId'],
    ['a phone number for an id', { externalId: '+441234567890' }, 'externalId'],
    ['a phone number with spaces for an id', { externalId: '+44 1234 567890' }, 'externalId'],
    ['a phone number without its country for an id', { externalId: '01234 567890' }, 'externalId'],
    ['a phone number in parentheses for an id', { externalId: '(555)123-4567' }, 'externalId'],
    ['a phone number with dashes for an id', { externalId: '555-123-4567' }, 'externalId'],
    ['a phone number with dots for an id', { externalId: '020.7946.0958' }, 'externalId'],
    [
      'a line named twice',
      { lines: [line(), line({ externalLineId: 'x' }), line({ externalLineId: 'x' })] },
      'lines[2].externalLineId',
    ],
    [
      'a charge named as a line',
      {
        lines: [line({ externalLineId: 'x' })],
        charges: [
          { externalLineId: 'x', kind: 'shipping', code: 'P', quantity: 1, unitPrice: '1' },
        ],
      },
      'charges[0].externalLineId',
    ],
    ['2,001 lines', { lines: Array.from({ length: 2_001 }, () => line()) }, 'lines'],
    ['no lines', { lines: [] }, 'lines'],
    [
      'money as a number',
      { payment: { provider: 'g', status: 'none', amountMinor: 5 } },
      'payment.amountMinor',
    ],
    ['a price as a number', { lines: [line({ unitPrice: 2.55 })] }, 'lines[0].unitPrice'],
    [
      'a price with seven places',
      { lines: [line({ unitPrice: '1.1234567' })] },
      'lines[0].unitPrice',
    ],
    ['a negative price', { lines: [line({ unitPrice: '-1' })] }, 'lines[0].unitPrice'],
    ['a negative quantity', { lines: [line({ quantity: -1 })] }, 'lines[0].quantity'],
    [
      'an amount beyond all trade',
      { lines: [line({ quantity: 10_000_000, unitPrice: '99999999999999' })] },
      'lines[0].unitPrice',
    ],
    ['a country of three letters', { shipTo: { country: 'GBR' } }, 'shipTo.country'],
    [
      'a payment without its reference',
      { payment: { provider: 'g', status: 'captured', amountMinor: '100' } },
      'payment.reference',
    ],
    [
      'money taken for what costs nothing',
      {
        lines: [line({ unitPrice: '0' })],
        payment: { provider: 'g', status: 'captured', reference: 'ch-1', amountMinor: '100' },
      },
      'payment.amountMinor',
    ],
    [
      'less money taken than it costs',
      { payment: { provider: 'g', status: 'captured', reference: 'ch-1', amountMinor: '1' } },
      'payment.amountMinor',
    ],
    ['a currency without hundredths', { currency: 'JPY' }, 'currency'],
    ['the code for no currency', { currency: 'XXX' }, 'currency'],
    ['the code for tests', { currency: 'XTS' }, 'currency'],
    ['gold for a currency', { currency: 'XAU' }, 'currency'],
    ['special drawing rights for a currency', { currency: 'XDR' }, 'currency'],
    ['a code that nobody has given out', { currency: 'QQQ' }, 'currency'],
    ['a currency of the past', { currency: 'DEM' }, 'currency'],
  ])('with %s is refused, and the field is named', async (_name, change, path) => {
    const before = await shop.digest();
    expect(await shop.call('POST', '/v1/orders', { body: order(change) })).toMatchObject({
      status: 422,
      paths: [path],
    });
    expect(await shop.digest()).toBe(before);
    expect(shop.reported).toEqual([]);
  });

  test.each([
    '536365',
    '4012345678',
    '123456789012345',
    '2026-000123',
    '305-1234567-1234567',
    'C536379',
  ])('may be named %s', async (externalId) => {
    expect(await shop.call('POST', '/v1/orders', { body: order({ externalId }) })).toMatchObject({
      status: 201,
      body: { externalId },
    });
  });

  test('keeps text of every script, and 2,000 lines', async () => {
    const name = 'Zoë 名前 😀 ‮ "quoted" \\ \n';
    const shipTo = { country: 'GB', name };
    const body = order({
      shipTo,
      customer: { externalId: 'ключ', name },
      externalId: 'Bestellung №1/ä',
      lines: Array.from({ length: 2_000 }, () => line()),
    });
    const placed = await shop.call('POST', '/v1/orders', { body });
    expect(placed).toMatchObject({
      status: 201,
      body: { externalId: 'Bestellung №1/ä', customer: { externalId: 'ключ', name } },
    });
    const read = await shop.call(
      'GET',
      `/v1/orders/${encodeURIComponent(String(placed.body['id']))}`,
    );
    expect(read).toMatchObject({ status: 200, body: placed.body });
  });
});
