import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
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

/** An engine that takes its time over each start and remembers how many it was given at once. */
function slowEngine(atOnce: number) {
  const seen = { started: [] as string[], most: 0 };
  let underWay = 0;
  const engine: TemporalEngine = {
    startPace: () => ({ atOnce, restMs: 0 }),
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
    ready: async () => true,
  };
  return { engine, seen };
}

test.each([
  { when: 'while orders wait for an answer, one after another', name: 'busy', atOnce: 1 },
  { when: 'in calm times, many at once', name: 'calm', atOnce: 64 },
])('what waits for its workflow is started oldest first; $when', async ({ name, atOnce }) => {
  await shop.owner`
    insert into ledger.process (process_id, kind, state, recorded_at)
    select ${`return:${name}-`} || n, 'return', 'pending', now() - interval '1 minute' + n * interval '1 second'
    from generate_series(1, 9) n`;
  const { engine, seen } = slowEngine(atOnce);
  dispatcher = startDispatcher({
    ledger: shop.ledger,
    engine,
    notify: { send: async () => undefined },
    reportError: (error) => {
      throw error;
    },
  });
  await eventually(async () => expect(seen.started).toHaveLength(9));
  expect(seen.most).toBe(Math.min(atOnce, 9));
  expect(seen.started).toEqual(
    Array.from({ length: 9 }, (_, index) => `return:${name}-${index + 1}`),
  );
});
