import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  decideReplenishment,
  recordReplenishment,
} from '../../activities/ledger/intake/plan-replenishment.ts';
import { receiveGoods } from '../../activities/ledger/intake/receive-goods.ts';
import { recordShippingNotice } from '../../activities/ledger/intake/record-shipping-notice.ts';
import { readPurchaseOrder } from '../../activities/ledger/read/purchase-order.ts';
import { gatherReplenishmentFacts } from '../../activities/ledger/read/replenishment.ts';
import {
  beginPurchaseOrder,
  sendPurchaseOrder,
} from '../../activities/ledger/steps/purchase-order.ts';
import {
  beginReplenishment,
  endReplenishment,
} from '../../activities/ledger/steps/replenishment.ts';
import { groupOrders } from '../../rules/replenishment/group-orders.ts';
import { proposeQuantities } from '../../rules/replenishment/propose-quantities.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { gatherAll, planCycle, readWholeCycle, type WholeCycle } from './planned-cycle.ts';
import {
  addBackorder,
  drift,
  EXPECTED,
  placeAcknowledged,
  placeOrder,
  seedPurchasing,
} from './purchasing.ts';

const DATE = '2026-03-30';
let shop: TestLedger;

beforeEach(async () => {
  shop = await openLedger();
  await seedPurchasing(shop.owner);
});
afterEach(() => shop.close());

/** Sales of a SKU at N1: units ordered on each day of March. */
async function sellOn(sku: string, days: Readonly<Record<number, number>>): Promise<void> {
  for (const [day, units] of Object.entries(days)) {
    const id = `${sku}-${day}`;
    const at = `2026-03-${day.padStart(2, '0')}T12:00:00Z`;
    await shop.owner`insert into ledger.orders (order_id, channel, external_id, currency, ship_to, state, total_minor, placed_at)
      values (${`order:web:${id}`}, 'web', ${id}, 'GBP', '{}', 'completed', 0, ${at})`;
    await shop.owner`insert into ledger.order_line (order_id, line_no, external_line_id, kind, code, node, quantity,
        unit_price, amount_minor, placed_at, shipped)
      values (${`order:web:${id}`}, 1, '1', 'goods', ${sku}, 'N1', ${units}, 0, 0, ${at}, ${units})`;
  }
}

function cycleOf(date: string) {
  return { node: 'N1', date, businessTime: `${date}T06:00:00Z` };
}

const facts = () => gatherAll(shop.ledger, cycleOf(DATE));
const decide = (date = DATE) => decideReplenishment(shop.ledger, cycleOf(date));
const record = (decided: Awaited<ReturnType<typeof decide>>) =>
  recordReplenishment(shop.ledger, { ...decided, actor: 'planner' });

async function plan(date = DATE): Promise<WholeCycle> {
  const { cycleId } = await planCycle(shop.ledger, cycleOf(date));
  const cycle = await readWholeCycle(shop.ledger, cycleId);
  if (cycle === null) throw new Error('the cycle was stored');
  return cycle;
}

/** How many parts of plans the ledger still keeps. */
async function partsLeft(): Promise<number> {
  const [parts] = await shop.owner<{ count: number }[]>`
    select count(*)::int as count from ledger.replenishment_part`;
  return parts?.count ?? -1;
}

