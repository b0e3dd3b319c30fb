import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveGoods } from '../../activities/ledger/intake/receive-goods.ts';
import { receiveStock } from '../../activities/ledger/intake/receive-stock.ts';
import { recordFinanceEntry } from '../../activities/ledger/intake/record-finance-entry.ts';
import { recordShippingNotice } from '../../activities/ledger/intake/record-shipping-notice.ts';
import { recordSupplierInvoice } from '../../activities/ledger/intake/record-supplier-invoice.ts';
import { readFinanceEntrySnapshot } from '../../activities/ledger/read/finance.ts';
import {
  beginPurchaseOrder,
  escalateLateSupplier,
  reportSupplierRefusal,
  sendPurchaseOrder,
  settlePurchaseOrder,
} from '../../activities/ledger/steps/purchase-order.ts';
import {
  beginReplenishment,
  endReplenishment,
} from '../../activities/ledger/steps/replenishment.ts';
import { decideWithApproval } from '../../rules/finance/approve-entry.ts';
import { openLedger } from '../support/ledger.ts';
import { actsOf, auditedLedger, rowsOf, WALKS, type AuditedLedger } from './audited-ledger.ts';
import { planCycle } from './planned-cycle.ts';
import {
  addBackorder,
  EXPECTED,
  ORDERED,
  placeAcknowledged,
  placeOrder,
  resolveException,
  seedPurchasing,
} from './purchasing.ts';

const actor = 'dock';
const LINES = [{ sku: 'FIFO', quantity: 10, unitPrice: '1.25' }];

let shop: AuditedLedger;

beforeAll(async () => {
  const test = await openLedger();
  await seedPurchasing(test.owner);
  shop = await auditedLedger(test);
});
afterAll(() => shop?.close());

const receive = (purchaseOrderId: string, receiptId: string, quantity: number) =>
  receiveGoods(shop.ledger, {
    purchaseOrderId,
    receiptId,
    occurredAt: EXPECTED,
    lines: [{ lineNo: 1, quantity }],
    actor,
  });

/** Every call of an act in here is made twice and judged: see audited-ledger.ts. */
describe('each act of the supply side leaves one row, and none when repeated', () => {
  it('a purchase order from its asking to its invoice', async () => {
    const id = await placeAcknowledged(shop.ledger, LINES);
    await recordShippingNotice(shop.ledger, {
      purchaseOrderId: id,
      noticeId: 'n-1',
      shippedAt: ORDERED,
      expectedAt: EXPECTED,
      final: true,
      lines: [{ lineNo: 1, quantity: 10 }],
      actor,
    });
    await receive(id, 'r-1', 10);
    await settlePurchaseOrder(shop.ledger, { processId: id, occurrence: 'receipt:r-1' });
    await recordSupplierInvoice(shop.ledger, {
      purchaseOrderId: id,
      invoiceNumber: 'I-1',
      occurredAt: EXPECTED,
      lines: [{ lineNo: 1, quantity: 10, unitPrice: '1.25' }],
      actor,
    });
    const closed = await settlePurchaseOrder(shop.ledger, { processId: id, occurrence: 'i:I-1' });
    expect(closed).toMatchObject({ state: 'closed' });
  });

  it('a supplier who refuses, and one who is late', async () => {
    const refused = await placeOrder(shop.ledger, LINES);
    await sendPurchaseOrder(shop.ledger, { processId: refused });
    await reportSupplierRefusal(shop.ledger, {
      processId: refused,
      occurrence: 'first',
      message: 'closed',
    });
    const fact = await resolveException(shop.ledger, shop.owner, 'supplier-refused', 'retry');
    await settlePurchaseOrder(shop.ledger, { processId: refused, occurrence: fact });
    const late = await placeAcknowledged(shop.ledger, LINES);
    const { dueId } = await beginPurchaseOrder(shop.ledger, { processId: late });
    await escalateLateSupplier(shop.ledger, { processId: late, occurrence: dueId ?? '' });
    expect(rowsOf(shop.calls, 'report_supplier_refusal')).toMatchObject([{ subject: refused }]);
    expect(rowsOf(shop.calls, 'escalate_late_supplier')).toMatchObject([{ subject: late }]);
  });

  it('more than was ordered, and what a person decides of it', async () => {
    const id = await placeAcknowledged(shop.ledger, LINES);
    await receive(id, 'r-over', 12);
    const fact = await resolveException(shop.ledger, shop.owner, 'receipt-over', 'accept');
    await settlePurchaseOrder(shop.ledger, { processId: id, occurrence: fact });
    const settled = rowsOf(shop.calls, 'settle_purchase_order').at(-1);
    expect(settled).toEqual({ actor: 'test', act: 'settle_purchase_order', subject: id });
  });

  it('goods that come without an order are their own subject, whoever is served from them', async () => {
    await addBackorder(shop.owner, { id: 'w-1', sku: 'AVG', quantity: 2, queuedAt: ORDERED });
    await receiveStock(shop.ledger, {
      receiptId: 'open-1',
      node: 'N1',
      occurredAt: EXPECTED,
      lines: [{ sku: 'AVG', quantity: 5, unitCost: '2' }],
      actor,
    });
    expect(rowsOf(shop.calls, 'receive_stock')).toMatchObject([
      { subject: 'stock-receipt:open-1' },
    ]);
  });

  it('a finance entry', async () => {
    const snapshot = await readFinanceEntrySnapshot(shop.ledger, { occurredAt: ORDERED });
    const fee = { kind: 'fee', quantity: -1, unitPrice: '5', currency: 'GBP' } as const;
    const wish = { ...fee, occurredAt: ORDERED, actor };
    const { entry } = await recordFinanceEntry(shop.ledger, {
      ...wish,
      externalRef: 'fee-1',
      decision: decideWithApproval(snapshot, { ...wish, atMs: Date.parse(ORDERED) }),
    });
    expect(rowsOf(shop.calls, 'record_finance_entry')).toMatchObject([{ subject: entry.id }]);
  });

  it('a cycle that plans and orders', async () => {
    const { cycleId } = await planCycle(shop.ledger, {
      node: 'N1',
      date: '2026-03-30',
      businessTime: '2026-03-30T06:00:00Z',
    });
    await beginReplenishment(shop.ledger, { processId: cycleId });
    await endReplenishment(shop.ledger, { processId: cycleId });
    expect(rowsOf(shop.calls, 'record_replenishment')).toMatchObject([{ subject: cycleId }]);
  });

  it('and these were the acts', () => {
    expect(actsOf(shop.calls)).toEqual(WALKS.supply);
  });
});
