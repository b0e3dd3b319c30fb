import { describe, expect, test } from 'vitest';
import { requestOf } from '../../bench/replay/requests.ts';
import { classifyRows } from '../../bench/replay/source/classify.ts';
import type { SourceRow } from '../../bench/replay/source/read-file.ts';
import { tradeDays } from '../../bench/replay/source/trade-day.ts';
import { sampleRow } from './sample-rows.ts';

function requestsFor(...rows: SourceRow[]) {
  const days = tradeDays(classifyRows(rows));
  return days.flatMap(({ events }) => events.map((event) => requestOf(event, () => 'main')));
}

describe('what a connector posts', () => {
  test('an invoice becomes one order: goods as lines, charges as charges, each row with its reference', () => {
    const goods = sampleRow({ ordinal: 1, country: 'EIRE' });
    const postage = sampleRow({
      ordinal: 2,
      country: 'EIRE',
      sku: 'POST',
      quantity: 1,
      unitPrice: '18',
    });
    expect(requestsFor(goods, postage)).toEqual([
      {
        path: '/v1/orders',
        body: {
          channel: 'online-retail',
          externalId: '536365',
          placedAt: '2010-12-01T08:26:00.000Z',
          currency: 'GBP',
          customer: { externalId: '17850' },
          shipTo: { country: 'IE' },
          lines: [
            {
              externalLineId: '1',
              sku: '85123A',
              quantity: 6,
              unitPrice: '2.55',
              sourceRef: 'sample:goods:1',
            },
          ],
          charges: [
            {
              externalLineId: '2',
              kind: 'shipping',
              code: 'POST',
              quantity: 1,
              unitPrice: '18',
              sourceRef: 'sample:charge:2',
            },
          ],
          payment: { provider: 'gateway', token: 'tok_ok', status: 'none' },
        },
      },
    ]);
  });

  test('an order whose total is 0 asks for no payment, and one without a customer names none', () => {
    const [paid, free] = requestsFor(
      sampleRow({ invoiceNo: '1', customerId: null }),
      sampleRow({ invoiceNo: '2', unitPrice: '0' }),
    );
    expect(paid?.body).not.toHaveProperty('customer');
    expect(paid?.body).toHaveProperty('payment');
    expect(free?.body).not.toHaveProperty('payment');
  });

  test('a C invoice becomes one return with positive quantities', () => {
    const [, request] = requestsFor(
      sampleRow({ ordinal: 1 }),
      sampleRow({
        ordinal: 2,
        invoiceNo: 'C536366',
        quantity: -2,
        invoiceDate: '2010-12-01T09:00:00.000Z',
      }),
    );
    expect(request).toMatchObject({
      path: '/v1/returns',
      body: {
        externalRef: 'C536366',
        customer: { externalId: '17850' },
        occurredAt: '2010-12-01T09:00:00.000Z',
        resolution: 'refund',
        lines: [
          {
            kind: 'goods',
            sku: '85123A',
            quantity: 2,
            unitPrice: '2.55',
            sourceRef: 'sample:returnFull:2',
          },
        ],
      },
    });
  });

  test('finance entries keep the sign of the file, and a bank charge names no customer', () => {
    const [fee, charge] = requestsFor(
      sampleRow({ ordinal: 1, invoiceNo: 'C1', sku: 'AMAZONFEE', quantity: -1, unitPrice: '10' }),
      sampleRow({
        ordinal: 2,
        invoiceNo: 'C2',
        sku: 'BANK CHARGES',
        quantity: -1,
        unitPrice: '15',
      }),
    );
    expect(fee?.body).toMatchObject({
      kind: 'fee',
      quantity: -1,
      customer: { externalId: '17850' },
    });
    expect(charge?.body).toMatchObject({ kind: 'bank-charge', externalRef: 'sample:2' });
    expect(charge?.body).not.toHaveProperty('customer');
  });

  test('stock written off or found becomes an adjustment of a positive quantity', () => {
    const none = { customerId: null, unitPrice: '0' };
    const [lost, found] = requestsFor(
      sampleRow({ ...none, ordinal: 1, invoiceNo: '1', quantity: -10 }),
      sampleRow({ ...none, ordinal: 2, invoiceNo: '2', quantity: 7 }),
    );
    expect(lost?.body).toMatchObject({
      kind: 'write-off',
      quantity: 10,
      node: 'main',
      reasonCode: 'lost',
    });
    expect(found?.body).toMatchObject({ kind: 'found', quantity: 7, reasonCode: 'found' });
  });

  test('the same event is always the same request, so that it can be posted again', () => {
    const rows = [
      sampleRow({ ordinal: 1 }),
      sampleRow({ ordinal: 2, sku: 'M', unitPrice: '0', quantity: -1 }),
    ];
    expect(requestsFor(...rows)).toEqual(requestsFor(...rows));
  });
});
