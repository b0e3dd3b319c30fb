import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createOrderLedgerSteps } from '../../activities/order-activities.ts';
import { openLoopline, type TestLoopline } from '../support/loopline.ts';
import { crashAfter } from './crash.ts';
import { FaultPlan } from './faults.ts';
import { OrderDesk, openOrderShop } from './order-desk.ts';
import { expectNoHarm, ORDER_SCENARIOS } from './order-scenarios.ts';
import { untilAtRest } from './until-at-rest.ts';

// A killed worker's task comes back only after its timeout, and a busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

let loopline: TestLoopline;
let desk: OrderDesk;

beforeAll(async () => {
  loopline = await openLoopline();
  await openOrderShop(loopline);
  desk = new OrderDesk(loopline);
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

const PROVIDER_STEPS = ['authorizePayment', 'capturePayment', 'giveBackPayment'];
const cases = Object.entries(ORDER_SCENARIOS)
  .map(([activity, scenario]) => ({ activity, scenario }))
  .filter(({ activity }) => !PROVIDER_STEPS.includes(activity));

test('the worker is killed after every step on the ledger below', () => {
  const steps = Object.keys(createOrderLedgerSteps({ ledger: loopline.ledger }));
  expect(cases.map(({ activity }) => activity).toSorted()).toEqual(
    [...steps, 'reportFailure'].toSorted(),
  );
});

describe.concurrent('the worker is killed after the effect, and a cancellation comes before the step runs again', () => {
  test.each(cases)('$activity', async ({ activity, scenario }) => {
    const orderId = await desk.place(scenario.wish);
    const taskQueue = `crash-${randomUUID()}`;
    const handle = await loopline.startOn(taskQueue, orderId);
    const { provokedBy } = scenario;
    await crashAfter(loopline, { activity, handle, taskQueue, provokedBy }, () =>
      scenario.act(desk, orderId),
    );
    await desk.cancel(orderId);
    const faults = new FaultPlan();
    if (provokedBy !== undefined)
      faults.set(orderId, { activity: '', when: 'before', always: true, provokedBy });
    const worker = await loopline.startWorker({
      taskQueue,
      activities: faults.wrap(loopline.activities),
    });
    await untilAtRest(handle, {
      act: () => scenario.act(desk, orderId),
      told: async () => (await desk.exceptions(orderId)).length > 0,
    });
    await expectNoHarm(desk, orderId, handle);
    await worker.stop();
  });
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
