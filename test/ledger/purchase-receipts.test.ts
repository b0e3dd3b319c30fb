import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { receiveGoods } from '../../activities/ledger/intake/receive-goods.ts';
import { receiveStock } from '../../activities/ledger/intake/receive-stock.ts';
import { recordShippingNotice } from '../../activities/ledger/intake/record-shipping-notice.ts';
import {
  listShippingNotices,
  readPurchaseOrder,
} from '../../activities/ledger/read/purchase-order.ts';
import { settlePurchaseOrder } from '../../activities/ledger/steps/purchase-order.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import {
  addBackorder,
  balances,
  buckets,
  drift,
  EXPECTED,
  placeAcknowledged,
  placeOrder,
  resolveException,
  seedPurchasing,
} from './purchasing.ts';

const SHIPPED = '2026-03-06T09:00:00Z';
const actor = 'dock';
let shop: TestLedger;

beforeEach(async () => {
  shop = await openLedger();
  await seedPurchasing(shop.owner);
});

afterEach(() => shop.close());

async function receive(
  purchaseOrderId: string,
  receiptId: string,
  quantity: number,
  more: object = {},
) {
  return receiveGoods(shop.ledger, {
    purchaseOrderId,
    receiptId,
    occurredAt: EXPECTED,
    lines: [{ lineNo: 1, quantity }],
    actor,
    ...more,
  });
}

async function announce(
  purchaseOrderId: string,
  noticeId: string,
  quantity: number,
  final: boolean,
) {
  return recordShippingNotice(shop.ledger, {
    purchaseOrderId,
    noticeId,
    shippedAt: SHIPPED,
    expectedAt: EXPECTED,
    final,
    lines: [{ lineNo: 1, quantity }],
    actor,
  });
}

