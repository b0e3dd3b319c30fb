import { createHmac } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditRow } from '../../activities/ledger/read/audit.ts';
import { sealAudit } from '../../activities/ledger/steps/seal-audit.ts';
import { BACK } from '../ledger/return-shop.ts';
import { fresh, KEYS, openApiShop, SECRET, type ApiShop } from './api-shop.ts';
import { order, seg } from './samples.ts';

let shop: ApiShop;
const NODES = Array.from({ length: 250 }, (_, index) => ({
  node: `n-${String(index).padStart(3, '0')}`,
  name: `Node ${index}, "${index}"`,
  country: 'GB',
}));

beforeAll(async () => {
  shop = await openApiShop();
  await shop.call('PUT', '/v1/nodes', { body: NODES, headers: { 'X-Request-Id': 'nodes-1' } });
});
afterAll(() => shop?.close());

async function page(query: string): Promise<{ data: AuditRow[]; nextCursor: string | null }> {
  const { status, body } = await shop.call('GET', `/v1/audit?${query}`);
  expect(status).toBe(200);
  return body as never;
}

describe('what a request changes', () => {
  test('leaves a row with who sent it and through which request', async () => {
    const { data } = await page('act=put_nodes&limit=1');
    expect(data).toMatchObject([
      {
        actor: 'shop',
        requestId: 'nodes-1',
        subjectId: 'node:n-249',
        after: { name: 'Node 249, "249"' },
        sequence: null,
      },
    ]);
  });

  test('is told apart for each order, although many share a call of the ledger', async () => {
    const bodies = [order(), order(), order()];
    await Promise.all(
      bodies.map((body, index) =>
        shop.call('POST', '/v1/orders', {
          body,
          headers: { 'X-Request-Id': `order-${index}` },
          key: index === 0 ? KEYS.boss : KEYS.shop,
        }),
      ),
    );
    for (const [index, { channel, externalId }] of bodies.entries()) {
      const id = `order:${String(channel)}:${String(externalId)}`;
      const { data } = await page(`subject=${seg(id)}`);
      expect(data).toMatchObject([
        {
          act: 'accept_orders',
          requestId: `order-${index}`,
          actor: index === 0 ? 'person:boss' : 'shop',
          after: { state: 'accepted' },
        },
      ]);
    }
  });

  test('leaves none when it is sent again, and none when it is refused', async () => {
    const rows = async () => (await page('limit=200')).data.length;
    const body = { ...order(), externalId: fresh('once') };
    await shop.call('POST', '/v1/orders', { body });
    const before = await shop.owner`select count(*) from ledger.audit`;
    expect(await shop.call('POST', '/v1/orders', { body })).toMatchObject({ replayed: true });
    expect(
      await shop.call('POST', '/v1/orders', { body: { ...order(), channel: 'nobody' } }),
    ).toMatchObject({ status: 422 });
    expect(await shop.owner`select count(*) from ledger.audit`).toEqual(before);
    expect(await rows()).toBe(200);
  });

  test('by a webhook is the act of the provider that signed it', async () => {
    const text = JSON.stringify({
      id: fresh('t'),
      type: 'tracking.updated',
      occurredAt: BACK,
      data: { trackingNumber: 'nobody-knows', status: 'lost' },
    });
    const seconds = Math.floor(Date.parse(BACK) / 1_000);
    const signature = createHmac('sha256', SECRET).update(`${seconds}.${text}`).digest('hex');
    const headers = {
      'Simulator-Signature': `t=${seconds},v1=${signature}`,
      'X-Request-Id': 'webhook-1',
    };
    expect(
      await shop.call('POST', '/v1/webhooks/carrier', { text, headers, key: 'none' }),
    ).toMatchObject({ status: 200 });
    expect((await page(`actor=${seg('provider:carrier')}`)).data).toMatchObject([
      { act: 'record_fact', subjectKind: 'fact', requestId: 'webhook-1' },
    ]);
  });
});

