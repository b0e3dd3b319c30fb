import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDecisionActivities } from '../../activities/decision-activities.ts';
import {
  createPurchaseOrderLedgerSteps,
  createPurchaseOrderProviderSteps,
} from '../../activities/purchase-order-activities.ts';
import { seedPurchasing } from '../ledger/purchasing.ts';
import { openLoopline, type TestLoopline } from '../support/loopline.ts';
import { describeFailingSteps, type Life } from './failing-steps.ts';
import { PurchaseDesk } from './purchase-desk.ts';

let loopline: TestLoopline;
let desk: PurchaseDesk;

beforeAll(async () => {
  loopline = await openLoopline();
  await seedPurchasing(loopline.owner);
  desk = new PurchaseDesk(loopline);
  await loopline.startWorker();
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

const delivered: Life = { propose: () => desk.place(), act: (orderId) => desk.deliver(orderId) };

const late: Life = {
  propose: () => desk.place(),
  act: async (orderId) => {
    const { state } = await desk.order(orderId);
    if (state === 'acknowledged') await desk.reachDeadline(orderId);
  },
};

const reviewed: Life = {
  propose: () => desk.place({ inReview: true }),
  act: async (orderId) => {
    await desk.approveIfOpen(orderId);
    await desk.deliver(orderId);
  },
};

const undecided: Life = {
  propose: () => desk.place({ inReview: true }),
  act: (orderId) => desk.reachDeadline(orderId),
};

describeFailingSteps({
  desk: () => desk,
  lives: {
    beginPurchaseOrder: delivered,
    submitPurchaseOrder: delivered,
    settlePurchaseOrder: delivered,
    escalateLateSupplier: late,
    reportSupplierRefusal: { ...delivered, provokedBy: 'submitPurchaseOrder' },
    lookAtApproval: reviewed,
    recordDecision: reviewed,
    reachApprovalDeadline: undecided,
  },
  steps: () => {
    const { ledger } = loopline;
    const supplier = { submitOrder: () => Promise.reject(new Error('not called')) };
    return Object.keys({
      ...createPurchaseOrderLedgerSteps({ ledger }),
      ...createPurchaseOrderProviderSteps({ ledger, supplier }),
      ...createDecisionActivities({ ledger }),
    });
  },
  healed: async (orderId) => {
    const { state } = await desk.order(orderId);
    if (state === 'in-review') await desk.approveAnewIfOpen(orderId);
    else await desk.deliver(orderId);
  },
});

test('after all of this every order is closed, and the ledger agrees with its entries', async () => {
  const orders = await loopline.owner<
    { id: string }[]
  >`select purchase_order_id as id from ledger.purchase_order`;
  expect(orders.length).toBeGreaterThan(30);
  for (const { id } of orders) {
    await desk.expectClosed(id);
    expect(await desk.accepted(id)).toBe(1);
  }
  await desk.expectSound();
});
