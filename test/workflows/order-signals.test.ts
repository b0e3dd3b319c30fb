import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, openLoopline, type TestLoopline } from '../support/loopline.ts';
import { OrderDesk, openOrderShop } from './order-desk.ts';

const HOUR = 3_600;

let loopline: TestLoopline;
let desk: OrderDesk;

// No dispatcher runs here: the tests say which signals arrive, how often and in which order.
beforeAll(async () => {
  loopline = await openLoopline();
  await openOrderShop(loopline);
  desk = new OrderDesk(loopline);
  await loopline.startWorker();
});

afterAll(() => loopline.close());

/** The facts that the ledger has to tell the order's process, oldest first; they are not sent. */
async function takeFacts(orderId: string): Promise<string[]> {
  const rows = await loopline.owner<{ fact: string }[]>`
    update ledger.outbox set done_at = clock_timestamp() where subject_id = ${orderId} and kind = 'signal' and done_at is null
    returning payload ->> 'factId' as fact, outbox_id`;
  return rows.map(({ fact }) => fact);
}

async function tell(orderId: string, ...facts: string[]): Promise<void> {
  for (const fact of facts) await loopline.signal(orderId, fact);
}

test('every signal is lost: the deadline makes the process look', async () => {
  const { orderId, handle } = await desk.run();
  await desk.dispatch(orderId);
  await takeFacts(orderId);
  await loopline.skipTime(orderId, 73 * HOUR);
  expect(await handle.result()).toEqual({ state: 'completed' });
  await desk.expectClean(orderId);
});

test('a signal that comes again and again changes nothing', async () => {
  const { orderId, handle } = await desk.run({ quantity: 3 });
  await desk.dispatch(orderId, 1);
  const [fact = ''] = await takeFacts(orderId);
  await tell(orderId, fact, fact, fact);
  await desk.becomes(orderId, { payments: [{ capturedMinor: '1000' }] });
  await tell(orderId, fact, fact);
  await desk.dispatch(orderId);
  await tell(orderId, fact, ...(await takeFacts(orderId)), fact);
  expect(await handle.result()).toEqual({ state: 'completed' });
  expect(await desk.payment(orderId)).toMatchObject({ capturedMinor: '3000' });
  await desk.expectClean(orderId);
});

test('facts that are told together are one look, whether one message tells them or several', async () => {
  const { orderId, handle } = await desk.run();
  await loopline.whilePaused(async () => {
    await loopline.engine.signal(orderId, 'c', ['a', 'b']);
    await tell(orderId, 'd', 'b');
  });
  const looks = () => loopline.owner<{ look: string }[]>`
    select split_part(key, ':advance:', 2) as look from ledger.step
    where starts_with(key, ${`${orderId}:advance:`})`;
  await eventually(async () => expect(await looks()).toHaveLength(1));
  expect(await looks()).toEqual([{ look: expect.stringMatching(/^d\+3-[0-9a-f]+$/) }]);
  await desk.dispatch(orderId);
  await tell(orderId, ...(await takeFacts(orderId)));
  expect(await handle.result()).toEqual({ state: 'completed' });
  expect(await looks()).toHaveLength(2);
  await desk.expectClean(orderId);
});

test('an old signal that arrives with a new one does not hide it', async () => {
  const { orderId, handle } = await desk.run({ quantity: 3 });
  await desk.dispatch(orderId, 1);
  const [first = ''] = await takeFacts(orderId);
  await tell(orderId, first);
  await desk.becomes(orderId, { payments: [{ capturedMinor: '1000' }] });
  await desk.dispatch(orderId);
  const [second = ''] = await takeFacts(orderId);
  // Both wait together when the process wakes up, the old one last.
  await loopline.whilePaused(() => tell(orderId, second, first));
  expect(await handle.result()).toEqual({ state: 'completed' });
  await desk.expectClean(orderId);
});

test('an old signal after the process was started again does not hide a new one', async () => {
  const { orderId, handle } = await desk.run({ quantity: 3 });
  await desk.dispatch(orderId, 1);
  const [first = ''] = await takeFacts(orderId);
  await tell(orderId, first);
  await desk.becomes(orderId, { payments: [{ capturedMinor: '1000' }] });
  await handle.terminate('the engine lost its data');
  const again = await loopline.startAgain(orderId);
  await eventually(async () => {
    const { events } = await again.fetchHistory();
    if (!events?.some((event) => event.timerStartedEventAttributes))
      throw new Error('it does not wait yet');
  });
  await desk.dispatch(orderId);
  await loopline.whilePaused(async () => tell(orderId, ...(await takeFacts(orderId)), first));
  expect(await again.result()).toEqual({ state: 'completed' });
  await desk.expectClean(orderId);
});

test('signals in the wrong order lead to the same end', async () => {
  const { orderId, handle } = await desk.run({ channel: 'patient', quantity: 4, inStock: 2 });
  await desk.dispatch(orderId);
  await desk.stockFor(orderId, 2);
  const facts = await takeFacts(orderId);
  expect(facts).toHaveLength(2);
  await tell(orderId, ...facts.toReversed());
  await desk.dispatch(orderId);
  await tell(orderId, ...(await takeFacts(orderId)));
  expect(await handle.result()).toEqual({ state: 'completed' });
  await desk.expectClean(orderId);
});

test('a deadline that the business clock reached is not forgotten when its signal is overtaken', async () => {
  const { orderId, handle } = await desk.run({ token: 'tok_insufficient' });
  await desk.becomes(orderId, { holds: [{ hold: 'payment' }] });
  await desk.reachDeadline(orderId);
  const [due = ''] = await takeFacts(orderId);
  expect(due).toMatch(/^due:/);
  await loopline.whilePaused(() => tell(orderId, due, 'gateway:some-later-event'));
  expect(await handle.result()).toEqual({ state: 'cancelled' });
  await desk.expectClean(orderId);
});

test('a deadline that the business clock reached is kept when its signal is lost', async () => {
  const { orderId, handle } = await desk.run({ token: 'tok_insufficient' });
  await desk.becomes(orderId, { holds: [{ hold: 'payment' }] });
  await desk.reachDeadline(orderId);
  await takeFacts(orderId);
  await tell(orderId, 'gateway:some-later-event');
  expect(await handle.result()).toEqual({ state: 'cancelled' });
  await desk.expectClean(orderId);
});

test('signals to an order that has ended are refused by the engine and change nothing', async () => {
  const { orderId, handle } = await desk.run();
  await desk.dispatch(orderId);
  await tell(orderId, ...(await takeFacts(orderId)));
  await handle.result();
  expect(await loopline.signal(orderId, 'late')).toBe(false);
  await desk.cancel(orderId);
  expect(await takeFacts(orderId)).toEqual([]);
  await desk.expectClean(orderId);
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
