import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDecisionActivities } from '../../activities/decision-activities.ts';
import { createReplenishmentActivities } from '../../activities/replenishment-activities.ts';
import { planCycle, readWholeCycle } from '../ledger/planned-cycle.ts';
import { addBackorder, seedPurchasing } from '../ledger/purchasing.ts';
import { eventually, openLoopline, type TestLoopline } from '../support/loopline.ts';
import { crashAfter } from './crash.ts';
import { describeFailingSteps, type Life } from './failing-steps.ts';
import { PurchaseDesk } from './purchase-desk.ts';
import { expectSettled } from './review-guarantees.ts';
import { StepRecorder } from './step-recorder.ts';

const AT = '2026-03-30T06:00:00Z';

// A killed worker's task comes back only after its timeout, and a busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

let loopline: TestLoopline;
let desk: PurchaseDesk;
let days = 0;

beforeAll(async () => {
  loopline = await openLoopline();
  await seedPurchasing(loopline.owner);
  desk = new PurchaseDesk(loopline);
});

beforeEach(() => loopline.whilePaused(async () => undefined));

afterAll(() => loopline.close());

/** An order waits for a SKU of its own, so no other cycle has ordered for it. Answers the order's id. */
async function need(supplier: 'S1' | 'S2', quantity: number): Promise<string> {
  const id = randomUUID();
  await loopline.owner`insert into ledger.sku (sku, cost_method, supplier) values (${id}, 'fifo', ${supplier})`;
  await loopline.owner`insert into ledger.supplier_sku (supplier, sku, unit_price) values (${supplier}, ${id}, 4)`;
  await addBackorder(loopline.owner, { id, sku: id, quantity, queuedAt: AT });
  return `order:web:${id}`;
}

/** The order waits no more. */
async function giveUp(orderId: string): Promise<void> {
  await loopline.owner`delete from ledger.backorder where order_id = ${orderId}`;
  await loopline.owner`update ledger.order_line set backordered = 0, cancelled = quantity where order_id = ${orderId}`;
}

/** Plans one more cycle as the API does; its process waits to be started. Answers its id. */
async function plan(): Promise<string> {
  days += 1;
  const date = new Date(Date.UTC(2026, 2, 30 + days)).toISOString().slice(0, 10);
  const cycle = { node: 'N1', date, businessTime: `${date}T06:00:00Z` };
  return (await planCycle(loopline.ledger, cycle)).cycleId;
}

async function planBoth(): Promise<string> {
  await Promise.all([need('S1', 5), need('S2', 5)]);
  const cycleId = await plan();
  expect(await ordersOf(cycleId)).toHaveLength(2);
  return cycleId;
}

async function ordersOf(cycleId: string): Promise<string[]> {
  const cycle = await readWholeCycle(loopline.ledger, cycleId);
  return cycle?.purchaseOrders.map(({ id }) => id) ?? [];
}

/** The cycle is done, and each of its purchase orders runs once and reached its supplier once. */
async function expectDone(cycleId: string): Promise<void> {
  expect(await readWholeCycle(loopline.ledger, cycleId)).toMatchObject({
    state: 'done',
    process: 'ended',
  });
  expect(await desk.noted(cycleId, 'replenishment-done')).toBe(1);
  for (const orderId of await ordersOf(cycleId)) {
    await desk.becomes(orderId, { state: 'acknowledged', process: 'running' });
    expect(await runs(orderId)).toBe(1);
    expect(await desk.accepted(orderId)).toBe(1);
    expect(await desk.noted(orderId, 'purchase-order-sent')).toBe(1);
  }
}

/** How many workflows the engine has ever run under the id. */
async function runs(workflowId: string): Promise<number> {
  return eventually(async () => {
    const { count } = await loopline.client.workflow.count(`WorkflowId = "${workflowId}"`);
    expect(count).toBeGreaterThan(0);
    return count;
  });
}

/** The purchase orders that the cycle's history says it started. */
async function startedBy(handle: WorkflowHandle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(
    (event) => event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId ?? [],
  );
}

test('a cycle starts its purchase orders, ends, and they live on', async () => {
  const cycleId = await planBoth();
  const handle = await loopline.start(cycleId);
  expect(await handle.result()).toBe('done');
  expect((await startedBy(handle)).toSorted()).toEqual((await ordersOf(cycleId)).toSorted());
  await expectDone(cycleId);
  for (const orderId of await ordersOf(cycleId)) {
    const { status, searchAttributes } = await loopline.client.workflow
      .getHandle(orderId)
      .describe();
    expect(status.name).toBe('RUNNING');
    expect(searchAttributes).toMatchObject({ Node: ['N1'], Owner: ['procurement'] });
  }
});

test('a cycle that needs nothing is done at once', async () => {
  await (await loopline.start(await planBoth())).result();
  const handle = await loopline.start(await plan());
  expect(await handle.result()).toBe('done');
  expect(await startedBy(handle)).toEqual([]);
});

test('two cycles never order the same need', async () => {
  const first = await planBoth();
  const second = await plan();
  await Promise.all(
    [first, second].map(async (cycleId) => (await loopline.start(cycleId)).result()),
  );
  expect(await ordersOf(second)).toEqual([]);
  await expectDone(first);
});

