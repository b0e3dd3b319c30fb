import type { Client } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { listExceptions } from '../../activities/ledger/read/exception.ts';
import { reportFailure } from '../../activities/ledger/steps/failure.ts';
import { startWatcher, type Watcher } from '../../worker/watcher.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { eventually } from '../support/loopline.ts';

const TIMED_OUT = ['category=WorkflowTaskTimedOut', 'cause=WorkflowTaskTimedOutCauseStartToClose'];
const FAILED = [
  'category=WorkflowTaskFailed',
  'cause=WorkflowTaskFailedCauseNonDeterministicError',
];

let shop: TestLedger;
let watcher: Watcher | undefined;

beforeAll(async () => {
  shop = await openLedger({ connections: 2 });
});
afterEach(() => watcher?.stop());
afterAll(() => shop.close());

/**
 * An engine that reports one workflow's problems at its first looks, and none after them, when the workflow
 * is in the state `later`; counts the looks.
 */
function troubled(
  workflowId: string,
  {
    problems,
    looks,
    later = 'RUNNING',
  }: { problems: readonly string[]; looks: number; later?: string },
) {
  const seen = { looks: 0 };
  const report = { TemporalReportedProblems: problems };
  const client = {
    workflow: {
      async *list() {
        seen.looks += 1;
        if (seen.looks > looks) return;
        yield { workflowId, searchAttributes: report };
      },
      getHandle: () => ({
        describe: async () =>
          seen.looks > looks
            ? { status: { name: later }, searchAttributes: {} }
            : { status: { name: 'RUNNING' }, searchAttributes: report },
      }),
    },
  };
  return { client: client as unknown as Client, seen };
}

async function watch(processId: string, trouble: Parameters<typeof troubled>[1]) {
  await shop.owner`
    insert into ledger.process (process_id, kind, state) values (${processId}, 'return', 'running')`;
  const { client, seen } = troubled(processId, trouble);
  watcher = startWatcher({
    ledger: shop.ledger,
    client,
    reportError: (error) => {
      throw error;
    },
    everyMs: 5,
  });
  await eventually(async () => expect(seen.looks).toBeGreaterThanOrEqual(trouble.looks + 3));
  await watcher.stop();
  return shop.owner<{ state: string; resolution: string | null; resolved_by: string | null }[]>`
    select state, resolution, resolved_by from ledger.exception
    where subject_id = ${processId} and kind = 'workflow-failed'`;
}

test.each([
  { name: 'failed-once', problems: FAILED, looks: 1, reported: 1 },
  { name: 'timed-out-once', problems: TIMED_OUT, looks: 1, reported: 0 },
  { name: 'timed-out-still', problems: TIMED_OUT, looks: 2, reported: 1 },
])('a workflow whose tasks $name: $reported on the board', async (trouble) => {
  expect(await watch(`return:${trouble.name}`, trouble)).toHaveLength(trouble.reported);
});

test.each([
  { later: 'RUNNING', closed: true },
  { later: 'COMPLETED', closed: true },
  { later: 'FAILED', closed: false },
  { later: 'TERMINATED', closed: false },
])('a workflow that is $later without problems later: its entry is closed $closed', async (end) => {
  const found = await watch(`return:then-${end.later}`, { problems: FAILED, looks: 2, ...end });
  expect(found).toEqual([
    end.closed
      ? { state: 'resolved', resolution: 'healed', resolved_by: 'loopline' }
      : { state: 'open', resolution: null, resolved_by: null },
  ]);
});

test.each([
  { name: 'of a single step', step: 'recordRefund' },
  { name: 'that a process reports of itself', step: 'workflow' },
])('the failure $name is not closed because its workflow runs', async ({ step }) => {
  const processId = `return:failed-${step}`;
  const problem = { processId, step, compensation: false, message: 'm' };
  await shop.owner`
    insert into ledger.process (process_id, kind, state) values (${processId}, 'return', 'running')`;
  await reportFailure(shop.ledger, problem);
  await watch(`return:beside-${step}`, { problems: FAILED, looks: 0 });
  const { data } = await listExceptions(shop.ledger, { limit: 2, subjectId: processId });
  expect(data).toEqual([expect.objectContaining({ state: 'open' })]);
});

test('however many workflows are in trouble, each is on the board, and seen once while it stays so', async () => {
  const MANY = 130;
  const ids = Array.from({ length: MANY }, (_, index) => `return:one-of-many-${index}`);
  await shop.owner`
    insert into ledger.process (process_id, kind, state) select unnest(${ids}::text[]), 'return', 'running'`;
  let looks = 0;
  const report = { TemporalReportedProblems: FAILED };
  const client = {
    workflow: {
      async *list() {
        looks += 1;
        for (const workflowId of ids) yield { workflowId, searchAttributes: report };
      },
      getHandle: () => ({
        describe: async () => ({ status: { name: 'RUNNING' }, searchAttributes: report }),
      }),
    },
  };
  watcher = startWatcher({
    ledger: shop.ledger,
    client: client as unknown as Client,
    reportError: (error) => {
      throw error;
    },
    everyMs: 5,
  });
  await eventually(async () => expect(looks).toBeGreaterThanOrEqual(4));
  await watcher.stop();
  const found = await shop.owner<{ seen: number }[]>`
    select seen from ledger.exception where subject_id like 'return:one-of-many-%' and kind = 'workflow-failed'`;
  expect(found.map(({ seen }) => seen)).toEqual(ids.map(() => 1));
});
