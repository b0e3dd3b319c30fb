import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import type { DecisionLedgerSteps } from '../../activities/decision-activities.ts';
import type { OrderLedgerSteps, OrderProviderSteps } from '../../activities/order-activities.ts';
import { reachOwnDeadline } from './reach-own-deadline.ts';
import type { OrderDesk, Wish } from './order-desk.ts';

/** A life of an order that comes past a certain step. */
export interface OrderScenario {
  readonly wish: Wish;
  /** What the people and machines around it do, again and again until it rests. */
  readonly act: (desk: OrderDesk, orderId: string) => Promise<unknown>;
  /** A step that has to fail so that this one is taken. */
  readonly provokedBy?: string;
}

export type OrderStep = keyof (OrderLedgerSteps &
  OrderProviderSteps &
  Pick<DecisionLedgerSteps, 'reportFailure'>);

const straight: OrderScenario = {
  wish: {},
  act: (desk, orderId) => desk.dispatchReleased(orderId),
};

/** An address that somebody has to look at, and does. */
const screened: OrderScenario = {
  wish: { postalCode: null },
  act: async (desk, orderId) => {
    const open = await desk.exceptions(orderId);
    if (open.some(({ kind }) => kind === 'address'))
      await desk.resolve(orderId, 'address', 'release');
    return desk.dispatchReleased(orderId);
  },
};

const expired: OrderScenario = {
  wish: { token: 'tok_insufficient' },
  act: async (desk, orderId) => {
    const { holds } = await desk.order(orderId);
    if (holds.length > 0) await reachOwnDeadline(desk.loopline, orderId);
  },
};

const cancelled: OrderScenario = {
  wish: {},
  act: async (desk, orderId) => {
    const { state } = await desk.order(orderId);
    if (state === 'released') await desk.cancel(orderId);
  },
};

/** Each step of an order's process with a life that comes past it. */
export const ORDER_SCENARIOS: Record<OrderStep, OrderScenario> = {
  beginOrder: straight,
  authorizePayment: straight,
  recordAuthorization: straight,
  screenOrder: screened,
  advanceOrder: straight,
  capturePayment: straight,
  recordCapture: straight,
  expireOrderWait: expired,
  giveBackPayment: cancelled,
  recordGiveBack: cancelled,
  undoOrder: { ...screened, provokedBy: 'screenOrder' },
  reportFailure: { ...screened, provokedBy: 'screenOrder' },
};

/** No stock is kept, no money is kept without goods, or somebody has an open exception about it. */
export async function expectNoHarm(
  desk: OrderDesk,
  orderId: string,
  handle: WorkflowHandle,
): Promise<void> {
  const open = await desk.exceptions(orderId);
  for (const { owner, kind } of open)
    expect(owner, kind).toMatch(/^(ops|finance|support|warehouse)$/);
  const { status } = await handle.describe();
  const order = await desk.order(orderId);
  const undoFailed = open.some(({ kind }) => kind === 'compensation-failed');
  // Stock may stay with an order only while its process lives, or where undoing it failed and ops knows.
  if (status.name !== 'RUNNING' && !undoFailed) expect(await desk.held(orderId)).toBe(0);
  if (order.process === 'ended' && !undoFailed) await desk.expectClean(orderId);
  if (order.process !== 'ended') expect(open.length, 'somebody was told').toBeGreaterThan(0);
}
