import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { adjust, balanceOf, reserveUnits, seedAdjustmentShop, stockOf } from './adjustment-shop.ts';

interface Units {
  readonly found: number;
  readonly reserved: number;
  readonly writtenOff: number;
}

const NOTHING: Units = { found: 0, reserved: 0, writtenOff: 0 };
const FIELD = { found: 'found', reserve: 'reserved', 'write-off': 'writtenOff' } as const;
const totals: Record<string, Units> = {};

let shop: TestLedger;
let runs = 0;

beforeAll(async () => {
  shop = await openLedger({ connections: 6 });
  await seedAdjustmentShop(shop.owner);
});
afterAll(() => shop.close());

const acts = fc.array(
  fc.record({
    act: fc.constantFrom('found' as const, 'write-off' as const, 'reserve' as const),
    units: fc.integer({ min: 1, max: 9 }),
    lot: fc.constantFrom(undefined, 'A', 'B'),
  }),
  { minLength: 4, maxLength: 14 },
);

test('write-offs, founds and reservations at once: no reservation breaks and the books agree with the shelves', async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (chosen) => {
      runs += 1;
      const sku = ['MUG', 'TEA', 'PEN'][runs % 3] ?? 'MUG';
      const outcomes = await Promise.all(
        chosen.map(async ({ act, units, lot }, index) => {
          const name = `${runs}-${index}`;
          if (act === 'reserve')
            return { act, units: await reserveUnits(shop.owner, `basket:${name}`, units, sku) };
          const { adjustment } = await adjust(shop.ledger, {
            externalRef: name,
            kind: act,
            quantity: units,
            sku,
            lot,
          });
          expect(adjustment.appliedQuantity + adjustment.shortQuantity).toBe(units);
          return { act, units: adjustment.appliedQuantity };
        }),
      );
      let total = totals[sku] ?? NOTHING;
      for (const { act, units } of outcomes)
        total = { ...total, [FIELD[act]]: total[FIELD[act]] + units };
      totals[sku] = total;

      const left = total.found - total.writtenOff;
      const onHand = left - total.reserved;
      expect(await stockOf(shop.owner, sku)).toEqual({
        onHand,
        reserved: total.reserved,
        available: onHand,
      });
      const [promised] = await shop.owner`
        select coalesce(sum(quantity), 0)::int as units from ledger.reservation where sku = ${sku}`;
      expect(promised).toEqual({ units: total.reserved });
      const [layers] = await shop.owner`
        select coalesce(sum(remaining_quantity), 0)::int as units,
          (select coalesce(sum(round(remaining_value * 100)), 0)::int from ledger.cost_layer) as worth
        from ledger.cost_layer where sku = ${sku}`;
      expect(layers).toEqual({
        units: left,
        worth: 0 - (await balanceOf(shop.owner, 'inventory')),
      });
    }),
    { numRuns: 25 },
  );
});
