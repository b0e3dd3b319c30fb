import type { Client } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
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

/** An engine that reports one workflow's problems at its first looks, and none after them; counts the looks. */
function troubled(workflowId: string, problems: readonly string[], looksWithProblems: number) {
  const seen = { looks: 0 };
  const client = {
    workflow: {
      async *list() {
        seen.looks += 1;
        if (seen.looks > looksWithProblems) return;
        yield { workflowId, searchAttributes: { TemporalReportedProblems: problems } };
      },
    },
  };
  return { client: client as unknown as Client, seen };
}

test.each([
  { name: 'failed-once', problems: FAILED, looks: 1, reported: 1 },
  { name: 'timed-out-once', problems: TIMED_OUT, looks: 1, reported: 0 },
  { name: 'timed-out-still', problems: TIMED_OUT, looks: 2, reported: 1 },
])('a workflow whose tasks $name: $reported on the board', async (trouble) => {
  const processId = `return:${trouble.name}`;
  await shop.owner`
    insert into ledger.process (process_id, kind, state) values (${processId}, 'return', 'running')`;
  const { client, seen } = troubled(processId, trouble.problems, trouble.looks);
  watcher = startWatcher({
    ledger: shop.ledger,
    client,
    reportError: (error) => {
      throw error;
    },
    everyMs: 5,
  });
  await eventually(async () => expect(seen.looks).toBeGreaterThanOrEqual(4));
  await watcher.stop();
  const found = await shop.owner`
    select kind from ledger.exception where subject_id = ${processId} and kind = 'workflow-failed'`;
  expect(found).toHaveLength(trouble.reported);
});
