import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  createOrderLedgerSteps,
  createOrderProviderSteps,
} from '../../activities/order-activities.ts';
import { openLoopline, type TestLoopline } from '../support/loopline.ts';
import { FaultPlan, type Fault } from './faults.ts';
import { OrderDesk, openOrderShop } from './order-desk.ts';
import { expectNoHarm, ORDER_SCENARIOS } from './order-scenarios.ts';
import { untilAtRest } from './until-at-rest.ts';

vi.setConfig({ testTimeout: 180_000 });

let loopline: TestLoopline;
let desk: OrderDesk;
const faults = new FaultPlan();

beforeAll(async () => {
  loopline = await openLoopline();
  await openOrderShop(loopline);
  desk = new OrderDesk(loopline);
  await loopline.startWorker({ activities: faults.wrap(loopline.activities) });
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

test('every step of the order is made to fail below', () => {
  const { ledger } = loopline;
  const steps = {
    ...createOrderLedgerSteps({ ledger }),
    ...createOrderProviderSteps({ payment: {} as never }),
  };
  expect(Object.keys(ORDER_SCENARIOS).toSorted()).toEqual(
    [...Object.keys(steps), 'reportFailure'].toSorted(),
  );
});

const cases = Object.entries(ORDER_SCENARIOS).flatMap(([activity, scenario]) =>
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

describe.concurrent('a step that fails for good leaves no reservation, no charge without goods, or an exception with an owner', () => {
  test.each(cases)(
    '$activity, $when its effect, $calls',
    async ({ activity, scenario, when, always }) => {
      const orderId = await desk.place(scenario.wish);
      const provoked = scenario.provokedBy === undefined ? {} : { provokedBy: scenario.provokedBy };
      faults.set(orderId, { activity, when, always, ...provoked } satisfies Fault);
      const handle = await loopline.start(orderId);
      await untilAtRest(handle, {
        act: () => scenario.act(desk, orderId),
        told: async () => faults.hits(orderId) > 0 && (await desk.exceptions(orderId)).length > 0,
      });
      expect(faults.hits(orderId), 'the fault struck').toBeGreaterThan(0);
      await expectNoHarm(desk, orderId, handle);
    },
  );
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
