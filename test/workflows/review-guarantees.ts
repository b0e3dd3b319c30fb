import { expect, test } from 'vitest';
import { submitDecision } from '../../activities/ledger/intake/submit-decision.ts';
import { recordDecision } from '../../activities/ledger/steps/decision.ts';
import {
  eventually,
  processNamed,
  type TestLoopline,
  type TestWorkerOptions,
} from '../support/loopline.ts';
import type { ProcessDesk } from './process-desk.ts';
import { ledgerRows, StepRecorder } from './step-recorder.ts';

const HOUR = 3_600;

/** A process that begins with a review. */
export interface ReviewedProcess {
  /** Takes one in that is above its threshold; its process waits to be started. Answers its id. */
  readonly propose: () => Promise<string>;
  /** What the world does after an approval until the process has ended. */
  readonly finish?: (processId: string) => Promise<unknown>;
  /** Its last state, as the workflow answers it. */
  readonly ends: { readonly approved: string; readonly rejected: string };
  /** How often its effect is in the ledger. */
  readonly effects: (processId: string) => Promise<number>;
}

interface Review extends ReviewedProcess {
  /** Looked up when a test runs: only then is everything open. A worker and a dispatcher run. */
  readonly desk: () => ProcessDesk;
}

/** Registers what holds of every process that begins with a review. */
export function describeReview(review: Review): void {
  describeDecisions(review);
  describeDeadline(review);
  describeDelivery(review);
  describeRestarts(review);
}

async function begin({ desk, propose }: Review) {
  const processId = await propose();
  const handle = await desk().loopline.start(processId);
  await desk().waits(handle);
  return { processId, handle };
}

async function approveAndEnd(review: Review, processId: string): Promise<void> {
  const { desk, finish } = review;
  await desk().decide(processId, 'approve');
  await finish?.(processId);
  await expectEnd(review, processId);
}

/** The approved process has ended, and its effect is there once. */
async function expectEnd({ desk, ends, effects }: Review, processId: string): Promise<void> {
  const handle = desk().loopline.client.workflow.getHandle(processId);
  expect(await handle.result()).toBe(ends.approved);
  expect(await effects(processId)).toBe(1);
  await desk().expectProcess(processId, 'ended');
  expect(await desk().exceptions(processId)).toEqual([]);
}

function describeDecisions(review: Review): void {
  const { desk, ends, effects, finish } = review;

  test('approved: it is carried out once', async () => {
    const { processId } = await begin(review);
    expect(await desk().decide(processId, 'approve')).toMatchObject({
      applied: true,
      state: 'approved',
      closing: { by: 'person:boss' },
    });
    await finish?.(processId);
    await expectEnd(review, processId);
  });

  test('rejected: nothing happens, and it is over', async () => {
    const { processId, handle } = await begin(review);
    expect(await desk().decide(processId, 'reject')).toMatchObject({ state: 'rejected' });
    expect(await handle.result()).toBe(ends.rejected);
    expect(await effects(processId)).toBe(0);
    await desk().expectProcess(processId, 'ended');
  });

  test('the first decision wins, and one that is sent again is answered as at first', async () => {
    const { processId } = await begin(review);
    const approved = await desk().submit(processId, 'approve');
    const rejected = await desk().submit(processId, 'reject');
    const { id: approvalId } = await desk().approval(processId);
    // The update id is the decision's, so the engine itself answers a repeat: the ledger is asked beside it.
    const { engine, ledger } = desk().loopline;
    const process = processNamed(processId);
    expect(await engine.decide(process, { decisionId: approved, approvalId })).toMatchObject({
      applied: true,
    });
    expect(await engine.decide(process, { decisionId: approved, approvalId })).toMatchObject({
      applied: true,
    });
    expect(await recordDecision(ledger, { decisionId: approved, approvalId })).toMatchObject({
      applied: true,
    });
    expect(await recordDecision(ledger, { decisionId: rejected, approvalId })).toMatchObject({
      applied: false,
      state: 'approved',
    });
    await finish?.(processId);
    await expectEnd(review, processId);
  });

  test('a decision on another approval is refused, and the right one still counts', async () => {
    const { processId } = await begin(review);
    const other = { decisionId: `stray-${processId}`, approvalId: 'approval:somebody-else:1' };
    const { engine } = desk().loopline;
    const process = processNamed(processId);
    expect(await engine.sendDecision(process, other)).toBe('refused');
    expect(await engine.decide(process, other), 'nobody has settled it').toBeUndefined();
    expect(await desk().approval(processId)).toMatchObject({ state: 'open' });
    await approveAndEnd(review, processId);
  });

  test('a decision that comes after the end is answered from the ledger', async () => {
    const { processId } = await begin(review);
    const { id: approvalId } = await desk().approval(processId);
    await approveAndEnd(review, processId);
    const late = {
      approvalId,
      decisionId: `late-${processId}`,
      decision: 'reject',
      actor: 'person:boss',
    } as const;
    expect(await submitDecision(desk().loopline.ledger, late)).toMatchObject({
      status: 'settled',
      applied: false,
    });
    await expectEnd(review, processId);
  });
}

