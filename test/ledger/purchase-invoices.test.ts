import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { receiveGoods } from '../../activities/ledger/intake/receive-goods.ts';
import { recordShippingNotice } from '../../activities/ledger/intake/record-shipping-notice.ts';
import { recordSupplierInvoice } from '../../activities/ledger/intake/record-supplier-invoice.ts';
import { readPurchaseOrder } from '../../activities/ledger/read/purchase-order.ts';
import {
  settlePurchaseOrder,
  type PurchaseOrderStatus,
} from '../../activities/ledger/steps/purchase-order.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import {
  balances,
  drift,
  EXPECTED,
  placeAcknowledged,
  resolveException,
  seedPurchasing,
} from './purchasing.ts';

const actor = 'supplier';
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
): Promise<void> {
  const lines = [{ lineNo: 1, quantity }];
  await receiveGoods(shop.ledger, {
    purchaseOrderId,
    receiptId,
    occurredAt: EXPECTED,
    lines,
    actor,
  });
}

async function invoice(
  purchaseOrderId: string,
  invoiceNumber: string,
  quantity: number,
  unitPrice: string,
) {
  const lines = [{ lineNo: 1, quantity, unitPrice }];
  return recordSupplierInvoice(shop.ledger, {
    purchaseOrderId,
    invoiceNumber,
    occurredAt: EXPECTED,
    lines,
    actor,
  });
}

function settle(processId: string, occurrence: string): Promise<PurchaseOrderStatus> {
  return settlePurchaseOrder(shop.ledger, { processId, occurrence });
}

/** Takes units out of the stock as a dispatch does: from the layers and to the customer. */
async function sell(sku: string, quantity: number): Promise<void> {
  await shop.owner.unsafe(`do $$ declare c record; begin
    perform ledger.lock_items(array['${sku}'], array['N1']);
    perform ledger.move_stock(array[('${sku}', 'N1', '', 'on-hand', 'customer', ${quantity}, 'sale', 1, null)::ledger.movement],
      'sale', 'sale', now());
    c := ledger.take_cost('${sku}', 'N1', 'stock', ${quantity}, 'sale', 'sale', 'sale', 1, null, now());
    perform ledger.post('sale', 'sale', 'cost-of-goods-sold', 'inventory', 'GBP', c.amount_minor, 'sale', now());
  end $$`);
}

describe('matching a supplier invoice', () => {
  test('clears goods received not invoiced to the penny and closes the order', async () => {
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'FIFO', quantity: 10, unitPrice: '1.25' },
    ]);
    await invoice(order, 'I1', 10, '1.25');
    expect(await settle(order, 'invoice:I1')).toMatchObject({
      state: 'acknowledged',
      next: 'wait',
    });
    await receive(order, 'r1', 10);
    expect(await settle(order, 'receipt:r1')).toMatchObject({ state: 'closed', next: 'done' });
    expect(await balances(shop.owner)).toEqual({ inventory: 1250, payables: -1250 });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('in parts that round: receipts of 1 and 2, invoices of 2 and 1 at 0.335', async () => {
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'FIFO', quantity: 3, unitPrice: '0.335' },
    ]);
    await invoice(order, 'I1', 2, '0.335');
    await receive(order, 'r1', 1);
    expect(await settle(order, 'receipt:r1')).toMatchObject({ state: 'acknowledged' });
    expect((await readPurchaseOrder(shop.ledger, { id: order }))?.invoices).toMatchObject([
      { state: 'waiting' },
    ]);
    await receive(order, 'r2', 2);
    await settle(order, 'receipt:r2');
    await invoice(order, 'I2', 1, '0.335');
    expect(await settle(order, 'invoice:I2')).toMatchObject({ state: 'closed' });
    const { payables, 'goods-received-not-invoiced': open } = await balances(shop.owner);
    expect({ payables, open }).toEqual({ payables: -(67 + 34), open: undefined });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('a difference within tolerance is a valuation difference', async () => {
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'FIFO', quantity: 10, unitPrice: '1.25' },
    ]);
    await receive(order, 'r1', 10);
    await invoice(order, 'I1', 10, '1.35');
    expect(await settle(order, 'invoice:I1')).toMatchObject({ state: 'closed' });
    expect(await balances(shop.owner)).toEqual({
      inventory: 1250,
      'valuation-differences': 100,
      payables: -1350,
    });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('what never came is a claim, not a debt', async () => {
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'FIFO', quantity: 10, unitPrice: '1' },
    ]);
    await invoice(order, 'I1', 10, '1');
    await recordShippingNotice(shop.ledger, {
      purchaseOrderId: order,
      noticeId: 'n1',
      shippedAt: EXPECTED,
      expectedAt: EXPECTED,
      final: true,
      lines: [{ lineNo: 1, quantity: 6 }],
      actor,
    });
    await receiveGoods(shop.ledger, {
      purchaseOrderId: order,
      receiptId: 'r1',
      noticeId: 'n1',
      occurredAt: EXPECTED,
      lines: [{ lineNo: 1, quantity: 6 }],
      actor,
    });
    expect(await settle(order, 'receipt:r1')).toMatchObject({ state: 'closed' });
    expect(await balances(shop.owner)).toEqual({
      inventory: 600,
      'supplier-claims': 400,
      payables: -1000,
    });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('the same invoice again answers the first answer; an unknown line is named', async () => {
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'FIFO', quantity: 10, unitPrice: '1' },
    ]);
    const first = await invoice(order, 'I1', 10, '1');
    expect(await invoice(order, 'I1', 10, '1')).toEqual({ ...first, replayed: true });
    await expect(invoice(order, 'I1', 9, '1')).rejects.toMatchObject({
      type: 'IdempotencyMismatch',
    });
    const lines = [{ lineNo: 7, quantity: 1, unitPrice: '1' }];
    await expect(
      recordSupplierInvoice(shop.ledger, {
        purchaseOrderId: order,
        invoiceNumber: 'I2',
        occurredAt: EXPECTED,
        lines,
        actor,
      }),
    ).rejects.toMatchObject({ type: 'InvalidInput', path: 'lines[0].lineNo' });
  });
});

