import { afterEach, beforeEach, expect, test } from 'vitest';
import { createApi } from '../../api/app.ts';
import type { Api } from '../../api/context.ts';
import type { ReturnView } from '../../activities/ledger/read/return.ts';
import { identifyBy, unrestricted } from '../support/identify-by.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { BACK, placeOrder, seedReturnShop, sendOrder, stockIn } from './return-shop.ts';

let shop: TestLedger;
let app: Api;
let started: string[];

beforeEach(async () => {
  shop = await openLedger();
  await seedReturnShop(shop.owner);
  await stockIn(shop.owner, 'MUG', 10, '2', 'po-1');
  started = [];
  const engine = {
    start: ({ processId }: { processId: string }) => void started.push(processId),
    nudge: () => undefined,
    decide: async () => undefined,
    reset: async () => undefined,
    ready: async () => true,
  };
  app = createApi(
    { ledger: shop.ledger, engine, now: () => BACK, webhookSecret: 'secret' },
    {
      identify: identifyBy(new Map([['key', unrestricted('shop')]])),
      reportError: (error) => expect.fail(String(error)),
    },
  );
});
afterEach(() => shop.close());

async function call(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
) {
  const response = await app.request(path, {
    method,
    headers: { Authorization: 'Bearer key', 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    status: response.status,
    replayed: response.headers.get('Idempotent-Replayed'),
    body: await response.json(),
  };
}

test('a return by curl: asked for, received, inspected, read', async () => {
  const orderId = await placeOrder(shop, {
    id: '1',
    lines: [{ sku: 'MUG', quantity: 2, unitPrice: '5' }],
  });
  await sendOrder(shop, orderId);
  const ask = {
    orderId,
    lines: [
      {
        orderLineId: `${orderId}#1`,
        sku: 'MUG',
        quantity: 2,
        reasonCode: 'changed-mind',
        comment: 'too red',
      },
    ],
  };
  const first = await call('POST', '/v1/returns', ask, { 'Idempotency-Key': 'abc' });
  expect(first).toMatchObject({
    status: 201,
    replayed: null,
    body: { state: 'awaiting-receipt', externalRef: 'abc', channel: 'web' },
  });
  const view = first.body as ReturnView;
  expect(started).toEqual([view.id]);

  expect(await call('POST', '/v1/returns', ask, { 'Idempotency-Key': 'abc' })).toEqual({
    ...first,
    replayed: 'true',
  });
  expect(started).toHaveLength(1);
  expect(
    await call(
      'POST',
      '/v1/returns',
      { ...ask, resolution: 'credit' },
      { 'Idempotency-Key': 'abc' },
    ),
  ).toMatchObject({ status: 409 });

  const path = `/v1/returns/${encodeURIComponent(view.id)}`;
  const returnLineId = `${view.id}#1`;
  const looked = {
    inspectionId: 'i1',
    units: [{ returnLineId, quantity: 2, grade: 'A', disposition: 'restock' }],
  };
  expect(await call('POST', `${path}/inspections`, looked)).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'units[0].quantity' }] },
  });
  const arrived = {
    receiptId: 'r1',
    complete: true,
    lines: [{ returnLineId, sku: 'MUG', quantity: 2 }],
  };
  expect(await call('POST', `${path}/receipts`, arrived)).toMatchObject({
    status: 200,
    replayed: null,
    body: { state: 'awaiting-inspection' },
  });
  expect(await call('POST', `${path}/receipts`, arrived)).toMatchObject({
    status: 200,
    replayed: 'true',
  });
  expect(await call('POST', `${path}/inspections`, looked)).toMatchObject({
    status: 200,
    body: { state: 'refunding' },
  });
  expect(
    await call('POST', `${path}/inspections`, { ...looked, inspectionId: 'i2' }),
  ).toMatchObject({ status: 409 });

  expect(await call('GET', path)).toMatchObject({
    status: 200,
    body: { lines: [{ receivedQuantity: 2, inspectedQuantity: 2 }] },
  });
  expect(await call('GET', '/v1/returns?state=refunding&customer=c-1')).toMatchObject({
    body: { data: [{ id: view.id }], nextCursor: null },
  });
  const timeline = await call('GET', `${path}/timeline`);
  const { data } = timeline.body as { data: { event: string }[] };
  expect(data.map(({ event }) => event)).toEqual([
    'return-requested',
    'return-authorized',
    'return-received',
    'return-inspected',
  ]);
});

test.each([
  [{ lines: [{ sku: 'MUG', quantity: 1, unitPrice: '1' }] }, 'externalRef'],
  [{ externalRef: 'x', lines: [] }, 'lines'],
  [{ externalRef: 'x', lines: [{ sku: 'MUG', quantity: 0 }] }, 'lines[0].quantity'],
  [{ externalRef: 'x', lines: [{ sku: 'MUG', quantity: 1 }] }, 'lines[0].unitPrice'],
  [
    { externalRef: 'x', lines: [{ sku: 'MUG', quantity: 1, orderLineId: 'nonsense' }] },
    'lines[0].orderLineId',
  ],
  [
    { externalRef: 'x', channel: 'web', lines: [{ sku: 'CUP', quantity: 1, unitPrice: '-1' }] },
    'lines[0].unitPrice',
  ],
])('%j is refused, and the answer names %s', async (body, path) => {
  expect(await call('POST', '/v1/returns', body)).toMatchObject({
    status: 422,
    body: { errors: [{ path }] },
  });
  expect(await shop.owner`select 1 from ledger.returns`).toHaveLength(0);
});

test('what is not there is not found', async () => {
  for (const path of ['', '/timeline']) {
    expect(await call('GET', `/v1/returns/return:R-000009${path}`)).toMatchObject({ status: 404 });
  }
});