function describeDeadline(review: Review): void {
  const { desk, effects } = review;

  test('nobody decides: ops is told at the deadline, and a late decision still counts', async () => {
    const { processId } = await begin(review);
    await desk().loopline.skipTime(processId, 48 * HOUR + 60);
    expect(await desk().exception(processId, 'approval-overdue')).toMatchObject({
      owner: 'ops',
      processId,
    });
    expect(await desk().approval(processId)).toMatchObject({ state: 'open' });
    expect(await effects(processId)).toBe(0);
    await approveAndEnd(review, processId);
  });

  test('the business clock reaches the deadline: ops is told once, whatever the engine still does', async () => {
    const { processId } = await begin(review);
    await desk().escalate(processId);
    await desk().exception(processId, 'approval-overdue');
    await desk().resolve(processId, 'approval-overdue', 'wait');
    await approveAndEnd(review, processId);
    expect(await desk().noted(processId, 'exception-raised')).toBe(1);
  });
}

function describeDelivery(review: Review): void {
  const { desk, finish, propose } = review;

  test('a decision on a process that nobody has started yet starts it', async () => {
    const processId = await propose();
    expect(await desk().decide(processId, 'approve')).toMatchObject({
      applied: true,
      state: 'approved',
      closing: { by: 'person:boss' },
    });
    await finish?.(processId);
    await expectEnd(review, processId);
  });

  test('a decision made before the process has begun is sent to it', async () => {
    const processId = await propose();
    await desk().submit(processId, 'approve');
    await desk().loopline.start(processId);
    await finish?.(processId);
    await expectEnd(review, processId);
  });

  test('a decision made while no worker listens is sent again until somebody does', async () => {
    const { processId } = await begin(review);
    await desk().loopline.whilePaused(async () => {
      await desk().submit(processId, 'approve');
    });
    await finish?.(processId);
    await expectEnd(review, processId);
  });

  test('an update that meets no worker is not lost', async () => {
    const { processId } = await begin(review);
    await desk().loopline.whilePaused(async () => {
      expect(await desk().decide(processId, 'approve')).toBeUndefined();
    });
    await finish?.(processId);
    await expectEnd(review, processId);
  });

  test('a decision of which the process never heard is found when it looks', async () => {
    const { processId } = await begin(review);
    const decisionId = await desk().submit(processId, 'approve');
    const { id: approvalId } = await desk().approval(processId);
    await recordDecision(desk().loopline.ledger, { decisionId, approvalId });
    await desk().tell(processId, 'some-fact');
    await finish?.(processId);
    await expectEnd(review, processId);
  });

  test('signals that say nothing new change nothing', async () => {
    const { processId } = await begin(review);
    await desk().tell(processId, 'old', 'old', 'older', 'old');
    expect(await desk().approval(processId)).toMatchObject({ state: 'open' });
    await approveAndEnd(review, processId);
    expect(await desk().loopline.signal(processId, 'too-late')).toBe(false);
  });
}

