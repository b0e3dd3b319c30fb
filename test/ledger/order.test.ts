import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cancelOrder } from '../../activities/ledger/intake/cancel-order.ts';
import { dispatchShipment } from '../../activities/ledger/intake/dispatch-shipment.ts';
import { readOrder } from '../../activities/ledger/read/order.ts';
import * as steps from '../../activities/ledger/steps/order.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { balanceOf, goods, openShop, PLACED_AT, shopDesk, stockUp } from './order-shop.ts';

let shop: TestLedger;
let desk: ReturnType<typeof shopDesk>;

beforeAll(async () => {
  shop = await openLedger({ connections: 20 });
  const skus = Array.from({ length: 30 }, (_, index) => `SKU-${index + 1}`);
  await openShop(shop.ledger, skus);
  desk = shopDesk(shop.ledger);
});

afterAll(() => shop.close());

const payment = {
  provider: 'gateway',
  status: 'authorized',
  reference: 'auth_1',
  amountMinor: '1000000',
};

/** Sends everything that stands on the order's released shipments. */
async function dispatchAll(orderId: string, dispatchId = 'd1'): Promise<void> {
  const page = await shop.ledger.call<{
    data: {
      id: string;
      lines: { orderLineId: string; quantity: number; dispatchedQuantity: number }[];
    }[];
  }>('list_shipments', { orderId, state: 'released', limit: 50 });
  for (const shipment of page.data) {
    const result = await dispatchShipment(shop.ledger, {
      shipmentId: shipment.id,
      dispatchId,
      occurredAt: PLACED_AT,
      lines: shipment.lines.map((line) => ({
        lineNo: Number(line.orderLineId.split('#')[1]),
        quantity: line.quantity - line.dispatchedQuantity,
      })),
      actor: 'test',
    });
    expect(result.applied).toBe(true);
  }
}

async function captureAll(orderId: string): Promise<steps.OrderProgress> {
  let progress = await steps.advanceOrder(shop.ledger, { orderId, occurrence: 'look' });
  for (const capture of progress.captures) {
    progress = await steps.recordCapture(shop.ledger, {
      orderId,
      captureId: capture.captureId,
      outcome: 'captured',
    });
  }
  return progress;
}

