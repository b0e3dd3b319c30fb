import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyRows } from '../../bench/replay/source/classify.ts';
import { openingStock, skus } from '../../bench/replay/source/master-data.ts';
import type { SourceRow } from '../../bench/replay/source/read-file.ts';
import {
  addDays,
  eventTime,
  SplitInvoiceError,
  tradeDays,
} from '../../bench/replay/source/trade-day.ts';
import type { TradeDay, TradeEvent } from '../../bench/replay/source/trade-day.ts';
import { sampleRow } from './sample-rows.ts';

function daysOf(rows: readonly SourceRow[]): TradeDay[] {
  return tradeDays(classifyRows(rows));
}

function eventsOf(rows: readonly SourceRow[]): TradeEvent[] {
  return daysOf(rows).flatMap((day) => [...day.events]);
}

const none = { customerId: null, unitPrice: '0.0' };

function at(invoiceNo: string, invoiceDate: string): SourceRow {
  return sampleRow({ invoiceNo, invoiceDate });
}

function sale(
  sku: string,
  quantity: number,
  unitPrice: string,
  day: string,
  parts: Partial<SourceRow> = {},
): SourceRow {
  return sampleRow({ sku, quantity, unitPrice, invoiceDate: `${day}T08:00:00.000Z`, ...parts });
}

describe('events of an invoice', () => {
  test('a sale is one order with its goods, its charges and what there is to pay', () => {
    const rows = [
      sampleRow({ invoiceDate: '2010-12-01T08:27:00.000Z' }),
      sampleRow({ sku: '71053', unitPrice: '0.0' }),
      sampleRow({ sku: 'POST', quantity: 2, unitPrice: '18.00' }),
      sampleRow({ sku: 'gift_0001_20', quantity: 1, unitPrice: '16.67' }),
    ];
    const [event, ...others] = eventsOf(rows);
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      type: 'order',
      invoiceNo: '536365',
      placedAt: '2010-12-01T08:26:00.000Z',
      customerId: '17850',
      country: 'United Kingdom',
      totalMinor: 1530n + 3600n + 1667n,
      goods: [
        {
          ordinal: rows[0]?.ordinal,
          sku: '85123A',
          quantity: 6,
          unitPrice: '2.55',
          rowClass: 'goods',
        },
        { ordinal: rows[1]?.ordinal, sku: '71053', quantity: 6, rowClass: 'freeGoods' },
      ],
      charges: [
        { kind: 'shipping', code: 'POST', quantity: 2, amountMinor: 3600n, rowClass: 'charge' },
        {
          kind: 'voucher',
          code: 'GIFT_0001_20',
          quantity: 1,
          amountMinor: 1667n,
          rowClass: 'giftVoucher',
        },
      ],
    });
  });

  test('a zero-priced charge is a charge of 0 and moves nothing', () => {
    expect(eventsOf([sampleRow({ sku: 'DOT', ...none, quantity: 3 })])).toMatchObject([
      {
        type: 'order',
        goods: [],
        charges: [{ kind: 'shipping', amountMinor: 0n }],
        totalMinor: 0n,
      },
    ]);
  });

  test('a C invoice is one return of goods and charges, its fees and samples are entries of their own', () => {
    const cancel = { invoiceNo: 'C536379', quantity: -2, unitPrice: '1.00' };
    const events = eventsOf([
      sampleRow({ ...cancel, invoiceDate: '2010-12-01T09:41:00.000Z' }),
      sampleRow({ ...cancel, sku: 'M' }),
      sampleRow({ ...cancel, sku: 'D' }),
      sampleRow({ ...cancel, sku: 'S' }),
      sampleRow({ ...cancel, sku: 'CRUK' }),
      sampleRow({ ...cancel, sku: 'POST' }),
    ]);
    expect(events.filter((event) => event.type === 'return')).toMatchObject([
      {
        invoiceNo: 'C536379',
        occurredAt: '2010-12-01T08:26:00.000Z',
        lines: [
          {
            kind: 'goods',
            code: '85123A',
            quantity: 2,
            amountMinor: 200n,
            rowClass: 'returnBlind',
          },
          { kind: 'manual', code: 'M', quantity: 2, amountMinor: 200n, rowClass: 'cNonGoods' },
          { kind: 'discount', code: 'D' },
          { kind: 'shipping', code: 'POST' },
        ],
      },
    ]);
    expect(events.filter((event) => event.type === 'financeEntry')).toMatchObject([
      { kind: 'sample', quantity: -2, amountMinor: -200n, rowClass: 'cNonGoods' },
      { kind: 'donation', quantity: -2, amountMinor: -200n },
    ]);
    expect(events).toHaveLength(3);
  });

  test('fees, bank charges, samples and bad debt without C keep the signs of the file', () => {
    const events = eventsOf([
      sampleRow({ invoiceNo: '1', sku: 'AMAZONFEE', quantity: 1, unitPrice: '13541.33' }),
      sampleRow({ invoiceNo: '2', sku: 'BANK CHARGES', quantity: 1, unitPrice: '15.00' }),
      sampleRow({ invoiceNo: '3', sku: 'S', quantity: 1, unitPrice: '30.00' }),
      sampleRow({ invoiceNo: 'A4', sku: 'B', quantity: 1, unitPrice: '-11062.06' }),
    ]);
    expect(events).toMatchObject([
      { type: 'financeEntry', kind: 'fee', amountMinor: 1_354_133n },
      { type: 'financeEntry', kind: 'bank-charge', amountMinor: 1500n },
      { type: 'financeEntry', kind: 'sample', amountMinor: 3000n },
      { type: 'financeEntry', kind: 'bad-debt', amountMinor: -1_106_206n },
    ]);
  });

  test('found and written-off stock is an adjustment per row, also beside a zero-priced charge', () => {
    const events = eventsOf([
      sampleRow({ ...none, quantity: 4, description: ' found ' }),
      sampleRow({ ...none, quantity: -3 }),
      sampleRow({ ...none, sku: 'DOT' }),
    ]);
    expect(events).toMatchObject([
      {
        type: 'stockAdjustment',
        sku: '85123A',
        quantity: 4,
        rowClass: 'stockFound',
        description: 'found',
      },
      { type: 'stockAdjustment', quantity: -3, rowClass: 'stockWriteOff' },
      { type: 'order', charges: [{ code: 'DOT' }] },
    ]);
  });

  test('an invoice in two files or of two customers is refused by name', () => {
    expect(() => daysOf([sampleRow(), sampleRow({ fileStem: 'other' })])).toThrow(
      SplitInvoiceError,
    );
    expect(() => daysOf([sampleRow(), sampleRow({ customerId: null })])).toThrow(
      /Invoice 536365 names two customers/,
    );
  });
});