describe('facts', () => {
  test('demand counts days without a sale as zero, less what was cancelled or came back', async () => {
    await sellOn('FIFO', { 2: 10, 10: 4, 29: 6, 30: 99 });
    await shop.owner`update ledger.order_line set shipped = 8, cancelled = 2, returned = 1 where order_id = 'order:web:FIFO-2'`;
    const read = await facts();
    expect(read.demandDays).toBe(28);
    expect(read.skus).toMatchObject([
      {
        sku: 'FIFO',
        supplier: 'S1',
        demandUnits: 7 + 4 + 6,
        demandSquares: 49 + 16 + 36,
        available: 0,
        backordered: 0,
      },
    ]);
  });

  test('on order is what open orders still bring, drafts in review included', async () => {
    const waiting = await placeOrder(
      shop.ledger,
      [{ sku: 'FIFO', quantity: 100, unitPrice: '1' }],
      { approvalAboveMinor: '0' },
    );
    const order = await placeAcknowledged(shop.ledger, [
      { sku: 'FIFO', quantity: 10, unitPrice: '1' },
    ]);
    const fact = { purchaseOrderId: order, actor: 'dock' };
    await receiveGoods(shop.ledger, {
      ...fact,
      receiptId: 'r1',
      occurredAt: EXPECTED,
      lines: [{ lineNo: 1, quantity: 3 }],
    });
    const onOrder = async () => (await facts()).skus.find(({ sku }) => sku === 'FIFO')?.onOrder;
    expect(await onOrder()).toBe(107);
    await recordShippingNotice(shop.ledger, {
      ...fact,
      noticeId: 'n1',
      shippedAt: EXPECTED,
      expectedAt: EXPECTED,
      final: true,
      lines: [{ lineNo: 1, quantity: 5 }],
    });
    expect(await onOrder()).toBe(100 + 2);
    await shop.owner.unsafe(
      `select ledger.decide_purchase_order('${waiting}', false, 'boss', now())`,
    );
    expect(await onOrder()).toBe(2);
  });

  test('lead times are observed after three receipts', async () => {
    for (const [at, receivedAt] of ['2026-03-06', '2026-03-08', '2026-03-10'].entries()) {
      const order = await placeAcknowledged(shop.ledger, [
        { sku: 'FIFO', quantity: 1, unitPrice: '1' },
      ]);
      await receiveGoods(shop.ledger, {
        purchaseOrderId: order,
        receiptId: `r${at}`,
        occurredAt: `${receivedAt}T09:00:00Z`,
        lines: [{ lineNo: 1, quantity: 1 }],
        actor: 'dock',
      });
    }
    expect((await facts()).skus).toMatchObject([
      { sku: 'FIFO', leadTimeDays: 5, leadTimeDeviationDays: 2, available: 3 },
    ]);
  });
});

