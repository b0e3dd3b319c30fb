import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { putSkus } from '../../activities/ledger/intake/master-data.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { CostModel, type Method } from './cost-model.ts';
import { DAY, openSmallShop } from './small-shop.ts';

type Move =
  | { op: 'set_standard_cost'; cost: number }
  | { op: 'in'; qty: number; unit_cost: number; id?: string }
  | { op: 'out'; qty: number; id?: string }
  | { op: 'customer_return' | 'supplier_return'; of: string; qty: number };

interface MovesCase {
  id: string;
  method: 'standard' | 'avco' | 'fifo';
  moves: Move[];
  expected: { value: number; qty: number; avg_cost?: number; out_value?: number };
}

interface QueueCase {
  id: string;
  method: 'fifo_queue';
  start?: [number, number][];
  moves: [string, number, number][];
  expected: { queue: [number, number][] };
}

const METHODS = { standard: 'standard', avco: 'average', fifo: 'fifo' } as const;

/** Cases in which stock goes negative first: the ledger forbids that, so they cannot come about. */
const RULED_OUT = ['fifo_neg_keeps_rate', 'fifo_neg_updates_rate'];

// The numbers and where each of them comes from.
const cases = JSON.parse(
  readFileSync(new URL('./valuation-cases.json', import.meta.url), 'utf8'),
) as (MovesCase | QueueCase)[];
const movesCases = cases.filter((one): one is MovesCase => one.method !== 'fifo_queue');
const queueCases = cases.filter((one): one is QueueCase => one.method === 'fifo_queue');

