import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inspectReturn } from '../../activities/ledger/intake/inspect-return.ts';
import { receiveReturn } from '../../activities/ledger/intake/receive-return.ts';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { readReturn } from '../../activities/ledger/read/return.ts';
import * as steps from '../../activities/ledger/steps/return.ts';
import type { Disposition } from '../../rules/return/states.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import {
  BACK,
  askReturn,
  balanceOf,
  bringBack,
  bucketsOf,
  expectSound,
  placeOrder,
  returnOfMugs,
  seedReturnShop,
  sendOrder,
  settleReturn,
  stockIn,
} from './return-shop.ts';

let shop: TestLedger;

beforeEach(async () => {
  shop = await openLedger();
  await seedReturnShop(shop.owner);
  await stockIn(shop.owner, 'MUG', 10, '2', 'po-1');
});
afterEach(() => shop.close());

function receive(
  returnId: string,
  receiptId: string,
  lines: { lineNo?: number; sku: string; quantity: number; node?: string }[],
  complete = true,
) {
  return receiveReturn(shop.ledger, {
    returnId,
    receiptId,
    occurredAt: BACK,
    at: BACK,
    complete,
    lines,
    actor: 'warehouse',
  });
}

function inspect(returnId: string, inspectionId: string, units: [number, Disposition][]) {
  return inspectReturn(shop.ledger, {
    returnId,
    inspectionId,
    occurredAt: BACK,
    at: BACK,
    units: units.map(([quantity, disposition]) => ({
      lineNo: 1,
      quantity,
      grade: 'B',
      disposition,
    })),
    actor: 'warehouse',
  });
}

