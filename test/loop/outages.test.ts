import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { DECIDERS, whoDecides, type OpenApproval } from '../../bench/deciders/deciders.ts';
import { enterDeciders } from '../../bench/deciders/enter-deciders.ts';
import { logIn, type SessionHeaders } from '../../bench/deciders/log-in.ts';
import { identitySecret } from '../../worker/api-access.ts';
import type { Loopline } from '../../worker/compose.ts';
import { openShop, stockUp } from '../ledger/order-shop.ts';
import { eventually } from '../support/loopline.ts';
import { openOwnStack, type OwnStack } from './own-stack.ts';
import { API_KEY, orderOf, send, sendAs, type Answer } from './serve-process.ts';

vi.setConfig({ testTimeout: 400_000 });

const AGAIN_MS = 240_000;
const STRETCHES = 5;
const BATCHES = 2;
const BATCH = 250;
/** Anything kept of an order would be more. */
const BYTES_AN_ORDER = 300;

let stack: OwnStack;
let api: Loopline;

beforeAll(async () => {
  stack = await openOwnStack();
  await openShop(stack.ledger, ['MUG']);
  await stockUp(stack.owner, { sku: 'MUG', node: 'north', quantity: 99_999, unitCost: '4' });
  api = await stack.run({ api: true, dispatcher: true });
});

afterAll(() => stack?.close());

const call = (method: string, path: string, body?: unknown) => send(api.apiUrl, method, path, body);
const place = (externalId: string) => call('POST', '/v1/orders', orderOf(externalId, 'MUG'));

/** What is answered without the ledger: how the process is, and who asks. */
const OWN = ['/healthz', '/readyz', '/v1/operations/load', '/v1/me'];

/** What some of them have to be told. */
const NEEDED_QUERIES: Readonly<Record<string, string>> = {
  '/v1/ledger/trade': '?source=t',
  '/v1/audit/export': '?format=csv',
};

/** Every GET of the API that the ledger answers, its parameters filled in with something unknown, policies by name. */
async function readPaths(): Promise<string[]> {
  const { body } = await call('GET', '/openapi.json');
  return Object.entries(body['paths'] as Record<string, object>)
    .filter(([path, item]) => 'get' in item && !OWN.includes(path))
    .map(([path]) => path.replace('{policy}', 'approval-matrix').replaceAll(/\{\w+\}/g, 'none'))
    .map((path) => `${path}${NEEDED_QUERIES[path] ?? ''}`);
}

function expectAway({ status, headers, body }: Answer, title: string, about: string): void {
  expect(body, about).toMatchObject({ status: 503, title });
  expect(status, about).toBe(503);
  expect(headers.get('Retry-After'), about).toBe('1');
  expect(headers.get('Content-Type'), about).toContain('application/problem+json');
}

/** Repeats what was not answered by 201, with the same content, until it is. */
async function placeUntilTaken(externalId: string): Promise<void> {
  await eventually(
    async () => {
      const { status, body } = await place(externalId);
      expect(status, JSON.stringify(body)).toBe(201);
    },
    { deadlineMs: AGAIN_MS, everyMs: 500 },
  );
}

async function expectWholeLedger(): Promise<void> {
  const broken = await stack.owner`
    select o.order_id from ledger.orders o
    where (select count(*) from ledger.order_line l where l.order_id = o.order_id) <> 1
      or (select coalesce(sum(r.quantity), 0) from ledger.reservation r where r.owner_id = o.order_id) <> 1
      or not exists (select from ledger.process p where p.process_id = o.order_id)`;
  expect(broken).toEqual([]);
  expect(await checkLedger(stack.ledger)).toMatchObject({ ok: true, drift: [] });
}

test('while Postgres is away every route says 503 and when to come back, nothing is half-written, and steps under way go on by themselves', async () => {
  const worker = await stack.run({ worker: true });
  const paths = await readPaths();
  expect(paths.length).toBeGreaterThan(20);
  const ids = Array.from({ length: 60 }, (_, index) => `away-${index}`);
  // Postgres goes while the second half of them is placed, and steps of the first are under way.
  await Promise.all(ids.slice(0, 30).map(placeUntilTaken));
  const stopping = stack.postgres.stop();
  const answers = await Promise.all(ids.slice(30).map(place));
  await stopping;
  expect(answers.filter(({ status }) => status !== 201 && status !== 503)).toEqual([]);

  for (const path of paths) expectAway(await call('GET', path), 'LedgerUnavailable', path);
  expectAway(await place('away-0'), 'LedgerUnavailable', 'an order');
  const batch = await call('POST', '/v1/orders/batch', [orderOf('away-1', 'MUG')]);
  expectAway(batch, 'LedgerUnavailable', 'a batch');
  // So many at once wait no longer than one alone.
  const many = await Promise.all(Array.from({ length: 300 }, (_, index) => place(`none-${index}`)));
  for (const answer of many) expectAway(answer, 'LedgerUnavailable', 'one of many');
  expect((await call('GET', '/healthz')).status).toBe(200);

  await stack.postgres.start();
  await Promise.all(ids.map(placeUntilTaken));
  await eventually(
    async () => {
      const states = await stack.owner`
        select o.state, count(*)::int as orders from ledger.orders o group by 1`;
      expect(states).toEqual([{ state: 'released', orders: ids.length }]);
    },
    { deadlineMs: AGAIN_MS, everyMs: 500 },
  );
  await expectWholeLedger();
  await worker.stop();
});