describe('a difference above tolerance', () => {
  async function mismatch(
    sku: string,
    unitPrice: string,
    invoiced: string,
    sold: number,
  ): Promise<string> {
    const order = await placeAcknowledged(shop.ledger, [{ sku, quantity: 10, unitPrice }]);
    await receive(order, 'r1', 10);
    if (sold > 0) await sell(sku, sold);
    await invoice(order, 'I1', 10, invoiced);
    expect(await settle(order, 'invoice:I1')).toMatchObject({ state: 'acknowledged' });
    expect((await readPurchaseOrder(shop.ledger, { id: order }))?.invoices).toMatchObject([
      { state: 'mismatch' },
    ]);
    return order;
  }

  test('waits for a person; accepted it goes to what is left and what is sold (FIFO)', async () => {
    const order = await mismatch('FIFO', '1', '1.53', 4);
    expect(await balances(shop.owner)).toMatchObject({ payables: -1000 });
    const fact = await resolveException(shop.ledger, shop.owner, 'invoice-mismatch', 'accept');
    expect(await settle(order, fact)).toMatchObject({ state: 'closed' });
    expect(await balances(shop.owner)).toEqual({
      inventory: 600 + 318,
      'cost-of-goods-sold': 400 + 212,
      payables: -1530,
    });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('at average cost the pool takes the share', async () => {
    const order = await mismatch('AVG', '3', '3.5', 9);
    await settle(
      order,
      await resolveException(shop.ledger, shop.owner, 'invoice-mismatch', 'accept'),
    );
    expect(await balances(shop.owner)).toEqual({
      inventory: 350,
      'cost-of-goods-sold': 3150,
      payables: -3500,
    });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('at standard cost it is a valuation difference', async () => {
    const order = await mismatch('STD', '2', '2.5', 0);
    await settle(
      order,
      await resolveException(shop.ledger, shop.owner, 'invoice-mismatch', 'accept'),
    );
    expect(await balances(shop.owner)).toEqual({
      inventory: 2000,
      'valuation-differences': 500,
      payables: -2500,
    });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('a lower price takes value off, never below nothing', async () => {
    const order = await mismatch('FIFO', '5', '1', 5);
    await settle(
      order,
      await resolveException(shop.ledger, shop.owner, 'invoice-mismatch', 'accept'),
    );
    expect(await balances(shop.owner)).toEqual({
      inventory: 500,
      'cost-of-goods-sold': 500,
      payables: -1000,
    });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('disputed it is a claim against the supplier', async () => {
    const order = await mismatch('FIFO', '1', '2', 0);
    const fact = await resolveException(shop.ledger, shop.owner, 'invoice-mismatch', 'dispute');
    expect(await settle(order, fact)).toMatchObject({ state: 'closed' });
    expect(await balances(shop.owner)).toEqual({
      inventory: 1000,
      'supplier-claims': 1000,
      payables: -2000,
    });
    expect((await readPurchaseOrder(shop.ledger, { id: order }))?.invoices).toMatchObject([
      { state: 'disputed' },
    ]);
    expect(await drift(shop.ledger)).toEqual([]);
  });
});