describe('days of trade', () => {
  test('every calendar day is there, and events of a day go by time, then by the order of the rows', () => {
    const days = daysOf([
      at('3', '2010-12-31T23:59:00.000Z'),
      at('2', '2010-12-30T10:00:00.000Z'),
      at('1', '2010-12-30T10:00:00.000Z'),
      at('5', '2011-01-02T00:00:00.000Z'),
      at('4', '2010-12-30T09:00:00.000Z'),
    ]);
    expect(days.map((day) => [day.date, day.events.map((event) => event.invoiceNo)])).toEqual([
      ['2010-12-30', ['4', '2', '1']],
      ['2010-12-31', ['3']],
      ['2011-01-01', []],
      ['2011-01-02', ['5']],
    ]);
  });

  test('a sale or return takes place at its earliest time, an entry or adjustment at its own', () => {
    const invoices: Partial<SourceRow>[] = [
      {},
      { invoiceNo: 'C1', quantity: -1 },
      { invoiceNo: '2', sku: 'S' },
      { invoiceNo: '3', ...none },
    ];
    const times = ['2010-12-01T08:27:00.000Z', '2010-12-01T08:26:00.000Z'];
    const rows = times.flatMap((invoiceDate) =>
      invoices.map((parts) => sampleRow({ ...parts, invoiceDate })),
    );
    expect(eventsOf(rows).map((event) => [event.type, eventTime(event).slice(14, 16)])).toEqual([
      ['order', '26'],
      ['return', '26'],
      ['financeEntry', '26'],
      ['stockAdjustment', '26'],
      ['financeEntry', '27'],
      ['stockAdjustment', '27'],
    ]);
  });

  test('no rows make no days', () => {
    expect(daysOf([])).toEqual([]);
    expect(openingStock([])).toBeNull();
  });

  test('addDays crosses months, years and leap days', () => {
    expect(addDays('2010-12-01', -1)).toBe('2010-11-30');
    expect(addDays('2010-12-31', 1)).toBe('2011-01-01');
    expect(addDays('2012-02-28', 1)).toBe('2012-02-29');
  });
});

