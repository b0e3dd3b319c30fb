import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, openLoopline, type TestLoopline } from '../support/loopline.ts';
import { OrderDesk, openOrderShop, type Wish } from './order-desk.ts';

const HOUR = 3_600;

let loopline: TestLoopline;
let desk: OrderDesk;

beforeAll(async () => {
  loopline = await openLoopline();
  await openOrderShop(loopline);
  desk = new OrderDesk(loopline);
  await loopline.startWorker();
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

describe('the straight way', () => {
  test('authorized, released, sent, invoiced and captured', async () => {
    const { orderId, handle } = await desk.run();
    await desk.dispatch(orderId);
    expect(await handle.result()).toEqual({ state: 'completed' });
    expect(await desk.order(orderId)).toMatchObject({
      state: 'completed',
      invoices: [{ amountMinor: '2000' }],
    });
    expect(await desk.payment(orderId)).toMatchObject({
      capturedMinor: '2000',
      refundedMinor: '0',
    });
    await desk.expectClean(orderId);
  });

  test('authorized at the checkout: nothing is asked of the payer again', async () => {
    const payment = await desk.gateway.paidAtCheckout('2000');
    const { orderId, handle } = await desk.run({ payment });
    await desk.dispatch(orderId);
    expect(await handle.result()).toEqual({ state: 'completed' });
    await desk.expectClean(orderId);
  });

  test('prepaid: the invoice uses the deposit and nothing is captured twice', async () => {
    const payment = await desk.gateway.paidAtCheckout('2000', { captured: true });
    const { orderId, handle } = await desk.run({ payment });
    await desk.dispatch(orderId);
    expect(await handle.result()).toEqual({ state: 'completed' });
    expect(await desk.payment(orderId)).toMatchObject({
      capturedMinor: '2000',
      refundedMinor: '0',
    });
    await desk.expectClean(orderId);
  });

  test('without payment: goods leave and the order ends', async () => {
    const { orderId, handle } = await desk.run({ unitPrice: '0', payment: null });
    await desk.dispatch(orderId);
    expect(await handle.result()).toEqual({ state: 'completed' });
    await desk.expectClean(orderId);
  });

  test('needs at most nine billable actions when it is prepaid and plain', async () => {
    const payment = await desk.gateway.paidAtCheckout('2000', { captured: true });
    const { orderId, handle } = await desk.run({ payment, channel: 'web' });
    await desk.dispatch(orderId);
    await handle.result();
    expect(await billableActions(orderId)).toBeLessThanOrEqual(9);
  });
});

describe('several shipments', () => {
  test('each is invoiced and captured; the rest waits for a receipt', async () => {
    const { orderId, handle } = await desk.run({ channel: 'patient', quantity: 5, inStock: 2 });
    await desk.dispatch(orderId);
    await desk.becomes(orderId, { state: 'released', payments: [{ capturedMinor: '2000' }] });
    await desk.stockFor(orderId, 3);
    await desk.dispatch(orderId);
    expect(await handle.result()).toEqual({ state: 'completed' });
    expect((await desk.order(orderId)).invoices.map(({ amountMinor }) => amountMinor)).toEqual([
      '2000',
      '3000',
    ]);
    await desk.expectClean(orderId);
  });

  test('one shipment sent in two parts is two invoices', async () => {
    const { orderId, handle } = await desk.run({ quantity: 3 });
    await desk.dispatch(orderId, 1);
    await desk.becomes(orderId, { payments: [{ capturedMinor: '1000' }] });
    await desk.dispatch(orderId);
    expect(await handle.result()).toEqual({ state: 'completed' });
    await desk.expectClean(orderId);
  });

  test('stock that does not come in time is escalated, and the order still takes it when it comes', async () => {
    const { orderId, handle } = await desk.run({ channel: 'patient', inStock: 0 });
    await desk.becomes(orderId, { process: 'running', payments: [{ state: 'authorized' }] });
    await loopline.skipTime(orderId, 241 * HOUR);
    expect(await desk.exception(orderId, 'stock-short')).toMatchObject({ owner: 'warehouse' });
    await desk.stockFor(orderId, 2);
    await desk.dispatch(orderId);
    expect(await handle.result()).toEqual({ state: 'completed' });
    expect(await desk.exceptions(orderId)).toEqual([]);
  });

  test('a shipment that stands too long is escalated, and dispatch heals it', async () => {
    const { orderId, handle } = await desk.run();
    await desk.becomes(orderId, { state: 'released' });
    await loopline.skipTime(orderId, 73 * HOUR);
    expect(await desk.exception(orderId, 'carrier')).toMatchObject({ owner: 'warehouse' });
    await desk.dispatch(orderId);
    expect(await handle.result()).toEqual({ state: 'completed' });
    expect(await desk.exceptions(orderId)).toEqual([]);
  });
});

/** Each hold: what brings it about, who may lift it by which action, and when it gives up. */
const HOLDS: { hold: string; kind: string; wish: Wish; release: string; deadlineHours: number }[] =
  [
    {
      hold: 'payment',
      kind: 'payment',
      wish: { token: 'tok_insufficient' },
      release: 'retry',
      deadlineHours: 24,
    },
    {
      hold: 'payment',
      kind: 'payment',
      wish: { token: 'tok_challenge' },
      release: 'passed',
      deadlineHours: 24,
    },
    {
      hold: 'address',
      kind: 'address',
      wish: { postalCode: null },
      release: 'release',
      deadlineHours: 48,
    },
    {
      hold: 'fraud',
      kind: 'fraud',
      wish: { unitPrice: '300' },
      release: 'release',
      deadlineHours: 48,
    },
  ];

describe.each(HOLDS)('held for $hold ($wish)', ({ hold, kind, wish, release, deadlineHours }) => {
  test('nothing leaves while it is held, and a person lets it go on', async () => {
    const { orderId, handle } = await desk.run(wish);
    await desk.becomes(orderId, { state: 'accepted', holds: [{ hold }] });
    expect(await desk.dispatchReleased(orderId)).toBe(0);
    await letGo(orderId, kind, release);
    await desk.dispatch(orderId);
    expect(await handle.result()).toEqual({ state: 'completed' });
    expect(await desk.exceptions(orderId)).toEqual([]);
    await desk.expectClean(orderId);
  });

  test('let go on, it is not cancelled when the old deadline comes', async () => {
    const { orderId, handle } = await desk.run(wish);
    await desk.becomes(orderId, { state: 'accepted', holds: [{ hold }] });
    await letGo(orderId, kind, release);
    await desk.becomes(orderId, { state: 'released' });
    await loopline.skipTime(orderId, 71 * HOUR);
    await desk.reachDeadline(orderId, deadlineHours + 1);
    await desk.dispatch(orderId);
    expect(await handle.result()).toEqual({ state: 'completed' });
    expect(await desk.order(orderId)).toMatchObject({ lines: [{ shipped: 2, cancelled: 0 }] });
  });

  test('nobody lets it go on: it is cancelled at its deadline', async () => {
    const { orderId, handle } = await desk.run(wish);
    await desk.becomes(orderId, { holds: [{ hold }] });
    await loopline.skipTime(orderId, deadlineHours * HOUR + 60);
    expect(await handle.result()).toEqual({ state: 'cancelled' });
    expect(await desk.exceptions(orderId)).toEqual([]);
    await desk.expectClean(orderId);
  });

  test('the business clock reaches its deadline first: it is cancelled then', async () => {
    const { orderId, handle } = await desk.run(wish);
    await desk.becomes(orderId, { holds: [{ hold }] });
    await desk.reachDeadline(orderId);
    expect(await handle.result()).toEqual({ state: 'cancelled' });
    await desk.expectClean(orderId);
  });

  test('cancelled while it is held', async () => {
    const { orderId, handle } = await desk.run(wish);
    await desk.becomes(orderId, { holds: [{ hold }] });
    await desk.cancel(orderId);
    expect(await handle.result()).toEqual({ state: 'cancelled' });
    expect(await desk.exceptions(orderId)).toEqual([]);
    await desk.expectClean(orderId);
  });

  test('a person cancels it from the exception board', async () => {
    const { orderId, handle } = await desk.run(wish);
    await desk.becomes(orderId, { holds: [{ hold }] });
    await desk.resolve(orderId, kind, 'cancel-order');
    expect(await handle.result()).toEqual({ state: 'cancelled' });
    await desk.expectClean(orderId);
  });
});

async function letGo(orderId: string, kind: string, release: string): Promise<void> {
  if (release === 'passed') await desk.passChallenge(orderId);
  else if (release === 'retry') await desk.payWithAnotherCard(orderId);
  else await desk.resolve(orderId, kind, release);
}

describe('cancelled', () => {
  test('before its process has begun: it ends without asking the payer', async () => {
    const orderId = await desk.place();
    await desk.cancel(orderId);
    const handle = await loopline.start(orderId);
    expect(await handle.result()).toEqual({ state: 'cancelled' });
    expect(await desk.payment(orderId)).toBeUndefined();
    await desk.expectClean(orderId);
  });

  test('after its release: the warehouse loses the shipment and the payer gets the money back', async () => {
    const { orderId, handle } = await desk.run();
    await desk.becomes(orderId, { state: 'released' });
    await desk.cancel(orderId);
    expect(await handle.result()).toEqual({ state: 'cancelled' });
    expect(await desk.order(orderId)).toMatchObject({ shipments: [{ state: 'cancelled' }] });
    await desk.expectClean(orderId);
  });

  test('after its release with a deposit: the deposit is refunded', async () => {
    const payment = await desk.gateway.paidAtCheckout('2000', { captured: true });
    const { orderId, handle } = await desk.run({ payment });
    await desk.becomes(orderId, { state: 'released' });
    await desk.cancel(orderId);
    expect(await handle.result()).toEqual({ state: 'cancelled' });
    expect(await desk.payment(orderId)).toMatchObject({ refundedMinor: '2000' });
    await desk.expectClean(orderId);
  });

  test('after the first of two shipments: what has left is kept and paid, the rest is let go', async () => {
    const { orderId, handle } = await desk.run({ channel: 'patient', quantity: 5, inStock: 2 });
    await desk.dispatch(orderId);
    await desk.becomes(orderId, { payments: [{ capturedMinor: '2000' }] });
    await desk.cancel(orderId);
    expect(await handle.result()).toEqual({ state: 'completed' });
    expect(await desk.order(orderId)).toMatchObject({
      lines: [{ shipped: 2, cancelled: 3, backordered: 0 }],
    });
    await desk.expectClean(orderId);
  });

  test('while it waits for stock', async () => {
    const { orderId, handle } = await desk.run({ channel: 'patient', inStock: 0 });
    await desk.becomes(orderId, { payments: [{ state: 'authorized' }] });
    await desk.cancel(orderId);
    expect(await handle.result()).toEqual({ state: 'cancelled' });
    await desk.expectClean(orderId);
  });

  test('after it was completed: nothing is taken back, and it says what has left', async () => {
    const { orderId, handle } = await desk.run();
    await desk.dispatch(orderId);
    await handle.result();
    await desk.cancel(orderId);
    expect(await desk.order(orderId)).toMatchObject({
      state: 'completed',
      lines: [{ shipped: 2, cancelled: 0 }],
    });
    await desk.expectClean(orderId);
  });

  test('from outside, in the engine: the reservation and the money go back, and ops is told', async () => {
    const { orderId, handle } = await desk.run();
    await desk.becomes(orderId, { state: 'released' });
    await handle.cancel();
    expect(await handle.result()).toEqual({ state: 'cancelled' });
    await desk.expectClean(orderId);
    expect(await desk.exceptions(orderId)).toMatchObject([
      { kind: 'workflow-failed', owner: 'ops' },
    ]);
  });
});

describe('a capture that fails', () => {
  test('leaves a receivable and an exception with an owner; the order stays open', async () => {
    const { orderId } = await desk.run({ token: 'tok_capture_fail' });
    await desk.dispatch(orderId);
    expect(await desk.exception(orderId, 'capture-failed')).toMatchObject({
      owner: 'finance',
      severity: 'high',
    });
    expect(await desk.receivable(orderId)).toBe(2000);
    expect(await desk.order(orderId)).toMatchObject({ state: 'released', lines: [{ shipped: 2 }] });
  });

  test('is tried again when finance says so, and given up when finance accepts it', async () => {
    const { orderId, handle } = await desk.run({ token: 'tok_capture_fail' });
    await desk.dispatch(orderId);
    await desk.resolve(orderId, 'capture-failed', 'retry');
    await desk.resolve(orderId, 'capture-failed', 'accept');
    expect(await handle.result()).toEqual({ state: 'completed' });
    expect(await desk.receivable(orderId)).toBe(2000);
  });

  test.each([100, 2_500])('lost, or answered %i ms late: captured once', async (hangMs) => {
    await loopline.configure('gateway', { hangMs });
    const { orderId, handle } = await desk.run({ token: 'tok_capture_timeout' });
    await desk.dispatch(orderId);
    expect(await handle.result()).toEqual({ state: 'completed' });
    expect(await desk.payment(orderId)).toMatchObject({ capturedMinor: '2000' });
    await desk.expectClean(orderId);
  });
});

test('a history that has grown long goes on under a new one, and the order with it', async () => {
  const { orderId, handle } = await desk.run();
  await desk.becomes(orderId, { state: 'released' });
  const { runId } = await handle.describe();
  await eventually(
    async () => {
      await handle.signal('look', { factId: `look-${performance.now()}` });
      expect((await handle.describe()).runId).not.toBe(runId);
    },
    { everyMs: 60 },
  );
  expect(await desk.order(orderId)).toMatchObject({
    state: 'released',
    lines: [{ allocated: 2, cancelled: 0 }],
  });
  await desk.dispatch(orderId);
  expect(await handle.result()).toEqual({ state: 'completed' });
  expect(await desk.exceptions(orderId)).toEqual([]);
  await desk.expectClean(orderId);
});

describe('started twice', () => {
  test('at the same time it runs once, and an ended order is not opened again', async () => {
    const orderId = await desk.place();
    const [handle] = await Promise.all([
      loopline.start(orderId),
      loopline.start(orderId),
      loopline.start(orderId),
    ]);
    await desk.dispatch(orderId);
    await handle.result();
    const { runId } = await handle.describe();
    await loopline.start(orderId);
    expect((await handle.describe()).runId).toBe(runId);
    expect(await desk.payment(orderId)).toMatchObject({ capturedMinor: '2000' });
  });

  test('after the engine has forgotten it, the ledger says that it has ended', async () => {
    const { orderId, handle } = await desk.run();
    await desk.dispatch(orderId);
    await handle.result();
    const again = await loopline.startAgain(orderId);
    expect(await again.result()).toEqual({ state: 'completed' });
    expect(await desk.payment(orderId)).toMatchObject({ capturedMinor: '2000' });
    await desk.expectClean(orderId);
  });

  test('after the engine has lost it in the middle, it goes on from where the ledger stands', async () => {
    const { orderId, handle } = await desk.run();
    await desk.becomes(orderId, { state: 'released' });
    await handle.terminate('the engine lost its data');
    const again = await loopline.startAgain(orderId);
    await desk.dispatch(orderId);
    expect(await again.result()).toEqual({ state: 'completed' });
    await desk.expectClean(orderId);
  });
});

/** What one order costs in Temporal: start, signals, timers, activities, upserts, and each task with local activities. */
async function billableActions(orderId: string): Promise<number> {
  const { events } = await eventually(() =>
    loopline.client.workflow.getHandle(orderId).fetchHistory(),
  );
  let actions = 0;
  let markersInTask = 0;
  for (const event of events ?? []) {
    if (event.workflowTaskCompletedEventAttributes) markersInTask = 0;
    if (event.markerRecordedEventAttributes && (markersInTask += 1) > 1) continue;
    const billed =
      event.workflowExecutionStartedEventAttributes ??
      event.workflowExecutionSignaledEventAttributes ??
      event.timerStartedEventAttributes ??
      event.activityTaskScheduledEventAttributes ??
      event.upsertWorkflowSearchAttributesEventAttributes ??
      event.markerRecordedEventAttributes;
    if (billed) actions += 1;
  }
  return actions;
}

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
