import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchCover, type RequestedLine, type SaleLine } from './match-cover.ts';
import { priceParts } from './price-parts.ts';

const code = fc.constantFrom('MUG', 'CUP');
const sale = fc
  .record({
    code,
    day: fc.integer({ min: 10, max: 28 }),
    open: fc.integer({ min: 0, max: 5 }),
    returnable: fc.integer({ min: 0, max: 5 }),
    returning: fc.integer({ min: 0, max: 3 }),
    invoicedMinor: fc.integer({ min: 0, max: 10_000 }),
  })
  .map(({ day, invoicedMinor, ...rest }) => ({
    ...rest,
    kind: 'goods' as const,
    placedAt: `2010-12-${day}T10:00:00.000Z`,
    ageDays: 1,
    shipped: rest.returnable + rest.returning,
    unitPrice: '1',
    amountMinor: String(invoicedMinor),
    invoicedMinor: String(invoicedMinor),
    taxMinor: '0',
    policyVersion: 1,
  }));
const sales = fc
  .array(sale, { maxLength: 6 })
  .map((list) =>
    list.map((entry, index): SaleLine => ({ ...entry, orderId: `order:web:${index}`, lineNo: 1 })),
  );
const lines = fc
  .array(
    fc.record(
      {
        code,
        quantity: fc.integer({ min: 1, max: 12 }),
        unitPrice: fc.constantFrom('1.005', '0.333', '12.5'),
      },
      { requiredKeys: ['code', 'quantity'] },
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((list) =>
    list.map((entry, index): RequestedLine => ({
      ...entry,
      kind: 'goods',
      externalLineId: String(index),
      reasonCode: 'unspecified',
    })),
  );

const units = (parts: readonly { quantity: number }[]) =>
  parts.reduce((sum, part) => sum + part.quantity, 0);

describe('cover', () => {
  test('explains every requested unit once and no sale twice', () => {
    fc.assert(
      fc.property(lines, sales, (wanted, sold) => {
        const parts = matchCover(wanted, sold);
        for (const [index, line] of wanted.entries()) {
          expect(units(parts.filter((part) => part.line === index))).toBe(line.quantity);
        }
        for (const entry of sold) {
          expect(
            units(parts.filter((part) => part.sale === entry && part.cover === 'cancelled')),
          ).toBeLessThanOrEqual(entry.open);
          expect(
            units(parts.filter((part) => part.sale === entry && part.cover === 'sale')),
          ).toBeLessThanOrEqual(entry.returnable);
        }
        for (const part of parts) {
          expect(part.quantity).toBeGreaterThan(0);
          expect(part.sale === undefined).toBe(part.cover === 'blind');
          expect(part.sale?.code ?? wanted[part.line]?.code).toBe(wanted[part.line]?.code);
        }
      }),
    );
  });

  test('leaves units blind only when no sale of the code has any left, and returns only when none can be cancelled', () => {
    fc.assert(
      fc.property(lines, sales, (wanted, sold) => {
        const parts = matchCover(wanted, sold);
        for (const name of ['MUG', 'CUP']) {
          const own = parts.filter((part) => wanted[part.line]?.code === name);
          const asked = units(own);
          const of = sold.filter((entry) => entry.code === name);
          const open = of.reduce((sum, entry) => sum + entry.open, 0);
          const returnable = of.reduce((sum, entry) => sum + entry.returnable, 0);
          expect(units(own.filter(({ cover }) => cover === 'cancelled'))).toBe(
            Math.min(asked, open),
          );
          expect(units(own.filter(({ cover }) => cover === 'sale'))).toBe(
            Math.min(Math.max(0, asked - open), returnable),
          );
        }
      }),
    );
  });

  test('takes the newest sale first', () => {
    fc.assert(
      fc.property(sales, fc.integer({ min: 1, max: 12 }), (sold, quantity) => {
        const line: RequestedLine = {
          externalLineId: '1',
          kind: 'goods',
          code: 'MUG',
          quantity,
          reasonCode: 'unspecified',
        };
        for (const cover of ['cancelled', 'sale'] as const) {
          const dates = matchCover([line], sold)
            .filter((part) => part.cover === cover)
            .map((part) => part.sale?.placedAt ?? '');
          expect(dates).toEqual(dates.toSorted().toReversed());
        }
      }),
    );
  });

  test('a line that names its sale is explained by that sale alone, before lines that name none', () => {
    const base = {
      kind: 'goods',
      code: 'MUG',
      placedAt: '2010-12-01T10:00:00.000Z',
      ageDays: 1,
      open: 0,
      returning: 0,
      unitPrice: '1',
      amountMinor: '200',
      invoicedMinor: '200',
      taxMinor: '0',
      policyVersion: null,
    } as const;
    const sold: SaleLine[] = [
      { ...base, orderId: 'a', lineNo: 1, returnable: 2, shipped: 2 },
      { ...base, orderId: 'b', lineNo: 1, returnable: 2, shipped: 2 },
    ];
    const line = { kind: 'goods', code: 'MUG', reasonCode: 'unspecified' } as const;
    const parts = matchCover(
      [
        { ...line, externalLineId: '1', quantity: 2 },
        { ...line, externalLineId: '2', quantity: 3, orderLine: { orderId: 'a', lineNo: 1 } },
      ],
      sold,
    );
    expect(
      parts.map(({ line: index, cover, quantity, sale: from }) => [
        index,
        cover,
        quantity,
        from?.orderId,
      ]),
    ).toEqual([
      [0, 'sale', 2, 'b'],
      [1, 'sale', 2, 'a'],
      [1, 'blind', 1, undefined],
    ]);
  });
});

describe('prices', () => {
  test('parts of a priced line add up to the line, to the penny and below it', () => {
    fc.assert(
      fc.property(lines, sales, (wanted, sold) => {
        const priced = priceParts(
          wanted.map((line) => ({ ...line, unitPrice: line.unitPrice ?? '2.675' })),
          matchCover(wanted, sold),
        );
        if (!('parts' in priced)) throw new Error('every line has a price');
        for (const [index, line] of wanted.entries()) {
          const own = priced.parts.filter((part) => part.line === index);
          const total = own.reduce((sum, part) => sum + (part.amountMinor ?? 0n), 0n);
          const below = own.reduce((sum, part) => sum + Number(part.belowMinor), 0);
          expect(Number(total) + below).toBeCloseTo(
            Number(line.unitPrice ?? '2.675') * line.quantity * 100,
            6,
          );
        }
      }),
    );
  });

  test("at the sale's own price, all that is left of a sale is worth what was invoiced and not given back", () => {
    fc.assert(
      fc.property(
        sales,
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
        (sold, quantities) => {
          const [only] = sold.filter(
            ({ returnable, returning }) => returnable > 0 && returning === 0,
          );
          fc.pre(only !== undefined);
          const asked = only.returnable;
          const split: number[] = [];
          for (const quantity of [...quantities, asked])
            split.push(Math.min(quantity, asked - split.reduce((a, b) => a + b, 0)));
          const wanted = split
            .filter((quantity) => quantity > 0)
            .map((quantity, index): RequestedLine => ({
              externalLineId: String(index),
              kind: 'goods',
              code: only.code,
              quantity,
              reasonCode: 'unspecified',
              orderLine: { orderId: only.orderId, lineNo: 1 },
            }));
          const closed = { ...only, open: 0 };
          const priced = priceParts(wanted, matchCover(wanted, [closed]));
          if (!('parts' in priced)) throw new Error('all units are covered');
          expect(priced.parts.reduce((sum, part) => sum + (part.amountMinor ?? 0n), 0n)).toBe(
            BigInt(only.invoicedMinor),
          );
        },
      ),
    );
  });

  test('blind units without a price name their line', () => {
    const line: RequestedLine = {
      externalLineId: '1',
      kind: 'goods',
      code: 'MUG',
      quantity: 1,
      reasonCode: 'unspecified',
    };
    expect(priceParts([line], matchCover([line], []))).toEqual({ missingPrice: 0 });
  });
});
