import { afterAll, beforeAll, expect, test } from 'vitest';
import { settlePurchaseOrder } from '../../activities/ledger/steps/purchase-order.ts';
import { BACK } from '../ledger/return-shop.ts';
import { unrestricted } from '../support/identify-by.ts';
import { PEOPLE } from '../support/people.ts';
import { fresh, openApiShop, type Answer, type ApiShop } from './api-shop.ts';
import { acknowledgedOrder, seg, type Body } from './samples.ts';

const { ivan, fay, pat } = PEOPLE;

let shop: ApiShop;

beforeAll(async () => {
  shop = await openApiShop(
    new Map([ivan, fay, pat].map(({ id }) => [id, unrestricted(id)] as const)),
  );
});
afterAll(() => shop?.close());

/** A supplier of its own whose goods somebody has received and whose invoice is too high. */
async function mismatch(
  receiver: string = ivan.id,
): Promise<{ exceptionId: string; supplier: string }> {
  const supplier = fresh('s');
  await shop.owner`
    insert into ledger.supplier (supplier, name, currency, lead_time_days) values (${supplier}, 'S', 'GBP', 3)`;
  const processId = await acknowledgedOrder(shop);
  await shop.owner`update ledger.purchase_order set supplier = ${supplier} where purchase_order_id = ${processId}`;
  const path = `/v1/purchase-orders/${seg(processId)}`;
  const received = await shop.call('POST', `${path}/receipts`, {
    body: { receiptId: fresh('g'), occurredAt: BACK, lines: [{ lineNo: 1, quantity: 10 }] },
    key: receiver,
  });
  expect(received.status, received.text).toBe(200);
  const invoiceNumber = fresh('inv');
  const lines = [{ lineNo: 1, quantity: 10, unitPrice: '9.25' }];
  await shop.call('POST', `${path}/invoices`, { body: { invoiceNumber, occurredAt: BACK, lines } });
  await settlePurchaseOrder(shop.ledger, { processId, occurrence: `invoice:${invoiceNumber}` });
  const { body } = await shop.call(
    'GET',
    `/v1/exceptions?kind=invoice-mismatch&subjectId=${seg(processId)}`,
  );
  return { exceptionId: String((body['data'] as Body[])[0]?.['id']), supplier };
}

function resolve(who: string, exceptionId: string, action: string): Promise<Answer> {
  return shop.call('POST', `/v1/exceptions/${seg(exceptionId)}/resolutions`, {
    body: { action },
    key: who,
  });
}

async function changeSupplier(who: string, ...suppliers: string[]): Promise<unknown> {
  const body = suppliers.map((supplier) => ({
    supplier,
    name: fresh('name'),
    currency: 'GBP',
    leadTimeDays: 3,
  }));
  return (await shop.call('PUT', '/v1/suppliers', { body, key: who })).body['results'];
}

test('whoever received the goods does not settle their invoice, in no way, and another does', async () => {
  const { exceptionId } = await mismatch();
  for (const action of ['accept', 'dispute']) {
    expect(await resolve(ivan.id, exceptionId, action)).toMatchObject({
      status: 403,
      body: {
        title: 'ResolutionRefused',
        rule: 'separated-duties',
        detail: expect.stringContaining('Whoever received the goods does not match their invoice'),
      },
    });
  }
  const exception = () => shop.call('GET', `/v1/exceptions/${seg(exceptionId)}`);
  expect(await exception()).toMatchObject({ body: { state: 'open' } });
  expect(await resolve(fay.id, exceptionId, 'accept')).toMatchObject({ status: 200 });
  expect(await exception()).toMatchObject({ body: { state: 'resolved', resolvedBy: fay.id } });
});

test('the ledger refuses it as well where nobody has asked the rule, and undoes it', async () => {
  const { exceptionId } = await mismatch();
  const request = { exceptionId, resolutionId: 'r1', action: 'accept', actor: ivan.id };
  await expect(shop.ledger.call('resolve_exception', request)).rejects.toMatchObject({
    type: 'InvariantViolated',
    message: expect.stringContaining('had a hand in the goods-receipt'),
  });
  const answer = await shop.call('GET', `/v1/exceptions/${seg(exceptionId)}`);
  expect(answer).toMatchObject({ body: { state: 'open' } });
});

test('whoever settles several that were merged is held against each of them', async () => {
  const { exceptionId: received } = await mismatch();
  const { exceptionId } = await mismatch(pat.id);
  const merged = await shop.call('POST', `/v1/exceptions/${seg(exceptionId)}/merges`, {
    body: { duplicateId: received },
  });
  expect(merged.status, merged.text).toBe(200);
  expect(await resolve(ivan.id, exceptionId, 'dispute')).toMatchObject({ status: 403 });
});

test('whoever accepted an invoice of a supplier does not change that supplier', async () => {
  const { exceptionId, supplier } = await mismatch();
  const other = fresh('s');
  await resolve(fay.id, exceptionId, 'accept');
  expect(await changeSupplier(fay.id, supplier, other)).toMatchObject([
    {
      supplier,
      result: 'refused',
      errors: [{ path: 'supplier', message: expect.stringContaining('(separated-duties)') }],
    },
    { supplier: other, result: 'created' },
  ]);
  expect(await changeSupplier(pat.id, supplier)).toMatchObject([{ result: 'waiting' }]);
});

test('whoever changed a supplier does not accept an invoice of theirs, and may dispute it', async () => {
  const { exceptionId, supplier } = await mismatch();
  expect(await changeSupplier(pat.id, supplier)).toMatchObject([{ result: 'waiting' }]);
  expect(await resolve(pat.id, exceptionId, 'accept')).toMatchObject({
    status: 403,
    body: {
      rule: 'separated-duties',
      detail: expect.stringContaining('Whoever changes a supplier does not pay that supplier'),
    },
  });
  expect(await resolve(pat.id, exceptionId, 'dispute')).toMatchObject({ status: 200 });
});