describe('master data for the replay', () => {
  test('opening stock is the goods and free goods of the first seven calendar days of the first file', () => {
    const rows = [
      sale('B', 5, '1.00', '2010-12-03'),
      sale('A', 1, '1.00', '2010-12-02'),
      sale('A', 2, '0.0', '2010-12-08'),
      sale('A', 4, '1.00', '2010-12-09'),
      sale('A', -1, '1.00', '2010-12-04', { invoiceNo: 'C1' }),
      sale('POST', 1, '1.00', '2010-12-04'),
      sale('A', 8, '1.00', '2010-12-05', { fileStem: 'second', invoiceNo: '9' }),
    ];
    expect(openingStock(classifyRows(rows))).toEqual({
      receivedOn: '2010-12-01',
      lines: [
        { sku: 'A', quantity: 3 },
        { sku: 'B', quantity: 5 },
      ],
    });
  });

  test('a supplier asks half the median price of the rows of goods, to four places', () => {
    const day = '2010-12-01';
    const rows = [
      ...['3.00', '1.00', '2.55'].map((price) => sale('ODD', 1, price, day)),
      ...['1.0001', '1.0002'].map((price) => sale('EVEN', 1, price, day)),
      sale('HALF', 1, '0.0001', day),
      sale('DUST', 1, '0.000001', day),
      sale('FREE', 1, '0.0', day),
      sale('ODD', 1, '0.0', day),
      sale('ODD', -1, '99.00', day, { invoiceNo: 'C1' }),
    ];
    const prices = Object.fromEntries(
      skus(classifyRows(rows)).map((item) => [item.sku, item.supplierPrice]),
    );
    expect(prices).toEqual({
      ODD: '1.2750',
      EVEN: '0.5001',
      HALF: '0.0001',
      DUST: '0.01',
      FREE: '0.01',
    });
  });

  test('supplier prices do not depend on the order of the rows', () => {
    const prices = fc.array(fc.integer({ min: 1, max: 99_999 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(prices, (pence) => {
        const rows = pence.map((price) => sale('X', 1, (price / 1000).toFixed(3), '2010-12-01'));
        expect(skus(classifyRows(rows))).toEqual(skus(classifyRows(rows.toReversed())));
      }),
    );
  });

  test('every SKU that stock moves of is listed once, under the first description of a sale', () => {
    const rows = [
      sampleRow({ ...none, stockCodeAsWritten: 'x1', quantity: -1, description: 'damages' }),
      sampleRow({ invoiceNo: '2', sku: 'X1', description: '' }),
      sampleRow({ invoiceNo: '2', sku: 'X1', description: ' RED MUG ' }),
      sampleRow({ invoiceNo: '3', ...none, sku: 'X2', quantity: 1, description: '' }),
      sampleRow({ invoiceNo: '4', ...none, sku: 'X3', quantity: 1, description: '?' }),
      sampleRow({ invoiceNo: 'C5', sku: 'X4', quantity: -1, description: 'BLUE MUG' }),
      sampleRow({ invoiceNo: '6', sku: 'POST' }),
    ];
    expect(skus(classifyRows(rows)).map((item) => [item.sku, item.description])).toEqual([
      ['X1', 'RED MUG'],
      ['X2', 'X2'],
      ['X3', '?'],
      ['X4', 'BLUE MUG'],
    ]);
  });
});
