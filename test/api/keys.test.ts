import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_RATE_LIMITS } from '../../api/access/rate-limit.ts';
import type { Api } from '../../api/context.ts';
import { Browser } from './browser.ts';
import { API_KEY, logIn, openIdentityShop, type IdentityShop } from './identity-shop.ts';

type Json = Record<string, unknown>;

const EVERYWHERE = { nodes: '*', channels: '*', regions: '*', amountMinor: null };
const CONNECTOR = {
  name: 'web shop',
  roles: ['connector'],
  scopes: ['orders:read', 'stock:read', 'customers:edit'],
  reach: { ...EVERYWHERE, channels: ['web'] },
};

let shop: IdentityShop;

beforeAll(async () => {
  shop = await openIdentityShop();
});
afterAll(() => shop?.close());

async function call(
  method: string,
  path: string,
  {
    body,
    key = API_KEY,
    headers = {},
    app = shop.app,
  }: { body?: unknown; key?: string; headers?: object; app?: Api } = {},
) {
  const response = await app.request(path, {
    method,
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Json,
  };
}

async function make(change: object = {}): Promise<{ id: string; key: string }> {
  const { status, body } = await call('POST', '/v1/keys', { body: { ...CONNECTOR, ...change } });
  expect(status, JSON.stringify(body)).toBe(201);
  return { id: String(body['id']), key: String(body['key']) };
}

const statusOf = async (key: string, path = '/v1/me') => (await call('GET', path, { key })).status;
/** Another process hears of a change a moment later. */
async function expectSoon(read: () => Promise<unknown>, expected: unknown): Promise<void> {
  await expect.poll(read, { timeout: 5_000 }).toBe(expected);
}

describe('a new key', () => {
  test('is shown whole in the one answer that makes it, and nowhere else', async () => {
    const { id, key } = await make();
    expect(key).toMatch(new RegExp(`^llk_${id}_[0-9A-Za-z]{43}$`));
    const list = await call('GET', '/v1/keys?limit=200');
    expect(list.body['data']).toContainEqual(
      expect.objectContaining({ id, name: 'web shop', madeBy: 'operator', revokedAt: null }),
    );
    const secret = key.slice(-43);
    expect(JSON.stringify(list.body)).not.toContain(secret);
    const tables = await shop.owner<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'ledger'`;
    for (const { name } of tables) {
      const [row] = await shop.owner.unsafe<{ found: boolean }[]>(
        `select exists (select from ${name} t where t::text like '%' || $1 || '%') as found`,
        [secret],
      );
      expect(row?.found, name).toBe(false);
    }
  });

  test('may do what it was given of its roles, where it was given', async () => {
    const { key } = await make();
    expect((await call('GET', '/v1/me', { key })).body).toMatchObject({
      kind: 'key',
      name: 'web shop',
      scopes: ['orders:read', 'stock:read', 'customers:edit'],
      reach: { channels: ['web'] },
      session: null,
    });
    const orders = (await call('GET', '/v1/orders', { key })).body['data'] as { channel: string }[];
    expect(new Set(orders.map(({ channel }) => channel))).toEqual(new Set(['web']));
    expect(await call('GET', '/v1/orders/order:b2b:3', { key })).toMatchObject({
      status: 403,
      body: {
        rule: 'channel-out-of-reach',
        detail: 'This belongs to channel b2b; web shop reaches channels web.',
      },
    });
    expect(await call('GET', '/v1/customers', { key })).toMatchObject({
      status: 403,
      body: { rule: 'scope-missing' },
    });
  });

  test('of elements has those refused that lie beyond it, each by itself', async () => {
    const { key } = await make();
    const body = [
      { channel: 'b2b', externalId: 'k-1' },
      { channel: 'web', externalId: 'k-2' },
      { channel: 5 },
    ];
    const { status, body: answer } = await call('PUT', '/v1/customers', { key, body });
    expect(status).toBe(207);
    expect(answer['results']).toMatchObject([
      {
        result: 'refused',
        errors: [{ path: 'channel', message: expect.stringContaining('(channel-out-of-reach)') }],
      },
      { channel: 'web', externalId: 'k-2', result: 'created' },
      { result: 'refused', errors: expect.any(Array) },
    ]);
    const rows = await shop.owner`select channel from ledger.customer where external_id like 'k-%'`;
    expect(rows.map(({ channel }) => channel)).toEqual(['web']);
  });

  test.each<[string, object, string]>([
    ['a scope that its roles do not have', { scopes: ['journals:post'] }, 'scopes[0]'],
    ['to decide', { roles: ['approver'], scopes: ['refunds:approve'] }, 'scopes[0]'],
    ['to make keys', { roles: ['admin'], scopes: ['keys:edit'] }, 'scopes[0]'],
    ['a role that there is not', { roles: ['boss'] }, 'roles[0]'],
    ['no role', { roles: [], scopes: undefined }, 'roles'],
    ['a node that there is not', { reach: { ...EVERYWHERE, nodes: ['nowhere'] } }, 'reach.nodes'],
    ['ten years', { lifetimeDays: 3_650 }, 'lifetimeDays'],
  ])('is not made for %s', async (_name, change, path) => {
    const { status, body } = await call('POST', '/v1/keys', { body: { ...CONNECTOR, ...change } });
    expect([status, body['errors']]).toMatchObject([422, [{ path }]]);
  });

  test('for an approver has every scope of the role but those of people', async () => {
    const { key } = await make({ roles: ['approver'], scopes: undefined });
    const { scopes } = (await call('GET', '/v1/me', { key })).body as { scopes: string[] };
    expect(scopes).toContain('orders:read');
    expect(scopes.filter((scope) => scope.endsWith(':approve'))).toEqual([]);
  });

  test('under one Idempotency-Key is made once: a repeat names the first, and shows nothing', async () => {
    const headers = { 'Idempotency-Key': 'first-connector' };
    const first = await call('POST', '/v1/keys', { body: CONNECTOR, headers });
    expect(first.status).toBe(201);
    const again = await call('POST', '/v1/keys', { body: CONNECTOR, headers });
    expect(again).toMatchObject({
      status: 409,
      body: { title: 'IdempotencyMismatch', errors: [{ path: 'Idempotency-Key' }] },
    });
    expect(JSON.stringify(again.body)).not.toContain('llk_');
    expect(await statusOf(String(first.body['key']))).toBe(200);
  });
});

describe('a key ends', () => {
  test('when it is revoked, at once, also in a process that has just seen it', async () => {
    const other = await shop.another();
    const { id, key } = await make();
    const elsewhere = async () => (await call('GET', '/v1/me', { key, app: other })).status;
    await expectSoon(elsewhere, 200);
    expect(await elsewhere()).toBe(200);
    expect(await call('DELETE', `/v1/keys/${id}?reason=leaked`)).toMatchObject({
      status: 200,
      body: { id, revokedBy: 'operator' },
    });
    await expectSoon(() => statusOf(key), 401);
    await expectSoon(elsewhere, 401);
  });

  test('when its time is over', async () => {
    const { key } = await make({ lifetimeDays: 1 });
    expect(await statusOf(key)).toBe(200);
    shop.clock.aheadMs = 24 * 3_600_000 - 60_000;
    expect(await statusOf(key)).toBe(200);
    shop.clock.aheadMs = 24 * 3_600_000 + 1_000;
    expect(await statusOf(key)).toBe(401);
    shop.clock.aheadMs = 0;
  });

  test('when the overlap with the key that follows it is over', async () => {
    const { id, key } = await make();
    const rotated = await call('POST', `/v1/keys/${id}/rotations`, { body: { overlapHours: 2 } });
    expect(rotated).toMatchObject({
      status: 201,
      body: { name: 'web shop', scopes: CONNECTOR.scopes, replaced: { id } },
    });
    const next = String(rotated.body['key']);
    expect(await Promise.all([key, next].map((one) => statusOf(one)))).toEqual([200, 200]);
    shop.clock.aheadMs = 2 * 3_600_000 + 1_000;
    expect(await Promise.all([key, next].map((one) => statusOf(one)))).toEqual([401, 200]);
    shop.clock.aheadMs = 0;
    expect(await call('POST', `/v1/keys/${id}/rotations`, { body: {} })).toMatchObject({
      status: 409,
      body: { rule: 'key-replaced' },
    });
  });

  test('never because somebody knows its id: the whole of it has to fit', async () => {
    const [one, other] = [await make(), await make()];
    const forged = `llk_${one.id}_${other.key.slice(-43)}`;
    for (const key of [
      forged,
      `llk_${one.id}_`,
      one.key.slice(0, -1),
      `${one.key}x`,
      one.key.toUpperCase(),
    ])
      expect(await statusOf(key), key).toBe(401);
    expect(await statusOf(one.key)).toBe(200);
  });
});

test('the last use is shown, to five minutes', async () => {
  const { id, key } = await make();
  await statusOf(key);
  const lastUsed = async () => {
    const { data } = (await call('GET', '/v1/keys?limit=200')).body as { data: Json[] };
    return data.find((one) => one['id'] === id)?.['lastUsedAt'];
  };
  await expect.poll(lastUsed, { timeout: 5_000 }).not.toBeNull();
  expect(Date.parse(String(await lastUsed())) % 300_000).toBe(0);
});

test('a busy key costs no read of its own with each request, while changes are heard of', async () => {
  const { key } = await make();
  await expectSoon(() => statusOf(key), 200);
  const before = shop.asked('find_key');
  for (let count = 0; count < 50; count += 1) expect(await statusOf(key)).toBe(200);
  expect(before).toBeGreaterThan(0);
  expect(shop.asked('find_key') - before).toBeLessThanOrEqual(1);
});

test('who sends too much is told when to come back, and others are not held up', async () => {
  const app = await shop.another({ rateLimits: { key: { perSecond: 0.01, burst: 3 } } });
  const [busy, other] = [await make(), await make()];
  const ask = (key: string) => call('GET', '/v1/me', { key, app });
  expect(
    (await Promise.all([1, 2, 3].map(() => ask(busy.key)))).map(({ status }) => status),
  ).toEqual([200, 200, 200]);
  const refused = await ask(busy.key);
  expect(refused).toMatchObject({
    status: 429,
    body: { title: 'TooManyRequests', detail: 'web shop sends more requests than allowed.' },
  });
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(90);
  expect((await ask(other.key)).status).toBe(200);
  expect((await ask(API_KEY)).status).toBe(200);
  expect(DEFAULT_RATE_LIMITS.key?.perSecond).toBeGreaterThan(100);
});

test('who fails from an address is counted there, and leaves a row in the audit', async () => {
  for (let count = 0; count < 3; count += 1) {
    const response = await fetch(`${shop.origin}/v1/me`, {
      headers: { Authorization: 'Bearer llk_wrong' },
    });
    expect(response.status).toBe(401);
  }
  const rows =
    await shop.owner`select act, actor, reason from ledger.audit where act = 'login-failed'`;
  expect(rows[0]).toMatchObject({ act: 'login-failed', actor: 'unknown', reason: 'key' });
  // Whoever shows something that counts is not held up by that.
  const { key } = await make();
  expect(
    (await fetch(`${shop.origin}/v1/me`, { headers: { Authorization: `Bearer ${key}` } })).status,
  ).toBe(200);
});

describe('people', () => {
  test('are entered with their role, changed, and gone', async () => {
    const person = {
      id: 'person:nia',
      issuer: shop.issuer,
      loginEmail: 'tom.barker@loopline.example',
      name: 'Nia',
      roles: ['support'],
      reach: EVERYWHERE,
    };
    const put = async (element: object) =>
      (await call('PUT', '/v1/people', { body: [element] })).body['results'];
    expect(await put(person)).toEqual([{ id: 'person:nia', result: 'created' }]);
    expect(await put(person)).toEqual([{ id: 'person:nia', result: 'unchanged' }]);
    const browser = new Browser();
    expect((await logIn(shop, browser, 'tom.barker')).status).toBe(200);
    expect((await browser.go(`${shop.origin}/v1/orders`)).status).toBe(200);
    expect(await put({ ...person, roles: ['warehouse'] })).toEqual([
      { id: 'person:nia', result: 'updated' },
    ]);
    // Sessions go on with the new rights at once.
    await expectSoon(async () => (await browser.go(`${shop.origin}/v1/orders`)).status, 403);
    expect((await browser.go(`${shop.origin}/v1/shipments`)).status).toBe(200);
    expect(await call('DELETE', '/v1/people/person:nia?reason=left')).toMatchObject({
      status: 200,
      body: { id: 'person:nia', applied: true, sessionsEnded: 1 },
    });
    await expectSoon(async () => (await browser.go(`${shop.origin}/v1/me`)).status, 401);
    const idsOf = async (query: string) =>
      ((await call('GET', `/v1/people${query}`)).body as { data: Json[] }).data.map(({ id }) => id);
    expect(await idsOf('?left=true')).toEqual(['person:nia']);
    expect(
      await put({ ...person, id: 'person:bo', loginEmail: 'b@s.example', roles: ['ops', 'admin'] }),
    ).toEqual([{ id: 'person:bo', result: 'created' }]);
    expect(await Promise.all(['?role=ops', '?role=admin', '?role=finance'].map(idsOf))).toEqual([
      ['person:bo'],
      ['person:bo'],
      [],
    ]);
  });

  test('do not change what they may do themselves, by whichever name', async () => {
    const id = await shop.enter('ines.carvalho', 'admin');
    const browser = new Browser();
    const page = await logIn(shop, browser, 'ines.carvalho');
    const { session } = JSON.parse(page.text) as { session: { csrfToken: string } };
    const element = { issuer: shop.issuer, name: 'Ines', roles: ['approver'], reach: EVERYWHERE };
    const body = [
      { ...element, subject: 'ines.carvalho' },
      { ...element, loginEmail: 'Ines.Carvalho@loopline.example' },
      { ...element, subject: 'other', id },
      { ...element, subject: 'somebody-else' },
    ];
    const answer = await browser.go(`${shop.origin}/v1/people`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': session.csrfToken },
      body: JSON.stringify(body),
    });
    const { results } = JSON.parse(answer.text) as { results: Json[] };
    expect(results.map(({ result }) => result)).toEqual([
      'refused',
      'refused',
      'refused',
      'created',
    ]);
    expect(results[0]).toMatchObject({
      errors: [{ path: 'id', message: expect.stringContaining('themselves') }],
    });
  });
});

test('nothing unexpected was met', () => {
  expect(shop.reported).toEqual([]);
});
