import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as steps from '../../activities/ledger/steps/return.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import {
  askReturn,
  balanceOf,
  bringBack,
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

describe('refunds', () => {
  test('never exceed what is left of a payment: the rest is credit', async () => {
    await stockIn(shop.owner, 'MUG', 9, '2', 'po-1');
    const orderId = await placeOrder(shop, {
      id: '1',
      channel: 'file',
      lines: [{ sku: 'MUG', quantity: 2, unitPrice: '5' }],
    });
    await sendOrder(shop, orderId);
    // Taken back at a price above the sold one, which a trusted channel may tell.
    const first = await askReturn(shop, {
      channel: 'file',
      externalRef: 'r1',
      lines: [{ sku: 'MUG', quantity: 1, unitPrice: '8' }],
    });
    await bringBack(shop, first.return);
    expect(await settleReturn(shop, first.return.id)).toMatchObject({
      refunds: [{ amountMinor: '800' }],
      creditedToAccountMinor: '0',
    });
    const second = await askReturn(shop, {
      channel: 'file',
      externalRef: 'r2',
      lines: [{ sku: 'MUG', quantity: 1, unitPrice: '8' }],
    });
    await bringBack(shop, second.return);
    expect(await settleReturn(shop, second.return.id)).toMatchObject({
      refunds: [{ amountMinor: '200' }],
      creditedToAccountMinor: '600',
    });
    const [payment] =
      await shop.owner`select captured_minor::int as c, refunded_minor::int as r from ledger.payment`;
    expect(payment).toEqual({ c: 1000, r: 1000 });
    expect(await balanceOf(shop.owner, 'customer-credit')).toBe(600);
    await expectSound(shop);
  });

  test('go to several payments when a line was sold in several orders', async () => {
    await stockIn(shop.owner, 'MUG', 9, '2', 'po-1');
    for (const [id, unitPrice] of [
      ['1', '5'],
      ['2', '1'],
    ] as const) {
      await sendOrder(
        shop,
        await placeOrder(shop, {
          id,
          channel: 'file',
          lines: [{ sku: 'MUG', quantity: 1, unitPrice }],
        }),
      );
    }
    // 4.00 each: the 1.00 payment gives 1.00, what it lacks comes from the other sale of the line.
    const asked = await askReturn(shop, {
      channel: 'file',
      externalRef: 'r1',
      lines: [{ sku: 'MUG', quantity: 2, unitPrice: '4' }],
    });
    await bringBack(shop, asked.return);
    const done = await settleReturn(shop, asked.return.id);
    expect(done.refunds.map(({ amountMinor }) => amountMinor).toSorted()).toEqual(['100', '500']);
    expect(done.creditedToAccountMinor).toBe('200');
    await expectSound(shop);
  });

  test('without a customer become unidentified credits', async () => {
    const asked = await askReturn(shop, {
      channel: 'file',
      customer: undefined,
      externalRef: 'C1',
      lines: [{ sku: 'CUP', quantity: 3, unitPrice: '1.25', sourceRef: 't:returnBlind:1' }],
    });
    expect(asked.return).toMatchObject({
      state: 'awaiting-receipt',
      rule: 'trusted-channel',
      lines: [{ cover: 'blind' }],
    });
    await bringBack(shop, asked.return);
    await settleReturn(shop, asked.return.id);
    expect(await balanceOf(shop.owner, 'unidentified-credits')).toBe(375);
    expect(await balanceOf(shop.owner, 'customer-credit')).toBe(0);
    // The supplier's price is the last word on cost where nothing else is known.
    expect(await balanceOf(shop.owner, 'inventory')).toBe(-333);
    await expectSound(shop);
  });

  test("of a customer that nobody knew are kept as that customer's credit", async () => {
    const asked = await askReturn(shop, {
      channel: 'file',
      customer: { externalId: 'new' },
      externalRef: 'C1',
      lines: [{ sku: 'CUP', quantity: 1, unitPrice: '2' }],
    });
    await bringBack(shop, asked.return);
    await settleReturn(shop, asked.return.id);
    const [credit] = await shop.owner`select c.external_id as id, balance_minor::int as minor
      from ledger.customer_credit join ledger.customer c using (customer_id)`;
    expect(credit).toEqual({ id: 'new', minor: 200 });
    await expectSound(shop);
  });

  test('that failed are tried again or credited, as a person says, and each only once', async () => {
    await stockIn(shop.owner, 'MUG', 9, '2', 'po-1');
    const orderId = await placeOrder(shop, {
      id: '1',
      lines: [{ sku: 'MUG', quantity: 2, unitPrice: '5' }],
    });
    await sendOrder(shop, orderId);
    const asked = await askReturn(shop, {
      externalRef: 'r1',
      lines: [{ sku: 'MUG', quantity: 2 }],
    });
    await bringBack(shop, asked.return);
    const returnId = asked.return.id;
    expect(await steps.advanceReturn(shop.ledger, { returnId })).toMatchObject({
      refunds: [{ refundId: `${returnId}:refund:1`, amountMinor: '1000' }],
    });
    const fail = (refundId: string, occurrence: string, outcome: 'failed' | 'unknown') =>
      steps.recordRefund(shop.ledger, {
        refundId,
        occurrence,
        outcome,
        decision: { failure: 'no' },
      });
    const resolve = (resolution: string) => shop.owner`
      update ledger.exception set state = 'resolved', resolution = ${resolution}, resolved_at = raised_at
      where kind = 'refund-failed' and state = 'open'`;

    expect(await fail(`${returnId}:refund:1`, '1', 'unknown')).toMatchObject({
      refunds: [],
      refundTrouble: 1,
    });
    expect(await steps.advanceReturn(shop.ledger, { returnId })).toMatchObject({
      state: 'refunding',
      alreadyFinished: false,
    });
    await resolve('retry');
    const again = await steps.advanceReturn(shop.ledger, { returnId });
    expect(again).toMatchObject({
      refunds: [{ refundId: `${returnId}:refund:1` }],
      refundTrouble: 0,
    });
    expect(
      await fail(`${returnId}:refund:1`, again.refunds[0]?.occurrence ?? '', 'failed'),
    ).toMatchObject({ refundTrouble: 1 });
    await resolve('retry');
    await steps.advanceReturn(shop.ledger, { returnId });
    const second = await steps.advanceReturn(shop.ledger, { returnId });
    expect(second).toMatchObject({
      refunds: [{ refundId: `${returnId}:refund:2`, amountMinor: '1000', occurrence: '1' }],
    });
    await fail(`${returnId}:refund:2`, '1', 'failed');
    await resolve('credit-customer');
    await steps.advanceReturn(shop.ledger, { returnId });
    expect(await steps.advanceReturn(shop.ledger, { returnId })).toMatchObject({
      state: 'closed',
      alreadyFinished: true,
    });
    expect(await balanceOf(shop.owner, 'customer-credit')).toBe(1000);
    expect(await balanceOf(shop.owner, 'refunds-payable')).toBe(0);
    await expectSound(shop);
  });
});
