import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACK } from '../ledger/return-shop.ts';
import { KEYS, openApiShop, SECRET, type ApiShop } from './api-shop.ts';

let shop: ApiShop;
/** Every route that the app has, with its parameters filled in. */
let routes: { method: string; path: string }[];

beforeAll(async () => {
  shop = await openApiShop();
  routes = shop.app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({ method, path: path.replaceAll(/:\w+/g, 'none') }));
});
afterAll(() => shop?.close());

const OPEN = ['/healthz', '/readyz'];
/** The way in; without an identity provider there is none. */
const LOGIN = ['/login', '/login/callback'];

describe('without a key', () => {
  test.each([
    ['no header', {}],
    ['another key', { Authorization: 'Bearer nobody' }],
    ['an empty key', { Authorization: 'Bearer ' }],
    ['the key in the wrong scheme', { Authorization: `Token ${KEYS.shop}` }],
    ['the key in another case', { Authorization: `Bearer ${KEYS.shop.toUpperCase()}` }],
  ])('every route but the two watched ones answers 401: %s', async (_name, given) => {
    const before = await shop.digest();
    expect(routes.length).toBeGreaterThan(50);
    for (const { method, path } of routes) {
      const response = await shop.app.request(path, {
        method,
        headers: { 'X-Request-Id': 'asked-1', ...given },
        ...(method === 'GET' ? {} : { body: '{}' }),
      });
      const said = `${method} ${path}`;
      expect(response.headers.get('X-Request-Id'), said).toBe('asked-1');
      const isOpen = OPEN.includes(path) || LOGIN.includes(path);
      expect(response.status, said).toBe(!isOpen ? 401 : OPEN.includes(path) ? 200 : 404);
      if (isOpen) continue;
      expect(response.headers.get('Content-Type'), said).toContain('application/problem+json');
      expect(await response.json(), said).toMatchObject({
        title: 'Unauthorized',
        status: 401,
        instance: 'asked-1',
      });
    }
    expect(await shop.digest()).toBe(before);
  });

  test('a path that is no route tells nothing either, and no body is read', async () => {
    expect((await shop.app.request('/v1/nothing')).status).toBe(401);
    const body = 'x'.repeat(5 * 1024 * 1024);
    expect((await shop.app.request('/v1/orders', { method: 'POST', body })).status).toBe(401);
  });

  test('a name and password open the readable pages only', async () => {
    const headers = { Authorization: `Basic ${Buffer.from(`me:${KEYS.shop}`).toString('base64')}` };
    for (const path of ['/docs', '/openapi.json'])
      expect((await shop.app.request(path, { headers })).status).toBe(200);
    for (const path of ['/v1/orders', '/metrics'])
      expect((await shop.app.request(path, { headers })).status).toBe(401);
    const wrong = { Authorization: `Basic ${Buffer.from('me:wrong').toString('base64')}` };
    const refused = await shop.app.request('/docs', { headers: wrong });
    expect([refused.status, refused.headers.get('WWW-Authenticate')]).toEqual([
      401,
      'Basic realm="Loopline"',
    ]);
  });
});

describe('a request', () => {
  test('is named by its sender, or by us where the name could not be written down', async () => {
    const given = await shop.call('GET', '/v1/orders', { headers: { 'X-Request-Id': 'A.b-1_2' } });
    expect(given.headers.get('X-Request-Id')).toBe('A.b-1_2');
    for (const name of ['a b', 'x'.repeat(129), '<script>', 'é']) {
      const { headers } = await shop.call('GET', '/v1/orders', {
        headers: { 'X-Request-Id': name },
      });
      expect(headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test('to no route, or with another method, is a problem of its own', async () => {
    expect(await shop.call('GET', '/v1/nothing')).toMatchObject({
      status: 404,
      body: { title: 'NotFound' },
    });
    expect(await shop.call('DELETE', '/v1/orders')).toMatchObject({ status: 404 });
    expect(await shop.call('GET', '/v1/orders/%zz')).toMatchObject({ status: 404 });
    expect(await shop.call('GET', '/v1/orders/%00')).toMatchObject({
      status: 422,
      paths: ['path'],
    });
    expect(await shop.call('GET', '/v1/orders?channel=%00')).toMatchObject({
      status: 422,
      paths: ['channel'],
    });
    expect(shop.reported).toEqual([]);
  });

  test('has a key for repeats that can be stored', async () => {
    const body = { externalRef: 'x', lines: [] };
    for (const key of ['x'.repeat(201), 'a b', 'é']) {
      const answer = await shop.call('POST', '/v1/returns', {
        body,
        headers: { 'Idempotency-Key': key },
      });
      expect(answer).toMatchObject({ status: 422, paths: ['Idempotency-Key'] });
    }
  });
});

describe('a webhook', () => {
  const seconds = Date.parse(BACK) / 1000;
  const event = {
    id: 'evt_1',
    type: 'capture.succeeded',
    occurredAt: BACK,
    data: { authorizationId: 'a' },
  };
  const tracking = {
    id: 'evt_2',
    type: 'tracking.updated',
    occurredAt: BACK,
    data: { trackingNumber: 'T', status: 'lost' },
  };

  const post = (source: string, text: string, secret = SECRET) => {
    const signature = createHmac('sha256', secret).update(`${seconds}.${text}`).digest('hex');
    const headers = { 'Simulator-Signature': `t=${seconds},v1=${signature}` };
    return shop.call('POST', `/v1/webhooks/${source}`, { text, headers, key: 'none' });
  };

  test.each([
    ['gateway', event],
    ['carrier', tracking],
  ])('of the %s is taken once if its signature fits', async (source, body) => {
    const text = JSON.stringify(body);
    expect(await post(source, text, 'another')).toMatchObject({ status: 401 });
    const first = await post(source, text);
    expect(first).toMatchObject({ status: 200, replayed: false });
    expect(await post(source, text)).toMatchObject({ status: 200, replayed: true });
    expect(await post(source, JSON.stringify({ ...body, type: 'other' }))).toMatchObject({
      status: 409,
      paths: ['id'],
    });
  });

  test.each([
    ['no JSON', '{', 'body'],
    ['without an id', JSON.stringify({ ...event, id: undefined }), 'id'],
    [
      'without a zone',
      JSON.stringify({ ...event, occurredAt: '2010-12-05T10:00:00' }),
      'occurredAt',
    ],
    [
      'of a future that no parcel reaches',
      JSON.stringify({ ...event, occurredAt: '2099-01-01T00:00:00Z' }),
      'occurredAt',
    ],
    ['without its subject', JSON.stringify({ ...event, data: {} }), 'data.authorizationId'],
    [
      'with NUL',
      JSON.stringify({ ...event, data: { authorizationId: 'a', note: '\u0000' } }),
      'data.note',
    ],
    [
      'with a sum that is none',
      '{"id":"e","type":"t","occurredAt":"2010-12-05T10:00:00Z","data":{"authorizationId":1e400}}',
      'data.authorizationId',
    ],
  ])('%s is refused, and the field is named', async (_name, text, path) => {
    const before = await shop.digest();
    expect(await post('gateway', text)).toMatchObject({ status: 422, paths: [path] });
    expect(await shop.digest()).toBe(before);
    expect(shop.reported).toEqual([]);
  });

  test('that is too long is refused', async () => {
    expect(await post('gateway', 'x'.repeat(5 * 1024 * 1024))).toMatchObject({ status: 413 });
  });
});
