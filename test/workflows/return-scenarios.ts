import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import type { DecisionLedgerSteps } from '../../activities/decision-activities.ts';
import type { ReturnLedgerSteps, ReturnProviderSteps } from '../../activities/return-activities.ts';
import { reachOwnDeadline } from './reach-own-deadline.ts';
import type { ReturnDesk, ReturnWish } from './return-desk.ts';

/** A life of a return that comes past a certain step. */
export interface ReturnScenario {
  readonly wish: ReturnWish;
  /** What the people and machines around it do, again and again until it rests. */
  readonly act: (desk: ReturnDesk, returnId: string, handle: WorkflowHandle) => Promise<unknown>;
  /** A step that has to fail so that this one is taken. */
  readonly provokedBy?: string;
}

export type ReturnStep = keyof (ReturnLedgerSteps & ReturnProviderSteps & DecisionLedgerSteps);

/** Above the approval threshold of 100.00. */
const DEAR = { unitPrice: '100' };

/** Goods come back as soon as they may, whatever a person has to decide is approved, and captures succeed. */
export async function bringEverythingBack(desk: ReturnDesk, returnId: string): Promise<void> {
  const { state } = await desk.view(returnId);
  if (state === 'in-review') await desk.decide(returnId, 'approve');
  if (state === 'awaiting-receipt') await desk.bringBack(returnId);
  if (state === 'refunding') await desk.settleCaptures(returnId);
}

const straight: ReturnScenario = { wish: {}, act: bringEverythingBack };

const reviewed: ReturnScenario = { wish: DEAR, act: bringEverythingBack };

/** The deadline of the first state that has one passes; then everything goes on. */
function late(wish: ReturnWish, state: string): ReturnScenario {
  return {
    wish,
    act: async (desk, returnId) => {
      const { state: now } = await desk.view(returnId);
      const passed = (await desk.noted(returnId, 'due-reached')) > 0;
      if (now === state && !passed) return reachOwnDeadline(desk.loopline, returnId);
      // Its process has not heard of it yet.
      if (now === state && (await desk.exceptions(returnId)).length === 0) return undefined;
      if (state === 'awaiting-inspection' && now === 'awaiting-receipt')
        return desk.receive(returnId);
      if (state === 'awaiting-inspection' && now === state) return desk.inspect(returnId);
      return bringEverythingBack(desk, returnId);
    },
  };
}

/** Whoever is asked is reminded once, and then decides. */
async function decideLate(desk: ReturnDesk, returnId: string): Promise<unknown> {
  const { state } = await desk.view(returnId);
  if (state !== 'in-review') return bringEverythingBack(desk, returnId);
  if ((await desk.noted(returnId, 'due-reached')) === 0)
    return reachOwnDeadline(desk.loopline, returnId);
  // Its process has not heard of it yet.
  if ((await desk.noted(returnId, 'approval-reminded')) === 0) return undefined;
  return bringEverythingBack(desk, returnId);
}

/** The capture of the sale is settled only after somebody was told that it is overdue. */
async function settleCaptureLate(desk: ReturnDesk, returnId: string): Promise<void> {
  const { state } = await desk.view(returnId);
  if (state !== 'refunding') return bringEverythingBack(desk, returnId);
  if ((await desk.noted(returnId, 'due-reached')) === 0)
    return reachOwnDeadline(desk.loopline, returnId);
  // Its process has not heard of it yet.
  if ((await desk.exceptions(returnId)).length === 0) return undefined;
  return desk.settleCaptures(returnId);
}

/** Each step of a return's process with a life that comes past it. */
export const RETURN_SCENARIOS: Record<ReturnStep, ReturnScenario> = {
  beginReturn: straight,
  buyReturnLabel: straight,
  recordReturnLabel: straight,
  advanceReturn: straight,
  refundPayment: straight,
  recordRefund: straight,
  lookAtApproval: reviewed,
  recordDecision: reviewed,
  reachApprovalDeadline: { wish: DEAR, act: decideLate },
  closeReturnReceipt: late({}, 'awaiting-receipt'),
  remindInspection: late({}, 'awaiting-inspection'),
  remindCapture: { wish: { captureUnderWay: true }, act: settleCaptureLate },
  skipReturnLabel: { ...straight, provokedBy: 'buyReturnLabel' },
  abandonReturn: {
    wish: {},
    act: async (_desk, _returnId, handle) => {
      const { status } = await handle.describe();
      if (status.name === 'RUNNING') await handle.cancel();
    },
  },
  reportFailure: { ...straight, provokedBy: 'advanceReturn' },
};

/** The ended return paid what it credited, and promises nothing any more; else somebody has been told. */
export async function expectNoHarm(
  desk: ReturnDesk,
  returnId: string,
  handle: WorkflowHandle,
): Promise<void> {
  const open = await desk.exceptions(returnId);
  for (const { owner, kind } of open)
    expect(owner, kind).toMatch(/^(ops|finance|support|warehouse)$/);
  const { state } = await desk.view(returnId);
  // Where not even the board can be told, the workflow fails, which the watcher reports.
  const { status } = await handle.describe();
  const ended = ['closed', 'refused', 'expired'].includes(state);
  if (ended) await expectClean(desk, returnId);
  else if (status.name !== 'FAILED')
    expect(open.length, `somebody was told of a return that is ${state}`).toBeGreaterThan(0);
  if (ended && open.length === 0) await desk.expectProcess(returnId, 'ended');
}

/** What was credited was paid back through the gateway, to the penny, and once. */
async function expectClean(desk: ReturnDesk, returnId: string): Promise<void> {
  const { refunds } = await desk.view(returnId);
  const paid = refunds
    .filter((refund) => refund.state === 'refunded')
    .reduce((sum, refund) => sum + Number(refund.amountMinor), 0);
  expect(await desk.refunded(returnId)).toBe(paid);
  expect(await desk.payable(returnId)).toBe(0);
}
