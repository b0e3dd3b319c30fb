import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestLoopline } from '../support/loopline.ts';
import { waitsForOthers } from './until-at-rest.ts';

/** Which worker dies after which step. */
export interface CrashOrder {
  readonly activity: string;
  /** Of its effect; after it when left out. */
  readonly when?: 'before' | 'after';
  readonly provokedBy?: string;
  readonly processId: string;
  readonly taskQueue: string;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly simulators: {
    readonly gateway: string;
    readonly carrier: string;
    readonly supplier: string;
  };
}

const WORKER = fileURLToPath(new URL('crashing-worker.ts', import.meta.url));
const DEADLINE_MS = 120_000;

/**
 * Runs a worker that kills itself with SIGKILL right after the step's effect, and resolves when it is
 * dead. `act` is called meanwhile, whenever the workflow waits. Rejects when it ended otherwise or lived on.
 */
export async function crashAfter(
  loopline: TestLoopline,
  crash: {
    readonly activity: string;
    readonly when?: 'before' | 'after';
    readonly handle: WorkflowHandle;
    readonly taskQueue: string;
    readonly provokedBy?: string | undefined;
  },
  act: () => Promise<unknown>,
): Promise<void> {
  const { appUrl: databaseUrl, namespace, simulators, servers } = loopline;
  const { handle, ...what } = crash;
  const order = {
    ...what,
    processId: handle.workflowId,
    databaseUrl,
    namespace,
    simulators,
    temporalAddress: servers.temporalAddress,
  };
  const child = spawn(process.execPath, ['--import', 'tsx', WORKER], {
    env: { ...process.env, CRASH_ORDER: JSON.stringify(order) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (part: Buffer) => {
    errors += part.toString();
  });
  const ended = new Promise<string>((resolve) =>
    child.on('exit', (code, signal) => resolve(signal ?? `code ${code}`)),
  );
  const deadline = setTimeout(() => child.kill('SIGTERM'), DEADLINE_MS);
  const end = await Promise.race([ended, actUntil(ended, handle, act)]);
  clearTimeout(deadline);
  if (end !== 'SIGKILL') {
    throw new Error(
      `the worker ended with ${end} and not after ${crash.activity}: ${errors}\n${await whereIs(handle)}`,
    );
  }
}

async function actUntil(
  ended: Promise<string>,
  handle: WorkflowHandle,
  act: () => Promise<unknown>,
): Promise<string> {
  let end: string | undefined;
  void ended.then((how) => {
    end = how;
  });
  while (end === undefined) {
    if (waitsForOthers(await handle.describe())) await act();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return end;
}

/** What the workflow is about: its history and what is pending. */
async function whereIs(handle: WorkflowHandle): Promise<string> {
  const { status, raw } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const lines = (events ?? []).map((event) => {
    const marker = event.markerRecordedEventAttributes?.details?.['data']?.payloads?.[0]?.data;
    const what = marker == null ? '' : Buffer.from(marker).toString();
    const failure = event.workflowTaskFailedEventAttributes;
    const started = event.workflowTaskStartedEventAttributes;
    const input = event.workflowExecutionSignaledEventAttributes?.input?.payloads?.[0]?.data;
    return [
      String(event.eventTime?.seconds),
      event.attributes ?? 'unknown',
      what,
      started?.identity ?? '',
      failure == null ? '' : JSON.stringify(failure),
      input == null ? '' : Buffer.from(input).toString(),
    ].join(' ');
  });
  const pending = JSON.stringify([raw.pendingWorkflowTask, raw.pendingActivities]);
  return [`${status.name}, pending ${pending}`, ...lines].join('\n');
}