describe('a receipt', () => {
  test('of more and of something else goes to quarantine, with its value and an exception', async () => {
    const asked = await returnOfMugs(shop, 2);
    await receive(asked.id, 'in-1', [
      { lineNo: 1, sku: 'MUG', quantity: 3 },
      { lineNo: 1, sku: 'CUP', quantity: 1 },
      { sku: 'UNHEARD-OF', quantity: 1 },
    ]);
    expect(await bucketsOf(shop.owner, 'MUG')).toEqual({
      'on-hand': 8,
      returned: 2,
      quarantined: 1,
    });
    expect(await bucketsOf(shop.owner, 'CUP')).toEqual({ quarantined: 1 });
    const [raised] = await shop.owner<{ evidence: { lines: { finding: string }[] } }[]>`
      select evidence from ledger.exception where kind = 'return-receipt'`;
    expect(raised?.evidence.lines.map(({ finding }) => finding)).toEqual([
      'over',
      'wrong-item',
      'wrong-item',
    ]);
    expect(await balanceOf(shop.owner, 'returns-stock')).toBe(-(400 + 200 + 111));
    // Only what the row returned counts as returned of it.
    const [own] = await shop.owner`select sum(quantity)::int as units from ledger.stock_move
      where from_bucket = 'customer' and source_ref is not null`;
    expect(own).toEqual({ units: 2 });
    await inspect(asked.id, 'look-1', [[2, 'restock']]);
    expect(await settleReturn(shop, asked.id)).toMatchObject({
      state: 'closed',
      refunds: [{ amountMinor: '1000' }],
    });
    await expectSound(shop);
  });

  test('may come in parts, and goes on short: what never came can be returned another time', async () => {
    const asked = await returnOfMugs(shop, 5);
    expect(await receive(asked.id, 'in-1', [{ sku: 'MUG', quantity: 1 }], false)).toMatchObject({
      return: { state: 'awaiting-receipt' },
    });
    await inspect(asked.id, 'look-1', [[1, 'restock']]);
    expect(await receive(asked.id, 'in-2', [{ sku: 'MUG', quantity: 2 }])).toMatchObject({
      return: { state: 'awaiting-inspection' },
    });
    expect(await inspect(asked.id, 'look-2', [[2, 'restock']])).toMatchObject({
      return: { state: 'refunding' },
    });
    expect(await settleReturn(shop, asked.id)).toMatchObject({
      state: 'closed',
      creditNotes: [{ amountMinor: '1500' }],
    });
    const [line] = await shop.owner`select "returning"::int, returned::int from ledger.order_line`;
    expect(line).toEqual({ returning: 3, returned: 3 });
    const rest = await askReturn(shop, { externalRef: 'r2', lines: [{ sku: 'MUG', quantity: 2 }] });
    await bringBack(shop, rest.return);
    expect(await settleReturn(shop, rest.return.id)).toMatchObject({
      creditNotes: [{ amountMinor: '1000' }],
    });
    expect(await balanceOf(shop.owner, 'cost-of-goods-sold')).toBe(0);
    await expectSound(shop);
  });

  test('names the field at fault and changes nothing', async () => {
    const asked = await returnOfMugs(shop, 1);
    await expect(
      receive(asked.id, 'in-1', [{ sku: 'MUG', quantity: 1, node: 'moon' }]),
    ).rejects.toMatchObject({ type: 'InvalidInput', path: 'lines[0].node' });
    await expect(
      receive(asked.id, 'in-1', [{ lineNo: 7, sku: 'MUG', quantity: 1 }]),
    ).rejects.toMatchObject({ path: 'lines[0].returnLineId' });
    await expect(receive('return:R-999999', 'in-1', [])).rejects.toMatchObject({
      type: 'NotFound',
    });
    await receive(asked.id, 'in-1', [{ sku: 'MUG', quantity: 1 }]);
    await expect(
      inspect(asked.id, 'look-1', [
        [1, 'restock'],
        [1, 'scrap'],
      ]),
    ).rejects.toMatchObject({ path: 'units[1].quantity' });
    expect(await bucketsOf(shop.owner, 'MUG')).toEqual({ 'on-hand': 9, returned: 1 });
  });

  test('of free goods brings their cost back to where it went', async () => {
    const orderId = await placeOrder(shop, {
      id: '1',
      lines: [{ sku: 'MUG', quantity: 2, unitPrice: '0' }],
    });
    await sendOrder(shop, orderId);
    expect(await balanceOf(shop.owner, 'free-goods')).toBe(-400);
    const asked = await askReturn(shop, {
      externalRef: 'r1',
      lines: [{ sku: 'MUG', quantity: 2 }],
    });
    await bringBack(shop, asked.return);
    expect(await settleReturn(shop, asked.return.id)).toMatchObject({
      state: 'closed',
      refunds: [],
    });
    expect(await balanceOf(shop.owner, 'free-goods')).toBe(0);
    await expectSound(shop);
  });
});

