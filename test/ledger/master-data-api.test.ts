import { createHmac } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../activities/failures.ts';
import type { ApiContext, RequestVariables } from '../../api/context.ts';
import { measureLoad } from '../../api/load.ts';
import { problemOf } from '../../api/problem.ts';
import { registerDocsRoutes } from '../../api/routes/docs.ts';
import { registerLedgerRoutes } from '../../api/routes/ledger.ts';
import { registerMasterDataRoutes } from '../../api/routes/master-data.ts';
import { registerOperationsRoutes } from '../../api/routes/operations.ts';
import { registerStockRoutes } from '../../api/routes/stock.ts';
import { registerWebhookRoutes } from '../../api/routes/webhooks.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { openSmallShop, stockIn } from './small-shop.ts';

const SECRET = 'a secret of the test';
const NOW = '2026-11-21T12:00:00.000Z';

describe('routes of master data, stock, operations and webhooks', () => {
  let test: TestLedger;
  let engineReady = true;
  let nudges = 0;
  const app = new OpenAPIHono<RequestVariables>();

  beforeAll(async () => {
    test = await openLedger();
    await openSmallShop(test);
    await stockIn(test.owner, { sku: 'MUG', quantity: 10, unitCost: '4', key: 'api-1' });
    const context: ApiContext = {
      ledger: test.ledger,
      now: () => NOW,
      webhookSecret: SECRET,
      engine: {
        start: () => undefined,
        nudge: () => {
          nudges += 1;
        },
        decide: async () => undefined,
        reset: async () => undefined,
        ready: async () => engineReady,
      },
    };
    app.use(async (hono, next) => {
      hono.set('actor', 'tester');
      hono.set('load', measureLoad());
      await next();
    });
    app.onError((error, hono) => {
      if (error instanceof Failure) return problemOf(hono, error);
      throw error;
    });
    registerMasterDataRoutes(app, context);
    registerStockRoutes(app, context);
    registerLedgerRoutes(app, context);
    registerOperationsRoutes(app, context);
    registerWebhookRoutes(app, context, { webhookSecret: SECRET });
    registerDocsRoutes(app);
  });
  afterAll(async () => test?.close());

  const send = (method: string, path: string, body?: unknown) =>
    app.request(path, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });

  it('answers an array with one result each; a bad element names its field and fails alone', async () => {
    const answer = await send('PUT', '/v1/skus', [
      { sku: 'API-1', description: 'Good', class: 'A', costMethod: 'fifo' },
      { sku: 'API-2', class: 'Z' },
      'not an object',
      { sku: 'API-3', colour: 'red' },
      { sku: 'API-4', supplier: 'nobody' },
      { sku: 'API-5' },
    ]);
    expect(answer.status).toBe(207);
    expect(await answer.json()).toMatchObject({
      results: [
        { sku: 'API-1', result: 'created' },
        { sku: 'API-2', result: 'refused', errors: [{ path: 'class' }] },
        { result: 'refused' },
        { sku: 'API-3', result: 'refused', errors: [{ path: 'colour' }] },
        { sku: 'API-4', result: 'refused', errors: [{ path: 'supplier' }] },
        { sku: 'API-5', result: 'created' },
      ],
    });
  });

  it.each(['suppliers', 'nodes', 'channels', 'customers', 'skus'])('lists %s', async (noun) => {
    const answer = await send('GET', `/v1/${noun}?limit=1`);
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { data: unknown[] }).data).toHaveLength(1);
  });

  it('shows stock, holds it and gives it back', async () => {
    const hold = {
      holdId: 'b-1',
      expiresAt: NOW,
      plans: [[{ sku: 'MUG', node: 'north', quantity: 4 }]],
    };
    expect(await (await send('POST', '/v1/stock/holds', { holds: [hold] })).json()).toMatchObject({
      results: [{ state: 'held' }],
    });
    expect(await (await send('GET', '/v1/stock/MUG')).json()).toMatchObject({
      nodes: [{ available: 6, onHand: 10 }],
    });
    expect(await (await send('DELETE', '/v1/stock/holds/b-1')).json()).toMatchObject({
      applied: true,
    });
    expect(nudges).toBe(1);
    expect((await send('GET', '/v1/stock/NOPE')).status).toBe(404);
    expect((await send('GET', '/v1/stock?node=north&sku=MUG')).status).toBe(200);
  });

  it('runs the business clock over due dates and holds', async () => {
    const hold = {
      holdId: 'b-2',
      expiresAt: NOW,
      plans: [[{ sku: 'MUG', node: 'north', quantity: 1 }]],
    };
    await send('POST', '/v1/stock/holds', { holds: [hold] });
    expect(await (await send('POST', '/v1/dues/run', { until: NOW })).json()).toEqual({
      reached: 0,
      expiredHolds: 1,
      more: false,
    });
    expect(await (await send('GET', `/v1/dues?before=${NOW}`)).json()).toEqual({
      data: [],
      nextCursor: null,
    });
  });

  it('reports trade and payments', async () => {
    expect((await send('GET', '/v1/ledger/trade')).status).toBeGreaterThanOrEqual(400);
    expect(await (await send('GET', '/v1/ledger/trade?source=a&source=b')).json()).toMatchObject({
      grossSum: '0',
    });
    expect(await (await send('GET', '/v1/payments')).json()).toEqual({
      data: [],
      nextCursor: null,
    });
  });

  it('is ready only while database and engine answer', async () => {
    expect((await send('GET', '/healthz')).status).toBe(200);
    expect((await send('GET', '/readyz')).status).toBe(200);
    engineReady = false;
    const away = await send('GET', '/readyz');
    expect(away.status).toBe(503);
    expect(await away.json()).toMatchObject({
      title: 'NotReady',
      detail: 'Cannot reach the workflow engine.',
    });
  });

  it('counts the backlog, as JSON and as OpenMetrics', async () => {
    expect(await (await send('GET', '/v1/operations/backlog')).json()).toMatchObject({
      ordersOpen: 0,
      outbox: {},
    });
    const metrics = await send('GET', '/metrics');
    expect(metrics.headers.get('Content-Type')).toContain('application/openmetrics-text');
    const text = await metrics.text();
    expect(text).toContain('loopline_backlog_orders_open 0\n');
    expect(text.endsWith('# EOF\n')).toBe(true);
  });

  it('takes only webhooks that are signed, fresh and whole', async () => {
    const body = JSON.stringify({
      id: 'evt_a',
      type: 'capture.succeeded',
      occurredAt: NOW,
      data: { authorizationId: 'a' },
    });
    const seconds = Date.parse(NOW) / 1000;
    const post = (text: string, time: number, secret = SECRET, signed = text) =>
      app.request('/v1/webhooks/gateway', {
        method: 'POST',
        body: text,
        headers: {
          'Simulator-Signature': `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${signed}`).digest('hex')}`,
        },
      });
    expect((await app.request('/v1/webhooks/gateway', { method: 'POST', body })).status).toBe(401);
    expect((await post(body, seconds, 'another secret')).status).toBe(401);
    expect((await post(body, seconds - 301)).status).toBe(401);
    expect((await post(`${body} `, seconds, SECRET, body)).status).toBe(401);
    expect((await post('{"id":', seconds)).status).toBe(422);
    expect(await (await post(body, seconds)).json()).toEqual({
      applied: false,
      state: 'unknown-payment',
      replayed: false,
    });
    const again = await post(body, seconds);
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
  });

  it('describes itself, with a page that brings its own assets', async () => {
    const description = (await (await send('GET', '/openapi.json')).json()) as {
      openapi: string;
      paths: object;
    };
    expect(description.openapi).toBe('3.1.0');
    expect(Object.keys(description.paths)).toEqual(
      expect.arrayContaining([
        '/v1/skus',
        '/v1/stock/{sku}',
        '/v1/webhooks/gateway',
        '/v1/ledger/trade',
      ]),
    );
    const page = await (await send('GET', '/docs')).text();
    const assets = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(assets.length).toBeGreaterThan(2);
    for (const asset of assets) {
      expect(asset).toMatch(/^\/docs\//);
      expect(await send('GET', asset)).toMatchObject({ status: 200 });
    }
    expect((await send('GET', '/docs/package.json')).status).toBe(404);
  });
});
