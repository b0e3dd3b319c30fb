import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { receiveReturn } from '../../activities/ledger/intake/receive-return.ts';
import { listReturns, readReturn } from '../../activities/ledger/read/return.ts';
import * as steps from '../../activities/ledger/steps/return.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import {
  askReturn,
  BACK,
  balanceOf,
  bringBack,
  bucketsOf,
  driveOrder,
  expectSound,
  placeOrder,
  seedReturnShop,
  sendOrder,
  settleReturn,
  stockIn,
} from './return-shop.ts';

let shop: TestLedger;

beforeEach(async () => {
  shop = await openLedger();
  await seedReturnShop(shop.owner);
});
afterEach(() => shop.close());

describe('a full return', () => {
  test('reverses the sale to the penny and restores the cost it left with', async () => {
    await stockIn(shop.owner, 'MUG', 2, '2.005', 'po-1');
    await stockIn(shop.owner, 'MUG', 5, '3.10', 'po-2');
    const orderId = await placeOrder(shop, {
      id: '1',
      lines: [{ sku: 'MUG', quantity: 3, unitPrice: '3.335' }],
    });
    await sendOrder(shop, orderId);
    const inventory = await balanceOf(shop.owner, 'inventory');
    expect(await balanceOf(shop.owner, 'revenue')).toBe(1001);

    // In two returns, so that shares are rounded in between.
    for (const [ref, quantity] of [
      ['r1', 1],
      ['r2', 2],
    ] as const) {
      const asked = await askReturn(shop, { externalRef: ref, lines: [{ sku: 'MUG', quantity }] });
      expect(asked).toMatchObject({
        outcome: 'authorized',
        return: { state: 'awaiting-receipt', rule: 'within-policy' },
      });
      await bringBack(shop, asked.return);
      const done = await settleReturn(shop, asked.return.id);
      expect(done).toMatchObject({ state: 'closed', creditedToAccountMinor: '0' });
    }

    expect(await balanceOf(shop.owner, 'returns')).toBe(-1001);
    expect(await balanceOf(shop.owner, 'cost-of-goods-sold')).toBe(0);
    expect(await balanceOf(shop.owner, 'returns-stock')).toBe(0);
    expect(await balanceOf(shop.owner, 'refunds-payable')).toBe(0);
    expect(await balanceOf(shop.owner, 'payment-clearing')).toBe(0);
    expect(await balanceOf(shop.owner, 'inventory')).toBeLessThan(inventory);
    const [value] =
      await shop.owner`select sum(remaining_value)::text as v, sum(remaining_quantity)::int as q
      from ledger.cost_layer where sku = 'MUG' and pool = 'stock'`;
    expect(value).toEqual({ v: '19.5100000000', q: 7 });
    expect(await bucketsOf(shop.owner, 'MUG')).toEqual({ 'on-hand': 7 });
    await expectSound(shop);
  });

  test('gives charges back on their own accounts, without waiting for goods', async () => {
    await stockIn(shop.owner, 'MUG', 2, '2', 'po-1');
    const orderId = await placeOrder(shop, {
      id: '1',
      lines: [{ sku: 'MUG', quantity: 1, unitPrice: '5' }],
      charges: [{ kind: 'shipping', code: 'POST', quantity: 1, unitPrice: '4.95' }],
    });
    await sendOrder(shop, orderId);
    const asked = await askReturn(shop, {
      externalRef: 'r1',
      lines: [{ kind: 'shipping', sku: 'POST', quantity: 1 }],
    });
    expect(asked.return).toMatchObject({
      state: 'refunding',
      lines: [{ cover: 'sale', amountMinor: '495' }],
    });
    const done = await settleReturn(shop, asked.return.id);
    expect(done).toMatchObject({
      state: 'closed',
      refunds: [{ amountMinor: '495', state: 'refunded' }],
    });
    expect(await balanceOf(shop.owner, 'shipping-income')).toBe(0);
    await expectSound(shop);
  });
});