describe('goods receipts', () => {
  test('a notice makes goods inbound, its receipt puts them on hand at the ordered price', async () => {
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'FIFO', quantity: 10, unitPrice: '1.25' },
    ]);
    expect(await announce(order, 'n1', 10, true)).toMatchObject({
      applied: true,
      inboundUnits: 10,
      shortUnits: 0,
    });
    expect(await buckets(shop.owner, 'FIFO')).toEqual({ inbound: 10 });
    expect(
      (await listShippingNotices(shop.ledger, { limit: 10, state: 'open' })).data,
    ).toMatchObject([
      {
        noticeId: 'n1',
        purchaseOrderId: order,
        lines: [{ lineNo: 1, sku: 'FIFO', quantity: 10, receivedQuantity: 0 }],
      },
    ]);

    expect(await receive(order, 'r1', 10, { noticeId: 'n1' })).toMatchObject({
      receivedUnits: 10,
      overUnits: 0,
    });
    expect(await buckets(shop.owner, 'FIFO')).toEqual({ 'on-hand': 10 });
    expect(await balances(shop.owner)).toEqual({
      inventory: 1250,
      'goods-received-not-invoiced': -1250,
    });
    expect((await listShippingNotices(shop.ledger, { limit: 10, state: 'open' })).data).toEqual([]);
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('parts add up: two receipts of one line, the second without a notice', async () => {
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'AVG', quantity: 7, unitPrice: '3.335' },
    ]);
    await announce(order, 'n1', 3, false);
    await receive(order, 'r1', 3, { noticeId: 'n1' });
    await receive(order, 'r2', 4);
    const line = (await readPurchaseOrder(shop.ledger, { id: order }))?.lines[0];
    expect(line).toMatchObject({ noticed: 3, received: 7, openQuantity: 0, receivedMinor: '2335' });
    expect(await balances(shop.owner)).toEqual({
      inventory: 2335,
      'goods-received-not-invoiced': -2335,
    });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('what a final notice leaves out is short, and comes off the open quantity', async () => {
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'FIFO', quantity: 10, unitPrice: '1' },
    ]);
    await announce(order, 'n1', 4, false);
    expect(await announce(order, 'n2', 3, true)).toMatchObject({ shortUnits: 3 });
    const before = await readPurchaseOrder(shop.ledger, { id: order });
    expect(before?.lines[0]).toMatchObject({ noticed: 7, short: 3, openQuantity: 7 });
    const board = () => shop.owner`
      select state, owner, evidence from ledger.exception where subject_id = ${order} and kind = 'receipt-short'`;
    const evidence = { noticeId: 'n2', lines: [{ lineNo: 1, sku: 'FIFO', quantity: 3 }] };
    expect(await board()).toMatchObject([{ state: 'open', owner: 'procurement', evidence }]);
    await receive(order, 'r1', 4, { noticeId: 'n1' });
    await receive(order, 'r2', 3, { noticeId: 'n2' });
    const after = await readPurchaseOrder(shop.ledger, { id: order });
    expect(after?.lines[0]).toMatchObject({ received: 7, short: 3, openQuantity: 0 });
    expect(await board()).toMatchObject([{ state: 'open' }]);
    await receive(order, 'r3', 3);
    expect(await board()).toMatchObject([{ state: 'resolved' }]);
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('goods at standard cost enter at the standard; the rest is a valuation difference', async () => {
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'STD', quantity: 10, unitPrice: '2.10' },
    ]);
    await receive(order, 'r1', 10);
    expect(await balances(shop.owner)).toEqual({
      inventory: 2000,
      'valuation-differences': 100,
      'goods-received-not-invoiced': -2100,
    });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('lots are kept, though goods on their way have none', async () => {
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'FIFO', quantity: 10, unitPrice: '1' },
    ]);
    await announce(order, 'n1', 10, true);
    await receive(order, 'r1', 0, {
      noticeId: 'n1',
      lines: [
        { lineNo: 1, quantity: 6, lot: 'L1' },
        { lineNo: 1, quantity: 4, lot: 'L2' },
      ],
    });
    const lots = await shop.owner`select lot, quantity::int from ledger.stock_balance
      where bucket = 'on-hand' and quantity > 0 order by lot`;
    expect(lots.map(({ lot, quantity }) => [lot, quantity])).toEqual([
      ['L1', 6],
      ['L2', 4],
    ]);
    expect(await buckets(shop.owner, 'FIFO')).toEqual({ 'on-hand': 10 });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('a receipt before the order was sent is refused and changes nothing', async () => {
    const order = await placeOrder(shop.ledger, [{ sku: 'FIFO', quantity: 1, unitPrice: '1' }]);
    expect(await receive(order, 'r1', 1)).toEqual({
      applied: false,
      state: 'approved',
      receiptId: 'r1',
    });
    expect(await buckets(shop.owner, 'FIFO')).toEqual({});
  });

  test('an unknown line, node or SKU is named', async () => {
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'FIFO', quantity: 1, unitPrice: '1' },
    ]);
    await expect(
      receive(order, 'r1', 1, { lines: [{ lineNo: 2, quantity: 1 }] }),
    ).rejects.toMatchObject({
      type: 'InvalidInput',
      path: 'lines[0].lineNo',
    });
    await expect(receive(order, 'r1', 1, { noticeId: 'none' })).rejects.toMatchObject({
      path: 'noticeId',
    });
    await expect(receive('purchase-order:none', 'r1', 1)).rejects.toMatchObject({
      type: 'NotFound',
    });
  });

  test('the same receipt again answers the first answer; with other content it is refused', async () => {
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'FIFO', quantity: 10, unitPrice: '1' },
    ]);
    const first = await receive(order, 'r1', 4);
    expect(await receive(order, 'r1', 4)).toEqual({ ...first, replayed: true });
    expect(await buckets(shop.owner, 'FIFO')).toEqual({ 'on-hand': 4 });
    await expect(receive(order, 'r1', 5)).rejects.toMatchObject({ type: 'IdempotencyMismatch' });
    const notice = await announce(order, 'n1', 6, true);
    expect(await announce(order, 'n1', 6, true)).toEqual({ ...notice, replayed: true });
    await expect(announce(order, 'n1', 5, true)).rejects.toMatchObject({
      type: 'IdempotencyMismatch',
    });
  });
});

