import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { eventually, openLoopline, type TestLoopline } from '../support/loopline.ts';
import { ReturnDesk } from './return-desk.ts';

vi.setConfig({ testTimeout: 120_000 });

const HOUR = 3_600;

let loopline: TestLoopline;
let desk: ReturnDesk;

beforeAll(async () => {
  loopline = await openLoopline();
  desk = new ReturnDesk(loopline);
  await desk.open();
  await loopline.startWorker();
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

/** Everything is back and inspected, and the gateway has not answered the sale's capture. */
async function backBeforeCapture(): Promise<{ returnId: string; handle: WorkflowHandle }> {
  const { returnId, handle } = await desk.run({ captureUnderWay: true });
  await desk.waits(handle);
  await desk.bringBack(returnId);
  await desk.awaitsCapture(returnId);
  return { returnId, handle };
}

async function timersFired(handle: WorkflowHandle): Promise<number> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter((event) => event.timerFiredEventAttributes).length;
}

test('a return that waits for the capture of its sale is refunded as soon as it is settled', async () => {
  const { returnId, handle } = await backBeforeCapture();
  expect(await desk.view(returnId)).toMatchObject({ state: 'refunding', refunds: [] });
  await desk.settleCaptures(returnId);
  expect(await handle.result()).toBe('closed');
  expect(await desk.refunded(returnId)).toBe(2_000);
  // It was told: no timer had to look for it.
  expect(await timersFired(handle)).toBe(0);
  expect(await desk.exceptions(returnId)).toEqual([]);
});

test('past the deadline finance is told, and the refund still follows the capture', async () => {
  const { returnId, handle } = await backBeforeCapture();
  await loopline.skipTime(returnId, 4 * HOUR);
  expect(await desk.exception(returnId, 'capture-overdue')).toMatchObject({ owner: 'finance' });
  await eventually(async () => {
    const dues = await loopline.owner`
      select state from ledger.due where subject_id = ${returnId} and kind = 'capture' order by due_at`;
    expect(dues).toEqual([{ state: 'met' }, { state: 'open' }]);
  });
  expect(await desk.view(returnId)).toMatchObject({ state: 'refunding', refunds: [] });
  await desk.settleCaptures(returnId);
  expect(await handle.result()).toBe('closed');
  expect(await desk.refunded(returnId)).toBe(2_000);
  expect(await desk.exceptions(returnId)).toEqual([]);
});

test('finance lets it go on: nothing is refunded above what is captured', async () => {
  const { returnId, handle } = await backBeforeCapture();
  await loopline.skipTime(returnId, 4 * HOUR);
  await desk.resolve(returnId, 'capture-overdue', 'accept');
  expect(await handle.result()).toBe('closed');
  await desk.settleCaptures(returnId);
  expect(await desk.view(returnId)).toMatchObject({ refunds: [], creditedToAccountMinor: '2000' });
  expect(await desk.refunded(returnId)).toBe(0);
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
