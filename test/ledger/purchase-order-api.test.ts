import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApi } from '../../api/app.ts';
import type { Api } from '../../api/context.ts';
import {
  recordAcknowledgement,
  sendPurchaseOrder,
} from '../../activities/ledger/steps/purchase-order.ts';
import { identifyBy, unrestricted } from '../support/identify-by.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { addBackorder, EXPECTED, ORDERED, seedPurchasing } from './purchasing.ts';

/** After everything that these tests tell of. */
const NOW = '2026-03-31T09:00:00Z';

let shop: TestLedger;
let app: Api;
let started: string[];
let nudges: number;

beforeEach(async () => {
  shop = await openLedger();
  await seedPurchasing(shop.owner);
  started = [];
  nudges = 0;
  const engine = {
    start: ({ processId }: { processId: string }) => void started.push(processId),
    nudge: () => void (nudges += 1),
    decide: async () => undefined,
    reset: async () => undefined,
    ready: async () => true,
  };
  app = createApi(
    { ledger: shop.ledger, engine, now: () => NOW, webhookSecret: 'secret' },
    {
      identify: identifyBy(new Map([['key', unrestricted('shop')]])),
      reportError: (error) => expect.fail(String(error)),
    },
  );
});
afterEach(() => shop.close());

async function call(method: string, path: string, body?: object) {
  const response = await app.request(path, {
    method,
    headers: { Authorization: 'Bearer key', 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: { status: number; replayed: string | null; body: Record<string, unknown> } = {
    status: response.status,
    replayed: response.headers.get('Idempotent-Replayed'),
    body: (await response.json()) as Record<string, unknown>,
  };
  return answer;
}

const request = {
  externalRef: 'EXT-1',
  supplier: 'S1',
  node: 'N1',
  orderedAt: ORDERED,
  currency: 'GBP',
  lines: [
    { sku: 'FIFO', quantity: 10 },
    { sku: 'AVG', quantity: 3, unitPrice: '2' },
  ],
};

/** Places the order over the API and has its supplier acknowledge it; answers its path. */
async function acknowledged(): Promise<string> {
  const { body } = await call('POST', '/v1/purchase-orders', request);
  const processId = String(body['id']);
  await sendPurchaseOrder(shop.ledger, { processId });
  const lines = [10, 3].map((quantity, at) => ({ lineNo: at + 1, quantity, expectedAt: EXPECTED }));
  await recordAcknowledgement(shop.ledger, { processId, acknowledgementId: 'a', lines });
  return `/v1/purchase-orders/${encodeURIComponent(processId)}`;
}

describe('purchase orders by curl', () => {
  test('one is placed at the supplier’s prices, its process started once, a repeat replayed', async () => {
    const first = await call('POST', '/v1/purchase-orders', request);
    expect(first).toMatchObject({
      status: 201,
      replayed: null,
      body: {
        state: 'approved',
        total: { amountMinor: '1850', currency: 'GBP' },
        lines: [
          { sku: 'FIFO', unitPrice: '1.25' },
          { sku: 'AVG', unitPrice: '2.00' },
        ],
      },
    });
    expect(await call('POST', '/v1/purchase-orders', request)).toEqual({
      ...first,
      replayed: 'true',
    });
    expect(started).toEqual([first.body['id']]);
    expect(await call('POST', '/v1/purchase-orders', { ...request, node: 'N2' })).toMatchObject({
      status: 409,
    });
  });

  test('bad input names every field and changes nothing', async () => {
    const bad = {
      ...request,
      supplier: 'S9',
      currency: 'EUR',
      lines: [
        { sku: 'NONE', quantity: 1 },
        { sku: 'OTHER', quantity: 1 },
      ],
    };
    expect(await call('POST', '/v1/purchase-orders', bad)).toMatchObject({
      status: 422,
      body: {
        errors: [
          { path: 'supplier' },
          { path: 'currency' },
          { path: 'lines[0].sku' },
          { path: 'lines[1].unitPrice' },
        ],
      },
    });
    const long = {
      ...request,
      lines: Array.from({ length: 501 }, () => ({ sku: 'FIFO', quantity: 1 })),
    };
    expect(await call('POST', '/v1/purchase-orders', long)).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'lines' }] },
    });
    expect((await call('GET', '/v1/purchase-orders')).body['data']).toEqual([]);
  });

  test('facts come before their time with 409, and are answered once after it', async () => {
    const placed = await call('POST', '/v1/purchase-orders', request);
    const early = `/v1/purchase-orders/${encodeURIComponent(String(placed.body['id']))}`;
    const notice = {
      noticeId: 'n1',
      shippedAt: ORDERED,
      expectedAt: EXPECTED,
      final: true,
      lines: [
        { lineNo: 1, quantity: 10 },
        { lineNo: 2, quantity: 3 },
      ],
    };
    expect(await call('POST', `${early}/shipping-notices`, notice)).toMatchObject({ status: 409 });
    const path = await acknowledged();
    const noticed = await call('POST', `${path}/shipping-notices`, notice);
    expect(noticed).toMatchObject({
      status: 201,
      body: { applied: true, inboundUnits: 13, shortUnits: 0 },
    });
    expect(await call('POST', `${path}/shipping-notices`, notice)).toEqual({
      ...noticed,
      replayed: 'true',
    });
    expect((await call('GET', '/v1/shipping-notices?state=open')).body['data']).toMatchObject([
      { noticeId: 'n1' },
    ]);

    const receipt = {
      receiptId: 'n1-r',
      noticeId: 'n1',
      occurredAt: EXPECTED,
      lines: notice.lines,
    };
    const received = await call('POST', `${path}/receipts`, receipt);
    expect(received).toMatchObject({
      status: 200,
      body: { receivedUnits: 13, overUnits: 0, backorderUnits: 0 },
    });
    expect(await call('POST', `${path}/receipts`, receipt)).toEqual({
      ...received,
      replayed: 'true',
    });
    expect(nudges).toBe(1);
    const invoice = {
      invoiceNumber: 'I1',
      occurredAt: EXPECTED,
      lines: [
        { lineNo: 1, quantity: 10, unitPrice: '1.25' },
        { lineNo: 2, quantity: 3, unitPrice: '2' },
      ],
    };
    expect(await call('POST', `${path}/invoices`, invoice)).toMatchObject({
      status: 201,
      body: { amountMinor: '1850' },
    });
    expect((await call('GET', path)).body).toMatchObject({
      invoices: [{ invoiceNumber: 'I1', state: 'waiting' }],
    });
    const { body } = await call('GET', `${path}/timeline`);
    expect((body['data'] as { event: string }[]).map(({ event }) => event)).toEqual([
      'purchase-order-created',
      'purchase-order-approved',
      'purchase-order-sent',
      'purchase-order-acknowledged',
      'shipping-notice',
      'goods-received',
      'supplier-invoice',
    ]);
  });

  test('an unknown order is 404', async () => {
    const receipt = { receiptId: 'r', occurredAt: EXPECTED, lines: [{ lineNo: 1, quantity: 1 }] };
    expect(await call('GET', '/v1/purchase-orders/none')).toMatchObject({ status: 404 });
    expect(await call('POST', '/v1/purchase-orders/none/receipts', receipt)).toMatchObject({
      status: 404,
    });
  });
});

