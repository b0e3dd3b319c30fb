import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDecisionActivities } from '../../activities/decision-activities.ts';
import {
  createReturnLedgerSteps,
  createReturnProviderSteps,
} from '../../activities/return-activities.ts';
import { openLoopline, type TestLoopline } from '../support/loopline.ts';
import { FaultPlan } from './faults.ts';
import { ReturnDesk } from './return-desk.ts';
import { bringEverythingBack, expectNoHarm, RETURN_SCENARIOS } from './return-scenarios.ts';
import { untilAtRest } from './until-at-rest.ts';

vi.setConfig({ testTimeout: 180_000 });

let loopline: TestLoopline;
let desk: ReturnDesk;
const faults = new FaultPlan();

beforeAll(async () => {
  loopline = await openLoopline();
  desk = new ReturnDesk(loopline);
  await desk.open();
  await loopline.startWorker({ activities: faults.wrap(loopline.activities) });
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

test('every step of the return is made to fail below', () => {
  const { ledger } = loopline;
  const steps = {
    ...createReturnLedgerSteps({ ledger }),
    ...createReturnProviderSteps({ carrier: {} as never, payment: {} as never }),
    ...createDecisionActivities({ ledger }),
  };
  expect(Object.keys(RETURN_SCENARIOS).toSorted()).toEqual(Object.keys(steps).toSorted());
});

const cases = Object.entries(RETURN_SCENARIOS).flatMap(([activity, scenario]) =>
  (['before', 'after'] as const).flatMap((when) =>
    [false, true].map((always) => ({
      activity,
      scenario,
      when,
      always,
      calls: always ? 'every call' : 'the first call',
    })),
  ),
);

describe.concurrent('a step that fails for good: no refund is lost or paid twice, somebody is told, and it ends when mended', () => {
  test.each(cases)(
    '$activity, $when its effect, $calls',
    async ({ activity, scenario, when, always }) => {
      const returnId = await desk.ask(scenario.wish);
      const { provokedBy } = scenario;
      faults.set(returnId, {
        activity,
        when,
        always,
        ...(provokedBy === undefined ? {} : { provokedBy }),
      });
      const handle = await loopline.start(returnId);
      await untilAtRest(handle, {
        act: () => scenario.act(desk, returnId, handle),
        told: async () => faults.hits(returnId) > 0 && (await desk.exceptions(returnId)).length > 0,
      });
      expect(faults.hits(returnId), 'the fault struck').toBeGreaterThan(0);
      await expectNoHarm(desk, returnId, handle);

      faults.mend(returnId);
      const { status } = await handle.describe();
      if (status.name !== 'RUNNING') return;
      // An ended process is not told of resolutions; the workflow tries again by itself after a day.
      if ((await desk.view(returnId)).endedAt !== null) await skipADay(handle);
      await untilAtRest(handle, {
        act: async () => {
          await desk.resolveAll(returnId);
          await bringEverythingBack(desk, returnId);
        },
        told: async () => false,
      });
      expect(await desk.view(returnId)).toMatchObject({
        state: expect.stringMatching(/^(closed|expired)$/),
      });
      await expectNoHarm(desk, returnId, handle);
    },
  );
});

/** The workflow may come to its end by itself at this very moment. */
async function skipADay(handle: WorkflowHandle): Promise<void> {
  try {
    await loopline.skipTime(handle.workflowId, 25 * 3_600);
  } catch (error) {
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') throw error;
  }
}

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
