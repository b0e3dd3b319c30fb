import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readException } from '../../activities/ledger/read/exception.ts';
import { BACK } from '../ledger/return-shop.ts';
import { eventually, openLoopline, type TestLoopline } from '../support/loopline.ts';
import { FaultPlan, type Fault } from './faults.ts';
import { reachOwnDeadline } from './reach-own-deadline.ts';
import { repairDesk } from './repair-desk.ts';
import { ReturnDesk } from './return-desk.ts';
import { bringEverythingBack } from './return-scenarios.ts';
import { untilAtRest } from './until-at-rest.ts';

vi.setConfig({ testTimeout: 120_000 });

let loopline: TestLoopline;
let desk: ReturnDesk;
let repair: ReturnType<typeof repairDesk>;
const faults = new FaultPlan();

beforeAll(async () => {
  loopline = await openLoopline();
  desk = new ReturnDesk(loopline);
  repair = repairDesk(loopline, BACK);
  await desk.open();
  await loopline.startWorker({ activities: faults.wrap(loopline.activities) });
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

/** A return that stands at a step which fails, however often it is tried. */
async function standAt(activity: string, when: Fault['when'] = 'before') {
  const returnId = await desk.ask();
  faults.set(returnId, { activity, when, always: true });
  const handle = await loopline.start(returnId);
  const raised = await desk.exception(returnId, 'workflow-failed');
  // The board is told in the very task that failed, and a reset needs that one in the history.
  await desk.waits(handle);
  return { returnId, handle, raised };
}

async function runOf(returnId: string): Promise<{ runId: string; status: string }> {
  const { runId, status } = await loopline.client.workflow.getHandle(returnId).describe();
  return { runId, status: status.name };
}

/** Goods come back, and the return ends as any other: paid back once, and nothing is on the board. */
async function expectToEnd(returnId: string): Promise<void> {
  const handle: WorkflowHandle = loopline.client.workflow.getHandle(returnId);
  await untilAtRest(handle, {
    act: () => bringEverythingBack(desk, returnId),
    told: async () => false,
  });
  expect(await handle.result()).toBe('closed');
  await desk.expectProcess(returnId, 'ended');
  expect(await desk.exceptions(returnId)).toEqual([]);
  expect(await desk.refunded(returnId)).toBe(2_000);
  expect(await desk.payable(returnId)).toBe(0);
}

describe('a process whose step fails for good', () => {
  test('is retried: it goes on in its own history', async () => {
    const { returnId, raised } = await standAt('beginReturn');
    const { runId } = await runOf(returnId);
    faults.mend(returnId);
    expect(raised.evidence).toMatchObject({ step: 'beginReturn' });
    const answer = await repair(returnId, { repairId: 'x1', action: 'retry', reason: 'mended' });
    expect(answer).toMatchObject({ status: 200, body: { state: 'done' } });
    await expectToEnd(returnId);
    expect((await runOf(returnId)).runId).toBe(runId);
    const { events, resolution } = await readException(loopline.ledger, { exceptionId: raised.id });
    expect(resolution).toBe('retry');
    expect(events.map(({ event, actor }) => `${event} by ${actor}`)).toEqual([
      'raised by loopline',
      'repaired by operator',
    ]);
    expect(await desk.noted(returnId, 'process-repaired')).toBe(1);
  });

  test('that is retried before it is mended is the same exception again', async () => {
    const { returnId, raised } = await standAt('beginReturn');
    await repair(returnId, { repairId: 'x1', action: 'retry', reason: 'perhaps' });
    const again = await eventually(async () => {
      const open = await desk.exception(returnId, 'workflow-failed');
      expect(open.reopened).toBe(1);
      return open;
    });
    expect(again.id).toBe(raised.id);
    faults.mend(returnId);
    await repair(returnId, { repairId: 'x2', action: 'retry', reason: 'mended' });
    await expectToEnd(returnId);
  });

  test('is reset to a step: another run goes on from there, and a repeat resets no more', async () => {
    const { returnId, raised } = await standAt('recordReturnLabel', 'after');
    const { runId } = await runOf(returnId);
    faults.mend(returnId);
    const asked = { repairId: 'x1', action: 'reset', step: 'buyReturnLabel', reason: 'mended' };
    const answer = await repair(returnId, asked);
    expect(answer).toMatchObject({ status: 200, replayed: false, body: { state: 'done' } });
    const next = await runOf(returnId);
    expect(next.runId).not.toBe(runId);
    expect(answer.body['outcome']).toEqual({ runId: next.runId });
    expect(await repair(returnId, asked)).toMatchObject({ status: 200, replayed: true });
    // Whoever asked may have died before it could say what became of it.
    const { step, reason, repairId } = asked;
    expect(await loopline.engine.reset(returnId, { step, reason, repairId })).toEqual({
      state: 'done',
      runId: next.runId,
    });
    await expectToEnd(returnId);
    expect((await runOf(returnId)).runId).toBe(next.runId);
    expect(await readException(loopline.ledger, { exceptionId: raised.id })).toMatchObject({
      state: 'resolved',
      resolution: 'reset',
      resolvedBy: 'operator',
    });
  });

  test('is not reset to a step that it never took, and the answer names those that it did', async () => {
    const { returnId, raised } = await standAt('recordReturnLabel');
    const { runId } = await runOf(returnId);
    const asked = { repairId: 'x1', action: 'reset', step: 'recordRefund', reason: 'try' };
    const answer = await repair(returnId, asked);
    expect(answer.status).toBe(409);
    expect(String(answer.body['detail'])).toMatch(/has no step recordRefund; it has .*beginReturn/);
    expect(await runOf(returnId)).toEqual({ runId, status: 'RUNNING' });
    const { events, state } = await readException(loopline.ledger, { exceptionId: raised.id });
    expect(state).toBe('open');
    expect(events.at(-1)).toMatchObject({ event: 'repair-failed', actor: 'operator' });
    faults.mend(returnId);
    await repair(returnId, { repairId: 'x2', action: 'retry', reason: 'mended' });
    await expectToEnd(returnId);
  });

  test('goes on without a step that it can do without, which is never tried again', async () => {
    const returnId = await desk.ask();
    faults.set(returnId, { activity: 'remindInspection', when: 'before', always: true });
    await loopline.start(returnId);
    await desk.receive(returnId);
    await desk.becomes(returnId, { state: 'awaiting-inspection' });
    await reachOwnDeadline(loopline, returnId);
    const raised = await desk.exception(returnId, 'workflow-failed');
    expect(raised.evidence).toMatchObject({ step: 'remindInspection' });
    const hits = faults.hits(returnId);
    const answer = await repair(returnId, {
      repairId: 'x1',
      action: 'skip',
      step: 'remindInspection',
      reason: 'the warehouse knows',
    });
    expect(answer).toMatchObject({ status: 200, body: { exceptionIds: [raised.id] } });
    await desk.inspect(returnId);
    await expectToEnd(returnId);
    expect(faults.hits(returnId)).toBe(hits);
  });
});

describe('a process whose workflow was ended', () => {
  test('is started again by a retry, and a second retry starts no other', async () => {
    const returnId = await desk.ask();
    const handle = await loopline.start(returnId);
    await desk.becomes(returnId, { state: 'awaiting-receipt' });
    const { runId } = await runOf(returnId);
    await handle.terminate('by mistake');
    await repair(returnId, { repairId: 'x1', action: 'retry', reason: 'by mistake' });
    const next = await eventually(async () => {
      const run = await runOf(returnId);
      expect(run.status).toBe('RUNNING');
      return run;
    });
    expect(next.runId).not.toBe(runId);
    await repair(returnId, { repairId: 'x2', action: 'retry', reason: 'once more' });
    await expectToEnd(returnId);
    expect((await runOf(returnId)).runId).toBe(next.runId);
  });
});

test('a process that the engine knows nothing of is not reset', async () => {
  const returnId = await desk.ask();
  const outcome = await loopline.engine.reset(returnId.replace('R-', 'X-'), {
    step: 'beginReturn',
    reason: 'r',
    repairId: 'x1',
  });
  expect(outcome).toEqual({ state: 'failed', message: 'the engine has no workflow of it' });
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