describe('intake', () => {
  test('a plain order is reserved whole and the same order again answers the first result', async () => {
    await stockUp(shop.owner, { sku: 'SKU-1', node: 'north', quantity: 10, unitCost: '1' });
    const order = { externalId: '1001', lines: [goods('SKU-1', 4)], payment };
    const first = await desk.place(order);
    expect(first).toMatchObject({
      outcome: 'accepted',
      replayed: false,
      order: { state: 'accepted', totalMinor: '1020' },
    });
    const again = await desk.place(order);
    expect(again).toMatchObject({
      outcome: 'accepted',
      replayed: true,
      order: { lines: [{ allocated: 4 }] },
    });
    const [row] =
      await shop.owner`select available from ledger.stock_item where sku = 'SKU-1' and node = 'north'`;
    expect(Number(row?.['available'])).toBe(6);
  });

  test('a known external id with another payload is refused and kept as evidence', async () => {
    const changed = await desk.place({ externalId: '1001', lines: [goods('SKU-1', 5)], payment });
    expect(changed).toMatchObject({ outcome: 'mismatch', orderId: 'order:web:1001' });
    const refusals =
      await shop.owner`select * from ledger.intake_refusal where external_id = '1001'`;
    expect(refusals).toHaveLength(1);
  });

  test('an order that is short is refused whole where the channel does not wait', async () => {
    await stockUp(shop.owner, { sku: 'SKU-2', node: 'north', quantity: 3, unitCost: '1' });
    const result = await desk.place({ externalId: '1002', lines: [goods('SKU-2', 5)], payment });
    expect(result).toMatchObject({
      outcome: 'rejected',
      order: { state: 'rejected', lines: [{ short: 5, allocated: 0 }] },
    });
  });

  test('an order that may wait takes what is there and waits for the rest, first come first served', async () => {
    await stockUp(shop.owner, { sku: 'SKU-3', node: 'north', quantity: 3, unitCost: '1' });
    const first = await desk.accepted({
      channel: 'b2b',
      externalId: '2001',
      lines: [goods('SKU-3', 5)],
    });
    const second = await desk.accepted({
      channel: 'b2b',
      externalId: '2002',
      lines: [goods('SKU-3', 2)],
    });
    expect(first.lines[0]).toMatchObject({ allocated: 3, backordered: 2 });
    expect(second.lines[0]).toMatchObject({ allocated: 0, backordered: 2 });
    await stockUp(shop.owner, { sku: 'SKU-3', node: 'north', quantity: 3, unitCost: '1' });
    expect((await readOrder(shop.ledger, first.id))?.lines[0]).toMatchObject({
      allocated: 5,
      backordered: 0,
    });
    expect((await readOrder(shop.ledger, second.id))?.lines[0]).toMatchObject({
      allocated: 1,
      backordered: 1,
    });
  });

  test('an order is split over nodes when no single one has everything', async () => {
    await stockUp(shop.owner, { sku: 'SKU-4', node: 'north', quantity: 2, unitCost: '1' });
    await stockUp(shop.owner, { sku: 'SKU-4', node: 'south', quantity: 2, unitCost: '1' });
    const order = await desk.accepted({ externalId: '1003', lines: [goods('SKU-4', 3)], payment });
    expect(order.lines[0]?.allocations).toEqual([
      { node: 'north', quantity: 2 },
      { node: 'south', quantity: 1 },
    ]);
  });

  test('an unknown SKU names the line and changes nothing', async () => {
    const result = await desk.place({ externalId: '1004', lines: [goods('NO-SUCH', 1)], payment });
    expect(result).toEqual({
      outcome: 'invalid',
      errors: [{ path: 'lines[0].sku', message: 'NO-SUCH is not a known SKU' }],
    });
    expect(await shop.owner`select * from ledger.intake where external_id = '1004'`).toHaveLength(
      0,
    );
  });

  test('two hundred buyers of fifty units get exactly fifty', async () => {
    await stockUp(shop.owner, { sku: 'SKU-5', node: 'north', quantity: 50, unitCost: '1' });
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, buyer) =>
        desk.place({ externalId: `rush-${buyer}`, lines: [goods('SKU-5', 1)], payment }),
      ),
    );
    expect(results.filter((result) => result.outcome === 'accepted')).toHaveLength(50);
    expect(results.filter((result) => result.outcome === 'rejected')).toHaveLength(150);
  });
});

