import { afterEach, beforeEach, expect, test } from 'vitest';
import { startDispatcher, type Dispatcher } from '../../worker/dispatcher.ts';
import type { TemporalEngine } from '../../worker/engine.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { eventually } from '../support/loopline.ts';

let shop: TestLedger;
let dispatcher: Dispatcher | undefined;
const heard: string[] = [];
let letGo: () => void = () => undefined;

/** An engine whose processes take no decision before they are let go. */
const engine = {
  startPace: () => ({ atOnce: 1, restMs: 0 }),
  setQueues: () => undefined,
  onNudge: () => undefined,
  signal: async (_processId: string, factId: string) => {
    heard.push(factId);
    return true;
  },
  sendDecision: () =>
    new Promise((resolve) => {
      heard.push('asked for a decision');
      letGo = () => resolve('taken');
    }),
} as unknown as TemporalEngine;

beforeEach(async () => {
  heard.splice(0);
  shop = await openLedger();
});
afterEach(async () => {
  letGo();
  await dispatcher?.stop();
  await shop.close();
});

test('a process that does not take its decision keeps no other process from its signals', async () => {
  await shop.owner`
    insert into ledger.process (process_id, kind, state, attributes) values
    ('stock-adjustment:1', 'stock-adjustment', 'running', '{}')`;
  await shop.owner`
    insert into ledger.outbox (kind, subject_id, payload) values
    ('decision', 'stock-adjustment:1', '{"decisionId": "d-1", "approvalId": "approval:stock-adjustment:1:1"}')`;
  dispatcher = startDispatcher({
    ledger: shop.ledger,
    engine,
    notify: { send: async () => undefined },
    reportError: () => undefined,
  });
  await eventually(() => expect(heard).toEqual(['asked for a decision']));
  await shop.owner`
    insert into ledger.outbox (kind, subject_id, payload) values ('signal', 'order:web:2', '{"factId": "f-2"}')`;
  await eventually(() => expect(heard).toEqual(['asked for a decision', 'f-2']));
  letGo();
  await eventually(async () =>
    expect(await shop.owner`select 1 from ledger.outbox where done_at is null`).toHaveLength(0),
  );
});
