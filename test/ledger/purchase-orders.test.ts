import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPurchaseOrder } from '../../activities/ledger/intake/create-purchase-order.ts';
import { receiveGoods } from '../../activities/ledger/intake/receive-goods.ts';
import { recordShippingNotice } from '../../activities/ledger/intake/record-shipping-notice.ts';
import { recordSupplierInvoice } from '../../activities/ledger/intake/record-supplier-invoice.ts';
import {
  listPurchaseOrders,
  readPurchaseOrder,
  readPurchaseOrderFacts,
} from '../../activities/ledger/read/purchase-order.ts';
import {
  beginPurchaseOrder,
  escalateLateSupplier,
  recordAcknowledgement,
  reportSupplierRefusal,
  sendPurchaseOrder,
  settlePurchaseOrder,
} from '../../activities/ledger/steps/purchase-order.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { decidePurchaseOrder } from '../../rules/purchase-order/decide-purchase-order.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import {
  balances,
  buckets,
  drift,
  EXPECTED,
  ORDERED,
  placeAcknowledged,
  placeOrder,
  resolveException,
  seedPurchasing,
} from './purchasing.ts';

const LINES = [{ sku: 'FIFO', quantity: 10, unitPrice: '1' }];
const actor = 'test';
let shop: TestLedger;

beforeEach(async () => {
  shop = await openLedger();
  await seedPurchasing(shop.owner);
});
afterEach(() => shop.close());

async function openKinds(): Promise<string[]> {
  const rows =
    await shop.owner`select kind from ledger.exception where state = 'open' order by kind`;
  return rows.map(({ kind }) => String(kind));
}

describe('intake', () => {
  const request = {
    externalRef: 'EXT-1',
    supplier: 'S1',
    node: 'N1',
    orderedAt: ORDERED,
    currency: 'GBP',
    lines: LINES,
    actor,
    decision: {
      ...decidePurchaseOrder(DEFAULT_POLICIES.replenishment, LINES),
      policyVersion: 'replenishment/1',
      approval: null,
    },
  };

  test('a repeat answers the first order; other content under the reference is refused', async () => {
    const first = await createPurchaseOrder(shop.ledger, request);
    expect(first.replayed).toBe(false);
    expect(await createPurchaseOrder(shop.ledger, request)).toEqual({ ...first, replayed: true });
    const changed = { ...request, lines: [{ sku: 'FIFO', quantity: 11 }] };
    await expect(createPurchaseOrder(shop.ledger, changed)).rejects.toMatchObject({
      type: 'IdempotencyMismatch',
    });
    expect((await listPurchaseOrders(shop.ledger, { limit: 10 })).data).toMatchObject([
      {
        id: first.purchaseOrderId,
        state: 'approved',
        process: 'pending',
        total: { amountMinor: '1000', currency: 'GBP' },
      },
    ]);
  });

  test('the same reference at the same time makes one order', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, () => createPurchaseOrder(shop.ledger, request)),
    );
    expect(new Set(results.map(({ purchaseOrderId }) => purchaseOrderId)).size).toBe(1);
    expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1);
  });

  test('facts carry prices, what is unknown and the policy in force', async () => {
    const facts = await readPurchaseOrderFacts(shop.ledger, {
      supplier: 'S1',
      node: 'N9',
      orderedAt: ORDERED,
      skus: ['FIFO', 'OTHER', 'NONE'],
    });
    expect(facts).toMatchObject({ supplierKnown: true, nodeKnown: false, baseCurrency: 'GBP' });
    expect(facts.skus).toMatchObject({ FIFO: { unitPrice: '1.25' }, OTHER: { unitPrice: null } });
    expect(facts.policy).toEqual({
      version: 'replenishment/1',
      document: DEFAULT_POLICIES.replenishment,
    });
  });

  test('lists page by page, newest first', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.unshift(await placeOrder(shop.ledger, LINES));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listPurchaseOrders(shop.ledger, {
        limit: 2,
        ...(cursor === undefined ? {} : { cursor }),
      });
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(ids);
  });
});

describe('approval', () => {
  async function decide(purchaseOrderId: string, decision: 'approve' | 'reject'): Promise<void> {
    await shop.owner.unsafe(
      `select ledger.decide_purchase_order('${purchaseOrderId}', ${decision === 'approve'}, 'boss', '${ORDERED}')`,
    );
  }

  test('above the threshold nothing is sent before it is approved', async () => {
    const processId = await placeOrder(shop.ledger, LINES, { approvalAboveMinor: '999' });
    const status = await beginPurchaseOrder(shop.ledger, { processId });
    expect(status).toMatchObject({
      state: 'in-review',
      next: 'review',
      approvalId: `approval:${processId}:1`,
      waitSeconds: 32 * 3600,
    });
    expect(await sendPurchaseOrder(shop.ledger, { processId })).toMatchObject({
      state: 'in-review',
      order: null,
    });
    await decide(processId, 'approve');
    await decide(processId, 'reject');
    expect(await beginPurchaseOrder(shop.ledger, { processId })).toMatchObject({
      state: 'approved',
      next: 'submit',
    });
  });

  test('rejected it ends, and nothing is on order', async () => {
    const processId = await placeOrder(shop.ledger, LINES, { approvalAboveMinor: '999' });
    await decide(processId, 'reject');
    expect(await beginPurchaseOrder(shop.ledger, { processId })).toMatchObject({
      alreadyFinished: true,
      next: 'done',
    });
    expect(await readPurchaseOrder(shop.ledger, { id: processId })).toMatchObject({
      state: 'rejected',
      process: 'ended',
    });
  });
});