describe('replenishment by curl', () => {
  const cycle = { node: 'N1', date: '2026-03-30', businessTime: '2026-03-30T06:00:00Z' };

  test('one cycle per node and date, with every term; a repeat answers the first', async () => {
    await addBackorder(shop.owner, {
      id: 'w',
      sku: 'FIFO',
      quantity: 5,
      queuedAt: '2026-03-29T00:00:00Z',
    });
    const first = await call('POST', '/v1/replenishment/cycles', cycle);
    expect(first).toMatchObject({
      status: 201,
      replayed: null,
      body: {
        id: 'replenishment:N1:2026-03-30',
        proposals: [
          { sku: 'FIFO', supplier: 'S1', dropped: null, terms: { backordered: 5, position: -5 } },
        ],
        purchaseOrders: [{ supplier: 'S1', cycleId: 'replenishment:N1:2026-03-30' }],
      },
    });
    const later = { ...cycle, businessTime: '2026-03-30T20:00:00Z' };
    expect(await call('POST', '/v1/replenishment/cycles', later)).toEqual({
      ...first,
      replayed: 'true',
    });
    expect(started).toEqual(['replenishment:N1:2026-03-30']);
    const path = `/v1/replenishment/cycles/${encodeURIComponent('replenishment:N1:2026-03-30')}`;
    expect((await call('GET', path)).body).toEqual(first.body);
  });

  test('an unknown node is named', async () => {
    expect(await call('POST', '/v1/replenishment/cycles', { ...cycle, node: 'N9' })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'node' }] },
    });
  });
});

describe('opening stock by curl', () => {
  test('is received once', async () => {
    const receipt = {
      receiptId: 'open-1',
      node: 'N1',
      occurredAt: ORDERED,
      lines: [{ sku: 'FIFO', quantity: 4, unitCost: '1.5' }],
    };
    const first = await call('POST', '/v1/stock/receipts', receipt);
    expect(first).toMatchObject({ status: 201, body: { units: 4, valueMinor: '600' } });
    expect(await call('POST', '/v1/stock/receipts', receipt)).toEqual({
      ...first,
      replayed: 'true',
    });
    expect(await call('POST', '/v1/stock/receipts', { ...receipt, node: 'N2' })).toMatchObject({
      status: 409,
    });
  });
});
