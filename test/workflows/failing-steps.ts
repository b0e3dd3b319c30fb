import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { startWatcher } from '../../worker/watcher.ts';
import { eventually } from '../support/loopline.ts';
import { FaultPlan } from './faults.ts';
import type { ProcessDesk } from './process-desk.ts';
import { waitsForOthers } from './until-at-rest.ts';

const DEADLINE_MS = 25_000;

/** A life of a process that comes past a certain step. */
export interface Life {
  /** Takes one in; its process waits to be started. Answers its id. */
  readonly propose: () => Promise<string>;
  /** What the people and machines around it do, again and again until it has ended. */
  readonly act: (processId: string) => Promise<unknown>;
  /** A step that has to fail so that this one is taken. */
  readonly provokedBy?: string;
}

interface FailingSteps {
  /** Looked up when a test runs: only then is everything open. A dispatcher runs. */
  readonly desk: () => ProcessDesk;
  /** Each step of the process with a life that comes past it; reportFailure has a test of its own. */
  readonly lives: Readonly<Record<string, Life>>;
  /** Every step there is, by name. */
  readonly steps: () => string[];
  /** The life that any process leads once the trouble is over. */
  readonly healed: Life['act'];
}

/**
 * Registers one test per step, before and after its effect, failing once and for ever. Whatever
 * happens, somebody is told, and when the trouble is over the process comes to its end.
 */
export function describeFailingSteps(options: FailingSteps): void {
  const { desk, lives, steps } = options;

  test('every step of the process is made to fail below', () => {
    expect([...Object.keys(lives), 'reportFailure'].toSorted()).toEqual(steps().toSorted());
  });

  const cases = Object.keys(lives).flatMap((activity) =>
    (['before', 'after'] as const).flatMap((when) =>
      [false, true].map((always) => ({
        activity,
        when,
        always,
        calls: always ? 'every call' : 'the first call',
      })),
    ),
  );

  test.each(cases)(
    '$activity fails for good, $when its effect, $calls: an owner is told, and it ends when mended',
    async (fault) => {
      const life = lives[fault.activity];
      if (life === undefined) throw new Error(`${fault.activity} has no life`);
      const processId = await startWithFault(options, life, fault);
      for (const owner of await untilTold(options, life, processId)) {
        expect(['ops', 'finance', 'procurement']).toContain(owner);
      }
      await desk().loopline.whilePaused(async () => undefined);
      await untilEnded(options, processId);
    },
  );

  test('even the report of a failure fails for good: the watcher tells ops of the closed workflow', async () => {
    const [activity = '', life] = Object.entries(lives)[0] ?? [];
    if (life === undefined) throw new Error('there is no step');
    const fault = { activity: 'reportFailure', when: 'before', always: true } as const;
    const processId = await startWithFault(options, { ...life, provokedBy: activity }, fault);
    const { loopline } = desk();
    const handle = loopline.client.workflow.getHandle(processId);
    await eventually(async () => expect((await handle.describe()).status.name).toBe('FAILED'));
    await watchOnce(desk(), processId);
    expect(await desk().exception(processId, 'workflow-failed')).toMatchObject({
      owner: 'ops',
      severity: 'high',
    });
    await loopline.whilePaused(async () => undefined);
    await loopline.startAgain(processId);
    await untilEnded(options, processId);
  });
}

type PlannedFault = Pick<Parameters<FaultPlan['set']>[1], 'activity' | 'when' | 'always'>;

async function startWithFault(
  { desk }: FailingSteps,
  life: Life,
  fault: PlannedFault,
): Promise<string> {
  const { loopline } = desk();
  const faults = new FaultPlan();
  await loopline.whilePaused(async () => undefined, {
    activities: faults.wrap(loopline.activities),
  });
  const processId = await life.propose();
  const { activity, when, always } = fault;
  faults.set(processId, {
    activity,
    when,
    always,
    ...(life.provokedBy === undefined ? {} : { provokedBy: life.provokedBy }),
  });
  struck.set(processId, () => faults.hits(processId));
  await loopline.start(processId);
  return processId;
}

const struck = new Map<string, () => number>();

/**
 * People act until the fault has struck and an owner is told, or it did no harm and the process ended.
 * Answers the owners.
 */
async function untilTold({ desk }: FailingSteps, life: Life, processId: string): Promise<string[]> {
  return lookUntil(desk(), processId, async ({ status, acts }) => {
    const hit = (struck.get(processId)?.() ?? 0) > 0;
    const told = hit ? await desk().exceptions(processId) : [];
    if (told.length > 0) return told.map(({ owner }) => owner);
    if (status === 'COMPLETED' && !hit) throw new Error('it ended and the fault never struck');
    if (status === 'COMPLETED') return [];
    if (acts) await life.act(processId);
    return undefined;
  });
}

/** The trouble is over: owners let what is open be tried again, and the process comes to its end. */
async function untilEnded({ desk, healed }: FailingSteps, processId: string): Promise<void> {
  await lookUntil(desk(), processId, async ({ status, acts }) => {
    if (status === 'COMPLETED') return true;
    expect(status).toBe('RUNNING');
    await desk().resolveAll(processId);
    if (acts) await healed(processId);
    return undefined;
  });
  await desk().expectProcess(processId, 'ended');
}

/** Looks at the process until the look answers something. `acts` says that it is the others' turn. */
async function lookUntil<Found>(
  { loopline }: ProcessDesk,
  processId: string,
  look: (seen: { status: string; acts: boolean }) => Promise<Found | undefined>,
): Promise<Found> {
  const handle = loopline.client.workflow.getHandle(processId);
  const end = performance.now() + DEADLINE_MS;
  while (performance.now() < end) {
    const description = await handle.describe();
    const found = await look({
      status: description.status.name,
      acts: waitsForOthers(description),
    });
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error(`${processId} neither ended nor asked for a person`);
}

/** Lets a watcher look once, as if its pause and the process's first minute were over. */
async function watchOnce(desk: ProcessDesk, processId: string): Promise<void> {
  const { ledger, client, owner } = desk.loopline;
  // Even a process that failed at its first step is marked as started by the dispatcher.
  await eventually(() => desk.expectProcess(processId, 'running'));
  await owner`update ledger.process set started_at = started_at - interval '2 minutes' where process_id = ${processId}`;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const watcher = startWatcher({ ledger, client, reportError: () => undefined });
  vi.advanceTimersByTime(30_000);
  vi.useRealTimers();
  await desk.exception(processId, 'workflow-failed');
  await watcher.stop();
}