describe('the supplier', () => {
  test('gets the order with its lines, and what it acknowledges sets the deadline', async () => {
    const processId = await placeOrder(shop.ledger, LINES);
    expect(await beginPurchaseOrder(shop.ledger, { processId })).toMatchObject({
      next: 'submit',
      submission: 'first',
    });
    const sent = await sendPurchaseOrder(shop.ledger, { processId });
    expect(sent.order).toMatchObject({
      purchaseOrderId: processId,
      supplier: 'S1',
      node: 'N1',
      leadTimeDays: 5,
      deliverExactlyAt: null,
      lines: [{ lineNo: 1, sku: 'FIFO', quantity: 10, unitPrice: '1' }],
    });
    const acknowledgement = {
      processId,
      acknowledgementId: 'a1',
      lines: [{ lineNo: 1, quantity: 10, expectedAt: EXPECTED }],
    };
    const status = await recordAcknowledgement(shop.ledger, acknowledgement);
    const lateAfterSeconds = (5 + DEFAULT_POLICIES.replenishment.lateAfterDays) * 86_400;
    expect(status).toMatchObject({
      state: 'acknowledged',
      next: 'wait',
      waitSeconds: lateAfterSeconds,
    });
    expect(await recordAcknowledgement(shop.ledger, acknowledgement)).toEqual(status);
  });

  test('that cannot be reached is a case for procurement, who may have it tried again', async () => {
    const processId = await placeOrder(shop.ledger, LINES);
    await sendPurchaseOrder(shop.ledger, { processId });
    const refusal = { processId, occurrence: 'first', message: 'supplier refused: closed' };
    const waiting = await reportSupplierRefusal(shop.ledger, refusal);
    expect(waiting).toMatchObject({ state: 'sent', next: 'wait' });
    expect(
      await reportSupplierRefusal(shop.ledger, { ...refusal, message: 'other words' }),
    ).toEqual(waiting);
    const fact = await resolveException(shop.ledger, shop.owner, 'supplier-refused', 'retry');
    const retry = await settlePurchaseOrder(shop.ledger, { processId, occurrence: fact });
    expect(retry).toMatchObject({ next: 'submit', submission: fact });
    const again = await reportSupplierRefusal(shop.ledger, {
      ...refusal,
      occurrence: retry.submission,
    });
    expect(again).toMatchObject({ next: 'wait' });
    const close = await resolveException(
      shop.ledger,
      shop.owner,
      'supplier-refused',
      'close-short',
    );
    expect(await settlePurchaseOrder(shop.ledger, { processId, occurrence: close })).toMatchObject({
      state: 'closed',
    });
  });

  test('that is late is escalated once; a receipt heals it', async () => {
    const processId = await placeAcknowledged(shop.ledger, LINES);
    const { dueId } = await beginPurchaseOrder(shop.ledger, { processId });
    const occurrence = dueId ?? '';
    const reminded = await escalateLateSupplier(shop.ledger, { processId, occurrence });
    expect(await openKinds()).toEqual(['supplier-late']);
    expect(reminded.dueId).not.toBe(dueId);
    expect(await escalateLateSupplier(shop.ledger, { processId, occurrence })).toEqual(reminded);
    await receiveGoods(shop.ledger, {
      purchaseOrderId: processId,
      receiptId: 'r1',
      occurredAt: '2026-03-12T09:00:00Z',
      lines: [{ lineNo: 1, quantity: 4 }],
      actor,
    });
    expect(await openKinds()).toEqual([]);
    // The old deadline's signal comes after the receipt has moved the date.
    await escalateLateSupplier(shop.ledger, { processId, occurrence: reminded.dueId ?? '' });
    expect(await openKinds()).toEqual([]);
  });

  test('that never delivers the rest is closed short, and its goods under way come off the books', async () => {
    const processId = await placeAcknowledged(shop.ledger, LINES);
    const fact = { purchaseOrderId: processId, occurredAt: EXPECTED, actor };
    await receiveGoods(shop.ledger, {
      ...fact,
      receiptId: 'r1',
      lines: [{ lineNo: 1, quantity: 4 }],
    });
    const lines = [{ lineNo: 1, quantity: 4, unitPrice: '1' }];
    await recordSupplierInvoice(shop.ledger, { ...fact, invoiceNumber: 'I1', lines });
    await recordShippingNotice(shop.ledger, {
      purchaseOrderId: processId,
      noticeId: 'n2',
      shippedAt: EXPECTED,
      expectedAt: EXPECTED,
      final: false,
      lines: [{ lineNo: 1, quantity: 6 }],
      actor,
    });
    const { dueId } = await settlePurchaseOrder(shop.ledger, {
      processId,
      occurrence: 'receipt:r1',
    });
    await escalateLateSupplier(shop.ledger, { processId, occurrence: dueId ?? '' });
    const resolved = await resolveException(
      shop.ledger,
      shop.owner,
      'supplier-late',
      'close-short',
    );
    const closed = await settlePurchaseOrder(shop.ledger, { processId, occurrence: resolved });
    expect(closed).toMatchObject({ state: 'closed', next: 'done' });
    expect(await buckets(shop.owner, 'FIFO')).toEqual({ 'on-hand': 4 });
    expect(await readPurchaseOrder(shop.ledger, { id: processId })).toMatchObject({
      process: 'ended',
      lines: [{ received: 4, short: 6, openQuantity: 0 }],
      shippingNotices: [{ state: 'received' }],
    });
    expect(await balances(shop.owner)).toEqual({ inventory: 400, payables: -400 });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('that sends no invoice is brought to finance', async () => {
    const processId = await placeAcknowledged(shop.ledger, LINES);
    const lines = [{ lineNo: 1, quantity: 10 }];
    await receiveGoods(shop.ledger, {
      purchaseOrderId: processId,
      receiptId: 'r1',
      occurredAt: EXPECTED,
      lines,
      actor,
    });
    const { dueId } = await settlePurchaseOrder(shop.ledger, {
      processId,
      occurrence: 'receipt:r1',
    });
    await escalateLateSupplier(shop.ledger, { processId, occurrence: dueId ?? '' });
    expect(await openKinds()).toEqual(['invoice-missing']);
  });
});

describe('after the end', () => {
  test('late goods are counted and late invoices matched, and support is told', async () => {
    const processId = await placeAcknowledged(shop.ledger, LINES);
    await escalateLateSupplier(shop.ledger, {
      processId,
      occurrence: (await beginPurchaseOrder(shop.ledger, { processId })).dueId ?? '',
    });
    const resolved = await resolveException(
      shop.ledger,
      shop.owner,
      'supplier-late',
      'close-short',
    );
    expect(
      await settlePurchaseOrder(shop.ledger, { processId, occurrence: resolved }),
    ).toMatchObject({ state: 'closed' });
    const fact = { purchaseOrderId: processId, occurredAt: EXPECTED, actor };
    const late = await receiveGoods(shop.ledger, {
      ...fact,
      receiptId: 'r1',
      lines: [{ lineNo: 1, quantity: 10 }],
    });
    expect(late).toMatchObject({ applied: true, state: 'closed', receivedUnits: 10, overUnits: 0 });
    const lines = [{ lineNo: 1, quantity: 10, unitPrice: '1' }];
    await recordSupplierInvoice(shop.ledger, { ...fact, invoiceNumber: 'I1', lines });
    expect(await openKinds()).toEqual(['late-fact', 'late-fact']);
    expect(await balances(shop.owner)).toEqual({ inventory: 1000, payables: -1000 });
    const more = [{ lineNo: 1, quantity: 2, unitPrice: '1' }];
    await recordSupplierInvoice(shop.ledger, { ...fact, invoiceNumber: 'I2', lines: more });
    expect(await balances(shop.owner)).toEqual({
      inventory: 1000,
      'supplier-claims': 200,
      payables: -1200,
    });
    expect(await drift(shop.ledger)).toEqual([]);
  });
});

describe('the largest order', () => {
  test('of 500 lines is taken in, shipped, received and invoiced within the statement timeout', async () => {
    const size = 500;
    await shop.owner`insert into ledger.sku (sku, supplier) select 'L' || n, 'S1' from generate_series(1, ${size}) n`;
    const lines = Array.from({ length: size }, (_, at) => ({
      sku: `L${at + 1}`,
      quantity: 7,
      unitPrice: '0.335',
    }));
    const processId = await placeAcknowledged(shop.ledger, lines);
    const quantities = lines.map(({ quantity }, at) => ({ lineNo: at + 1, quantity }));
    const fact = { purchaseOrderId: processId, occurredAt: EXPECTED, actor };
    await recordShippingNotice(shop.ledger, {
      purchaseOrderId: processId,
      noticeId: 'n1',
      shippedAt: ORDERED,
      expectedAt: EXPECTED,
      final: true,
      lines: quantities,
      actor,
    });
    const priced = quantities.map((line) => ({ ...line, unitPrice: '0.335' }));
    await recordSupplierInvoice(shop.ledger, { ...fact, invoiceNumber: 'I1', lines: priced });
    await receiveGoods(shop.ledger, {
      ...fact,
      receiptId: 'r1',
      noticeId: 'n1',
      lines: quantities,
    });
    expect(
      await settlePurchaseOrder(shop.ledger, { processId, occurrence: 'receipt:r1' }),
    ).toMatchObject({ state: 'closed' });
    expect(await balances(shop.owner)).toEqual({ inventory: 500 * 235, payables: -500 * 235 });
    expect(await drift(shop.ledger)).toEqual([]);
  });
});
