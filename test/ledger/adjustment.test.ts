import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { submitDecision } from '../../activities/ledger/intake/submit-decision.ts';
import {
  listStockAdjustments,
  readStockAdjustment,
} from '../../activities/ledger/read/adjustment.ts';
import { listExceptions } from '../../activities/ledger/read/exception.ts';
import { recordDecision } from '../../activities/ledger/steps/decision.ts';
import {
  beginStockAdjustment,
  endStockAdjustment,
} from '../../activities/ledger/steps/stock-adjustment.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import {
  adjust,
  balanceOf,
  NOON,
  reserveUnits,
  seedAdjustmentShop,
  stockOf,
} from './adjustment-shop.ts';

let shop: TestLedger;

beforeEach(async () => {
  shop = await openLedger();
  await seedAdjustmentShop(shop.owner);
});
afterEach(() => shop.close());

async function decide(approvalId: string, decision: 'approve' | 'reject') {
  const decisionId = `decision:${approvalId}`;
  await submitDecision(shop.ledger, { approvalId, decisionId, decision, actor: 'person:boss' });
  return recordDecision(shop.ledger, { decisionId, approvalId });
}

describe('found stock', () => {
  test.each(['MUG', 'TEA', 'PEN'])(
    'of %s enters at the current unit cost, and leaves nothing when written off',
    async (sku) => {
      const found = await adjust(shop.ledger, {
        externalRef: 'f1',
        kind: 'found',
        quantity: 3,
        sku,
      });
      expect(found.adjustment).toMatchObject({
        state: 'applied',
        appliedQuantity: 3,
        shortQuantity: 0,
        process: null,
      });
      expect(await stockOf(shop.owner, sku)).toEqual({ onHand: 3, reserved: 0, available: 3 });
      expect(await balanceOf(shop.owner, 'inventory')).toBe(-750);
      expect(await balanceOf(shop.owner, 'inventory-gain')).toBe(750);

      await adjust(shop.ledger, { externalRef: 'w1', kind: 'write-off', quantity: 3, sku });
      expect(await stockOf(shop.owner, sku)).toEqual({ onHand: 0, reserved: 0, available: 0 });
      expect(await balanceOf(shop.owner, 'inventory')).toBe(0);
      expect(await balanceOf(shop.owner, 'write-offs')).toBe(-750);
    },
  );

  test('wakes the order that waits for it', async () => {
    await shop.owner.unsafe(`
      insert into ledger.orders (order_id, channel, external_id, currency, ship_to, state, total_minor, placed_at)
        values ('order:web:1', 'web', '1', 'GBP', '{"country":"GB"}', 'accepted', 1000, '${NOON}');
      insert into ledger.order_line (order_id, line_no, external_line_id, kind, code, node, quantity, unit_price,
          amount_minor, placed_at, backordered)
        values ('order:web:1', 1, '1', 'goods', 'MUG', 'main', 5, 2, 1000, '${NOON}', 5);
      insert into ledger.backorder (order_id, line_no, sku, node, quantity, queued_at)
        values ('order:web:1', 1, 'MUG', 'main', 5, '${NOON}');
      insert into ledger.process (process_id, kind, state) values ('order:web:1', 'order', 'running');`);
    await adjust(shop.ledger, { externalRef: 'f1', kind: 'found', quantity: 4 });
    expect(await stockOf(shop.owner)).toEqual({ onHand: 0, reserved: 4, available: 0 });
    const [line] = await shop.owner`select reserved::int, backordered::int from ledger.order_line`;
    expect(line).toEqual({ reserved: 4, backordered: 1 });
    const signals = await shop.owner`select subject_id from ledger.outbox where kind = 'signal'`;
    expect(signals.map(({ subject_id: subject }) => subject)).toEqual(['order:web:1']);
  });
});