function describeRestarts(review: Review): void {
  const { desk, ends, effects, finish, propose } = review;

  test('started twice at the same time it runs once, and it is not opened again after its end', async () => {
    const processId = await propose();
    const { loopline } = desk();
    const [handle] = await Promise.all([1, 2, 3].map(() => loopline.start(processId)));
    await approveAndEnd(review, processId);
    const before = await handle?.describe();
    await loopline.start(processId);
    expect((await handle?.describe())?.runId).toBe(before?.runId);
  });

  test('after the engine has forgotten it, the ledger says how it ended', async () => {
    const { processId } = await begin(review);
    await approveAndEnd(review, processId);
    const again = await desk().loopline.startAgain(processId);
    expect(await again.result()).toBe(ends.approved);
    expect(await effects(processId)).toBe(1);
  });

  test('after the engine has lost it in its wait, it goes on from where the ledger stands', async () => {
    const { processId, handle } = await begin(review);
    await handle.terminate('the engine lost its data');
    const again = await desk().loopline.startAgain(processId);
    await approveAndEnd(review, processId);
    expect(await again.result()).toBe(ends.approved);
  });

  test('after the engine has lost it overdue, ops is not told twice', async () => {
    const { processId, handle } = await begin(review);
    await desk().escalate(processId);
    await desk().exception(processId, 'approval-overdue');
    await handle.terminate('the engine lost its data');
    const again = await desk().loopline.startAgain(processId);
    await desk().waits(again);
    await approveAndEnd(review, processId);
    expect(await desk().noted(processId, 'exception-raised')).toBe(1);
  });

  test('another worker takes over at every turn: nothing is done twice', async () => {
    const { loopline } = desk();
    const { processId } = await begin(review);
    await replaceWorker(loopline);
    await desk().escalate(processId);
    await desk().exception(processId, 'approval-overdue');
    await replaceWorker(loopline);
    await desk().decide(processId, 'approve');
    await replaceWorker(loopline);
    await finish?.(processId);
    await expectEnd(review, processId);
  });

  test('every step taken again later changes no row, and what was decided is answered as at first', async () => {
    const { loopline } = desk();
    const recorder = new StepRecorder();
    await replaceWorker(loopline, { activities: recorder.wrap(loopline.activities) });
    const { processId } = await begin(review);
    await desk().escalate(processId);
    await desk().exception(processId, 'approval-overdue');
    await desk().decide(processId, 'approve');
    await finish?.(processId);
    await expectEnd(review, processId);
    await replaceWorker(loopline);
    await expectSettled(loopline, recorder.of(processId));
  });
}

/** Takes the steps again, with a later clock: they answer what they stored and leave every row as it is. */
export async function expectSettled(
  loopline: TestLoopline,
  steps: ReturnType<StepRecorder['of']>,
): Promise<void> {
  expect(steps.length).toBeGreaterThan(2);
  await eventually(async () => {
    const [open] = await loopline.owner<{ open: number }[]>`
      select count(*)::int as open from ledger.outbox where done_at is null`;
    expect(open, 'nothing is on its way any more').toEqual({ open: 0 });
  });
  const before = await ledgerRows(loopline.owner);
  const answers: unknown[] = [];
  for (const step of steps) answers.push(await StepRecorder.again(loopline.activities, step));
  const stored = steps.map(({ name, answer }, n) => (KEYED_STEPS.has(name) ? answer : answers[n]));
  expect(answers).toEqual(stored);
  expect(await ledgerRows(loopline.owner)).toEqual(before);
}

/** Steps with a key: they answer for ever the same. The others answer how things stand now. */
const KEYED_STEPS: ReadonlySet<string> = new Set([
  'recordDecision',
  'reportSupplierRefusal',
  'settlePurchaseOrder',
  'escalateLateSupplier',
]);

/** Stops the worker; another one takes over. */
function replaceWorker(loopline: TestLoopline, next?: TestWorkerOptions): Promise<void> {
  return loopline.whilePaused(async () => undefined, next);
}