test('while Postgres has no connection to spare callers are told so, and served again once it has', async () => {
  const { username } = new URL(stack.appUrl);
  const allow = (connections: number) =>
    stack.owner.unsafe(`alter role ${username} connection limit ${connections}`);
  await allow(0);
  try {
    await stack.owner`
      select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'loopline'`;
    // A call under way loses its connection first.
    await eventually(async () =>
      expectAway(await place('crowded'), 'LedgerConnectionsExhausted', 'an order'),
    );
  } finally {
    await allow(-1);
  }
  await placeUntilTaken('crowded');
  await expectWholeLedger();
});

test('while Temporal is away orders are taken in and wait, and memory does not grow with them; when it is back they are started oldest first beside new ones', async () => {
  const sessions = await sessionsOfDeciders();
  await stack.temporal.stop();
  await eventually(async () => {
    expect((await call('GET', '/readyz')).body).toMatchObject({ title: 'NotReady' });
  });
  // What the process learns at first stays; what each order leaves behind comes with every stretch.
  const growths: number[] = [];
  for (let stretch = 0; stretch < STRETCHES; stretch += 1) {
    const before = memoryInUse();
    await placeBatches(`late-${stretch}`, BATCHES);
    growths.push(memoryInUse() - before);
  }
  expect(Math.min(...growths), growths.join(', ')).toBeLessThan(BATCHES * BATCH * BYTES_AN_ORDER);
  expect((await place('alone')).body).toMatchObject({ state: 'accepted', process: 'pending' });
  const decision = await decideAnApproval(sessions);
  expect(decision).toMatchObject({ status: 202, body: { state: 'pending' } });

  await stack.temporal.start();
  for (let count = 0, waiting = true; waiting; count += 1) {
    await placeUntilTaken(`new-${count}`);
    waiting = (await pendingOf('late-%')) > 0;
  }
  await eventually(async () => expect(await pendingOf('%')).toBe(0), { deadlineMs: AGAIN_MS });
  expect(await furthestOutOfTurn()).toBeLessThan(2 * BATCH);
  await expectWholeLedger();
});

async function placeBatches(name: string, batches: number): Promise<void> {
  for (let batch = 0; batch < batches; batch += 1) {
    const orders = Array.from({ length: BATCH }, (_, index) =>
      orderOf(`${name}-${batch}-${index}`, 'MUG'),
    );
    const { status, body } = await call('POST', '/v1/orders/batch', orders);
    expect(status, JSON.stringify(body).slice(0, 500)).toBe(207);
    for (const result of body as unknown as { order: object }[])
      expect(result).toMatchObject({ status: 201, order: { process: 'pending' } });
  }
}

/** Somebody of each deciding role, who has logged in, by the person's id. */
async function sessionsOfDeciders(): Promise<Map<string, SessionHeaders>> {
  const { apiUrl } = api;
  const client = {
    secret: identitySecret(API_KEY),
    redirectUris: [`${apiUrl}/login/callback`],
  };
  const { identityUrl } = stack;
  const password = await enterDeciders({ apiUrl, apiKey: API_KEY, identityUrl, client });
  const sessions = new Map<string, SessionHeaders>();
  for (const { account, personId } of DECIDERS)
    sessions.set(personId, await logIn(apiUrl, { account, password }));
  return sessions;
}

/** Found units' approval, decided by somebody else than who asked. */
async function decideAnApproval(sessions: ReadonlyMap<string, SessionHeaders>): Promise<Answer> {
  const asked = await call('POST', '/v1/stock/adjustments', {
    externalRef: 'found-1',
    kind: 'found',
    node: 'north',
    sku: 'MUG',
    quantity: 1_000,
    reasonCode: 'counted',
    occurredAt: new Date().toISOString(),
  });
  expect(asked.status, JSON.stringify(asked.body)).toBe(202);
  const { id } = asked.body['approval'] as { id: string };
  const approval = (await call('GET', `/v1/approvals/${id}`)).body as unknown as OpenApproval;
  const session = sessions.get(whoDecides(approval)[0]?.personId ?? '');
  if (session === undefined) throw new Error(`nobody decides ${JSON.stringify(approval)}`);
  return sendAs(session, `${api.apiUrl}/v1/approvals/${id}/decisions`, 'POST', {
    decision: 'approve',
    decisionId: 'found-1',
  });
}

async function pendingOf(externalId: string): Promise<number> {
  const [row] = await stack.owner<{ pending: number }[]>`
    select count(*)::int as pending from ledger.orders o join ledger.process p on p.process_id = o.order_id
    where o.external_id like ${externalId} and p.state = 'pending'`;
  return row?.pending ?? 0;
}

/** By how many places an order of the backlog was started before or after its turn, at most. */
async function furthestOutOfTurn(): Promise<number> {
  const [row] = await stack.owner<{ places: number }[]>`
    select max(abs(came - started))::int as places from (
      select row_number() over (order by p.recorded_at, p.process_id) as came,
        row_number() over (order by p.started_at, p.process_id) as started
      from ledger.orders o join ledger.process p on p.process_id = o.order_id
      where o.external_id like 'late-%') as turns`;
  return row?.places ?? 0;
}

/** Bytes that are still reachable. */
function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 3; round += 1) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