describe('an inspection', () => {
  test.each<[Disposition, Record<string, number>, string, number]>([
    ['restock', { 'on-hand': 10 }, 'inventory', -2000],
    ['scrap', { 'on-hand': 7 }, 'scrap', -600],
    ['vendor-return', { 'on-hand': 7 }, 'supplier-claims', -600],
    ['repack', { 'on-hand': 7, damaged: 3 }, 'returns-stock', -600],
    ['refurbish', { 'on-hand': 7, damaged: 3 }, 'returns-stock', -600],
    ['quarantine', { 'on-hand': 7, quarantined: 3 }, 'returns-stock', -600],
  ])(
    '%s puts units and value where they belong',
    async (disposition, buckets, account, balance) => {
      const asked = await returnOfMugs(shop, 3);
      await bringBack(shop, asked, disposition);
      expect(await bucketsOf(shop.owner, 'MUG')).toEqual(buckets);
      expect(await balanceOf(shop.owner, account)).toBe(balance);
      expect(await settleReturn(shop, asked.id)).toMatchObject({
        state: 'closed',
        refunds: [{ amountMinor: '1500', state: 'refunded' }],
      });
      await expectSound(shop);
    },
  );

  test.each(['TEA', 'PEN'])(
    'restocks %s at its own method and keeps every account in step',
    async (sku) => {
      await stockIn(shop.owner, sku, 7, '3.333', `po-${sku}`);
      // Goods at standard cost are worth the standard, whatever was paid.
      const orderId = await placeOrder(shop, {
        id: '2',
        lines: [{ sku, quantity: 3, unitPrice: '9.99' }],
      });
      await sendOrder(shop, orderId);
      const asked = await askReturn(shop, { externalRef: 'r2', lines: [{ sku, quantity: 3 }] });
      const returnId = asked.return.id;
      await receive(returnId, 'in-1', [{ sku, quantity: 3 }]);
      for (const [index, disposition] of (['restock', 'scrap', 'restock'] as const).entries()) {
        await inspect(returnId, `look-${index}`, [[1, disposition]]);
      }
      expect(await balanceOf(shop.owner, 'returns-stock')).toBe(0);
      await expectSound(shop);
    },
  );

  test('that restocks wakes the order that waits', async () => {
    const asked = await returnOfMugs(shop, 4);
    await stockIn(shop.owner, 'CUP', 1, '1', 'po-2');
    await placeOrder(shop, {
      id: '2',
      customer: 'c-2',
      lines: [{ sku: 'MUG', quantity: 8, unitPrice: '5' }],
    });
    await bringBack(shop, asked);
    const [line] =
      await shop.owner`select reserved::int, backordered::int from ledger.order_line where order_id = 'order:web:2'`;
    expect(line).toEqual({ reserved: 8, backordered: 0 });
    const told =
      await shop.owner`select distinct subject_id from ledger.outbox where kind = 'signal' and subject_id like 'order:web:2'`;
    expect(told).toHaveLength(1);
    await expectSound(shop);
  });

  test('that nobody makes in time is on the board, once, and is healed when it comes', async () => {
    const asked = await returnOfMugs(shop, 1);
    await receive(asked.id, 'in-1', [{ sku: 'MUG', quantity: 1 }]);
    const { dueId, waitSeconds } = await steps.advanceReturn(shop.ledger, {
      returnId: asked.id,
    });
    expect(waitSeconds).toBe(72 * 3_600);
    for (let time = 0; time < 2; time += 1) {
      const reminded = await steps.remindInspection(shop.ledger, {
        returnId: asked.id,
        dueId: dueId ?? '',
      });
      expect(reminded).toMatchObject({
        applied: true,
        state: 'awaiting-inspection',
        dueId: null,
        waitSeconds: null,
      });
    }
    await inspect(asked.id, 'look-1', [[1, 'restock']]);
    const cases =
      await shop.owner`select state, resolution from ledger.exception where kind = 'inspection'`;
    expect(cases).toEqual([{ state: 'resolved', resolution: 'healed' }]);
  });
});

/** Runs a step again: it must answer what it answered first. */
async function twice<Result>(step: () => Promise<Result>): Promise<Result> {
  const first = await step();
  expect(await step()).toEqual(first);
  return first;
}

