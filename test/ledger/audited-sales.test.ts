import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cancelOrder } from '../../activities/ledger/intake/cancel-order.ts';
import { eraseCustomer } from '../../activities/ledger/intake/erase-customer.ts';
import { exportCustomer } from '../../activities/ledger/intake/export-customer.ts';
import { giveGoodwill } from '../../activities/ledger/intake/give-goodwill.ts';
import {
  putChannels,
  putCustomers,
  putNodes,
  putSkus,
  putSuppliers,
} from '../../activities/ledger/intake/master-data.ts';
import { recordFact } from '../../activities/ledger/intake/record-fact.ts';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { runDues } from '../../activities/ledger/intake/run-dues.ts';
import { expireHolds, holdStock, releaseHold } from '../../activities/ledger/intake/stock-hold.ts';
import { listExceptions } from '../../activities/ledger/read/exception.ts';
import { healFailure, reportFailure } from '../../activities/ledger/steps/failure.ts';
import * as orderSteps from '../../activities/ledger/steps/order.ts';
import * as returnSteps from '../../activities/ledger/steps/return.ts';
import { orderIntake } from '../../api/order-intake.ts';
import { orderRequest } from '../../api/order-schemas.ts';
import { openLedger } from '../support/ledger.ts';
import { actsOf, auditedLedger, rowsOf, WALKS, type AuditedLedger } from './audited-ledger.ts';
import {
  askReturn,
  BACK,
  bringBack,
  dispatchOrder,
  driveOrder,
  placeOrder,
  seedReturnShop,
  sendOrder,
  settleReturn,
  stockIn,
} from './return-shop.ts';

const SOLD = '2010-12-01T10:00:00Z';
/** Long after every deadline of the tests. */
const MUCH_LATER = '2011-06-01T00:00:00Z';

let shop: AuditedLedger;

beforeAll(async () => {
  const test = await openLedger();
  await seedReturnShop(test.owner);
  for (const sku of ['MUG', 'TEA']) await stockIn(test.owner, sku, 1_000, '2', `open-${sku}`);
  shop = await auditedLedger(test);
});
afterAll(() => shop?.close());

const mugs = (quantity: number) => [{ sku: 'MUG', quantity, unitPrice: '5' }];

/** A mug that was sold and sent, and the return of it that was asked for. */
async function returnOf(id: string, options: { isCaptured?: boolean } = {}) {
  const orderId = await placeOrder(shop, { id, lines: mugs(1) });
  await (options.isCaptured === false ? dispatchOrder(shop, orderId) : sendOrder(shop, orderId));
  const lines = [{ sku: 'MUG', quantity: 1, orderLineId: `${orderId}#1` }];
  return (await askReturn(shop, { externalRef: `r-${id}`, lines })).return;
}

/** The open wait of a subject, once it has been reached. */
async function reachDue(subjectId: string): Promise<string> {
  await runDues(shop.ledger, { until: MUCH_LATER, limit: 10, subjectId });
  const [due] = await shop.owner<{ id: string }[]>`
    select due_id as id from ledger.due where subject_id = ${subjectId} and state = 'reached'
    order by due_at limit 1`;
  if (due === undefined) throw new Error(`${subjectId} waits for nothing`);
  return due.id;
}

