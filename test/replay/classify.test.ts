import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chargeKind, classifyRows, rowClasses } from '../../bench/replay/source/classify.ts';
import type { RowClass } from '../../bench/replay/source/classify.ts';
import { coverRows } from '../../bench/replay/source/coverage.ts';
import type { SourceRow } from '../../bench/replay/source/read-file.ts';
import { summarizeSource } from '../../bench/replay/source/summary.ts';
import { sampleRow } from './sample-rows.ts';

function classesOf(rows: readonly SourceRow[]): RowClass[] {
  return classifyRows(rows).map((row) => row.rowClass);
}

const none = { customerId: null, unitPrice: '0.0' };

describe('the class of a row', () => {
  test.each<[RowClass, Partial<SourceRow>]>([
    ['goods', {}],
    ['goods', { customerId: null }],
    ['goods', { sku: 'PADS', unitPrice: '0.001' }],
    ['goods', { sku: 'DCGS0003' }],
    ['freeGoods', { unitPrice: '0.0' }],
    ['stockFound', none],
    ['stockWriteOff', { ...none, quantity: -5 }],
    ['charge', { sku: 'POST' }],
    ['charge', { sku: 'DOT', ...none }],
    ['charge', { sku: 'C2' }],
    ['charge', { sku: 'C3' }],
    ['discount', { sku: 'D' }],
    ['manual', { stockCodeAsWritten: 'm' }],
    ['manual', { sku: 'ADJUST2' }],
    ['fee', { sku: 'AMAZONFEE' }],
    ['fee', { sku: 'BANK CHARGES' }],
    ['fee', { sku: 'CRUK' }],
    ['sample', { stockCodeAsWritten: ' s ' }],
    ['giftVoucher', { stockCodeAsWritten: 'gift_0001_20' }],
    ['badDebt', { invoiceNo: 'A563185', sku: 'B', unitPrice: '-11062.06', customerId: null }],
    ['badDebt', { invoiceNo: 'A563186', sku: 'POST', customerId: null }],
    ['returnBlind', { invoiceNo: 'C536379', quantity: -1 }],
    ['returnBlind', { invoiceNo: 'C536379', quantity: -1, customerId: null }],
    ['cNonGoods', { invoiceNo: 'C536379', quantity: -1, sku: 'POST' }],
    ['cNonGoods', { invoiceNo: 'C536379', quantity: -1, sku: 'D', customerId: null }],
  ])('%s: %j', (rowClass, parts) => {
    expect(classesOf([sampleRow(parts)])).toEqual([rowClass]);
  });

  test('zero-priced goods without customer are free goods beside a priced row of the invoice, else found stock', () => {
    const free = sampleRow(none);
    expect(classesOf([free, sampleRow({ customerId: null, sku: 'DOT' })])).toEqual([
      'freeGoods',
      'charge',
    ]);
    expect(classesOf([free, sampleRow({ ...none, sku: 'DOT' })])).toEqual(['stockFound', 'charge']);
    expect(classesOf([free, sampleRow({ invoiceNo: '536366' })])).toEqual(['stockFound', 'goods']);
  });

  test('a zero-priced row with a negative quantity is a write-off even beside priced rows', () => {
    expect(classesOf([sampleRow({ ...none, quantity: -2 }), sampleRow()])).toEqual([
      'stockWriteOff',
      'goods',
    ]);
  });

  test('codes that differ only by case or blanks are the same goods', () => {
    const sold = sampleRow({ stockCodeAsWritten: '85123a' });
    const returned = sampleRow({
      invoiceNo: 'C536379',
      stockCodeAsWritten: ' 85123A ',
      quantity: -6,
    });
    expect(classesOf([sold, returned])).toEqual(['goods', 'returnFull']);
  });

  test.each([
    ['POST', 'shipping'],
    ['DOT', 'shipping'],
    ['C2', 'shipping'],
    ['C3', 'shipping'],
    ['D', 'discount'],
    ['M', 'manual'],
    ['ADJUST', 'manual'],
    ['AMAZONFEE', 'fee'],
    ['BANK CHARGES', 'bank-charge'],
    ['CRUK', 'donation'],
    ['S', 'sample'],
    ['GIFT_0001_30', 'voucher'],
    ['85123A', null],
    ['DCGSSBOY', null],
  ])('the code %s stands for %s', (code, kind) => {
    expect(chargeKind(code)).toBe(kind);
  });
});

