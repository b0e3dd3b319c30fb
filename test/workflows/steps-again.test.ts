import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDecisionActivities } from '../../activities/decision-activities.ts';
import { createOrderLedgerSteps } from '../../activities/order-activities.ts';
import { createReturnLedgerSteps } from '../../activities/return-activities.ts';
import { openLoopline, type TestLoopline } from '../support/loopline.ts';
import { FaultPlan } from './faults.ts';
import { OrderDesk, openOrderShop } from './order-desk.ts';
import { ORDER_SCENARIOS } from './order-scenarios.ts';
import { ReturnDesk } from './return-desk.ts';
import { RETURN_SCENARIOS } from './return-scenarios.ts';
import { ledgerRows, StepRecorder } from './step-recorder.ts';
import { untilAtRest } from './until-at-rest.ts';

vi.setConfig({ testTimeout: 180_000 });

/** Steps that bring the process to a state and answer where it stands now: nothing is stored, repeating changes nothing. */
const CONVERGING = [
  'beginOrder',
  'beginReturn',
  'advanceReturn',
  'lookAtApproval',
  'reachApprovalDeadline',
  'abandonReturn',
];
/** The engine's clock when the steps are taken again. */
const LATER = new Date('2031-01-01T00:00:00Z');

let orders: TestLoopline;
let returns: TestLoopline;

beforeAll(async () => {
  [orders, returns] = await Promise.all([openLoopline(), openLoopline()]);
});

afterAll(() => Promise.all([orders.close(), returns.close()]));

/** A worker whose steps are written down, and fail where a scenario wants that. */
async function startRecording(loopline: TestLoopline) {
  const recorder = new StepRecorder();
  const faults = new FaultPlan();
  await loopline.startWorker({ activities: faults.wrap(recorder.wrap(loopline.activities)) });
  return { recorder, faults, dispatcher: loopline.startDispatcher() };
}

/** Takes every recorded step of the processes again, with the clock moved; answers which steps those were. */
async function takeAgain(
  loopline: TestLoopline,
  recorder: StepRecorder,
  processIds: string[],
  ledgerSteps: object,
) {
  const names = new Set<string>();
  const before = await ledgerRows(loopline.owner);
  vi.useFakeTimers({ now: LATER, toFake: ['Date'] });
  try {
    for (const step of processIds.flatMap((processId) => recorder.of(processId))) {
      if (!Object.hasOwn(ledgerSteps, step.name)) continue;
      const answer = await StepRecorder.again(ledgerSteps, step);
      const first = CONVERGING.includes(step.name) ? answer : step.answer;
      expect(answer, `${step.name} ${JSON.stringify(step.request)}`).toEqual(first);
      names.add(step.name);
    }
  } finally {
    vi.useRealTimers();
  }
  expect(await ledgerRows(loopline.owner)).toEqual(before);
  return [...names].toSorted();
}

describe('every step taken again later answers its stored result and changes nothing', () => {
  test('of the order', async () => {
    const { recorder, faults, dispatcher } = await startRecording(orders);
    await openOrderShop(orders);
    const desk = new OrderDesk(orders);
    const ids: string[] = [];
    for (const scenario of new Set(Object.values(ORDER_SCENARIOS))) {
      const orderId = await desk.place(scenario.wish);
      const { provokedBy } = scenario;
      if (provokedBy !== undefined)
        faults.set(orderId, { activity: '', when: 'before', always: true, provokedBy });
      const handle = await orders.start(orderId);
      await untilAtRest(handle, {
        act: () => scenario.act(desk, orderId),
        told: async () => (await desk.exceptions(orderId)).length > 0,
      });
      ids.push(orderId);
    }
    await dispatcher.stop();
    const steps = createOrderLedgerSteps(orders);
    expect(await takeAgain(orders, recorder, ids, steps)).toEqual(Object.keys(steps).toSorted());
  });

  test('of the return', async () => {
    const { recorder, faults, dispatcher } = await startRecording(returns);
    const desk = new ReturnDesk(returns);
    await desk.open();
    const ids: string[] = [];
    for (const scenario of new Set(Object.values(RETURN_SCENARIOS))) {
      const returnId = await desk.ask(scenario.wish);
      const { provokedBy } = scenario;
      if (provokedBy !== undefined)
        faults.set(returnId, { activity: '', when: 'before', always: true, provokedBy });
      const handle = await returns.start(returnId);
      await untilAtRest(handle, {
        act: () => scenario.act(desk, returnId, handle),
        told: async () => provokedBy !== undefined && (await desk.exceptions(returnId)).length > 0,
      });
      ids.push(returnId);
    }
    await dispatcher.stop();
    const steps = { ...createReturnLedgerSteps(returns), ...createDecisionActivities(returns) };
    expect(await takeAgain(returns, recorder, ids, steps)).toEqual(Object.keys(steps).toSorted());
  });
});
