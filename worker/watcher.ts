import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Ledger } from '../activities/ledger/connect.ts';
import { listExceptions } from '../activities/ledger/read/exception.ts';
import { PROCESSES } from '../activities/ledger/process-actors.ts';
import { readProcesses } from '../activities/ledger/read/operations.ts';
import { healFailure, reportFailure } from '../activities/ledger/steps/failure.ts';
import { runLoop } from './run-loop.ts';

const EVERY_MS = 30_000;
/** A process younger than this may still be on its way to its workflow. */
const GRACE_MS = 60_000;
const PAGE = 100;
/** A workflow that stays in trouble is reported again after so many looks: its entry may have been closed. */
const LOOKS_BETWEEN_REPORTS = 40;
const TIMED_OUT = 'category=WorkflowTaskTimedOut';
const PROBLEMS = 'TemporalReportedProblems';
/** Marks on the board what the watcher found; a process reports of itself under other names. */
const STEP = 'watched from outside';
const IN_PARALLEL = 5;

export interface Watcher {
  stop(): Promise<void>;
}

/**
 * Looks every 30 s for what nobody else would see, and puts it on the exception board: workflows that
 * report problems, and processes that the ledger holds for running although their workflow is closed
 * or missing. What it put there is closed again when the workflow has gone on. Any number may run: the same
 * trouble is one exception.
 */
export function startWatcher(given: {
  ledger: Ledger;
  client: Client;
  reportError: (error: unknown) => void;
  /** Between two looks; 30 s when left out. */
  everyMs?: number;
}): Watcher {
  const options = { ...given, ledger: given.ledger.as(PROCESSES.watcher) };
  const { everyMs = EVERY_MS, reportError } = options;
  let cursor: string | undefined;
  let troubled: ReadonlyMap<string, number> = new Map();
  const look = async () => {
    try {
      troubled = await reportTroubled(options, troubled);
      cursor = await reportLost(options, cursor);
      await closeHealed(options);
    } catch (error) {
      reportError(error);
    }
    return 0;
  };
  return runLoop(look, { idleMs: everyMs, sleepsFirst: true, reportError });
}

/**
 * Workflows whose tasks fail again and again: the engine marks them by a search attribute of its own.
 * Tasks that time out may only have lost their worker: they are trouble when they still do at the next
 * look. `before` has those of the last look, each with the looks until it is reported again: one that stays
 * in trouble is reported once in a while, so that those behind it have their turn. Answers those of this look.
 */
async function reportTroubled(
  { ledger, client }: { ledger: Ledger; client: Client },
  before: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const query = `${PROBLEMS} IS NOT NULL AND ExecutionStatus = "Running"`;
  const troubled = new Map<string, number>();
  let reported = 0;
  for await (const { workflowId, searchAttributes } of client.workflow.list({
    query,
    pageSize: PAGE,
  })) {
    const problems = String(searchAttributes[PROBLEMS] ?? 'unknown');
    const looksLeft = before.get(workflowId) ?? (problems.includes(TIMED_OUT) ? 1 : 0);
    troubled.set(workflowId, looksLeft - 1);
    if (looksLeft > 0) continue;
    await report(ledger, workflowId, `the workflow reports problems: ${problems}`);
    troubled.set(workflowId, LOOKS_BETWEEN_REPORTS);
    reported += 1;
    if (reported >= PAGE) break;
  }
  return troubled;
}

/** Goes through the running processes page by page; answers where to go on next time. */
async function reportLost(
  { ledger, client }: { ledger: Ledger; client: Client },
  cursor: string | undefined,
): Promise<string | undefined> {
  const startedBefore = new Date(Date.now() - GRACE_MS).toISOString();
  const page = await readProcesses(ledger, {
    state: 'running',
    startedBefore,
    limit: PAGE,
    cursor,
  });
  const waiting = page.data.map(({ processId }) => processId);
  while (waiting.length > 0) {
    await Promise.all(
      waiting.splice(0, IN_PARALLEL).map(async (processId) => {
        const status = (await lookAt(client, processId))?.status.name ?? 'MISSING';
        if (status === 'RUNNING' || status === 'CONTINUED_AS_NEW') return;
        // The process may have ended while its workflow was asked for.
        const { data } = await readProcesses(ledger, { processIds: [processId], limit: 1 });
        if (data[0]?.state === 'running')
          await report(ledger, processId, `the workflow is ${status.toLowerCase()}`);
      }),
    );
  }
  return page.nextCursor ?? undefined;
}

/** Workflows on the board that run without a problem now, or have come to their end. */
async function closeHealed({ ledger, client }: { ledger: Ledger; client: Client }): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await listExceptions(ledger, {
      state: 'open',
      kind: 'workflow-failed',
      limit: PAGE,
      cursor,
    });
    for (const { processId, evidence } of page.data) {
      if (processId !== null && evidence['step'] === STEP && (await isWell(client, processId)))
        await healFailure(ledger, { processId, step: STEP });
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

async function isWell(client: Client, workflowId: string): Promise<boolean> {
  const workflow = await lookAt(client, workflowId);
  if (workflow?.status.name === 'COMPLETED') return true;
  return workflow?.status.name === 'RUNNING' && workflow.searchAttributes[PROBLEMS] === undefined;
}

/** Undefined when there is no such workflow. */
async function lookAt(client: Client, workflowId: string) {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function report(ledger: Ledger, processId: string, message: string): Promise<void> {
  const { data } = await readProcesses(ledger, { processIds: [processId], limit: 1 });
  if (data.length > 0)
    await reportFailure(ledger, { processId, step: STEP, compensation: false, message });
}