describe('GET /v1/audit', () => {
  test('is filtered by actor, act, subject and time, page by page', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    do {
      const next: string = cursor === '' ? '' : `&cursor=${seg(cursor)}`;
      const found = await page(`act=put_nodes&actor=shop&limit=100${next}`);
      seen.push(...found.data.map(({ subjectId }) => subjectId));
      cursor = found.nextCursor;
    } while (cursor !== null);
    expect(seen.toSorted()).toEqual(NODES.map(({ node }) => `node:${node}`));
    const [first] = (await page(`subject=${seg('node:n-000')}`)).data;
    expect(first?.act).toBe('put_nodes');
    const from = first?.recordedAt ?? '';
    expect((await page(`act=put_nodes&until=${seg(from)}`)).data.length).toBeLessThan(250);
    expect((await page('actor=nobody')).data).toEqual([]);
  });

  test('shows the place in the chain once a row is sealed', async () => {
    await sealAudit(shop.ledger);
    const [row] = (await page('limit=1')).data;
    expect(row?.rowHash).toMatch(/^[\da-f]{64}$/);
  });

  test.each(['from=yesterday', 'cursor=xyz', 'unknown=1', 'limit=0'])(
    'refuses %s',
    async (query) => {
      expect(await shop.call('GET', `/v1/audit?${query}`)).toMatchObject({ status: 422 });
    },
  );
});

describe('GET /v1/audit/export', () => {
  const whole = async (query: string) => {
    const response = await shop.app.request(`/v1/audit/export?${query}`, {
      headers: { Authorization: `Bearer ${KEYS.shop}` },
    });
    expect(response.status).toBe(200);
    return { type: response.headers.get('Content-Type'), text: await response.text() };
  };

  test('as lines of JSON is every row, over many pages', async () => {
    const { type, text } = await whole('format=jsonl&act=put_nodes');
    expect(type).toBe('application/jsonl');
    const rows = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditRow);
    expect(rows.map(({ subjectId }) => subjectId).toSorted()).toEqual(
      NODES.map(({ node }) => `node:${node}`),
    );
  });

  test('as CSV is the same, with a line of names', async () => {
    const { type, text } = await whole('format=csv&act=put_nodes');
    expect(type).toMatch(/^text\/csv/);
    const rows: Record<string, string>[] = parse(text, { columns: true });
    expect(rows).toHaveLength(NODES.length);
    const last = rows.find((row) => row['subjectId'] === 'node:n-001');
    expect(JSON.parse(last?.['after'] ?? '')).toMatchObject({ name: 'Node 1, "1"' });
  });

  test('of nothing is the line of names, and no lines', async () => {
    expect((await whole('format=csv&actor=nobody')).text.split('\r\n')).toHaveLength(2);
    expect((await whole('format=jsonl&actor=nobody')).text).toBe('');
  });

  test('needs a format, and a key', async () => {
    expect(await shop.call('GET', '/v1/audit/export')).toMatchObject({
      status: 422,
      paths: ['format'],
    });
    expect((await shop.app.request('/v1/audit/export?format=csv')).status).toBe(401);
  });
});

describe('a customer’s data', () => {
  test('is exported, erased, and then nobody knows it', async () => {
    const externalId = fresh('c');
    const person = {
      channel: 'web',
      externalId,
      name: 'Ada Markerwood',
      email: 'a@markerwood.example',
    };
    await shop.call('PUT', '/v1/customers', { body: [person] });
    const listed = await shop.call('GET', `/v1/customers?externalId=${externalId}`);
    const [{ id } = { id: '' }] = listed.body['data'] as { id: string }[];
    expect(id).toMatch(/^customer:\d+$/);
    const path = `/v1/customers/${seg(id)}`;
    expect(
      await shop.call('POST', `${path}/exports`, { body: { exportId: 'x', reason: 'ticket-1' } }),
    ).toMatchObject({ status: 200, body: { customer: { id, ...person }, orders: [] } });
    expect(
      await shop.call('POST', `${path}/erasures`, { body: { erasureId: 'e', reason: 'ticket-2' } }),
    ).toMatchObject({ status: 200, body: { customerId: id, erased: { orders: 0 } } });
    expect((await shop.call('GET', `/v1/customers?externalId=${externalId}`)).body['data']).toEqual(
      [],
    );
    expect(shop.reported).toEqual([]);
  });

  test('is not erased while an order is under way', async () => {
    const body = { ...order(), customer: { externalId: fresh('c'), name: 'Ada' } };
    const { body: placed } = await shop.call('POST', '/v1/orders', { body });
    const listed = await shop.call('GET', `/v1/customers?externalId=${body.customer.externalId}`);
    const [{ id } = { id: '' }] = listed.body['data'] as { id: string }[];
    const refused = await shop.call('POST', `/v1/customers/${seg(id)}/erasures`, {
      body: { erasureId: 'e', reason: 'ticket-2' },
    });
    expect(refused).toMatchObject({ status: 409, body: { title: 'Conflict' } });
    expect(refused.body['detail']).toContain(String(placed['id']));
  });
});
