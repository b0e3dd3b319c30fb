import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, openLoopline, type TestLoopline } from '../support/loopline.ts';
import { FaultPlan } from './faults.ts';
import { OrderDesk, openOrderShop } from './order-desk.ts';

let loopline: TestLoopline;
let desk: OrderDesk;
const faults = new FaultPlan();

beforeAll(async () => {
  loopline = await openLoopline();
  await openOrderShop(loopline);
  desk = new OrderDesk(loopline);
  await loopline.startWorker({ activities: faults.wrap(loopline.activities) });
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

/** What the gateway did with the order's payment after it was authorized, oldest first. */
async function done(orderId: string): Promise<string[]> {
  const { id } = (await desk.payment(orderId)) ?? { id: '' };
  return desk.gateway.operations(id);
}

describe('an order that is refused as short', () => {
  test('has the authorization voided that came with it, once, and stays refused', async () => {
    const payment = await desk.gateway.paidAtCheckout('2000');
    const orderId = await desk.placeShort({ payment });
    expect(await desk.order(orderId)).toMatchObject({
      state: 'rejected',
      payments: [{ state: 'authorized', authorizedMinor: '2000' }],
    });
    const handle = await loopline.start(orderId);
    expect(await handle.result()).toEqual({ state: 'rejected' });
    expect(await desk.payment(orderId)).toMatchObject({ voided: true, capturedMinor: '0' });
    expect(await done(orderId)).toEqual(['void']);
    expect(await desk.order(orderId)).toMatchObject({
      state: 'rejected',
      lines: [{ short: 2, cancelled: 0 }],
      payments: [{ state: 'voided' }],
    });
    expect(await desk.exceptions(orderId)).toEqual([]);
    await desk.expectClean(orderId);
  });

  test('has the money refunded that was captured for it, once', async () => {
    const payment = await desk.gateway.paidAtCheckout('2000', { captured: true });
    const orderId = await desk.placeShort({ payment });
    const handle = await loopline.start(orderId);
    expect(await handle.result()).toEqual({ state: 'rejected' });
    expect(await desk.payment(orderId)).toMatchObject({
      capturedMinor: '2000',
      refundedMinor: '2000',
    });
    expect(await done(orderId)).toEqual(['capture', 'refund']);
    expect(await desk.order(orderId)).toMatchObject({
      state: 'rejected',
      payments: [{ state: 'voided', refundedMinor: '2000' }],
    });
    expect(await desk.exceptions(orderId)).toEqual([]);
    await desk.expectClean(orderId);
  });

  test('is started by the dispatcher alone, where nobody else starts it', async () => {
    const payment = await desk.gateway.paidAtCheckout('2000');
    const orderId = await desk.placeShort({ payment });
    loopline.engine.nudge();
    await desk.becomes(orderId, { process: 'ended', payments: [{ state: 'voided' }] });
    await desk.expectClean(orderId);
  });

  test('and was to be paid later has no process, as has one without payment', async () => {
    for (const wish of [{}, { payment: null }]) {
      const orderId = await desk.placeShort(wish);
      expect(await desk.order(orderId)).toMatchObject({ process: null, payments: [] });
    }
  });

  test('gives back nothing twice when it is cancelled all the same', async () => {
    const payment = await desk.gateway.paidAtCheckout('2000');
    const orderId = await desk.placeShort({ payment });
    await desk.cancel(orderId);
    const handle = await loopline.start(orderId);
    expect(await handle.result()).toEqual({ state: 'rejected' });
    await desk.cancel(orderId);
    expect(await done(orderId)).toEqual(['void']);
    expect(await desk.order(orderId)).toMatchObject({ state: 'rejected', process: 'ended' });
  });
});

describe('giving back what came with a refused order', () => {
  test('is tried again until the gateway answers', async () => {
    const payment = await desk.gateway.paidAtCheckout('2000');
    // Each request fails once or twice before it heals. Set before the dispatcher can see the order.
    await loopline.configure('gateway', { faults: { serverErrorRate: 1 } });
    try {
      const orderId = await desk.placeShort({ payment });
      const handle = await loopline.start(orderId);
      expect(await handle.result()).toEqual({ state: 'rejected' });
      // The first attempt is part of the workflow task; what comes after it is an activity of its own.
      const { events } = await handle.fetchHistory();
      const scheduled = events?.flatMap(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
      );
      expect(scheduled).toEqual(['giveBackPayment']);
      expect(await done(orderId)).toEqual(['void']);
      expect(await desk.exceptions(orderId)).toEqual([]);
      await desk.expectClean(orderId);
    } finally {
      await loopline.configure('gateway', { faults: { serverErrorRate: 0 } });
    }
  });

  test.each(['recordGiveBack', 'beginOrder'])(
    'is on the board when %s fails for good',
    async (activity) => {
      const payment = await desk.gateway.paidAtCheckout('2000');
      const orderId = await desk.placeShort({ payment });
      faults.set(orderId, { activity, when: 'before', always: false });
      const handle = await loopline.start(orderId);
      expect(await handle.result()).toEqual({ state: 'rejected' });
      expect(faults.hits(orderId)).toBe(1);
      expect(await desk.exceptions(orderId)).toMatchObject([
        { kind: 'workflow-failed', owner: 'ops' },
      ]);
      // What could not be recorded is done by the undoing.
      expect(await desk.payment(orderId)).toMatchObject({ voided: true });
      expect(await desk.order(orderId)).toMatchObject({ state: 'rejected', process: 'ended' });
    },
  );

  test('waits for a word when nobody knows what became of it, and a retry gives it back once', async () => {
    const payment = await desk.gateway.paidAtCheckout('2000');
    const orderId = await desk.placeShort({ payment });
    faults.set(orderId, { activity: 'giveBackPayment', when: 'after', always: false });
    const handle = await loopline.start(orderId);
    expect(await desk.exception(orderId, 'compensation-failed')).toMatchObject({
      owner: 'ops',
      evidence: { outcome: 'unknown' },
    });
    expect(await desk.order(orderId)).toMatchObject({ process: 'running' });
    await desk.resolve(orderId, 'compensation-failed', 'retry');
    expect(await handle.result()).toEqual({ state: 'rejected' });
    expect(await done(orderId), 'under the same key').toEqual(['void']);
    expect(await desk.exceptions(orderId)).toEqual([]);
    await desk.expectClean(orderId);
  });

  test('is tried under another key after the gateway has refused, as often as somebody wants', async () => {
    const token = 'tok_refund_fail';
    const payment = await desk.gateway.paidAtCheckout('2000', { captured: true, token });
    const orderId = await desk.placeShort({ payment });
    const handle = await loopline.start(orderId);
    const raised = await desk.exception(orderId, 'compensation-failed');
    expect(raised).toMatchObject({ owner: 'ops', evidence: { outcome: 'refused' } });
    await desk.resolve(orderId, 'compensation-failed', 'retry');
    await eventually(async () => {
      expect(await desk.exceptions(orderId)).toMatchObject([{ id: raised.id, reopened: 1 }]);
    });
    expect(await done(orderId)).toEqual(['capture', 'refund', 'refund']);
    await desk.resolve(orderId, 'compensation-failed', 'accept');
    expect(await handle.result()).toEqual({ state: 'rejected' });
    expect(await desk.order(orderId)).toMatchObject({
      payments: [{ state: 'captured', refundedMinor: '0' }],
    });
  });
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
