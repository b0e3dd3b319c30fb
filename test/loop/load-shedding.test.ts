import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { freePort } from '../../worker/stack/ports.ts';
import { openShop, stockUp } from '../ledger/order-shop.ts';
import { eventually, openLoopline, type TestLoopline } from '../support/loopline.ts';
import {
  hold,
  orderOf,
  send,
  startServe,
  type Answer,
  type ServeProcess,
} from './serve-process.ts';

vi.setConfig({ testTimeout: 180_000 });

const REQUESTS = 40;
const ORDERS = 3;
const LINES = 5;
const CALLERS = 200;
/** So many that the ledger gives them the time of a long call, however long the stock is held. */
const MANY_LINES = 1_001;

let loopline: TestLoopline;
/** One lets few requests in, one few orders, one few lines. */
let api: ServeProcess;
let narrow: ServeProcess;
let short: ServeProcess;

beforeAll(async () => {
  loopline = await openLoopline();
  await openShop(loopline.ledger, ['HOT']);
  await stockUp(loopline.owner, { sku: 'HOT', node: 'north', quantity: 99_999, unitCost: '4' });
  api = await begin({ API_MAX_REQUESTS: String(REQUESTS) });
  narrow = await begin({ API_MAX_ORDERS: String(ORDERS) });
  short = await begin({ API_MAX_LINES: String(LINES) });
});

afterAll(async () => {
  await Promise.all([api?.terminate(), narrow?.terminate(), short?.terminate()]);
  await loopline?.close();
});

async function begin(env: Readonly<Record<string, string>>): Promise<ServeProcess> {
  const around = { ...loopline, temporalAddress: loopline.servers.temporalAddress };
  return startServe(around, { roles: 'api', port: await freePort(), env });
}

const place = (externalId: string) =>
  send(api.url, 'POST', '/v1/orders', orderOf(externalId, 'HOT'));

const isOverloaded = ({ status, body }: Answer) => status === 503 && body['title'] === 'Overloaded';

async function loadOf({ url }: ServeProcess) {
  return (await send(url, 'GET', '/v1/operations/load')).body;
}

/** How many units are reserved for each order of this prefix that is in the ledger. */
async function reservedFor(prefix: string): Promise<Map<string, number>> {
  const rows = await loopline.owner<{ externalId: string; units: number }[]>`
    select o.external_id as "externalId", coalesce(sum(r.quantity), 0)::int as units
    from ledger.orders o left join ledger.reservation r on r.owner_id = o.order_id
    where o.external_id like ${`${prefix}%`} group by 1`;
  return new Map(rows.map(({ externalId, units }) => [externalId, units]));
}

test('above the limit callers are refused at once, while those let in are still under way; these are written once, the others not at all', async () => {
  const agent = new Agent({ keepAlive: true });
  const port = Number(new URL(api.url).port);
  const held = Array.from({ length: REQUESTS }, (_, caller) =>
    hold(agent, port, orderOf(`held-${caller}`, 'HOT')),
  );
  const full = { requests: REQUESTS, orders: 0 };
  await eventually(async () => expect(await loadOf(api)).toMatchObject({ underWay: full }));
  const refused = await Promise.all(
    Array.from({ length: CALLERS }, (_, caller) => place(`over-${caller}`)),
  );
  expect(refused.filter((answer) => !isOverloaded(answer))).toEqual([]);
  for (const { headers, body } of refused) {
    expect(headers.get('Retry-After')).toBe('1');
    expect(headers.get('Content-Type')).toContain('application/problem+json');
    expect(body).toMatchObject({ type: 'urn:loopline:problem:overloaded', status: 503 });
  }
  expect(isOverloaded(await send(api.url, 'GET', '/v1/orders'))).toBe(true);
  for (const path of ['/healthz', '/readyz', '/metrics'])
    expect((await send(api.url, 'GET', path)).status, path).toBe(200);
  expect(await loadOf(api)).toMatchObject({
    underWay: full,
    refused: { requests: CALLERS + 1, orders: 0 },
  });

  const answers = await Promise.all(held.map((order) => order.finish()));
  agent.destroy();
  expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
  expect(await reservedFor('held-')).toEqual(
    new Map(held.map((_order, caller) => [`held-${caller}`, 1])),
  );
  expect(await reservedFor('over-')).toEqual(new Map());
  expect(await loadOf(api)).toMatchObject({ underWay: { requests: 0, orders: 0 } });
  expect((await place('over-0')).status).toBe(201);
});

