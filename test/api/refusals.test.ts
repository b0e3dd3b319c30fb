import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVERYWHERE, type Principal } from '../../rules/access/decide-access.ts';
import { scopesOf } from '../../rules/access/roles.ts';
import { BACK } from '../ledger/return-shop.ts';
import { fresh, openApiShop, type ApiShop } from './api-shop.ts';
import { seg, shopReturn } from './samples.ts';

/** Works in the main warehouse and nowhere else. */
const WANDA: Principal = {
  id: 'person:wanda',
  kind: 'person',
  name: 'Wanda',
  roles: ['warehouse'],
  scopes: scopesOf(['warehouse']),
  reach: { ...EVERYWHERE, nodes: ['main'] },
};

let shop: ApiShop;

beforeAll(async () => {
  shop = await openApiShop(new Map([[WANDA.id, WANDA]]));
});
afterAll(() => shop?.close());

const asWanda = (method: string, path: string, body?: unknown) =>
  shop.call(method, path, { body, key: WANDA.id });

const refusals = () => shop.owner`
  select subject_kind, subject_id, reason, after from ledger.audit
  where act = 'access-refused' and actor = ${WANDA.id} order by recorded_at`;

describe('a refusal', () => {
  test('leaves a row that says who was refused what, by which rule, once a minute', async () => {
    const receipt = { node: 'south' };
    for (let count = 0; count < 3; count += 1)
      expect(await asWanda('GET', '/v1/people')).toMatchObject({ status: 403 });
    expect(await asWanda('POST', '/v1/stock/receipts', receipt)).toMatchObject({ status: 403 });
    expect(await asWanda('POST', '/v1/orders/order:web:1/cancellations', {})).toMatchObject({
      status: 403,
    });
    const row = { subject_kind: 'route', after: {} };
    expect(await refusals()).toEqual([
      { ...row, subject_id: 'GET /v1/people', reason: 'scope-missing' },
      { ...row, subject_id: 'POST /v1/stock/receipts', reason: 'node-out-of-reach' },
      {
        ...row,
        subject_id: 'POST /v1/orders/{id}/cancellations',
        reason: 'scope-missing',
        after: { about: 'order:web:1' },
      },
    ]);
  });

  test('leaves none where nobody was refused', async () => {
    const before = (await refusals()).length;
    expect(await asWanda('GET', '/v1/returns')).toMatchObject({ status: 200 });
    expect(await asWanda('GET', '/v1/returns/return:none')).toMatchObject({ status: 404 });
    expect(await refusals()).toHaveLength(before);
  });
});

describe('reach is asked once more under the locks', () => {
  const receiptAt = (id: string, node: string) =>
    asWanda('POST', `/v1/returns/${seg(id)}/receipts`, {
      receiptId: fresh('rr'),
      occurredAt: BACK,
      lines: [{ sku: 'MUG', quantity: 2, node }],
    });

  test('goods that a body takes beyond it are not received', async () => {
    const { id } = await shopReturn(shop);
    expect(await receiptAt(id, 'south')).toMatchObject({
      status: 403,
      body: { title: 'AccessDenied', rule: 'node-out-of-reach' },
    });
    expect(await shop.owner`select 1 from ledger.return_receipt where return_id = ${id}`).toEqual(
      [],
    );
    expect(await receiptAt(id, 'main')).toMatchObject({ status: 200 });
  });

  test('what lies elsewhere by the time of the act is left as it was', async () => {
    const { id } = await shopReturn(shop);
    const receive = (nodes: readonly string[], receiptId: string) =>
      shop.ledger
        .as({ actor: WANDA.id, within: { subjects: [{ kind: 'return', id }], nodes } })
        .call('receive_return', {
          returnId: id,
          receiptId,
          occurredAt: BACK,
          complete: true,
          lines: [{ sku: 'MUG', quantity: 1, node: 'main' }],
          actor: WANDA.id,
        });
    await expect(receive(['south'], 'r1')).rejects.toMatchObject({
      type: 'AccessDenied',
      path: 'node-out-of-reach',
    });
    expect(await shop.owner`select 1 from ledger.return_receipt where return_id = ${id}`).toEqual(
      [],
    );
    await receive(['main', 'south'], 'r2');
    expect(
      await shop.owner`select 1 from ledger.return_receipt where return_id = ${id}`,
    ).toHaveLength(1);
  });
});
