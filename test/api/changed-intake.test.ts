import { afterAll, beforeAll, expect, test } from 'vitest';
import { BACK } from '../ledger/return-shop.ts';
import { openApiShop, type ApiShop } from './api-shop.ts';
import { order, seg, type Body } from './samples.ts';

let shop: ApiShop;

beforeAll(async () => {
  shop = await openApiShop();
});
afterAll(() => shop?.close());

const place = (body: Body) => shop.call('POST', '/v1/orders', { body });

/** An order that was taken in, and the same with other content. */
async function changedOrder(change: Body = {}): Promise<{ id: string; changed: Body }> {
  const body = { ...order(), ...change };
  const { body: placed } = await place(body);
  const changed = {
    ...body,
    customer: { externalId: 'c-9', email: 'eve@example.com', name: 'Eve' },
  };
  return { id: String(placed['id']), changed };
}

async function exceptionsOf(id: string): Promise<Body[]> {
  const { body } = await shop.call('GET', `/v1/exceptions?subjectId=${seg(id)}`);
  return body['data'] as Body[];
}

test('a changed order is refused, kept, and shown on the board once, however often it comes', async () => {
  const { id, changed } = await changedOrder();
  for (const _ of [1, 2, 3]) expect(await place(changed)).toMatchObject({ status: 409 });
  const { body: results } = await shop.call('POST', '/v1/orders/batch', {
    body: [changed, { ...changed, class: 'express' }],
  });
  expect(results).toMatchObject([
    { status: 409, errors: [{ path: 'externalId' }] },
    { status: 409 },
  ]);
  const [kept] = await shop.owner`select count(*)::int from ledger.intake_refusal
    where channel = 'web' and external_id = ${String(changed['externalId'])}`;
  expect(kept).toEqual({ count: 5 });
  const board = await exceptionsOf(id);
  expect(board).toMatchObject([
    {
      kind: 'intake-changed',
      state: 'open',
      owner: 'support',
      actions: ['accept'],
      raisedAt: new Date(BACK).toISOString(),
      evidence: { firstTotalMinor: '1345', totalMinor: '1345', sentBy: 'shop' },
    },
  ]);
  const evidence = board[0]?.['evidence'] as Body;
  expect(evidence['payloadHash']).toMatch(/^[0-9a-f]{64}$/);
  expect(evidence['firstPayloadHash']).not.toBe(evidence['payloadHash']);
  expect(JSON.stringify(board)).not.toMatch(/Eve|eve@|c-9|Ada|ada@/);
});

test('what a person has looked at does not come back, but another change does', async () => {
  const { id, changed } = await changedOrder();
  await place(changed);
  const [raised] = await exceptionsOf(id);
  await shop.call('POST', `/v1/exceptions/${seg(String(raised?.['id']))}/resolutions`, {
    body: { action: 'accept' },
  });
  await place(changed);
  expect(await exceptionsOf(id)).toMatchObject([{ state: 'resolved' }]);
  await place({ ...changed, class: 'express' });
  expect(await exceptionsOf(id)).toMatchObject([{ state: 'open' }, { state: 'resolved' }]);
});

test('two contents of one new order in a batch: the first stands, the second is on the board', async () => {
  const body = order();
  const { body: results } = await shop.call('POST', '/v1/orders/batch', {
    body: [body, { ...body, class: 'express' }],
  });
  const answered = results as unknown as { status: number; orderId?: string }[];
  expect(answered.map(({ status }) => status)).toEqual([201, 409]);
  expect(await exceptionsOf(String(answered[1]?.orderId))).toMatchObject([
    { kind: 'intake-changed', state: 'open' },
  ]);
});

test('a changed order of old trade does not move its business time on', async () => {
  const { id, changed } = await changedOrder({
    channel: 'file',
    placedAt: '2009-12-01T08:26:00Z',
  });
  await place(changed);
  expect(await exceptionsOf(id)).toMatchObject([{ raisedAt: '2009-12-01T08:26:00.000Z' }]);
});