test('a purchase order that needs approval waits for it; the cycle does not', async () => {
  // Above 5,000.00, where one person is asked, and below 25,000.00, where two are.
  await need('S2', 1_000);
  const cycleId = await plan();
  expect(await (await loopline.start(cycleId)).result()).toBe('done');
  const [orderId = ''] = await ordersOf(cycleId);
  await desk.becomes(orderId, { state: 'in-review', process: 'running' });
  await desk.decide(orderId, 'approve');
  await expectDone(cycleId);
});

test('purchase orders that a dispatcher has started already count as started', async () => {
  const cycleId = await planBoth();
  const [one = '', other = ''] = await ordersOf(cycleId);
  await loopline.start(one);
  expect(await (await loopline.start(cycleId)).result()).toBe('done');
  await loopline.start(other);
  await expectDone(cycleId);
});

test('one that was rejected and has ended is not started again', async () => {
  const waiting = await need('S2', 6_000);
  const cycleId = await plan();
  const [orderId = ''] = await ordersOf(cycleId);
  const order = await loopline.start(orderId);
  await desk.waits(order);
  await desk.decide(orderId, 'reject');
  expect(await order.result()).toBe('rejected');
  const cycle = await loopline.start(cycleId);
  expect(await cycle.result()).toBe('done');
  expect(await startedBy(cycle)).toEqual([]);
  expect(await runs(orderId)).toBe(1);
  await giveUp(waiting);
});

describe('a cycle starts its purchase orders once', () => {
  test('when it is started three times, and again after the engine has forgotten it', async () => {
    const cycleId = await planBoth();
    const [handle] = await Promise.all([1, 2, 3].map(() => loopline.start(cycleId)));
    expect(await handle?.result()).toBe('done');
    const again = await loopline.startAgain(cycleId);
    expect(await again.result()).toBe('done');
    expect(await startedBy(again)).toEqual([]);
    await expectDone(cycleId);
  });

  test.each(['beginReplenishment', 'endReplenishment'])(
    'when the worker is killed after the effect of %s and another one runs the task again',
    async (activity) => {
      const cycleId = await planBoth();
      const taskQueue = `crash-${randomUUID()}`;
      const handle = await loopline.startOn(taskQueue, cycleId);
      await crashAfter(loopline, { activity, handle, taskQueue }, () => Promise.resolve());
      await loopline.startWorker({ taskQueue });
      expect(await handle.result()).toBe('done');
      expect((await startedBy(handle)).toSorted()).toEqual((await ordersOf(cycleId)).toSorted());
      await expectDone(cycleId);
    },
  );

  test('when the engine loses it in the middle', async () => {
    const cycleId = await planBoth();
    const taskQueue = `crash-${randomUUID()}`;
    const handle = await loopline.startOn(taskQueue, cycleId);
    await crashAfter(loopline, { activity: 'beginReplenishment', handle, taskQueue }, () =>
      Promise.resolve(),
    );
    await handle.terminate('the engine lost its data');
    expect(await (await loopline.startAgain(cycleId)).result()).toBe('done');
    await expectDone(cycleId);
  });
});

test('signals say nothing to a cycle, and one that has ended takes none', async () => {
  const cycleId = await planBoth();
  const handle = await loopline.start(cycleId);
  await loopline.signal(cycleId, 'x');
  expect(await handle.result()).toBe('done');
  expect(await loopline.signal(cycleId, 'y')).toBe(false);
  await expectDone(cycleId);
});

test('every step taken again later changes no row', async () => {
  const recorder = new StepRecorder();
  await loopline.whilePaused(async () => undefined, {
    activities: recorder.wrap(loopline.activities),
  });
  const cycleId = await planBoth();
  await (await loopline.start(cycleId)).result();
  await expectDone(cycleId);
  const orders = await ordersOf(cycleId);
  await loopline.owner`update ledger.outbox set done_at = clock_timestamp() where done_at is null`;
  await expectSettled(
    loopline,
    [cycleId, ...orders].flatMap((processId) => recorder.of(processId)),
  );
});

const life: Life = { propose: planBoth, act: () => Promise.resolve() };

describe('a step that fails for good', () => {
  beforeAll(() => {
    loopline.startDispatcher();
  });

  describeFailingSteps({
    desk: () => desk,
    lives: { beginReplenishment: life, endReplenishment: life },
    steps: () => {
      const { ledger } = loopline;
      // A cycle asks for no approval: of the common steps it only reports failures.
      const { reportFailure } = createDecisionActivities({ ledger });
      return Object.keys({ ...createReplenishmentActivities({ ledger }), reportFailure });
    },
    healed: () => Promise.resolve(),
  });
});

test('after all of this each purchase order ran once, and the ledger agrees with its entries', async () => {
  const orders = await loopline.owner<
    { id: string }[]
  >`select purchase_order_id as id from ledger.purchase_order`;
  for (const { id } of orders) expect(await runs(id), id).toBe(1);
  await desk.expectSound();
});