describe('what has not been sent', () => {
  test('is cancelled at once, gives its stock to who waits, and the difference in price is captured', async () => {
    await stockIn(shop.owner, 'MUG', 4, '2', 'po-1');
    const first = await placeOrder(shop, {
      id: '1',
      lines: [{ sku: 'MUG', quantity: 4, unitPrice: '5' }],
    });
    const second = await placeOrder(shop, {
      id: '2',
      customer: 'c-2',
      lines: [{ sku: 'MUG', quantity: 3, unitPrice: '5' }],
    });
    const asked = await askReturn(shop, {
      externalRef: 'r1',
      lines: [{ sku: 'MUG', quantity: 3, unitPrice: '4.50', sourceRef: 't:returnFull:9' }],
    });
    expect(asked).toMatchObject({
      outcome: 'authorized',
      processId: null,
      return: {
        state: 'closed',
        rule: 'cancelled-before-shipment',
        lines: [],
        cancellations: [{ quantity: 3, amountMinor: '1350' }],
      },
    });
    const [line] =
      await shop.owner`select cancelled::int, reserved::int from ledger.order_line where order_id = ${first}`;
    expect(line).toEqual({ cancelled: 3, reserved: 1 });
    const [waiting] =
      await shop.owner`select backordered::int, reserved::int from ledger.order_line where order_id = ${second}`;
    expect(waiting).toEqual({ backordered: 0, reserved: 3 });

    await driveOrder(shop.ledger, first);
    await sendOrder(shop, first);
    await driveOrder(shop.ledger, second);
    await sendOrder(shop, second);
    // 1 unit at 5.00, and 3 x 0.50 that the cancelled units were sold above their cancelled price.
    const [paid] =
      await shop.owner`select captured_minor::int as captured from ledger.payment where order_id = ${first}`;
    expect(paid).toEqual({ captured: 650 });
    expect(await balanceOf(shop.owner, 'cancellation-price-differences')).toBe(150);
    expect(await balanceOf(shop.owner, 'receivables')).toBe(0);
    await expectSound(shop);
  });

  test('books a charge and its cancellation under their own rows, as if the goods had left', async () => {
    const orderId = await placeOrder(shop, {
      id: '1',
      lines: [{ sku: 'MUG', quantity: 1, unitPrice: '5' }],
      charges: [{ kind: 'shipping', code: 'POST', quantity: 1, unitPrice: '18' }],
    });
    await askReturn(shop, {
      externalRef: 'r1',
      lines: [
        { kind: 'shipping', sku: 'POST', quantity: 1, unitPrice: '17', sourceRef: 't:cNonGoods:9' },
      ],
    });
    const booked = await shop.owner`
      select split_part(source_ref, ':', 2) as class, subject_id,
        sum(case when debit = 'receivables' then amount_minor else -amount_minor end)::int as owed
      from ledger.posting where 'receivables' in (debit, credit) group by 1, 2 order by 1 desc`;
    expect(booked).toMatchObject([
      { class: 'charge', subject_id: orderId, owed: 1_800 },
      { class: 'cNonGoods', owed: -1_700 },
    ]);
    expect(await balanceOf(shop.owner, 'shipping-income')).toBe(0);
    expect(await balanceOf(shop.owner, 'cancellation-price-differences')).toBe(100);
    await expectSound(shop);
  });

  test("at a higher price than sold becomes the customer's credit, and receivables come to nothing", async () => {
    await stockIn(shop.owner, 'MUG', 4, '2', 'po-1');
    const orderId = await placeOrder(shop, {
      id: '1',
      lines: [{ sku: 'MUG', quantity: 2, unitPrice: '5' }],
    });
    await askReturn(shop, {
      externalRef: 'r1',
      lines: [{ sku: 'MUG', quantity: 2, unitPrice: '6' }],
    });
    expect(await driveOrder(shop.ledger, orderId)).toMatchObject({
      ended: true,
      state: 'cancelled',
    });
    expect(await balanceOf(shop.owner, 'receivables')).toBe(0);
    expect(await balanceOf(shop.owner, 'customer-credit')).toBe(200);
    expect(await bucketsOf(shop.owner, 'MUG')).toEqual({ 'on-hand': 4 });
    await expectSound(shop);
  });

  test('comes before what has been sent, newest sale first', async () => {
    await stockIn(shop.owner, 'MUG', 9, '2', 'po-1');
    const old = await placeOrder(shop, {
      id: '1',
      lines: [{ sku: 'MUG', quantity: 2, unitPrice: '5' }],
    });
    await sendOrder(shop, old);
    const newer = await placeOrder(shop, {
      id: '2',
      placedAt: '2010-12-03T10:00:00Z',
      lines: [{ sku: 'MUG', quantity: 2, unitPrice: '6' }],
    });
    await sendOrder(shop, newer, '2010-12-03T11:00:00Z');
    const open = await placeOrder(shop, {
      id: '3',
      placedAt: '2010-12-02T10:00:00Z',
      lines: [{ sku: 'MUG', quantity: 2, unitPrice: '7' }],
    });
    const asked = await askReturn(shop, {
      externalRef: 'r1',
      lines: [{ sku: 'MUG', quantity: 5 }],
    });
    expect(asked.return.cancellations).toMatchObject([
      { orderLineId: `${open}#1`, quantity: 2, amountMinor: '1400' },
    ]);
    expect(asked.return.lines).toMatchObject([
      { orderLineId: `${newer}#1`, quantity: 2, amountMinor: '1200' },
      { orderLineId: `${old}#1`, quantity: 1, amountMinor: '500' },
    ]);
    await bringBack(shop, asked.return);
    await settleReturn(shop, asked.return.id);
    expect(await balanceOf(shop.owner, 'refunds-payable')).toBe(0);
    await expectSound(shop);
  });
});

