import { afterAll, beforeAll, expect, test } from 'vitest';
import { runDues } from '../../activities/ledger/intake/run-dues.ts';
import { seedPurchasing } from '../ledger/purchasing.ts';
import { openLoopline, type TestLoopline } from '../support/loopline.ts';
import { MoodySupplier, PurchaseDesk } from './purchase-desk.ts';
import { expectSettled } from './review-guarantees.ts';
import { StepRecorder } from './step-recorder.ts';

const DAY = 86_400;

let loopline: TestLoopline;
let desk: PurchaseDesk;
const supplier = new MoodySupplier();

// No dispatcher runs here: the tests say which signals arrive, how often and in which order.
beforeAll(async () => {
  loopline = await openLoopline();
  await seedPurchasing(loopline.owner);
  desk = new PurchaseDesk(loopline);
  await loopline.startWorker();
});

afterAll(() => loopline.close());

test('every signal is lost: the deadline makes the process look, and nobody is told of late goods that are there', async () => {
  const { orderId, handle } = await desk.run();
  await desk.waits(handle);
  await desk.deliver(orderId);
  await desk.takeFacts(orderId);
  await loopline.skipTime(orderId, 9 * DAY);
  expect(await handle.result()).toBe('closed');
  expect(await desk.noted(orderId, 'exception-raised')).toBe(0);
  await desk.expectClosed(orderId);
});

test('signals that come again and again, also old ones, change nothing', async () => {
  const { orderId, handle } = await desk.run();
  await desk.receive(orderId, 'r1', 4);
  const [first = ''] = await desk.takeFacts(orderId);
  await desk.tell(orderId, first, first, first);
  await desk.invoice(orderId, 'INV-1', 4);
  const [second = ''] = await desk.takeFacts(orderId);
  await desk.tell(orderId, second, first);
  await desk.becomes(orderId, { invoices: [{ state: 'matched' }] });
  await desk.receive(orderId, 'r2', 6);
  await desk.invoice(orderId, 'INV-2', 6);
  await desk.tell(orderId, first, ...(await desk.takeFacts(orderId)).toReversed(), second);
  expect(await handle.result()).toBe('closed');
  await desk.expectClosed(orderId);
});

test('an old signal after the process was started again does not hide a new one', async () => {
  const { orderId, handle } = await desk.run();
  await desk.receive(orderId, 'r1', 4);
  const [old = ''] = await desk.takeFacts(orderId);
  await desk.tell(orderId, old);
  await desk.waits(handle);
  await handle.terminate('the engine lost its data');
  const again = await loopline.startAgain(orderId);
  await desk.waits(again);
  await desk.receive(orderId, 'r2', 6);
  await desk.invoice(orderId, 'INV-1', 10);
  const facts = await desk.takeFacts(orderId);
  await loopline.whilePaused(() => desk.tell(orderId, ...facts, old));
  expect(await again.result()).toBe('closed');
  await desk.expectClosed(orderId);
});

test('a deadline that the business clock reached is kept when its signal is lost', async () => {
  const { orderId, handle } = await desk.run();
  await desk.waits(handle);
  await desk.reachDeadline(orderId);
  await desk.takeFacts(orderId);
  await desk.tell(orderId, 'some-other-fact');
  await desk.exception(orderId, 'supplier-late');
  await desk.deliver(orderId);
  await desk.tell(orderId, ...(await desk.takeFacts(orderId)));
  expect(await handle.result()).toBe('closed');
});

test('the signal of a deadline that was met meanwhile escalates nothing', async () => {
  const { orderId, handle } = await desk.run();
  await desk.reachDeadline(orderId);
  const facts = await desk.takeFacts(orderId);
  await desk.receive(orderId, 'r1', 10);
  await desk.tell(orderId, ...facts);
  await desk.invoice(orderId, 'INV-1', 10);
  await desk.tell(orderId, ...(await desk.takeFacts(orderId)));
  expect(await handle.result()).toBe('closed');
  expect(await desk.noted(orderId, 'exception-raised')).toBe(0);
});

test('started twice it is sent to its supplier once', async () => {
  const orderId = await desk.place();
  const [handle] = await Promise.all([1, 2, 3].map(() => loopline.start(orderId)));
  await desk.deliverWhenAcknowledged(orderId);
  await desk.tell(orderId, ...(await desk.takeFacts(orderId)));
  expect(await handle?.result()).toBe('closed');
  const again = await loopline.startAgain(orderId);
  expect(await again.result()).toBe('closed');
  expect(await desk.accepted(orderId)).toBe(1);
  await desk.expectClosed(orderId);
});

test('the worker stops while the supplier answers: another one sends it again, and the supplier books it once', async () => {
  const orderId = await desk.place();
  await loopline.configure('supplier', { latencyMs: 1_500 });
  const handle = await loopline.start(orderId);
  await desk.becomes(orderId, { state: 'sent' });
  await loopline.whilePaused(() => loopline.configure('supplier', { latencyMs: 0 }));
  await desk.deliverWhenAcknowledged(orderId);
  await desk.tell(orderId, ...(await desk.takeFacts(orderId)));
  expect(await handle.result()).toBe('closed');
  expect(await desk.accepted(orderId)).toBe(1);
  await desk.expectClosed(orderId);
});

test('what comes while no worker runs is found by the next one', async () => {
  const { orderId, handle } = await desk.run();
  await loopline.whilePaused(async () => {
    await desk.deliver(orderId);
    await desk.tell(orderId, ...(await desk.takeFacts(orderId)));
  });
  expect(await handle.result()).toBe('closed');
  await desk.expectClosed(orderId);
});

test('every step taken again later answers what it stored and changes no row', async () => {
  const recorder = new StepRecorder();
  await loopline.whilePaused(async () => undefined, {
    activities: recorder.wrap(supplier.activities(loopline)),
  });
  const orderId = await desk.place();
  supplier.refuse(orderId, 1);
  const handle = await loopline.start(orderId);
  await desk.resolve(orderId, 'supplier-refused', 'retry');
  await desk.tell(orderId, ...(await desk.takeFacts(orderId)));
  await desk.becomes(orderId, { state: 'acknowledged' });
  await desk.reachDeadline(orderId);
  await desk.tell(orderId, ...(await desk.takeFacts(orderId)));
  await desk.exception(orderId, 'supplier-late');
  await desk.receive(orderId, 'r1', 12);
  await desk.resolve(orderId, 'receipt-over', 'accept');
  await desk.invoice(orderId, 'INV-1', 12, '1.75');
  await desk.tell(orderId, ...(await desk.takeFacts(orderId)));
  await desk.resolve(orderId, 'invoice-mismatch', 'accept');
  await desk.tell(orderId, ...(await desk.takeFacts(orderId)));
  expect(await handle.result()).toBe('closed');
  await desk.expectClosed(orderId);

  const steps = recorder.of(orderId);
  const names = new Set(steps.map(({ name }) => name));
  expect(names).toEqual(
    new Set([
      'beginPurchaseOrder',
      'reportSupplierRefusal',
      'submitPurchaseOrder',
      'settlePurchaseOrder',
      'escalateLateSupplier',
    ]),
  );
  await runDues(loopline.ledger, { until: '2036-01-01T00:00:00Z', limit: 1000 });
  await loopline.owner`update ledger.outbox set done_at = clock_timestamp() where done_at is null`;
  await expectSettled(loopline, steps);
  expect(await desk.accepted(orderId)).toBe(1);
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
