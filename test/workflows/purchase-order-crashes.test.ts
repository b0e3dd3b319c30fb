import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  createPurchaseOrderLedgerSteps,
  createPurchaseOrderProviderSteps,
} from '../../activities/purchase-order-activities.ts';
import { seedPurchasing } from '../ledger/purchasing.ts';
import { openLoopline, type TestLoopline } from '../support/loopline.ts';
import { crashAfter } from './crash.ts';
import { PurchaseDesk } from './purchase-desk.ts';
import { untilAtRest } from './until-at-rest.ts';

// A killed worker's task comes back only after its timeout, and a busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

let loopline: TestLoopline;
let desk: PurchaseDesk;

beforeAll(async () => {
  loopline = await openLoopline();
  await seedPurchasing(loopline.owner);
  desk = new PurchaseDesk(loopline);
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

const deliver = (orderId: string) => desk.deliver(orderId);

async function reachDeadline(orderId: string): Promise<void> {
  const { state } = await desk.order(orderId);
  if (state === 'acknowledged') await desk.reachDeadline(orderId);
}

/** What people do until each step is taken, and what has to fail before. */
const ways: Record<string, { act: (orderId: string) => Promise<void>; provokedBy?: string }> = {
  beginPurchaseOrder: { act: deliver },
  submitPurchaseOrder: { act: deliver },
  settlePurchaseOrder: { act: deliver },
  escalateLateSupplier: { act: reachDeadline },
  reportSupplierRefusal: { act: deliver, provokedBy: 'submitPurchaseOrder' },
};

test('the worker is killed after every step below', () => {
  const { ledger } = loopline;
  const supplier = { submitOrder: () => Promise.reject(new Error('not called')) };
  const steps = Object.keys({
    ...createPurchaseOrderLedgerSteps({ ledger }),
    ...createPurchaseOrderProviderSteps({ ledger, supplier }),
  });
  expect(Object.keys(ways).toSorted()).toEqual(steps.toSorted());
});

describe.concurrent('the worker is killed after the effect, and another one goes on', () => {
  test.each(Object.entries(ways))('%s', async (activity, { act, provokedBy }) => {
    const orderId = await desk.place();
    const taskQueue = `crash-${randomUUID()}`;
    const handle = await loopline.startOn(taskQueue, orderId);
    await crashAfter(loopline, { activity, handle, taskQueue, provokedBy }, () => act(orderId));
    await loopline.startWorker({ taskQueue });
    await untilAtRest(handle, {
      act: async () => {
        await desk.resolveAll(orderId);
        await desk.deliver(orderId);
      },
      told: () => Promise.resolve(false),
    });
    expect(await handle.result()).toBe('closed');
    expect(await desk.accepted(orderId)).toBe(1);
    expect(await desk.noted(orderId, 'goods-received')).toBe(1);
    await desk.expectClosed(orderId);
  });
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