describe('a cycle', () => {
  test('orders one purchase order per supplier, with every term, minimum and multiple applied', async () => {
    await sellOn('FIFO', { 10: 28, 20: 28 });
    await addBackorder(shop.owner, {
      id: 'w',
      sku: 'OTHER',
      quantity: 11,
      queuedAt: '2026-03-29T00:00:00Z',
    });
    const cycle = await plan();
    expect(cycle.id).toBe('replenishment:N1:2026-03-30');
    const other = cycle.proposals.find(({ sku }) => sku === 'OTHER');
    expect(other).toMatchObject({
      supplier: 'S2',
      dropped: null,
      terms: { backordered: 11, position: -11, available: 0 },
    });
    expect(other?.quantity).toBeGreaterThanOrEqual(12);
    expect((other?.quantity ?? 1) % 6).toBe(0);
    const fifo = cycle.proposals.find(({ sku }) => sku === 'FIFO');
    expect(fifo).toMatchObject({
      supplier: 'S1',
      terms: { demandUnits: 56, leadTimeDays: 5, reviewDays: 1, unitPrice: '1.25' },
    });
    expect(
      cycle.purchaseOrders.map(({ supplier, state, cycleId }) => [supplier, state, cycleId]),
    ).toEqual([
      ['S1', 'approved', cycle.id],
      ['S2', 'approved', cycle.id],
    ]);
    const order = await readPurchaseOrder(shop.ledger, { id: fifo?.purchaseOrderId ?? '' });
    expect(order?.lines).toMatchObject([
      { sku: 'FIFO', quantity: fifo?.quantity, unitPrice: '1.25' },
    ]);
  });

  test('repeated for the same day answers the first', async () => {
    await addBackorder(shop.owner, {
      id: 'w',
      sku: 'FIFO',
      quantity: 5,
      queuedAt: '2026-03-29T00:00:00Z',
    });
    const [one, other] = [await decide(), await decide()];
    const first = await record(one);
    expect(first.replayed).toBe(false);
    expect(await record(other)).toEqual({ ...first, replayed: true });
    expect((await readWholeCycle(shop.ledger, first.cycleId))?.purchaseOrders).toHaveLength(1);
    expect(await partsLeft()).toBe(0);
  });

  test('never orders the same need twice, not even when two run at once', async () => {
    await addBackorder(shop.owner, {
      id: 'w',
      sku: 'FIFO',
      quantity: 5,
      queuedAt: '2026-03-29T00:00:00Z',
    });
    const [one, two] = await Promise.all([decide('2026-03-30'), decide('2026-03-31')]);
    await Promise.all([record(one), record(two)]);
    const [ordered] =
      await shop.owner`select count(*)::int as lines, sum(quantity)::int as units from ledger.purchase_order_line`;
    const [placed] =
      await shop.owner`select quantity::int as units from ledger.replenishment_proposal
      where purchase_order_id is not null and dropped is null`;
    expect(ordered).toEqual({ lines: 1, units: placed?.['units'] });
    const dropped =
      await shop.owner`select sku from ledger.replenishment_proposal where dropped is not null`;
    expect(dropped).toHaveLength(1);
    const third = await plan('2026-04-01');
    expect(third.proposals).toEqual([]);
  });

  test('above the threshold its orders wait for approval, asked for by the system for whoever runs it', async () => {
    await addBackorder(shop.owner, {
      id: 'w',
      sku: 'FIFO',
      quantity: 500_000,
      queuedAt: '2026-03-29T00:00:00Z',
    });
    const cycle = await plan();
    expect(cycle.purchaseOrders).toMatchObject([{ state: 'in-review' }]);
    const [approval] =
      await shop.owner`select requested_by, requested_for, role, subject_kind from ledger.approval`;
    expect(approval).toMatchObject({
      requested_by: 'loopline',
      requested_for: 'planner',
      role: 'procurement',
      subject_kind: 'purchase-order',
    });
  });

  test('its process starts its purchase orders and ends; every step twice is the same', async () => {
    await addBackorder(shop.owner, {
      id: 'w',
      sku: 'FIFO',
      quantity: 5,
      queuedAt: '2026-03-29T00:00:00Z',
    });
    const { id: processId, purchaseOrders } = await plan();
    const begun = await beginReplenishment(shop.ledger, { processId });
    expect(begun).toEqual({
      alreadyFinished: false,
      node: 'N1',
      purchaseOrderIds: purchaseOrders.map(({ id }) => id),
    });
    expect(await beginReplenishment(shop.ledger, { processId })).toEqual(begun);
    expect(await endReplenishment(shop.ledger, { processId })).toEqual({
      applied: true,
      state: 'done',
    });
    expect(await endReplenishment(shop.ledger, { processId })).toEqual({
      applied: false,
      state: 'done',
    });
    expect(await readWholeCycle(shop.ledger, processId)).toMatchObject({
      state: 'done',
      process: 'ended',
    });
  });

  test('the goods that it ordered reach the order that waited', async () => {
    await addBackorder(shop.owner, {
      id: 'w',
      sku: 'FIFO',
      quantity: 5,
      queuedAt: '2026-03-29T00:00:00Z',
    });
    const { purchaseOrders } = await plan();
    const processId = purchaseOrders[0]?.id ?? '';
    await beginPurchaseOrder(shop.ledger, { processId });
    await sendPurchaseOrder(shop.ledger, { processId });
    const received = await receiveGoods(shop.ledger, {
      purchaseOrderId: processId,
      receiptId: 'r1',
      occurredAt: '2026-04-04T09:00:00Z',
      lines: [{ lineNo: 1, quantity: 5 }],
      actor: 'dock',
    });
    expect(received).toMatchObject({ backorderUnits: 5 });
    expect(await drift(shop.ledger)).toEqual([]);
  });

  test('nothing counts before it is recorded, and what a crash has lost is planned again', async () => {
    await addBackorder(shop.owner, {
      id: 'w',
      sku: 'FIFO',
      quantity: 5,
      queuedAt: '2026-03-29T00:00:00Z',
    });
    const lost = await decide();
    expect((await facts()).skus).toMatchObject([{ sku: 'FIFO', onOrder: 0 }]);
    await shop.owner`delete from ledger.replenishment_part`;
    await expect(record(lost)).rejects.toMatchObject({ type: 'SerializationConflict' });
    const [cycles] =
      await shop.owner`select count(*)::int as count from ledger.replenishment_cycle`;
    expect(cycles).toEqual({ count: 0 });
    expect((await plan()).purchaseOrders).toHaveLength(1);
  });

  test('a page that is gone is a failure that a repeat heals', async () => {
    await addBackorder(shop.owner, {
      id: 'w',
      sku: 'FIFO',
      quantity: 5,
      queuedAt: '2026-03-29T00:00:00Z',
    });
    const planId = randomUUID();
    const gathered = await gatherReplenishmentFacts(shop.ledger, { planId, ...cycleOf(DATE) });
    await shop.owner`delete from ledger.replenishment_part`;
    const pages = gathered?.pages[Symbol.asyncIterator]();
    await expect(pages?.next()).rejects.toMatchObject({ type: 'SerializationConflict' });
  });

  test('plans that were given up are forgotten after an hour', async () => {
    await addBackorder(shop.owner, {
      id: 'w',
      sku: 'FIFO',
      quantity: 5,
      queuedAt: '2026-03-29T00:00:00Z',
    });
    await decide();
    await decide();
    expect(await partsLeft()).toBe(4);
    await shop.owner`update ledger.replenishment_part set recorded_at = recorded_at - interval '61 minutes'`;
    await decide();
    expect(await partsLeft()).toBe(2);
  });

  test('3,000 SKUs of two suppliers are planned page by page, as if at once', async () => {
    await shop.owner`insert into ledger.sku (sku, supplier)
      select 'M' || n, case when n % 5 = 0 then 'S2' else 'S1' end from generate_series(1, 3000) n`;
    await shop.owner`insert into ledger.supplier_sku (supplier, sku, unit_price)
      select supplier, sku, 1.5 from ledger.sku where sku like 'M%'`;
    await shop.owner`insert into ledger.orders (order_id, channel, external_id, currency, ship_to, state, total_minor, placed_at)
      values ('order:web:bulk', 'web', 'bulk', 'GBP', '{}', 'completed', 0, '2026-03-20T12:00:00Z')`;
    await shop.owner`insert into ledger.order_line (order_id, line_no, external_line_id, kind, code, node, quantity,
        unit_price, amount_minor, placed_at, shipped)
      select 'order:web:bulk', n, n::text, 'goods', 'M' || n, 'N1', 40, 0, 0, '2026-03-20T12:00:00Z', 40
      from generate_series(1, 3000) n`;
    const read = await facts();
    const decided = proposeQuantities(read.policy.document, read.demandDays, read.skus);
    const orders = groupOrders(read.policy.document, decided.proposals);
    const cycle = await plan();
    expect(cycle.proposals.map(({ sku, terms }) => ({ sku, terms }))).toEqual(
      decided.proposals
        .map(({ sku, terms }) => ({ sku, terms }))
        .toSorted((one, other) => (one.sku < other.sku ? -1 : 1)),
    );
    const placed = await Promise.all(
      cycle.purchaseOrders.map(({ id }) => readPurchaseOrder(shop.ledger, { id })),
    );
    expect(
      placed.map((order) => [
        order?.supplier,
        order?.total.amountMinor,
        order?.lines.map(({ lineNo, sku, quantity }) => ({ lineNo, sku, quantity })),
      ]),
    ).toEqual(
      orders.map(({ supplier, decision }) => [
        supplier,
        decision.totalMinor,
        decision.lines.map(({ lineNo, sku, quantity }) => ({ lineNo, sku, quantity })),
      ]),
    );
    expect(placed.map((order) => order?.lines.length)).toEqual([500, 500, 500, 500, 400, 500, 100]);
  });
});