/** Every call of an act in here is made twice and judged: see audited-ledger.ts. */
describe('each act of the sales side leaves one row, and none when repeated', () => {
  it('master data', async () => {
    await putSuppliers(shop.ledger, [
      { supplier: 'bert', name: 'Bert', currency: 'GBP', leadTimeDays: 2 },
    ]);
    await putNodes(shop.ledger, [{ node: 'east', name: 'East', country: 'GB', priority: 9 }]);
    await putChannels(shop.ledger, [{ channel: 'shop', name: 'Shop', kind: 'web-shop' }]);
    await putCustomers(shop.ledger, [{ channel: 'web', externalId: 'c-9', name: 'Ada' }]);
    const sku = {
      sku: 'LAMP',
      description: 'A lamp',
      unitOfMeasure: 'each',
      class: 'B',
      costMethod: 'fifo' as const,
      supplier: 'bert',
    };
    await putSkus(shop.ledger, [{ ...sku, supplierPrice: '4' }]);
    await putSkus(shop.ledger, [{ ...sku, supplierPrice: '5' }]);
    expect(rowsOf(shop.calls, 'put_skus').map(({ subject }) => subject)).toEqual([
      'sku:LAMP',
      'sku:LAMP',
    ]);
  });

  it('an order that is placed, authorized, sent and captured', async () => {
    const orderId = await placeOrder(shop, { id: 'straight', lines: mugs(2) });
    await sendOrder(shop, orderId);
    await orderSteps.advanceOrder(shop.ledger, { orderId, occurrence: 'look-1' });
    const rows = shop.calls.flatMap(({ rows: left }) => left);
    const own = rows.filter(({ subject }) => subject === orderId);
    expect(own.map(({ act }) => act)).toEqual([
      'accept_orders',
      'record_authorization',
      'dispatch_shipment',
      'record_capture',
    ]);
    expect(new Set(own.map(({ actor }) => actor))).toEqual(
      new Set(['shop', 'process:worker', 'test']),
    );
  });

  it('an order that was paid before, and is released as soon as its process begins', async () => {
    const order = orderRequest.parse({
      channel: 'web',
      externalId: 'prepaid',
      placedAt: SOLD,
      currency: 'GBP',
      customer: { externalId: 'c-1' },
      shipTo: { country: 'GB', postalCode: 'N1 9GU' },
      lines: [{ externalLineId: '1', ...mugs(1)[0] }],
      payment: { provider: 'gateway', status: 'authorized', reference: 'a-1', amountMinor: '500' },
    });
    const takeIn = orderIntake(shop.ledger);
    await takeIn({ order: { ...order, externalId: 'held' }, actor: 'shop', receivedAt: BACK });
    await takeIn({ order, actor: 'shop', receivedAt: BACK });
    await orderSteps.beginOrder(shop.ledger, { orderId: 'order:web:prepaid' });
    expect(rowsOf(shop.calls, 'begin_order')).toMatchObject([{ subject: 'order:web:prepaid' }]);
  });

  it('an order that is screened, cancelled and paid back', async () => {
    const orderId = await placeOrder(shop, { id: 'cancelled', lines: mugs(1) });
    await cancelOrder(shop.ledger, {
      orderId,
      cancellationId: 'c-1',
      reason: 'changed-mind',
      actor: 'shop',
      at: BACK,
    });
    await driveOrder(shop.ledger, orderId);
    await orderSteps.advanceOrder(shop.ledger, { orderId, occurrence: 'look-2' });
    const held = await placeOrder(shop, { id: 'screened', lines: mugs(1) });
    await orderSteps.recordScreening(shop.ledger, {
      orderId: held,
      decision: { holds: [{ hold: 'address', reason: 'unclear' }] },
    });
    const [trouble] = (
      await listExceptions(shop.ledger, { limit: 1, subjectId: held, state: 'open' })
    ).data;
    await resolveException(shop.ledger, {
      exceptionId: trouble?.id ?? '',
      resolutionId: 'r-1',
      action: 'release',
      actor: 'shop',
      at: BACK,
    });
    await orderSteps.advanceOrder(shop.ledger, { orderId: held, occurrence: 'r-1' });
    expect(rowsOf(shop.calls, 'cancel_order')).toMatchObject([{ subject: orderId }]);
    expect(rowsOf(shop.calls, 'record_give_back')).toMatchObject([{ subject: orderId }]);
    expect(rowsOf(shop.calls, 'record_screening')).toMatchObject([{ subject: held }]);
  });

  it('an order whose warehouse does nothing in time', async () => {
    const orderId = await placeOrder(shop, { id: 'slow', lines: mugs(1) });
    const dueId = await reachDue(orderId);
    await orderSteps.expireOrderWait(shop.ledger, { orderId, dueId });
    expect(rowsOf(shop.calls, 'run_dues')).toMatchObject([{ subject: orderId }]);
  });

  it('a return that comes back, is inspected and refunded', async () => {
    const asked = await returnOf('back');
    await returnSteps.beginReturn(shop.ledger, { processId: asked.id });
    await returnSteps.recordReturnLabel(shop.ledger, {
      returnId: asked.id,
      labelId: 'label-1',
      trackingNumber: 'track-1',
    });
    await bringBack(shop, asked);
    expect(await settleReturn(shop, asked.id)).toMatchObject({ state: 'closed' });
  });

  it('returns that do not come, are not inspected, get no label, or are given up', async () => {
    const never = await returnOf('never');
    await returnSteps.skipReturnLabel(shop.ledger, {
      returnId: never.id,
      decision: { message: 'no carrier answers' },
    });
    await returnSteps.closeReturnReceipt(shop.ledger, {
      returnId: never.id,
      dueId: await reachDue(never.id),
    });
    const lying = await returnOf('lying');
    await shop.ledger.call('receive_return', {
      returnId: lying.id,
      receiptId: 'lying-1',
      occurredAt: BACK,
      at: BACK,
      complete: true,
      lines: [{ lineNo: 1, sku: 'MUG', quantity: 1 }],
      actor: 'warehouse',
    });
    await returnSteps.remindInspection(shop.ledger, {
      returnId: lying.id,
      dueId: await reachDue(lying.id),
    });
    const given = await returnOf('given-up');
    await returnSteps.abandonReturn(shop.ledger, { returnId: given.id });
    expect(rowsOf(shop.calls, 'close_return_receipt')).toMatchObject([{ subject: never.id }]);
    expect(rowsOf(shop.calls, 'remind_inspection')).toMatchObject([{ subject: lying.id }]);
    expect(rowsOf(shop.calls, 'abandon_return')).toMatchObject([{ subject: given.id }]);
  });

  it('a return that waits for the capture of its sale', async () => {
    const asked = await returnOf('early', { isCaptured: false });
    await bringBack(shop, asked);
    await returnSteps.beginReturn(shop.ledger, { processId: asked.id });
    await returnSteps.remindCapture(shop.ledger, {
      returnId: asked.id,
      dueId: await reachDue(asked.id),
    });
    await driveOrder(shop.ledger, 'order:web:early');
    expect(await settleReturn(shop, asked.id)).toMatchObject({ state: 'closed' });
  });

  it('holds that are given, released and expire', async () => {
    const hold = (holdId: string) => ({
      holdId,
      expiresAt: BACK,
      plans: [[{ sku: 'TEA', node: 'main', quantity: 1 }]],
    });
    await holdStock(shop.ledger, { occurredAt: BACK, holds: [hold('a'), hold('b')] });
    await releaseHold(shop.ledger, { holdId: 'a', occurredAt: BACK, actor: 'shop' });
    await expireHolds(shop.ledger, { until: MUCH_LATER, limit: 10 });
    expect(rowsOf(shop.calls, 'expire_holds')).toMatchObject([{ subject: 'hold:b' }]);
  });

  it('facts of machines, known subject or not, and steps that fail and heal', async () => {
    const event = (id: string, type: string, data: Record<string, string>) => ({
      id,
      type,
      occurredAt: BACK,
      data,
    });
    const [payment] = await shop.owner<{ reference: string }[]>`
      select reference from ledger.payment where order_id = 'order:web:straight'`;
    await recordFact(
      shop.ledger,
      'gateway',
      event('e-1', 'capture.succeeded', { authorizationId: payment?.reference ?? '' }),
    );
    await recordFact(
      shop.ledger,
      'carrier',
      event('e-2', 'parcel', { trackingNumber: 'nobody-knows', status: 'lost' }),
    );
    expect(rowsOf(shop.calls, 'record_fact').map(({ subject }) => subject)).toEqual([
      'order:web:straight',
      'fact:carrier:e-2',
    ]);
    const processId = 'order:web:slow';
    const failure = { processId, step: 'capturePayment', compensation: false, message: 'no' };
    await reportFailure(shop.ledger, failure);
    await healFailure(shop.ledger, { processId, step: 'capturePayment' });
  });

  it('goodwill that is given', async () => {
    const orderId = await placeOrder(shop, { id: 'goodwill', lines: mugs(1) });
    await sendOrder(shop, orderId);
    const { goodwill } = await giveGoodwill(shop.ledger, {
      externalRef: 'gw-1',
      orderId,
      amountMinor: '100',
      currency: 'GBP',
      resolution: 'refund',
      reasonCode: 'late-delivery',
      occurredAt: BACK,
      askedAt: BACK,
      actor: 'shop',
      policyVersion: 'approval-matrix@1',
      approval: null,
    });
    expect(rowsOf(shop.calls, 'give_goodwill')).toMatchObject([{ subject: goodwill.id }]);
  });

  it('a customer whose data is taken out and erased', async () => {
    const [customer] = await shop.owner<{ id: string }[]>`
      select 'customer:' || customer_id as id from ledger.customer where external_id = 'c-9'`;
    const customerId = customer?.id ?? '';
    const asked = { customerId, reason: 'ticket-1', actor: 'shop', at: BACK };
    await exportCustomer(shop.ledger, { ...asked, exportId: 'x-1' });
    await eraseCustomer(shop.ledger, { ...asked, erasureId: 'e-1' });
    expect(rowsOf(shop.calls, 'erase_customer')).toMatchObject([{ subject: customerId }]);
  });

  it('and these were the acts', () => {
    expect(actsOf(shop.calls)).toEqual(WALKS.sales);
  });
});