describe('dispatch and payment', () => {
  test('dispatch invoices, capture settles and the order completes', async () => {
    await stockUp(shop.owner, { sku: 'SKU-6', node: 'north', quantity: 10, unitCost: '1.005' });
    const { id } = await desk.accepted({
      externalId: '3001',
      lines: [goods('SKU-6', 3)],
      charges: [
        {
          externalLineId: 'c1',
          kind: 'shipping',
          code: 'POST',
          quantity: 1,
          unitPrice: '4.95',
          sourceRef: 'test:charge:1',
        },
      ],
      payment: { ...payment, amountMinor: '1260' },
    });
    const begun = await steps.beginOrder(shop.ledger, { orderId: id });
    expect(begun).toMatchObject({ state: 'released', openShipments: 1, captures: [] });
    await dispatchAll(id);
    const before = await balanceOf(shop.owner, 'receivables');
    expect(before).toBe(1260n);
    const done = await captureAll(id);
    expect(done).toMatchObject({ state: 'completed', ended: true });
    expect(await balanceOf(shop.owner, 'receivables')).toBe(0n);
    const [process] = await shop.owner`select state from ledger.process where process_id = ${id}`;
    expect(process?.['state']).toBe('ended');
  });

  test('an order in two shipments is invoiced to the penny and completes when the rest has come', async () => {
    await stockUp(shop.owner, { sku: 'SKU-7', node: 'north', quantity: 1, unitCost: '1' });
    const { id } = await desk.accepted({
      channel: 'b2b',
      externalId: '3002',
      lines: [goods('SKU-7', 3, '0.333')],
      payment: { ...payment, amountMinor: '100' },
    });
    await steps.beginOrder(shop.ledger, { orderId: id });
    await dispatchAll(id);
    expect(await captureAll(id)).toMatchObject({ ended: false, backorderedEach: 2 });
    await stockUp(shop.owner, { sku: 'SKU-7', node: 'north', quantity: 2, unitCost: '1' });
    await steps.advanceOrder(shop.ledger, { orderId: id, occurrence: 'receipt' });
    await dispatchAll(id);
    const progress = await steps.advanceOrder(shop.ledger, {
      orderId: id,
      occurrence: 'dispatched',
    });
    const amounts =
      await shop.owner`select sum(amount_minor)::int as sum from ledger.dispatch where order_id = ${id}`;
    expect(amounts[0]?.['sum']).toBe(100);
    expect(progress.captures).toHaveLength(1);
  });

  test('cancelling between acceptance and dispatch releases the stock and gives the authorization back', async () => {
    await stockUp(shop.owner, { sku: 'SKU-8', node: 'north', quantity: 5, unitCost: '1' });
    const { id } = await desk.accepted({
      externalId: '3003',
      lines: [goods('SKU-8', 5)],
      payment: { ...payment, amountMinor: '1275' },
    });
    await steps.beginOrder(shop.ledger, { orderId: id });
    const cancel = { orderId: id, cancellationId: 'c1', reason: 'customer-request', actor: 'test' };
    const result = await cancelOrder(shop.ledger, cancel);
    expect(result).toMatchObject({ applied: true, cancelled: [{ quantity: 5 }], shipped: [] });
    const progress = await steps.advanceOrder(shop.ledger, { orderId: id, occurrence: 'cancel' });
    expect(progress.giveBack).toMatchObject({ voidMinor: '1275' });
    const ended = await steps.recordGiveBack(shop.ledger, {
      orderId: id,
      paymentId: progress.giveBack?.paymentId ?? '',
      voided: true,
    });
    expect(ended).toMatchObject({ state: 'cancelled', ended: true });
    const [item] = await shop.owner`select available from ledger.stock_item where sku = 'SKU-8'`;
    expect(Number(item?.['available'])).toBe(5);
    expect(await cancelOrder(shop.ledger, cancel)).toMatchObject({ applied: true, replayed: true });
  });

  test('a deposit is used by the invoice and the rest of it is refunded', async () => {
    await stockUp(shop.owner, { sku: 'SKU-9', node: 'north', quantity: 2, unitCost: '1' });
    const { id } = await desk.accepted({
      externalId: '3004',
      lines: [goods('SKU-9', 2, '10')],
      payment: { ...payment, status: 'captured', amountMinor: '2000' },
    });
    await steps.beginOrder(shop.ledger, { orderId: id });
    await cancelOrder(shop.ledger, {
      orderId: id,
      cancellationId: 'c1',
      lines: [{ lineNo: 1, quantity: 1 }],
      reason: 'less',
      actor: 'test',
    });
    await dispatchAll(id);
    const progress = await steps.advanceOrder(shop.ledger, { orderId: id, occurrence: 'd1' });
    expect(progress).toMatchObject({ captures: [], giveBack: { refundMinor: '1000' } });
    const ended = await steps.recordGiveBack(shop.ledger, {
      orderId: id,
      paymentId: progress.giveBack?.paymentId ?? '',
      voided: true,
      refund: {
        refundId: progress.giveBack?.refundId ?? '',
        amountMinor: '1000',
        outcome: 'refunded',
      },
    });
    expect(ended.state).toBe('completed');
    expect(await balanceOf(shop.owner, 'customer-deposits')).toBe(0n);
  });

  test('a capture that fails holds the order open with an exception, and a retry is another capture', async () => {
    await stockUp(shop.owner, { sku: 'SKU-10', node: 'north', quantity: 1, unitCost: '1' });
    const { id } = await desk.accepted({
      externalId: '3005',
      lines: [goods('SKU-10', 1)],
      payment: { ...payment, amountMinor: '255' },
    });
    await steps.beginOrder(shop.ledger, { orderId: id });
    await dispatchAll(id);
    const due = await steps.advanceOrder(shop.ledger, { orderId: id, occurrence: 'd1' });
    const captureId = due.captures[0]?.captureId ?? '';
    const failed = await steps.recordCapture(shop.ledger, {
      orderId: id,
      captureId,
      outcome: 'failed',
      failure: 'card_expired',
    });
    expect(failed).toMatchObject({ ended: false, captures: [], giveBack: null });
    const [exception] =
      await shop.owner`select * from ledger.exception where subject_id = ${id} and state = 'open'`;
    expect(exception).toMatchObject({ kind: 'capture-failed', owner: 'finance' });
    await shop.ledger.call('resolve_exception', {
      exceptionId: exception?.['exception_id'],
      resolutionId: 'r1',
      action: 'retry',
      note: 'new card',
      actor: 'finance',
      at: PLACED_AT,
    });
    const retried = await steps.advanceOrder(shop.ledger, { orderId: id, occurrence: 'resolved' });
    expect(retried.captures).toHaveLength(1);
    expect(retried.captures[0]?.captureId).not.toBe(captureId);
  });

  test('a declined payment holds the order until it is cancelled in time', async () => {
    await stockUp(shop.owner, { sku: 'SKU-11', node: 'north', quantity: 1, unitCost: '1' });
    const { id } = await desk.accepted({
      externalId: '3006',
      lines: [goods('SKU-11', 1)],
      payment: { provider: 'gateway', status: 'none' },
    });
    const begun = await steps.beginOrder(shop.ledger, { orderId: id });
    expect(begun).toMatchObject({
      state: 'accepted',
      authorize: { amountMinor: '255' },
      openShipments: 0,
    });
    const declined = await steps.recordAuthorization(shop.ledger, {
      orderId: id,
      paymentId: begun.authorize?.paymentId ?? '',
      key: begun.authorize?.key ?? '',
      outcome: 'declined',
      declineCode: 'insufficient_funds',
    });
    expect(declined).toMatchObject({ holds: ['payment'], authorize: null, openShipments: 0 });
    const ended = await steps.expireOrderWait(shop.ledger, {
      orderId: id,
      dueId: declined.dueId ?? '',
    });
    expect(ended).toMatchObject({ state: 'cancelled', ended: true });
  });

  test('every step answers its stored result when it is run again later', async () => {
    await stockUp(shop.owner, { sku: 'SKU-12', node: 'north', quantity: 1, unitCost: '1' });
    const { id } = await desk.accepted({
      externalId: '3007',
      lines: [goods('SKU-12', 1)],
      payment: { ...payment, amountMinor: '255' },
    });
    await steps.beginOrder(shop.ledger, { orderId: id });
    await dispatchAll(id);
    const request = { orderId: id, occurrence: 'd1' };
    const first = await steps.advanceOrder(shop.ledger, request);
    const capture = {
      orderId: id,
      captureId: first.captures[0]?.captureId ?? '',
      outcome: 'captured' as const,
    };
    const captured = await steps.recordCapture(shop.ledger, capture);
    expect(await steps.advanceOrder(shop.ledger, request)).toEqual(first);
    expect(await steps.recordCapture(shop.ledger, capture)).toEqual(captured);
    await expect(
      steps.recordCapture(shop.ledger, { ...capture, outcome: 'failed' }),
    ).rejects.toMatchObject({
      type: 'IdempotencyMismatch',
    });
  });
});

test('after all of this the ledger agrees with its entries', async () => {
  const check = await shop.ledger.report<{ ok: boolean; drift: unknown[] }>('check_ledger', {});
  expect(check.drift).toEqual([]);
  expect(check.ok).toBe(true);
});
