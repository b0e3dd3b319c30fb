import { afterEach, beforeEach, expect, test } from 'vitest';
import { runDues } from '../../activities/ledger/intake/run-dues.ts';
import { resolveException } from '../../activities/ledger/intake/resolve-exception.ts';
import { listExceptions } from '../../activities/ledger/read/exception.ts';
import { readReturn } from '../../activities/ledger/read/return.ts';
import * as orderSteps from '../../activities/ledger/steps/order.ts';
import * as steps from '../../activities/ledger/steps/return.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import {
  askReturn,
  balanceOf,
  bringBack,
  dispatchOrder,
  expectSound,
  placeOrder,
  seedReturnShop,
  stockIn,
} from './return-shop.ts';

const ORDER = 'order:web:1';

let shop: TestLedger;

beforeEach(async () => {
  shop = await openLedger();
  await seedReturnShop(shop.owner);
});
afterEach(() => shop.close());

/** A mug at 5.00 that was sent and came back while the gateway has not answered its capture. Answers the return's id. */
async function backBeforeCapture(options: { resolution?: 'credit' } = {}): Promise<string> {
  await stockIn(shop.owner, 'MUG', 9, '2', 'po-1');
  const orderId = await placeOrder(shop, {
    id: '1',
    lines: [{ sku: 'MUG', quantity: 1, unitPrice: '5' }],
  });
  await dispatchOrder(shop, orderId);
  const lines = [{ sku: 'MUG', quantity: 1 }];
  const asked = await askReturn(shop, { externalRef: 'r1', ...options, lines });
  await bringBack(shop, asked.return);
  return asked.return.id;
}

const advance = (returnId: string) => steps.advanceReturn(shop.ledger, { returnId });

/** The gateway's answer to the sale's capture. */
async function captureOf() {
  const [capture] = await shop.owner<{ id: string }[]>`select capture_id as id from ledger.capture`;
  return { orderId: ORDER, captureId: capture?.id ?? '' };
}

async function settle(outcome: 'captured' | 'failed'): Promise<void> {
  await orderSteps.recordCapture(shop.ledger, { ...(await captureOf()), outcome });
}

/** What the return's process was told by the settled capture. */
async function toldOf(returnId: string): Promise<string[]> {
  const { captureId } = await captureOf();
  const rows = await shop.owner<{ fact: string }[]>`
    select payload ->> 'factId' as fact from ledger.outbox
    where kind = 'signal' and subject_id = ${returnId} and payload ->> 'factId' like ${`${captureId}%`}`;
  return rows.map(({ fact }) => fact);
}

test('a return waits for the capture of its sale with a deadline, and is told when it is settled', async () => {
  const returnId = await backBeforeCapture();
  const waiting = await advance(returnId);
  expect(waiting).toMatchObject({
    state: 'refunding',
    alreadyFinished: false,
    refunds: [],
    dueId: `${returnId}:capture:1`,
    waitSeconds: 3 * 3_600,
  });
  expect(await advance(returnId)).toEqual(waiting);
  expect(await toldOf(returnId)).toEqual([]);
  await settle('captured');
  await settle('captured');
  const { captureId } = await captureOf();
  expect(await toldOf(returnId)).toEqual([`${captureId}:recorded`]);
  expect(await advance(returnId)).toMatchObject({
    refunds: [{ amountMinor: '500' }],
    dueId: null,
  });
  const dues = await shop.owner`select state from ledger.due where kind = 'capture'`;
  expect(dues).toEqual([{ state: 'met' }]);
  await expectSound(shop);
});

test('a capture that fails ends the wait as well: what was not captured is not refunded', async () => {
  const returnId = await backBeforeCapture();
  await advance(returnId);
  await settle('failed');
  expect(await toldOf(returnId)).toHaveLength(1);
  expect(await advance(returnId)).toMatchObject({ state: 'closed', alreadyFinished: true });
  expect(await readReturn(shop.ledger, returnId)).toMatchObject({
    refunds: [],
    creditedToAccountMinor: '500',
  });
  await expectSound(shop);
});

test('a capture whose order gives up its payment ends the wait', async () => {
  const returnId = await backBeforeCapture();
  await advance(returnId);
  await shop.owner`update ledger.payment set state = 'declined'`;
  await shop.owner`select ledger.fail_captures(${ORDER}, '2010-12-06T10:00:00Z')`;
  expect(await toldOf(returnId)).toHaveLength(1);
  expect(await advance(returnId)).toMatchObject({ state: 'closed' });
});

