import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startWallClock, type WallClock } from '../../worker/wall-clock.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { eventually } from '../support/loopline.ts';
import { entry, eventsOf, raise } from './board.ts';

let shop: TestLedger;
let clock: WallClock | undefined;

beforeAll(async () => {
  shop = await openLedger({ connections: 2 });
});
afterEach(() => clock?.stop());
afterAll(() => shop.close());

test('an entry that became overdue while no clock ran is escalated by the next one, without Temporal', async () => {
  const id = await raise(shop, { kind: 'payment', subject: 'order:web:overdue' });
  await shop.owner`
    update ledger.exception set escalate_at = now() - interval '1 minute', behind = '0' where exception_id = ${id}`;
  const reportError = (error: unknown) => {
    throw error;
  };
  clock = startWallClock({ ledger: shop.ledger, reportError, everyMs: 5 });
  await eventually(async () => {
    expect(await entry(shop, id)).toMatchObject({ escalations: 1, escalatedTo: 'ops' });
  });
  await clock.stop();
  expect(await eventsOf(shop, id)).toEqual(['raised', 'escalated']);
});
