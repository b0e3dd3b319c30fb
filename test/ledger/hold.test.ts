import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expireHolds, holdStock, releaseHold } from '../../activities/ledger/intake/stock-hold.ts';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { readStock } from '../../activities/ledger/read/stock.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { DAY, openSmallShop, stockIn, writeBackorder, writeOrder } from './small-shop.ts';

const LATER = '2026-11-02T10:00:00.000Z';
const units = (sku: string, quantity: number, node = 'north') => ({ sku, node, quantity });

describe('stock holds', () => {
  let test: TestLedger;
  beforeAll(async () => {
    test = await openLedger();
    await openSmallShop(test);
    await stockIn(test.owner, { sku: 'MUG', quantity: 10, unitCost: '4', key: 'h-1' });
    await stockIn(test.owner, { sku: 'JAR', quantity: 2, unitCost: '4', key: 'h-2' });
    await stockIn(test.owner, {
      sku: 'JAR',
      node: 'south',
      quantity: 8,
      unitCost: '4',
      key: 'h-3',
    });
  });
  afterAll(async () => test?.close());

  const available = async (sku: string) =>
    (await readStock(test.ledger, sku)).nodes.map((node) => node.available);

  it('takes the first plan that is available as a whole, and nothing of the others', async () => {
    const { results } = await holdStock(test.ledger, {
      occurredAt: DAY,
      holds: [
        {
          holdId: 'ranked',
          expiresAt: LATER,
          plans: [
            [units('MUG', 1), units('JAR', 3)],
            [units('MUG', 1), units('JAR', 3, 'south')],
          ],
        },
        { holdId: 'too-much', expiresAt: LATER, plans: [[units('MUG', 5), units('MUG', 5)]] },
        { holdId: 'unknown', expiresAt: LATER, plans: [[units('NOPE', 1)]] },
      ],
    });
    expect(results).toMatchObject([
      { holdId: 'ranked', state: 'held', plan: 1 },
      { holdId: 'too-much', state: 'short', short: [{ sku: 'MUG', node: 'north', quantity: 1 }] },
      { holdId: 'unknown', state: 'refused', errors: [{ path: 'plans' }] },
    ]);
    expect(await available('MUG')).toEqual([9]);
    expect(await available('JAR')).toEqual([2, 5]);
  });

  it('answers a repeat with the first answer and refuses other content under the same id', async () => {
    const hold = { holdId: 'again', expiresAt: LATER, plans: [[units('MUG', 2)]] };
    const first = await holdStock(test.ledger, { occurredAt: DAY, holds: [hold] });
    const second = await holdStock(test.ledger, { occurredAt: LATER, holds: [hold] });
    expect(second.results[0]).toEqual({ ...first.results[0], replayed: true });
    const other = await holdStock(test.ledger, {
      occurredAt: DAY,
      holds: [{ ...hold, plans: [[units('MUG', 3)]] }],
    });
    expect(other.results[0]).toMatchObject({ state: 'refused', errors: [{ path: 'holdId' }] });
    expect(await available('MUG')).toEqual([7]);
  });

  it('gives what is released to the order that waits for it, and tells its process', async () => {
    await holdStock(test.ledger, {
      occurredAt: DAY,
      holds: [{ holdId: 'all', expiresAt: LATER, plans: [[units('MUG', 7)]] }],
    });
    await writeOrder(test.owner, { orderId: 'order:web:h1', sku: 'MUG', quantity: 4 });
    await writeBackorder(test.owner, { orderId: 'order:web:h1', sku: 'MUG', quantity: 4 });
    const answer = await releaseHold(test.ledger, {
      holdId: 'all',
      occurredAt: LATER,
      actor: 'ada',
    });
    expect(answer).toEqual({ holdId: 'all', applied: true, state: 'released' });
    expect(await available('MUG')).toEqual([3]);
    const [line] =
      await test.owner`select reserved, backordered from ledger.order_line where order_id = 'order:web:h1'`;
    expect(line).toEqual({ reserved: '4', backordered: '0' });
    const signals =
      await test.owner`select 1 from ledger.outbox where kind = 'signal' and subject_id = 'order:web:h1'`;
    expect(signals).toHaveLength(1);
    expect(
      await releaseHold(test.ledger, { holdId: 'all', occurredAt: LATER, actor: 'ada' }),
    ).toMatchObject({
      applied: false,
      state: 'released',
    });
  });

  it('expires at its time, not before', async () => {
    expect(await expireHolds(test.ledger, { until: DAY, limit: 10 })).toEqual({
      expired: 0,
      more: false,
    });
    expect(await expireHolds(test.ledger, { until: LATER, limit: 1 })).toEqual({
      expired: 1,
      more: true,
    });
    expect(await expireHolds(test.ledger, { until: LATER, limit: 10 })).toEqual({
      expired: 1,
      more: false,
    });
    expect(await available('MUG')).toEqual([6]);
    expect(await available('JAR')).toEqual([2, 8]);
  });

  it('never keeps the same unit for two, however many ask at once', async () => {
    await stockIn(test.owner, { sku: 'TIN', quantity: 20, unitCost: '10', key: 'h-4' });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        holdStock(test.ledger, {
          occurredAt: DAY,
          holds: [
            { holdId: `race-${n}`, expiresAt: '2027-01-01T00:00:00Z', plans: [[units('TIN', 1)]] },
          ],
        }),
      ),
    );
    expect(answers.filter(({ results }) => results[0]?.state === 'held')).toHaveLength(20);
    expect(await available('TIN')).toEqual([0]);
  });

  it('does not know a hold that nobody has placed', async () => {
    await expect(
      releaseHold(test.ledger, { holdId: 'never', occurredAt: DAY, actor: 'ada' }),
    ).rejects.toMatchObject({
      type: 'NotFound',
    });
  });

  it('leave a ledger whose projections equal its entries', async () => {
    expect((await checkLedger(test.ledger)).drift).toEqual([]);
  });
});