function at(minute: number): string {
  return `2010-12-01T08:${String(minute).padStart(2, '0')}:00.000Z`;
}

function sale(quantity: number, minute: number): SourceRow {
  return sampleRow({ quantity, invoiceDate: at(minute) });
}

function back(quantity: number, minute: number, parts: Partial<SourceRow> = {}): SourceRow {
  return sampleRow({
    invoiceNo: 'C536379',
    quantity: -quantity,
    invoiceDate: at(minute),
    ...parts,
  });
}

function outcomes(rows: readonly SourceRow[]): (string | null)[] {
  return coverRows(rows).map((covered) => covered && `${covered.outcome} ${covered.coveredUnits}`);
}

describe('coverage of C rows', () => {
  test('earlier sales cover it, less what earlier C rows used up', () => {
    const rows = [sale(6, 1), sale(2, 2), back(5, 3), back(4, 4), back(1, 5)];
    expect(outcomes(rows)).toEqual([null, null, 'full 5', 'partial 3', 'none 0']);
  });

  test('a later sale covers nothing, whatever the order of the rows', () => {
    expect(outcomes([sale(6, 2), back(1, 1)])).toEqual([null, 'none 0']);
  });

  test('at the same time the order of the rows decides', () => {
    expect(outcomes([sale(6, 1), back(1, 1)])).toEqual([null, 'full 1']);
    expect(outcomes([back(1, 1), sale(6, 1)])).toEqual(['none 0', null]);
  });

  test('another customer, another SKU, or no customer covers nothing', () => {
    const sold = sale(6, 1);
    expect(outcomes([sold, back(1, 2, { customerId: '13047' })])).toEqual([null, 'none 0']);
    expect(outcomes([sold, back(1, 2, { sku: '71053' })])).toEqual([null, 'none 0']);
    expect(outcomes([sold, back(1, 2, { customerId: null })])).toEqual([null, 'noCustomer 0']);
  });
});

/** Any row that the reader would let through. */
const anyRow: fc.Arbitrary<SourceRow> = fc
  .record({
    prefix: fc.constantFrom('', 'C', 'A'),
    invoice: fc.integer({ min: 1, max: 6 }),
    code: fc.constantFrom(
      '85123A',
      '85123a',
      '71053',
      'POST',
      'D',
      'M',
      'S',
      'CRUK',
      'gift_0001_20',
    ),
    units: fc.integer({ min: 1, max: 20 }),
    negative: fc.boolean(),
    price: fc.constantFrom('0.0', '0.001', '2.55', '4.125'),
    customerId: fc.constantFrom(null, '17850', '13047'),
    minute: fc.integer({ min: 10, max: 59 }),
  })
  .map(({ prefix, invoice, code, units, negative, price, customerId, minute }) =>
    sampleRow({
      invoiceNo: `${prefix}${invoice}`,
      stockCodeAsWritten: code,
      quantity: prefix === 'C' || (negative && price === '0.0') ? -units : units,
      unitPrice: price,
      customerId,
      invoiceDate: `2010-12-01T08:${minute}:00.000Z`,
    }),
  );

describe('the classes of any file', () => {
  test('partition its rows: counts and units add up to the source', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 60 }), (rows) => {
        const { classes, source } = summarizeSource(classifyRows(rows));
        const counts = rowClasses.map((name) => classes[name] ?? { rows: 0, units: 0 });
        expect(counts.reduce((sum, count) => sum + count.rows, 0)).toBe(rows.length);
        expect(counts.reduce((sum, count) => sum + count.units, 0)).toBe(
          source.unitsSoldPositive + source.unitsNegative,
        );
      }),
    );
  });

  test('never return more units as covered than the customer bought of the SKU', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 60 }), (rows) => {
        const covered = new Map<string, number>();
        const bought = new Map<string, number>();
        for (const [index, coverage] of coverRows(rows).entries()) {
          const row = rows[index];
          if (row === undefined) continue;
          const key = `${row.customerId} ${row.sku}`;
          covered.set(key, (covered.get(key) ?? 0) + (coverage?.coveredUnits ?? 0));
          bought.set(key, (bought.get(key) ?? 0) + Math.max(row.quantity, 0));
        }
        for (const [key, units] of covered) expect(units).toBeLessThanOrEqual(bought.get(key) ?? 0);
      }),
    );
  });
});
