import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { requestRepair } from '../../activities/ledger/intake/repair-process.ts';
import { reportRush } from '../../activities/ledger/steps/outbox.ts';
import { startDispatcher, type Dispatcher } from '../../worker/dispatcher.ts';
import type { TemporalEngine } from '../../worker/engine.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { eventually } from '../support/loopline.ts';

let shop: TestLedger;
let dispatcher: Dispatcher | undefined;

beforeAll(async () => {
  shop = await openLedger({ connections: 4 });
});
afterEach(() => dispatcher?.stop());
afterAll(() => shop.close());

/** Over the shop's ledger, until the test ends; no error is expected. */
function dispatch(engine: TemporalEngine): void {
  dispatcher = startDispatcher({
    ledger: shop.ledger,
    engine,
    notify: { send: async () => undefined },
    reportError: (error) => {
      throw error;
    },
  });
}

/** An engine that takes its time over each start and remembers how many it was given at once. */
function slowEngine(atOnce: number) {
  const seen = {
    started: [] as string[],
    most: 0,
    backlog: undefined as boolean | undefined,
    rush: undefined as boolean | undefined,
  };
  let underWay = 0;
  const engine: TemporalEngine = {
    startPace: () => ({ atOnce, restMs: 0 }),
    setQueues: ({ backlog, rush }) => {
      seen.backlog = backlog;
      seen.rush = rush;
    },
    startNow: async ({ processId }) => {
      underWay += 1;
      seen.most = Math.max(seen.most, underWay);
      await new Promise((resolve) => setTimeout(resolve, 20));
      underWay -= 1;
      seen.started.push(processId);
    },
    start: () => undefined,
    nudge: () => undefined,
    onNudge: () => undefined,
    decide: async () => undefined,
    sendDecision: async () => undefined,
    signal: async () => true,
    startAgain: async () => undefined,
    reset: async () => undefined,
    ready: async () => true,
  };
  return { engine, seen };
}

test('the signals of a subject are one message to its workflow, and all of them are done', async () => {
  await shop.owner`
    insert into ledger.process (process_id, kind, state)
    select 'return:told-' || n, 'return', 'running' from generate_series(1, 2) n`;
  await shop.owner`
    insert into ledger.outbox (kind, subject_id, payload)
    select 'signal', 'return:told-' || s, jsonb_build_object('factId', f)
    from unnest('{a,b,c}'::text[]) f cross join generate_series(1, 2) s order by f, s`;
  const told: Parameters<TemporalEngine['signal']>[] = [];
  const { engine } = slowEngine(1);
  dispatch({
    ...engine,
    signal: async (...message) => {
      told.push(message);
      return true;
    },
  });
  const left = () => shop.owner`select from ledger.outbox where subject_id like 'return:told-%'`;
  await eventually(async () => expect(await left()).toHaveLength(0));
  expect(told).toHaveLength(2);
  expect(told).toContainEqual(['return:told-1', 'c', ['a', 'b']]);
  expect(told).toContainEqual(['return:told-2', 'c', ['a', 'b']]);
});

test.each([
  { when: 'while orders wait for an answer, one after another', name: 'busy', atOnce: 1 },
  { when: 'in calm times, many at once', name: 'calm', atOnce: 64 },
])('what waits for its workflow is started oldest first; $when', async ({ name, atOnce }) => {
  await shop.owner`
    insert into ledger.process (process_id, kind, state, recorded_at)
    select ${`return:${name}-`} || n, 'return', 'pending', now() - interval '1 minute' + n * interval '1 second'
    from generate_series(1, 9) n`;
  const { engine, seen } = slowEngine(atOnce);
  dispatch(engine);
  await eventually(async () => expect(seen.started).toHaveLength(9));
  expect(seen.most).toBe(Math.min(atOnce, 9));
  await eventually(async () => expect(seen.backlog).toBe(false));
  expect(seen.started).toEqual(
    Array.from({ length: 9 }, (_, index) => `return:${name}-${index + 1}`),
  );
});

test('while some are left waiting the engine is told, so that nobody starts a younger one', async () => {
  await shop.owner`
    insert into ledger.process (process_id, kind, state, recorded_at)
    select 'return:more-' || n, 'return', 'pending', now() - interval '1 minute' from generate_series(1, 3) n`;
  const { engine, seen } = slowEngine(2);
  const told: string[] = [];
  dispatch({
    ...engine,
    setQueues: ({ backlog }) => told.push(`${seen.started.length} started: ${backlog}`),
  });
  await eventually(async () => expect(told).toContain('3 started: false'));
  expect(told.slice(0, 2)).toEqual(['0 started: true', '2 started: false']);
});

test('a rush in any process is known to every dispatcher, and over a second after its last report', async () => {
  const { engine, seen } = slowEngine(1);
  dispatch(engine);
  await eventually(async () => expect(seen.rush).toBe(false));
  await reportRush(shop.ledger);
  await reportRush(shop.ledger);
  await eventually(async () => expect(seen.rush).toBe(true));
  await eventually(async () => expect(seen.rush).toBe(false));
});

test.each([
  { name: 'that may go on', payload: { factId: 'a' }, starts: 'startNow' },
  { name: 'that a person lets go on', payload: { factId: 'a', again: true }, starts: 'startAgain' },
])('a process without a workflow, $name, is started by $starts', async ({ payload, starts }) => {
  const processId = `return:by-${starts}`;
  await shop.owner`
    insert into ledger.process (process_id, kind, state) values (${processId}, 'return', 'running')`;
  await shop.owner`
    insert into ledger.outbox (kind, subject_id, payload) values ('signal', ${processId}, ${shop.owner.json(payload)})`;
  const started: string[] = [];
  const { engine } = slowEngine(1);
  dispatch({
    ...engine,
    signal: async () => false,
    startNow: async (process) => void started.push(`startNow ${process.processId}`),
    startAgain: async (process) => void started.push(`startAgain ${process.processId}`),
  });
  const left = () => shop.owner`select from ledger.outbox where subject_id = ${processId}`;
  await eventually(async () => expect(await left()).toHaveLength(0));
  expect(started).toEqual([`${starts} ${processId}`]);
});

test('a reset that nobody could carry out when it was asked for is carried out once the engine answers', async () => {
  const processId = 'return:to-reset';
  await shop.owner`
    insert into ledger.process (process_id, kind, state) values (${processId}, 'return', 'running')`;
  const asked = {
    processId,
    repairId: 'x1',
    action: 'reset' as const,
    step: 'recordRefund',
    reason: 'mended',
    actor: 'olga',
  };
  expect(await requestRepair(shop.ledger, asked)).toMatchObject({ repair: { state: 'pending' } });
  await shop.owner`update ledger.outbox set available_at = now() where kind = 'repair'`;
  const resets: Parameters<TemporalEngine['reset']>[] = [];
  const { engine } = slowEngine(1);
  dispatch({
    ...engine,
    reset: async (...reset) => {
      resets.push(reset);
      return { state: 'done', runId: 'run-2' };
    },
  });
  const left = () => shop.owner`select from ledger.outbox where subject_id = ${processId}`;
  await eventually(async () => expect(await left()).toHaveLength(0));
  const { step, reason, repairId } = asked;
  expect(resets).toEqual([[processId, { step, reason, repairId }]]);
  expect(await requestRepair(shop.ledger, asked)).toMatchObject({
    replayed: true,
    repair: { state: 'done', outcome: { runId: 'run-2' } },
  });
});
