import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { PLACED_AT } from '../ledger/order-shop.ts';
import { eventually, openLoopline, type TestLoopline } from '../support/loopline.ts';
import { FaultPlan } from './faults.ts';
import { OrderDesk, openOrderShop } from './order-desk.ts';
import { repairDesk } from './repair-desk.ts';

vi.setConfig({ testTimeout: 120_000 });

let loopline: TestLoopline;
let desk: OrderDesk;
let repair: ReturnType<typeof repairDesk>;
const faults = new FaultPlan();

beforeAll(async () => {
  loopline = await openLoopline();
  await openOrderShop(loopline);
  desk = new OrderDesk(loopline);
  repair = repairDesk(loopline, PLACED_AT);
  await loopline.startWorker({ activities: faults.wrap(loopline.activities) });
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

/** An order of which a step failed for good, and the undoing as well: its workflow has failed, and ops is told. */
async function failWhole(): Promise<string> {
  const orderId = await desk.place({ postalCode: null });
  faults.set(orderId, {
    activity: 'undoOrder',
    provokedBy: 'screenOrder',
    when: 'before',
    always: true,
  });
  const handle = await loopline.start(orderId);
  await eventually(async () => expect((await handle.describe()).status.name).toBe('FAILED'));
  const open = await desk.exceptions(orderId);
  expect(open.map(({ kind, owner }) => `${kind} of ${owner}`).toSorted()).toEqual([
    'compensation-failed of ops',
    'workflow-failed of ops',
  ]);
  expect(await desk.held(orderId)).toBeGreaterThan(0);
  faults.mend(orderId);
  return orderId;
}

test.each([
  ['a retry starts it again', { action: 'retry' }],
  ['a reset lets it go on from a step', { action: 'reset', step: 'screenOrder' }],
])('an order whose undoing failed too can be repaired: %s', async (_name, asked) => {
  const orderId = await failWhole();
  const answer = await repair(orderId, { ...asked, repairId: 'x1', reason: 'the ledger is back' });
  expect(answer).toMatchObject({ status: 200, body: { state: 'done' } });
  await desk.resolve(orderId, 'address', 'release');
  await desk.dispatch(orderId);
  expect(await loopline.client.workflow.getHandle(orderId).result()).toEqual({
    state: 'completed',
  });
  expect(await desk.exceptions(orderId)).toEqual([]);
  await desk.expectClean(orderId);
});

test('the board’s own retry starts it again as well', async () => {
  const orderId = await failWhole();
  await desk.resolve(orderId, 'compensation-failed', 'retry');
  await desk.resolve(orderId, 'address', 'release');
  await desk.dispatch(orderId);
  expect(await loopline.client.workflow.getHandle(orderId).result()).toEqual({
    state: 'completed',
  });
  await desk.expectClean(orderId);
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
