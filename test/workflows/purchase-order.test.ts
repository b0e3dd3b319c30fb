import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buckets, seedPurchasing } from '../ledger/purchasing.ts';
import { openLoopline, type TestLoopline, eventually } from '../support/loopline.ts';
import { MoodySupplier, PurchaseDesk } from './purchase-desk.ts';
import { describeReview } from './review-guarantees.ts';

const DAY = 86_400;
/** Five days until the goods are expected, and three until they are late. */
const LATE_DAYS = 8;

let loopline: TestLoopline;
let desk: PurchaseDesk;
const supplier = new MoodySupplier();

beforeAll(async () => {
  loopline = await openLoopline();
  await seedPurchasing(loopline.owner);
  desk = new PurchaseDesk(loopline);
  await loopline.startWorker({ activities: supplier.activities(loopline) });
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

describe('the straight way', () => {
  test('approved without a person, sent, acknowledged, received, invoiced, closed', async () => {
    const { orderId, handle } = await desk.run();
    await desk.ship(orderId, 1, 10, true);
    await desk.receive(orderId, 'r1', 10, 1);
    await desk.invoice(orderId, 'INV-1', 10);
    expect(await handle.result()).toBe('closed');
    expect(await desk.accepted(orderId)).toBe(1);
    expect(await desk.order(orderId)).toMatchObject({
      lines: [{ received: 10, short: 0, invoiced: 10 }],
      invoices: [{ state: 'matched', amountMinor: '1250' }],
    });
    await desk.expectClosed(orderId);
  });

  test('the invoice comes before the goods: it waits for them', async () => {
    const { orderId, handle } = await desk.run();
    await desk.invoice(orderId, 'INV-1', 10);
    expect(await desk.order(orderId)).toMatchObject({ invoices: [{ state: 'waiting' }] });
    await desk.receive(orderId, 'r1', 10);
    expect(await handle.result()).toBe('closed');
    await desk.expectClosed(orderId);
  });

  test('an operator finds it in the engine by node and owner', async () => {
    // The dispatcher starts what nobody else has started, with what the ledger says of it.
    const orderId = await desk.place();
    await desk.becomes(orderId, { state: 'acknowledged' });
    const handle = loopline.client.workflow.getHandle(orderId);
    const description = await handle.describe();
    expect(await description.staticSummary()).toBe(orderId);
    expect(description.searchAttributes).toMatchObject({ Node: ['N1'], Owner: ['procurement'] });
    await desk.deliver(orderId);
    expect(await handle.result()).toBe('closed');
  });
});

describe('the supplier refuses', () => {
  test('procurement lets it be tried again, and the supplier accepts', async () => {
    const orderId = await desk.place();
    supplier.refuse(orderId, 1);
    const handle = await loopline.start(orderId);
    expect(await desk.exception(orderId, 'supplier-refused')).toMatchObject({
      owner: 'procurement',
      evidence: { message: expect.stringContaining('the account is blocked') as string },
    });
    await desk.resolve(orderId, 'supplier-refused', 'retry');
    await desk.deliverWhenAcknowledged(orderId);
    expect(await handle.result()).toBe('closed');
    expect(await desk.accepted(orderId)).toBe(1);
    await desk.expectClosed(orderId);
  });

  test('again and again: each refusal is a case of its own, until nobody wants it any more', async () => {
    const orderId = await desk.place();
    supplier.refuse(orderId, 9);
    const handle = await loopline.start(orderId);
    await desk.resolve(orderId, 'supplier-refused', 'retry');
    await desk.resolve(orderId, 'supplier-refused', 'retry');
    await desk.resolve(orderId, 'supplier-refused', 'close-short');
    expect(await handle.result()).toBe('closed');
    expect(await desk.noted(orderId, 'exception-raised')).toBe(3);
    expect(await desk.order(orderId)).toMatchObject({ lines: [{ received: 0, short: 10 }] });
    expect(await desk.accepted(orderId)).toBe(0);
    await desk.expectClosed(orderId);
  });

  test('and nobody cares: procurement is reminded at a deadline', async () => {
    const orderId = await desk.place();
    supplier.refuse(orderId, 1);
    await loopline.start(orderId);
    await desk.exception(orderId, 'supplier-refused');
    await loopline.skipTime(orderId, 2 * DAY + 60);
    expect(await desk.exception(orderId, 'supplier-late')).toMatchObject({ owner: 'procurement' });
    await desk.resolve(orderId, 'supplier-refused', 'retry');
    await desk.deliverWhenAcknowledged(orderId);
    expect(await loopline.client.workflow.getHandle(orderId).result()).toBe('closed');
    await desk.expectClosed(orderId);
  });
});

describe('the supplier is late', () => {
  test('procurement is told at the deadline; the goods heal it', async () => {
    const { orderId, handle } = await desk.run();
    await desk.waits(handle);
    await loopline.skipTime(orderId, LATE_DAYS * DAY - 3_600);
    expect(await desk.exceptions(orderId)).toEqual([]);
    await loopline.skipTime(orderId, 3_700);
    expect(await desk.exception(orderId, 'supplier-late')).toMatchObject({
      owner: 'procurement',
      evidence: { missingUnits: 10 },
    });
    await desk.deliver(orderId);
    expect(await handle.result()).toBe('closed');
    expect(await desk.exceptions(orderId)).toEqual([]);
    await desk.expectClosed(orderId);
  });

  test('the business clock reaches the deadline first: it is told once', async () => {
    const { orderId, handle } = await desk.run();
    await desk.reachDeadline(orderId);
    await desk.exception(orderId, 'supplier-late');
    await desk.deliver(orderId);
    expect(await handle.result()).toBe('closed');
    expect(await desk.noted(orderId, 'exception-raised')).toBe(1);
  });

  test('procurement waits, is told again, and closes it short', async () => {
    const { orderId, handle } = await desk.run();
    await desk.ship(orderId, 1, 4, false);
    await desk.receive(orderId, 'r1', 3, 1);
    await desk.invoice(orderId, 'INV-1', 3);
    await desk.reachDeadline(orderId);
    await desk.resolve(orderId, 'supplier-late', 'wait');
    // Its next deadline counts from the look at the resolution, and the one after that is not to come.
    await eventually(async () => {
      const looks = await loopline.owner`
        select from ledger.step where key like ${`${orderId}:resolve:%`}`;
      expect(looks).toHaveLength(1);
    });
    await loopline.skipTime(orderId, LATE_DAYS * DAY + 3_600);
    await desk.resolve(orderId, 'supplier-late', 'close-short');
    expect(await handle.result()).toBe('closed');
    expect(await desk.order(orderId)).toMatchObject({ lines: [{ received: 3, short: 7 }] });
    expect(await desk.noted(orderId, 'exception-raised')).toBe(2);
    await desk.expectClosed(orderId);
    expect((await buckets(loopline.owner, 'FIFO'))['inbound'] ?? 0).toBe(0);
  });

  test('the invoice is missing: finance is told, and the invoice heals it', async () => {
    const { orderId, handle } = await desk.run();
    await desk.receive(orderId, 'r1', 10);
    await desk.reachDeadline(orderId);
    expect(await desk.exception(orderId, 'invoice-missing')).toMatchObject({ owner: 'finance' });
    await desk.invoice(orderId, 'INV-1', 10);
    expect(await handle.result()).toBe('closed');
    expect(await desk.exceptions(orderId)).toEqual([]);
    await desk.expectClosed(orderId);
  });
});

describe('receipts', () => {
  test('in parts: it stays open until the last one', async () => {
    const { orderId, handle } = await desk.run();
    await desk.ship(orderId, 1, 4, false);
    await desk.receive(orderId, 'r1', 4, 1);
    await desk.invoice(orderId, 'INV-1', 4);
    await desk.becomes(orderId, { state: 'acknowledged', invoices: [{ state: 'matched' }] });
    await desk.ship(orderId, 2, 6, true);
    await desk.receive(orderId, 'r2', 6, 2);
    await desk.invoice(orderId, 'INV-2', 6);
    expect(await handle.result()).toBe('closed');
    await desk.expectClosed(orderId);
  });

  test('short: what the last notice leaves out is not waited for', async () => {
    const { orderId, handle } = await desk.run();
    await desk.ship(orderId, 1, 7, true);
    await desk.receive(orderId, 'r1', 7, 1);
    await desk.invoice(orderId, 'INV-1', 7);
    expect(await handle.result()).toBe('closed');
    expect(await desk.order(orderId)).toMatchObject({
      lines: [{ received: 7, short: 3, invoiced: 7 }],
    });
    await desk.expectClosed(orderId);
  });

  test.each([
    ['accept', { received: 12, invoiced: 12 }],
    ['return-to-supplier', { received: 10, invoiced: 10 }],
  ])('over: quarantined until procurement decides, here %s', async (action, line) => {
    const { orderId, handle } = await desk.run();
    await desk.receive(orderId, 'r1', 12);
    expect(await desk.exception(orderId, 'receipt-over')).toMatchObject({ owner: 'procurement' });
    await desk.resolve(orderId, 'receipt-over', action);
    await desk.becomes(orderId, { lines: [{ received: line.received }] });
    await desk.invoice(orderId, 'INV-1', line.invoiced);
    expect(await handle.result()).toBe('closed');
    expect(await desk.order(orderId)).toMatchObject({ lines: [line] });
    await desk.expectClosed(orderId);
  });

  test('the same receipt sent three times is received once', async () => {
    const { orderId, handle } = await desk.run();
    for (let n = 0; n < 3; n += 1) await desk.receive(orderId, 'r1', 10);
    await desk.invoice(orderId, 'INV-1', 10);
    await desk.invoice(orderId, 'INV-1', 10);
    expect(await handle.result()).toBe('closed');
    expect(await desk.order(orderId)).toMatchObject({ lines: [{ received: 10, invoiced: 10 }] });
    await desk.expectClosed(orderId);
  });
});

describe('an invoice above tolerance', () => {
  test.each([
    ['accept', 'matched'],
    ['dispute', 'disputed'],
  ])('waits for finance; to %s it makes it %s, and the order closes', async (action, state) => {
    const { orderId, handle } = await desk.run();
    await desk.receive(orderId, 'r1', 10);
    await desk.invoice(orderId, 'INV-1', 10, '1.75');
    expect(await desk.exception(orderId, 'invoice-mismatch')).toMatchObject({
      owner: 'finance',
      evidence: { differenceMinor: '500' },
    });
    expect(await desk.order(orderId)).toMatchObject({
      state: 'acknowledged',
      invoices: [{ state: 'mismatch' }],
    });
    await desk.resolve(orderId, 'invoice-mismatch', action);
    expect(await handle.result()).toBe('closed');
    expect(await desk.order(orderId)).toMatchObject({
      invoices: [{ state, differenceMinor: '500' }],
    });
    await desk.expectClosed(orderId);
  });
});

describe('after its end', () => {
  test('what still comes is recorded and put before a person; nothing is opened again', async () => {
    const { orderId, handle } = await desk.run();
    await desk.deliver(orderId);
    await handle.result();
    await desk.receive(orderId, 'late', 2);
    expect(await desk.exception(orderId, 'late-fact')).toMatchObject({
      owner: 'support',
      processId: null,
    });
    await loopline.start(orderId);
    expect((await handle.describe()).status.name).toBe('COMPLETED');
    expect(await desk.order(orderId)).toMatchObject({ state: 'closed' });
  });
});

describe('a purchase order above the threshold', () => {
  describeReview({
    desk: () => desk,
    propose: () => desk.place({ inReview: true }),
    finish: (orderId) => desk.deliverWhenAcknowledged(orderId),
    ends: { approved: 'closed', rejected: 'rejected' },
    effects: (orderId) => desk.accepted(orderId),
  });
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
