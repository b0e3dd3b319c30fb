import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDecisionActivities } from '../../activities/decision-activities.ts';
import { createReturnLedgerSteps } from '../../activities/return-activities.ts';
import { openLoopline, type TestLoopline } from '../support/loopline.ts';
import { crashAfter } from './crash.ts';
import { FaultPlan } from './faults.ts';
import { ReturnDesk } from './return-desk.ts';
import { bringEverythingBack, expectNoHarm, RETURN_SCENARIOS } from './return-scenarios.ts';
import { untilAtRest } from './until-at-rest.ts';

// A killed worker's task comes back only after its timeout, and a busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

let loopline: TestLoopline;
let desk: ReturnDesk;

beforeAll(async () => {
  loopline = await openLoopline();
  desk = new ReturnDesk(loopline);
  await desk.open();
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

const PROVIDER_STEPS = ['buyReturnLabel', 'refundPayment'];
const cases = Object.entries(RETURN_SCENARIOS)
  .map(([activity, scenario]) => ({ activity, scenario }))
  .filter(({ activity }) => !PROVIDER_STEPS.includes(activity));

test('the worker is killed after every step on the ledger below', () => {
  const { ledger } = loopline;
  const steps = { ...createReturnLedgerSteps({ ledger }), ...createDecisionActivities({ ledger }) };
  expect(cases.map(({ activity }) => activity).toSorted()).toEqual(Object.keys(steps).toSorted());
});

describe.concurrent('the worker is killed after the effect, and a cancellation comes before the step runs again', () => {
  test.each(cases)('$activity', async ({ activity, scenario }) => {
    const returnId = await desk.ask(scenario.wish);
    const taskQueue = `crash-${randomUUID()}`;
    const handle = await loopline.startOn(taskQueue, returnId);
    const { provokedBy } = scenario;
    await crashAfter(loopline, { activity, handle, taskQueue, provokedBy }, () =>
      scenario.act(desk, returnId, handle),
    );
    await handle.cancel();
    const faults = new FaultPlan();
    if (provokedBy !== undefined)
      faults.set(returnId, { activity: '', when: 'before', always: true, provokedBy });
    const worker = await loopline.startWorker({
      taskQueue,
      activities: faults.wrap(loopline.activities),
    });
    await untilAtRest(handle, {
      act: () => bringEverythingBack(desk, returnId),
      told: async () => (await desk.exceptions(returnId)).length > 0,
    });
    await expectNoHarm(desk, returnId, handle);
    await worker.stop();
  });
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
