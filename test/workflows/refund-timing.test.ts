import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { openLoopline, type TestLoopline } from '../support/loopline.ts';
import { ReturnDesk } from './return-desk.ts';

vi.setConfig({ testTimeout: 120_000 });

let loopline: TestLoopline;
let desk: ReturnDesk;

beforeAll(async () => {
  loopline = await openLoopline();
  desk = new ReturnDesk(loopline);
  await desk.open();
  const document = { ...DEFAULT_POLICIES['refund-timing'], earlyUpToMinor: '5000' };
  await loopline.owner`
    insert into ledger.policy_version (policy, version, channel, effective_from, document)
    values ('refund-timing', 2, '*', '2000-01-01', ${loopline.owner.json(document)})`;
  await loopline.startWorker();
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

test('a small refund goes out when the goods arrive, and the process ends with their inspection', async () => {
  const { returnId, handle } = await desk.run();
  await desk.waits(handle);
  await desk.receive(returnId);
  await desk.becomes(returnId, {
    state: 'awaiting-inspection',
    refunds: [{ amountMinor: '2000', state: 'refunded' }],
  });
  expect(await desk.refunded(returnId)).toBe(2_000);
  await desk.inspect(returnId);
  expect(await handle.result()).toBe('closed');
  expect(await desk.refunded(returnId)).toBe(2_000);
  expect(await desk.exceptions(returnId)).toEqual([]);
});