describe('everything is done once', () => {
  test('a repeat answers the first answer, other content is refused', async () => {
    const asked = await returnOfMugs(shop, 2);
    const again = await askReturn(shop, {
      externalRef: 'r1',
      lines: [{ sku: 'MUG', quantity: 2, sourceRef: 't:returnFull:1' }],
    });
    expect(again).toMatchObject({ replayed: true, outcome: 'authorized', return: asked });
    await expect(
      askReturn(shop, { externalRef: 'r1', lines: [{ sku: 'MUG', quantity: 1 }] }),
    ).rejects.toMatchObject({ type: 'IdempotencyMismatch' });

    const first = await receive(asked.id, 'in-1', [{ sku: 'MUG', quantity: 2 }]);
    // The same fact, heard again later.
    const later = await receiveReturn(shop.ledger, {
      returnId: asked.id,
      receiptId: 'in-1',
      occurredAt: BACK,
      at: '2026-01-01T00:00:00Z',
      complete: true,
      lines: [{ sku: 'MUG', quantity: 2 }],
      actor: 'other',
    });
    expect(later).toEqual({ ...first, replayed: true });
    await expect(receive(asked.id, 'in-1', [{ sku: 'MUG', quantity: 1 }])).rejects.toMatchObject({
      type: 'IdempotencyMismatch',
    });

    const looked = await inspect(asked.id, 'look-1', [[2, 'restock']]);
    expect(await inspect(asked.id, 'look-1', [[2, 'restock']])).toEqual({
      ...looked,
      replayed: true,
    });
    await expect(inspect(asked.id, 'look-1', [[2, 'scrap']])).rejects.toMatchObject({
      type: 'IdempotencyMismatch',
    });
    expect(await bucketsOf(shop.owner, 'MUG')).toEqual({ 'on-hand': 10 });
  });

  test('every step of the process, run twice, answers its stored result', async () => {
    const asked = await returnOfMugs(shop, 2);
    const returnId = asked.id;
    await twice(() => steps.beginReturn(shop.ledger, { processId: returnId }));
    const labelled = await twice(() =>
      steps.recordReturnLabel(shop.ledger, { returnId, labelId: 'lbl_1', trackingNumber: 'TRK-1' }),
    );
    expect(labelled).toMatchObject({ label: null });
    await bringBack(shop, asked);
    const owed = await twice(() => steps.advanceReturn(shop.ledger, { returnId }));
    expect(owed).toMatchObject({ state: 'refunding', refunds: [{ amountMinor: '1000' }] });
    const refundId = `${returnId}:refund:1`;
    await twice(() =>
      steps.recordRefund(shop.ledger, {
        refundId,
        occurrence: '1',
        outcome: 'succeeded',
        providerId: 'ref_1',
        decision: {},
      }),
    );
    const closed = await twice(() => steps.advanceReturn(shop.ledger, { returnId }));
    expect(closed).toMatchObject({ state: 'closed', alreadyFinished: true });
    await expect(
      steps.recordRefund(shop.ledger, {
        refundId,
        occurrence: '1',
        outcome: 'failed',
        decision: {},
      }),
    ).rejects.toMatchObject({ type: 'IdempotencyMismatch' });
    expect(await readReturn(shop.ledger, returnId)).toMatchObject({
      state: 'closed',
      refunds: [{ amountMinor: '1000', state: 'refunded' }],
    });
    const [credit] = await shop.owner`select count(*)::int as notes from ledger.credit_note`;
    expect(credit).toEqual({ notes: 1 });
    await expectSound(shop);
  });

  test("a return without a label goes on, and the carrier's trouble is on the board once", async () => {
    const asked = await returnOfMugs(shop, 1);
    for (const message of ['away', 'still away']) {
      expect(
        await steps.skipReturnLabel(shop.ledger, { returnId: asked.id, decision: { message } }),
      ).toMatchObject({ label: null, state: 'awaiting-receipt' });
    }
    expect(
      await shop.owner`select state from ledger.exception where kind = 'carrier'`,
    ).toHaveLength(1);
  });

  test('a label that could not be bought is asked for again when somebody wants that', async () => {
    const { id: returnId } = await returnOfMugs(shop, 1);
    const away = { message: 'away' };
    await steps.skipReturnLabel(shop.ledger, { returnId, decision: away });
    const [raised] = await shop.owner<{ id: string; actions: string[] }[]>`
      select exception_id as id, actions from ledger.exception where subject_id = ${returnId}`;
    expect(raised?.actions).toContain('retry');
    await resolveException(shop.ledger, {
      exceptionId: raised?.id ?? '',
      resolutionId: 'r1',
      action: 'retry',
      actor: 'warehouse',
      at: BACK,
    });
    const again = await steps.advanceReturn(shop.ledger, { returnId });
    expect(again.label).toMatchObject({ occurrence: '2' });
    const skipped = { returnId, occurrence: '2', decision: away };
    expect(await steps.skipReturnLabel(shop.ledger, skipped)).toMatchObject({ label: null });
    expect(await steps.advanceReturn(shop.ledger, { returnId })).toMatchObject({ label: null });
    expect(
      await shop.owner`select state, reopened from ledger.exception where subject_id = ${returnId}`,
    ).toMatchObject([{ state: 'open', reopened: 1 }]);
  });
});