describe('decisions', () => {
  test('a blind return is reviewed, and nothing moves until somebody approves', async () => {
    const asked = await askReturn(shop, {
      externalRef: 'r1',
      lines: [{ sku: 'CUP', quantity: 1, unitPrice: '2' }],
    });
    expect(asked).toMatchObject({
      outcome: 'in-review',
      return: { state: 'in-review', rule: 'blind-review', approvals: [{ state: 'open' }] },
    });
    await shop.owner`select ledger.decide_return(${asked.return.id}, true, 'boss', ${BACK})`;
    expect(await readReturn(shop.ledger, asked.return.id)).toMatchObject({
      state: 'awaiting-receipt',
      receiveBy: '2011-01-04T10:00:00.000Z',
    });
  });

  test('a rejected return gives its units back to be returned another time', async () => {
    await stockIn(shop.owner, 'MUG', 50, '2', 'po-1');
    const orderId = await placeOrder(shop, {
      id: '1',
      lines: [{ sku: 'MUG', quantity: 30, unitPrice: '5' }],
    });
    await sendOrder(shop, orderId);
    const asked = await askReturn(shop, {
      externalRef: 'r1',
      lines: [{ sku: 'MUG', quantity: 30 }],
    });
    expect(asked).toMatchObject({
      outcome: 'in-review',
      return: { rule: 'amount-above-threshold' },
    });
    await shop.owner`select ledger.decide_return(${asked.return.id}, false, 'boss', ${BACK})`;
    await shop.owner`select ledger.decide_return(${asked.return.id}, false, 'boss', ${BACK})`;
    const [line] = await shop.owner`select "returning"::int from ledger.order_line`;
    expect(line).toEqual({ returning: 0 });
    expect(await steps.advanceReturn(shop.ledger, { returnId: asked.return.id })).toMatchObject({
      state: 'refused',
      alreadyFinished: true,
    });
    await expectSound(shop);
  });

  test('outside the window it is refused with the rule that said so, and nothing changes', async () => {
    await stockIn(shop.owner, 'MUG', 5, '2', 'po-1');
    const orderId = await placeOrder(shop, {
      id: '1',
      lines: [{ sku: 'MUG', quantity: 1, unitPrice: '5' }],
    });
    await sendOrder(shop, orderId);
    const asked = await askReturn(shop, {
      externalRef: 'r1',
      occurredAt: '2011-03-05T10:00:00Z',
      lines: [{ sku: 'MUG', quantity: 1 }],
    });
    expect(asked).toMatchObject({
      outcome: 'refused',
      processId: null,
      return: { state: 'refused', rule: 'outside-window' },
    });
    const [line] = await shop.owner`select "returning"::int from ledger.order_line`;
    expect(line).toEqual({ returning: 0 });
    const broken = await askReturn(shop, {
      externalRef: 'r2',
      occurredAt: '2011-03-05T10:00:00Z',
      lines: [{ sku: 'MUG', quantity: 1, reasonCode: 'defective' }],
    });
    expect(broken).toMatchObject({
      outcome: 'in-review',
      return: { rule: 'fault-outside-window' },
    });
  });

  test('nothing received in time expires, by the due date alone', async () => {
    await stockIn(shop.owner, 'MUG', 5, '2', 'po-1');
    const orderId = await placeOrder(shop, {
      id: '1',
      lines: [{ sku: 'MUG', quantity: 2, unitPrice: '5' }],
    });
    await sendOrder(shop, orderId);
    const asked = await askReturn(shop, {
      externalRef: 'r1',
      lines: [{ sku: 'MUG', quantity: 2 }],
    });
    const returnId = asked.return.id;
    const begun = await steps.beginReturn(shop.ledger, { processId: returnId });
    expect(begun).toMatchObject({
      state: 'awaiting-receipt',
      waitSeconds: 30 * 86_400,
      label: { fromCountry: 'GB', toCountry: 'GB' },
    });
    const dueId = begun.dueId ?? '';
    expect(await steps.closeReturnReceipt(shop.ledger, { returnId, dueId })).toMatchObject({
      applied: true,
      state: 'expired',
    });
    expect(await steps.closeReturnReceipt(shop.ledger, { returnId, dueId })).toMatchObject({
      applied: true,
      state: 'expired',
    });
    const [line] = await shop.owner`select "returning"::int from ledger.order_line`;
    expect(line).toEqual({ returning: 0 });
    // What comes after all is quarantined, and somebody is told.
    await receiveReturn(shop.ledger, {
      returnId,
      receiptId: 'late',
      occurredAt: BACK,
      at: BACK,
      complete: true,
      lines: [{ sku: 'MUG', quantity: 2 }],
      actor: 'w',
    });
    expect(await bucketsOf(shop.owner, 'MUG')).toEqual({ 'on-hand': 3, quarantined: 2 });
    await expectSound(shop);
  });

  test('a process cancelled before anything came back leaves nothing behind', async () => {
    await stockIn(shop.owner, 'MUG', 50, '2', 'po-1');
    const orderId = await placeOrder(shop, {
      id: '1',
      lines: [{ sku: 'MUG', quantity: 30, unitPrice: '5' }],
    });
    await sendOrder(shop, orderId);
    const { return: asked } = await askReturn(shop, {
      externalRef: 'r1',
      lines: [{ sku: 'MUG', quantity: 30 }],
    });
    expect(await steps.abandonReturn(shop.ledger, { returnId: asked.id })).toMatchObject({
      applied: true,
      state: 'expired',
      alreadyFinished: true,
    });
    expect(await steps.abandonReturn(shop.ledger, { returnId: asked.id })).toMatchObject({
      applied: true,
      state: 'expired',
    });
    const [approval] = await shop.owner`select state from ledger.approval`;
    expect(approval).toEqual({ state: 'withdrawn' });
    await expectSound(shop);
  });
});

test('lists are newest first and filtered', async () => {
  for (const ref of ['a', 'b', 'c']) {
    await askReturn(shop, {
      channel: 'file',
      customer: { externalId: ref },
      externalRef: ref,
      lines: [{ sku: 'CUP', quantity: 1, unitPrice: '2' }],
    });
  }
  const first = await listReturns(shop.ledger, { limit: 2, state: 'awaiting-receipt' });
  expect(first.data.map(({ externalRef }) => externalRef)).toEqual(['c', 'b']);
  const rest = await listReturns(shop.ledger, { limit: 2, cursor: first.nextCursor ?? undefined });
  expect(rest).toMatchObject({ data: [{ externalRef: 'a' }], nextCursor: null });
  expect((await listReturns(shop.ledger, { limit: 9, customer: 'b' })).data).toHaveLength(1);
});