describe('valuation', () => {
  let test: TestLedger;
  let sku = '';
  let count = 0;
  beforeAll(async () => {
    test = await openLedger();
    await openSmallShop(test);
  });
  afterAll(async () => test?.close());
  beforeEach(() => {
    count += 1;
    sku = `SKU-${count}`;
  });

  const describeSku = (costMethod: Method, standardCost?: string) =>
    putSkus(test.ledger, [
      { sku, description: '', unitOfMeasure: 'each', class: 'B', costMethod, standardCost },
    ]);

  const add = async (pool: string, quantity: number, value: string, key: string) => {
    const [row] = await test.owner<{ minor: string }[]>`
      select c.amount_minor as minor from ledger.lock_items(array[${sku}], array['north']) l,
        lateral ledger.add_cost(${sku}, 'north', ${pool}, ${quantity}, ${value}::numeric, 'in', ${key}, ${key}, 1, null, ${DAY}) c`;
    return BigInt(row?.minor ?? 0);
  };
  const take = async (
    pool: string,
    quantity: number,
    options: { value?: string; sourceKey?: string } = {},
  ) => {
    const [row] = await test.owner<{ value: string; minor: string }[]>`
      select c.value::text, c.amount_minor as minor from ledger.lock_items(array[${sku}], array['north']) l,
        lateral ledger.take_cost(${sku}, 'north', ${pool}, ${quantity}, 'out', 'out', 'out', 1, null, ${DAY},
          ${options.value ?? null}, ${options.sourceKey ?? null}) c`;
    if (!row) throw new Error('no cost was taken');
    return { value: row.value, minor: BigInt(row.minor) };
  };
  const left = async () => {
    const [row] = await test.owner<
      { quantity: number; value: number; minor: string; rounded: string; least: string }[]
    >`
      select coalesce(sum(l.remaining_quantity), 0)::float8 as quantity, coalesce(sum(l.remaining_value), 0)::float8 as value,
        coalesce(sum(round(l.remaining_value * 100)), 0)::bigint as rounded, coalesce(min(l.remaining_value), 0)::text as least,
        (select coalesce(sum(e.amount_minor), 0)::bigint from ledger.cost_entry e join ledger.cost_layer k using (layer_id)
         where k.sku = ${sku}) as minor
      from ledger.cost_layer l where l.sku = ${sku}`;
    if (!row) throw new Error('no layers were read');
    return row;
  };
  const queue = async () => {
    const layers = await test.owner<{ quantity: number; rate: number }[]>`
      select remaining_quantity::float8 as quantity, (remaining_value / remaining_quantity)::float8 as rate
      from ledger.cost_layer where sku = ${sku} and remaining_quantity > 0 order by layer_id`;
    const merged: [number, number][] = [];
    for (const { quantity, rate } of layers) {
      const last = merged.at(-1);
      // Layers of one rate that follow each other are one entry of a queue of rates.
      if (last?.[1] === rate) last[0] += quantity;
      else merged.push([quantity, rate]);
    }
    return merged;
  };

  it.each(movesCases)('$id', async ({ method, moves, expected }) => {
    const standard = moves.find((move) => move.op === 'set_standard_cost');
    await describeSku(METHODS[method], standard && String(standard.cost));
    const outs = new Map<string, string>();
    let lastOut = '0';
    for (const [index, move] of moves.entries()) {
      if (move.op === 'in') {
        await add(
          'stock',
          move.qty,
          String(move.qty * move.unit_cost),
          `${sku}:${move.id ?? index}`,
        );
      } else if (move.op === 'out') {
        lastOut = (await take('stock', move.qty)).value;
        outs.set(move.id ?? '', lastOut);
      } else if (move.op === 'customer_return') {
        // As a return does it: the very cost it left with, first apart from the stock, then restocked.
        const value = outs.get(move.of) ?? '0';
        await add('returns', move.qty, value, `${sku}:return`);
        const back = await take('returns', move.qty, { value });
        await add('stock', move.qty, back.value, `${sku}:restock`);
      } else if (move.op === 'supplier_return') {
        await take('stock', move.qty, { sourceKey: `${sku}:${move.of}` });
      }
    }
    const { quantity, value } = await left();
    // A case names some of these figures; each that it names is compared.
    const figures = {
      qty: quantity,
      value,
      avg_cost: value / quantity,
      out_value: -Number(lastOut),
    };
    expect(figures).toMatchObject(expected);
  });

  it.each(queueCases.filter(({ id }) => !RULED_OUT.includes(id)))(
    '$id',
    async ({ moves, expected }) => {
      await describeSku('fifo');
      for (const [index, [, quantity, rate]] of moves.entries()) {
        await add('stock', quantity, String(quantity * rate), `${sku}:${index}`);
      }
      expect(await queue()).toEqual(expected.queue);
    },
  );

  it.each(queueCases.filter(({ id }) => RULED_OUT.includes(id)))(
    '$id cannot come about: the ledger refuses negative stock',
    async ({ start }) => {
      await describeSku('fifo');
      const [quantity, rate] = start?.[0] ?? [0, 0];
      expect(quantity).toBeLessThan(0);
      await expect(take('stock', -quantity)).rejects.toMatchObject({ code: 'LL500' });
      const asLayer = test.owner`
        insert into ledger.cost_layer (sku, node, pool, method, remaining_quantity, remaining_value, source_key)
        values (${sku}, 'north', 'stock', 'fifo', ${quantity}, ${quantity * rate}, 'negative')`;
      await expect(asLayer).rejects.toMatchObject({ code: '23514' });
      const asMove = test.owner`
        select ledger.move_stock(array[(${sku}, 'north', '', 'on-hand', 'customer', ${-quantity}::bigint, 'x', 1, null)::ledger.movement],
          'dispatched', 'x', ${DAY})`;
      await expect(asMove).rejects.toMatchObject({ code: '23514' });
      expect(await queue()).toEqual([]);
    },
  );

  it('runs every case of the table, or names why it cannot', () => {
    expect(cases.map(({ id }) => id).toSorted()).toEqual(
      [
        'std_normal_1',
        'avco_normal_1',
        'fifo_normal_1',
        'fifo_return_delivery_1',
        'fifo_return_receipt_1',
        'avco_return_delivery_1',
        'fifo_merge_same_rate',
        ...RULED_OUT,
      ].toSorted(),
    );
  });

  const anyMove = fc.oneof(
    fc.record({
      op: fc.constant('in' as const),
      quantity: fc.integer({ min: 1, max: 40 }),
      millionths: fc.integer({ min: 0, max: 30_000_000 }),
    }),
    fc.record({ op: fc.constant('out' as const), share: fc.integer({ min: 1, max: 100 }) }),
  );

  it.each(['fifo', 'average', 'standard'] as const)(
    'keeps %s layers as a plain model does, over any moves',
    async (method) => {
      let moved = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(anyMove, { minLength: 40, maxLength: 40 }), async (moves) => {
          count += 1;
          sku = `SKU-${count}`;
          await describeSku(method, method === 'standard' ? '3.333333' : undefined);
          const model = new CostModel(method, 33_333_330_000n);
          const seen: (bigint | number)[] = [];
          const foretold: (bigint | number)[] = [];
          for (const [index, move] of moves.entries()) {
            if (move.op === 'in') {
              // Millionths of a unit price are 10^-6; the model counts in 10^-10.
              const value = BigInt(move.quantity) * BigInt(move.millionths) * 10_000n;
              seen.push(
                await add('stock', move.quantity, CostModel.decimal(value), `${sku}:${index}`),
              );
              foretold.push(model.add(BigInt(move.quantity), value));
            } else {
              const quantity = (model.quantity * BigInt(move.share)) / 100n;
              if (quantity === 0n) continue;
              const taken = await take('stock', Number(quantity));
              const expected = model.take(quantity);
              seen.push(taken.minor, Number(taken.value));
              foretold.push(expected.minor, Number(CostModel.decimal(expected.value)));
            }
            moved += 1;
          }
          expect(seen).toEqual(foretold);
          const end = await left();
          expect(BigInt(end.minor)).toBe(model.minor);
          expect(BigInt(end.rounded)).toBe(model.minor);
          expect(Number(end.least)).toBeGreaterThanOrEqual(0);
          // The last units take what rounding left.
          if (model.quantity > 0n) await take('stock', Number(model.quantity));
          expect(await left()).toMatchObject({ quantity: 0, value: 0, minor: '0' });
        }),
        { numRuns: 12, seed: 20_101_201 },
      );
      expect(moved).toBeGreaterThan(350);
    },
  );
});