test('a rush of callers who come back as told gets every order in, each once', async () => {
  const ids = Array.from({ length: CALLERS }, (_, caller) => `back-${caller}`);
  const overloaded: Answer[] = [];
  await Promise.all(
    ids.map((id) =>
      eventually(
        async () => {
          const answer = await place(id);
          if (isOverloaded(answer)) overloaded.push(answer);
          expect(answer.status, JSON.stringify(answer.body)).toBe(201);
        },
        { deadlineMs: 150_000, everyMs: 1_000 },
      ),
    ),
  );
  expect(overloaded.length).toBeGreaterThan(0);
  expect(await reservedFor('back-')).toEqual(new Map(ids.map((id) => [id, 1])));
  expect(await checkLedger(loopline.ledger)).toMatchObject({ ok: true, drift: [] });
});

test('orders of a batch count one by one; the one that reaches the limit is let in, the next is refused whole', async () => {
  const batch = (name: string, lines: number) => {
    const orders = [1, 2].map((number) => orderOf(`${name}-${number}`, 'HOT', lines));
    return send(narrow.url, 'POST', '/v1/orders/batch', orders);
  };
  let letIn: Promise<Answer>[] = [];
  await loopline.owner.begin(async (sql) => {
    // Nothing can be reserved meanwhile: the root of the SKU is held.
    await sql`select 1 from ledger.stock_item where sku = 'HOT' for update`;
    letIn = [batch('first', MANY_LINES)];
    await eventually(async () =>
      expect(await loadOf(narrow)).toMatchObject({ underWay: { orders: 2 } }),
    );
    letIn.push(batch('second', MANY_LINES));
    await eventually(async () =>
      expect(await loadOf(narrow)).toMatchObject({ underWay: { orders: 4 } }),
    );
    expect(isOverloaded(await batch('third', 1))).toBe(true);
    expect(await loadOf(narrow)).toMatchObject({ underWay: { orders: 4 }, refused: { orders: 1 } });
  });
  for (const { status } of await Promise.all(letIn)) expect(status).toBe(207);
  for (const name of ['first', 'second']) {
    const written = [1, 2].map((number) => [`${name}-${number}`, MANY_LINES] as const);
    expect(await reservedFor(`${name}-`)).toEqual(new Map(written));
  }
  expect(await reservedFor('third-')).toEqual(new Map());
  expect((await batch('third', 1)).status).toBe(207);
});

test('orders count by their lines too, and whoever comes when there are enough is refused before the body is read', async () => {
  const order = (name: string, lines: number) =>
    send(short.url, 'POST', '/v1/orders', orderOf(name, 'HOT', lines));
  let letIn: Promise<Answer>[] = [];
  await loopline.owner.begin(async (sql) => {
    await sql`select 1 from ledger.stock_item where sku = 'HOT' for update`;
    letIn = [order('lines-1', LINES - 1)];
    await eventually(async () =>
      expect(await loadOf(short)).toMatchObject({ underWay: { orders: 1, lines: LINES - 1 } }),
    );
    letIn.push(order('lines-2', 2));
    const full = { orders: 2, lines: LINES + 1 };
    await eventually(async () => expect(await loadOf(short)).toMatchObject({ underWay: full }));
    expect(isOverloaded(await order('lines-3', 1))).toBe(true);
    const agent = new Agent();
    const unsent = hold(agent, Number(new URL(short.url).port), orderOf('lines-4', 'HOT'));
    expect((await unsent.reply).status).toBe(503);
    agent.destroy();
    expect(await loadOf(short)).toMatchObject({ underWay: full, refused: { orders: 0, lines: 2 } });
  });
  for (const { status } of await Promise.all(letIn)) expect(status).toBe(201);
  const written = { 'lines-1': LINES - 1, 'lines-2': 2 };
  expect(await reservedFor('lines-')).toEqual(new Map(Object.entries(written)));
  // One that is longer than the limit is let in as well.
  expect((await order('lines-5', LINES + 1)).status).toBe(201);
});