describe('waiting orders', () => {
  test('receipts wake them first come first served within priority, partly if need be', async () => {
    await addBackorder(shop.owner, {
      id: 'late',
      sku: 'FIFO',
      quantity: 5,
      queuedAt: '2026-03-03T00:00:00Z',
    });
    await addBackorder(shop.owner, {
      id: 'early',
      sku: 'FIFO',
      quantity: 5,
      queuedAt: '2026-03-01T00:00:00Z',
    });
    await addBackorder(shop.owner, {
      id: 'first',
      sku: 'FIFO',
      quantity: 3,
      priority: 1,
      queuedAt: '2026-03-04T00:00:00Z',
    });
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'FIFO', quantity: 20, unitPrice: '1' },
    ]);
    const reserved = async () => {
      const rows = await shop.owner`select external_id as id, reserved::int as units
        from ledger.orders join ledger.order_line using (order_id)`;
      return Object.fromEntries(rows.map(({ id, units }) => [id, units]));
    };

    expect(await receive(order, 'r1', 6)).toMatchObject({ backorderUnits: 6 });
    expect(await reserved()).toEqual({ first: 3, early: 3, late: 0 });
    expect(await receive(order, 'r2', 10)).toMatchObject({ backorderUnits: 7 });
    expect(await reserved()).toEqual({ first: 3, early: 5, late: 5 });
    expect(await buckets(shop.owner, 'FIFO')).toEqual({ 'on-hand': 3, reserved: 13 });
    const signals = await shop.owner`select subject_id from ledger.outbox
      where kind = 'signal' and subject_id like 'order:%' order by 1`;
    expect(signals.map(({ subject_id: id }) => id)).toEqual([
      'order:web:early',
      'order:web:early',
      'order:web:first',
      'order:web:late',
    ]);
    expect(await drift(shop.ledger)).toEqual([]);
  });
});

describe('more than was ordered', () => {
  async function receiveTooMuch(): Promise<string> {
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'FIFO', quantity: 10, unitPrice: '1.50' },
    ]);
    expect(await receive(order, 'r1', 12)).toMatchObject({ receivedUnits: 12, overUnits: 2 });
    expect(await buckets(shop.owner, 'FIFO')).toEqual({ 'on-hand': 10, quarantined: 2 });
    expect(await balances(shop.owner)).toEqual({
      inventory: 1500,
      'returns-stock': 300,
      'goods-received-not-invoiced': -1800,
    });
    expect(await drift(shop.ledger)).toEqual([]);
    return order;
  }

  test('is quarantined, and accepted it joins the stock', async () => {
    const processId = await receiveTooMuch();
    await settlePurchaseOrder(shop.ledger, { processId, occurrence: 'receipt:r1' });
    const occurrence = await resolveException(shop.ledger, shop.owner, 'receipt-over', 'accept');
    await settlePurchaseOrder(shop.ledger, { processId, occurrence });
    await settlePurchaseOrder(shop.ledger, { processId, occurrence: 'again' });
    expect(await buckets(shop.owner, 'FIFO')).toEqual({ 'on-hand': 12 });
    expect(await balances(shop.owner)).toEqual({
      inventory: 1800,
      'goods-received-not-invoiced': -1800,
    });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('or goes back and is not owed for', async () => {
    const processId = await receiveTooMuch();
    const occurrence = await resolveException(
      shop.ledger,
      shop.owner,
      'receipt-over',
      'return-to-supplier',
    );
    await settlePurchaseOrder(shop.ledger, { processId, occurrence });
    expect(await buckets(shop.owner, 'FIFO')).toEqual({ 'on-hand': 10 });
    expect(await balances(shop.owner)).toEqual({
      inventory: 1500,
      'goods-received-not-invoiced': -1500,
    });
    expect(await drift(shop.ledger)).toEqual([]);
  });
});

describe('opening stock', () => {
  const request = {
    receiptId: 'open-1',
    node: 'N1',
    occurredAt: EXPECTED,
    lines: [
      { sku: 'FIFO', quantity: 3, unitCost: '0.335' },
      { sku: 'STD', quantity: 2, unitCost: '2.5', lot: 'L1' },
    ],
    actor,
  };

  test('enters at its cost against opening equity, wakes orders, and only once', async () => {
    await addBackorder(shop.owner, {
      id: 'w',
      sku: 'FIFO',
      quantity: 2,
      queuedAt: '2026-03-01T00:00:00Z',
    });
    const first = await receiveStock(shop.ledger, request);
    expect(first).toEqual({ receiptId: 'open-1', node: 'N1', units: 5, valueMinor: '501' });
    expect(await receiveStock(shop.ledger, request)).toEqual({ ...first, replayed: true });
    expect(await buckets(shop.owner, 'FIFO')).toEqual({ 'on-hand': 1, reserved: 2 });
    expect(await balances(shop.owner)).toEqual({
      inventory: 501,
      'valuation-differences': 100,
      'opening-equity': -601,
    });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('names an unknown SKU or node', async () => {
    await expect(receiveStock(shop.ledger, { ...request, node: 'N9' })).rejects.toMatchObject({
      path: 'node',
    });
    const lines = [...request.lines, { sku: 'NONE', quantity: 1, unitCost: '1' }];
    await expect(receiveStock(shop.ledger, { ...request, lines })).rejects.toMatchObject({
      path: 'lines[2].sku',
    });
  });
});