describe('a write-off', () => {
  test('of more than is unreserved takes what it finds, breaks no reservation and makes no demand', async () => {
    await adjust(shop.ledger, { externalRef: 'f1', kind: 'found', quantity: 10 });
    await reserveUnits(shop.owner, 'order:web:1', 6);
    const { adjustment } = await adjust(shop.ledger, {
      externalRef: 'w1',
      kind: 'write-off',
      quantity: 10,
    });
    expect(adjustment).toMatchObject({
      state: 'applied',
      quantity: -10,
      appliedQuantity: 4,
      shortQuantity: 6,
    });
    expect(await stockOf(shop.owner)).toEqual({ onHand: 0, reserved: 6, available: 0 });
    expect(await balanceOf(shop.owner, 'write-offs')).toBe(-1000);
    expect(await shop.owner`select 1 from ledger.backorder`).toHaveLength(0);

    const { data: open } = await listExceptions(shop.ledger, {
      limit: 10,
      state: 'open',
      kind: 'stock-short',
    });
    expect(open).toMatchObject([
      {
        subjectId: adjustment.id,
        actions: ['accept-short', 'wait'],
        evidence: { asked: 10, applied: 4, short: 6 },
      },
    ]);
    await resolveException(shop.ledger, {
      exceptionId: open[0]?.id ?? '',
      resolutionId: 'r1',
      action: 'accept-short',
      actor: 'person:boss',
    });
    expect(await listExceptions(shop.ledger, { limit: 10, state: 'open' })).toEqual({
      data: [],
      nextCursor: null,
    });
    expect(await readStockAdjustment(shop.ledger, { adjustmentId: adjustment.id })).toMatchObject({
      shortQuantity: 6,
    });
  });

  test('that waits takes what has become free, and what is still short is trouble again', async () => {
    const { adjustment } = await adjust(shop.ledger, {
      externalRef: 'w1',
      kind: 'write-off',
      quantity: 5,
    });
    expect(adjustment).toMatchObject({ appliedQuantity: 0, shortQuantity: 5 });
    await adjust(shop.ledger, { externalRef: 'f1', kind: 'found', quantity: 2 });
    const { data: first } = await listExceptions(shop.ledger, { limit: 10, state: 'open' });
    const resolution = {
      exceptionId: first[0]?.id ?? '',
      resolutionId: 'r1',
      action: 'wait',
      actor: 'person:boss',
    };
    await Promise.all([1, 2, 3].map(() => resolveException(shop.ledger, resolution)));
    expect(await readStockAdjustment(shop.ledger, { adjustmentId: adjustment.id })).toMatchObject({
      appliedQuantity: 2,
      shortQuantity: 3,
    });
    const { data: second } = await listExceptions(shop.ledger, { limit: 10, state: 'open' });
    expect(second).toMatchObject([{ evidence: { applied: 2, short: 3 } }]);
    expect(second[0]?.id).not.toBe(first[0]?.id);
  });

  test('takes from the lot that it names, else from the lots in the order of their names', async () => {
    await adjust(shop.ledger, { externalRef: 'f1', kind: 'found', quantity: 3, lot: 'A' });
    await adjust(shop.ledger, { externalRef: 'f2', kind: 'found', quantity: 3, lot: 'B' });
    const named = await adjust(shop.ledger, {
      externalRef: 'w1',
      kind: 'write-off',
      quantity: 4,
      lot: 'B',
    });
    expect(named.adjustment).toMatchObject({ appliedQuantity: 3, shortQuantity: 1 });
    await adjust(shop.ledger, { externalRef: 'f3', kind: 'found', quantity: 3, lot: 'B' });
    await adjust(shop.ledger, { externalRef: 'w2', kind: 'correction', quantity: -4 });
    const lots = await shop.owner<{ lot: string; quantity: number }[]>`
      select lot, quantity::int from ledger.stock_balance where bucket = 'on-hand' order by lot`;
    expect(lots.map(({ lot, quantity }) => [lot, quantity])).toEqual([
      ['A', 0],
      ['B', 2],
    ]);
  });
});