test('a capture that is settled in the same moment is not missed', async () => {
  const returnId = await backBeforeCapture();
  const request = { ...(await captureOf()), outcome: 'captured' };
  let looked: ReturnType<typeof advance> | undefined;
  await shop.owner.begin(async (settling) => {
    await settling`select loopline.record_capture(${settling.json({ ...request, by: { actor: 'test' } })})`;
    // Nobody waits for it yet, so nobody is told; whoever looks now must see how it ends.
    looked = advance(returnId);
    await untilBlocked();
  });
  expect(await looked).toMatchObject({ refunds: [{ amountMinor: '500' }], dueId: null });
  expect(await toldOf(returnId)).toEqual([]);
});

/** Waits until a call of advance_return waits for a lock. */
async function untilBlocked(): Promise<void> {
  for (let look = 0; look < 100; look += 1) {
    const blocked = await shop.owner`
      select pid from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%advance_return%'
        and pid <> pg_backend_pid()`;
    if (blocked.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('advance_return did not wait for the order');
}

test('past its deadline finance is told, once for each deadline, and the wait goes on', async () => {
  const returnId = await backBeforeCapture();
  await advance(returnId);
  for (const round of [1, 2]) {
    const dueId = `${returnId}:capture:${round}`;
    await runDues(shop.ledger, { until: '2010-12-05T20:00:00Z', limit: 1 });
    const reminded = await steps.remindCapture(shop.ledger, { returnId, dueId });
    expect(await steps.remindCapture(shop.ledger, { returnId, dueId })).toEqual(reminded);
    expect(reminded).toMatchObject({
      state: 'refunding',
      refunds: [],
      dueId: `${returnId}:capture:${round + 1}`,
      waitSeconds: 3 * 3_600,
    });
  }
  const { captureId } = await captureOf();
  const board = await listExceptions(shop.ledger, { limit: 10, subjectId: returnId });
  expect(board.data).toMatchObject([
    {
      kind: 'capture-overdue',
      owner: 'finance',
      state: 'open',
      evidence: { captures: [{ captureId, orderId: ORDER, amountMinor: '500' }] },
    },
  ]);
  await settle('captured');
  expect(await advance(returnId)).toMatchObject({ refunds: [{ amountMinor: '500' }] });
  const cases = await shop.owner`select state, resolution from ledger.exception`;
  expect(cases).toEqual([{ state: 'resolved', resolution: 'healed' }]);
});

test('a reminder that comes after the capture does no harm', async () => {
  const returnId = await backBeforeCapture();
  const { dueId } = await advance(returnId);
  await settle('captured');
  await advance(returnId);
  const late = await steps.remindCapture(shop.ledger, { returnId, dueId: dueId ?? '' });
  expect(late).toMatchObject({ refunds: [{ amountMinor: '500' }], dueId: null });
  expect(await shop.owner`select kind from ledger.exception`).toEqual([]);
  await expect(
    steps.remindCapture(shop.ledger, { returnId, dueId: 'another' }),
  ).rejects.toMatchObject({ type: 'NotFound' });
});

test.each([
  ['wait', { state: 'refunding', alreadyFinished: false }, '0', 0],
  ['accept', { state: 'closed', alreadyFinished: true }, '500', 500],
])('finance may let it %s', async (action, position, credited, creditMinor) => {
  const returnId = await backBeforeCapture();
  const { dueId } = await advance(returnId);
  await steps.remindCapture(shop.ledger, { returnId, dueId: dueId ?? '' });
  const [open] = (await listExceptions(shop.ledger, { limit: 1, subjectId: returnId })).data;
  await resolveException(shop.ledger, {
    exceptionId: open?.id ?? '',
    resolutionId: 'x1',
    action,
    actor: 'finance',
  });
  expect(await advance(returnId)).toMatchObject(position);
  // What comes later is the order's: nothing is refunded twice, or above what was captured.
  await settle('captured');
  const view = await readReturn(shop.ledger, returnId);
  expect(view).toMatchObject({ refunds: [], creditedToAccountMinor: credited });
  expect(await balanceOf(shop.owner, 'customer-credit')).toBe(creditMinor);
  await expectSound(shop);
});

test('a return for credit does not wait: no payment has to give it', async () => {
  const returnId = await backBeforeCapture({ resolution: 'credit' });
  expect(await advance(returnId)).toMatchObject({ state: 'closed', alreadyFinished: true });
  expect(await balanceOf(shop.owner, 'customer-credit')).toBe(500);
  await expectSound(shop);
});
