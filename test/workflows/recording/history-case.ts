import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { Failure } from '../../../activities/failures.ts';
import type { TestLoopline } from '../../support/loopline.ts';
import { crashAfter } from '../crash.ts';
import type { ProcessDesk } from '../process-desk.ts';

/** A run of a workflow that is worth keeping. */
export interface HistoryCase {
  /** Names the file. */
  readonly name: string;
  /** Runs the workflow until its history is what the name says. */
  readonly run: () => Promise<WorkflowHandle>;
}

type Step = (...requests: never[]) => Promise<unknown>;

/** The ledger cannot be reached by one step of one process, so often that the engine has to wait by a timer. */
export class Outage {
  readonly #left = new Map<string, { step: string; times: number }>();

  set(processId: string, step: string, times = 4): void {
    this.#left.set(processId, { step, times });
  }

  wrap(activities: object): object {
    return Object.fromEntries(
      Object.entries(activities as Record<string, Step>).map(([name, step]) => [
        name,
        async (...requests: never[]) => {
          const text = JSON.stringify(requests);
          for (const [processId, outage] of this.#left) {
            if (outage.step !== name || outage.times === 0 || !text.includes(processId)) continue;
            outage.times -= 1;
            throw new Failure('LedgerUnavailable', 'the ledger is away');
          }
          return step(...requests);
        },
      ]),
    );
  }
}

/** Starts the process under a worker that dies right after the step's effect, then lets another one take over. */
export async function crashed(
  loopline: TestLoopline,
  processId: string,
  activity: string,
  act: () => Promise<unknown> = async () => undefined,
): Promise<WorkflowHandle> {
  const taskQueue = `crash-${randomUUID()}`;
  const handle = await loopline.startOn(taskQueue, processId);
  await crashAfter(loopline, { activity, handle, taskQueue }, act);
  await loopline.startWorker({ taskQueue });
  return handle;
}

/** Tells the workflow to look, again and again, until its history has become too long for it. */
export async function untilContinuedAsNew(handle: WorkflowHandle): Promise<void> {
  const { runId } = await handle.describe();
  for (let look = 0; look < 100; look += 1) {
    await handle.signal('look', { factId: `look-${look}` });
    // Each look is a task of its own.
    await sleep(60);
    if ((await handle.describe()).runId !== runId) return;
  }
  throw new Error(`${handle.workflowId} did not continue as new`);
}

/** A process that begins with a review. */
interface Reviewed {
  readonly desk: ProcessDesk;
  readonly propose: () => Promise<string>;
  /** What the world does after an approval until the process has ended. */
  readonly finish?: (processId: string) => Promise<unknown>;
}

/**
 * Two decisions come while no worker runs, so both are in the task that ends the process. False when a
 * signal came into that task: the engine then forgets its updates and has it done again.
 */
async function decideTogether(
  desk: ProcessDesk,
  processId: string,
  handle: WorkflowHandle,
): Promise<boolean> {
  const decisions = [
    await desk.submit(processId, 'reject'),
    await desk.submit(processId, 'approve'),
  ];
  const { id: approvalId } = await desk.approval(processId);
  const answers: Promise<unknown>[] = [];
  await desk.loopline.whilePaused(async () => {
    for (const decisionId of decisions) {
      answers.push(
        handle.executeUpdate('decide', {
          args: [{ decisionId, approvalId }],
          updateId: decisionId,
        }),
      );
      // The first one said is the first one heard.
      await sleep(300);
    }
  });
  return (await Promise.allSettled(answers)).every(({ status }) => status === 'fulfilled');
}

/** The updates that a reviewed process may hear: rejected by its validator, accepted, and just before its end. */
export function reviewCases({ desk, propose, finish }: Reviewed): HistoryCase[] {
  const begin = async () => {
    const processId = await propose();
    const handle = await desk.loopline.start(processId);
    await desk.waits(handle);
    return { processId, handle };
  };
  const end = async (handle: WorkflowHandle) => {
    await finish?.(handle.workflowId);
    await handle.result();
    return handle;
  };
  return [
    {
      name: 'update-accepted',
      run: async () => {
        const { processId, handle } = await begin();
        await desk.decide(processId, 'approve');
        return end(handle);
      },
    },
    {
      name: 'update-rejected',
      run: async () => {
        const { processId, handle } = await begin();
        const wrong = { decisionId: 'wrong', approvalId: 'approval:of-another-process' };
        await handle.executeUpdate('decide', { args: [wrong] }).catch(() => undefined);
        await desk.decide(processId, 'reject');
        await handle.result();
        return handle;
      },
    },
    {
      name: 'updates-just-before-the-end',
      run: async () => {
        for (;;) {
          const { processId, handle } = await begin();
          const heard = await decideTogether(desk, processId, handle);
          await handle.result();
          if (heard) return handle;
        }
      },
    },
    {
      name: 'approval-overdue',
      run: async () => {
        const { processId, handle } = await begin();
        const { subjectId, requestedAt, dueAt } = await desk.approval(processId);
        // Business hours may go round a weekend.
        const waitMs = Date.parse(dueAt) - Date.parse(requestedAt);
        await desk.loopline.skipTime(processId, waitMs / 1000 + 3_600);
        await desk.exception(subjectId, 'approval-overdue');
        await desk.decide(processId, 'approve');
        return end(handle);
      },
    },
  ];
}