describe('an adjustment', () => {
  test('is done once, however often and by however many it is sent', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        adjust(shop.ledger, { externalRef: 'f1', kind: 'found', quantity: 3 }),
      ),
    );
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(answers.map(({ adjustment }) => adjustment.id)).size).toBe(1);
    expect(await stockOf(shop.owner)).toEqual({ onHand: 3, reserved: 0, available: 3 });
    await expect(
      adjust(shop.ledger, { externalRef: 'f1', kind: 'found', quantity: 4 }),
    ).rejects.toMatchObject({
      type: 'IdempotencyMismatch',
    });
  });

  test('above the threshold moves nothing before it is approved', async () => {
    const { adjustment } = await adjust(shop.ledger, {
      externalRef: 'f1',
      kind: 'found',
      quantity: 100,
    });
    expect(adjustment).toMatchObject({
      state: 'in-review',
      process: 'pending',
      value: { amountMinor: '25000', currency: 'GBP' },
      approval: { state: 'open', subjectKind: 'stock-adjustment', requestedBy: 'warehouse' },
    });
    expect(await stockOf(shop.owner)).toMatchObject({ onHand: 0 });
    const processId = adjustment.id;
    expect(await beginStockAdjustment(shop.ledger, { processId })).toEqual({
      alreadyFinished: false,
      state: 'in-review',
      approvalId: adjustment.approval?.id,
      waitSeconds: 48 * 3600,
    });
    expect(await endStockAdjustment(shop.ledger, { processId })).toEqual({
      applied: false,
      state: 'in-review',
    });

    expect(await decide(adjustment.approval?.id ?? '', 'approve')).toMatchObject({
      applied: true,
      state: 'approved',
    });
    expect(await stockOf(shop.owner)).toEqual({ onHand: 100, reserved: 0, available: 100 });
    expect(await endStockAdjustment(shop.ledger, { processId })).toEqual({
      applied: true,
      state: 'applied',
    });
    expect(await beginStockAdjustment(shop.ledger, { processId })).toMatchObject({
      alreadyFinished: true,
    });
    const repeated = await adjust(shop.ledger, { externalRef: 'f1', kind: 'found', quantity: 100 });
    expect(repeated).toMatchObject({ replayed: true, adjustment: { state: 'in-review' } });
  });

  test('that is rejected never moves anything', async () => {
    const { adjustment } = await adjust(shop.ledger, {
      externalRef: 'f1',
      kind: 'found',
      quantity: 100,
    });
    await decide(adjustment.approval?.id ?? '', 'reject');
    expect(await readStockAdjustment(shop.ledger, { adjustmentId: adjustment.id })).toMatchObject({
      state: 'rejected',
      appliedQuantity: 0,
    });
    expect(await stockOf(shop.owner)).toMatchObject({ onHand: 0 });
    expect(await shop.owner`select 1 from ledger.posting`).toHaveLength(0);
  });

  test.each([
    [{ sku: 'NONE' }, 'sku'],
    [{ reasonCode: 'changed-mind' }, 'reasonCode'],
  ])('with %j is refused, the field is named and nothing is stored', async (wrong, path) => {
    const asked = adjust(shop.ledger, { externalRef: 'f1', kind: 'found', quantity: 1, ...wrong });
    await expect(asked).rejects.toMatchObject({ type: 'InvalidInput', path });
    expect(await shop.owner`select 1 from ledger.stock_adjustment`).toHaveLength(0);
  });

  test('is listed newest first, page by page', async () => {
    for (const n of [1, 2, 3])
      await adjust(shop.ledger, { externalRef: `f${n}`, kind: 'found', quantity: n });
    const first = await listStockAdjustments(shop.ledger, { limit: 2 });
    expect(first.data.map(({ externalRef }) => externalRef)).toEqual(['f3', 'f2']);
    const rest = await listStockAdjustments(shop.ledger, {
      limit: 2,
      cursor: first.nextCursor ?? '',
    });
    expect(rest).toMatchObject({ data: [{ externalRef: 'f1' }], nextCursor: null });
  });
});
