import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDecisionActivities } from '../../activities/decision-activities.ts';
import { holdStock } from '../../activities/ledger/intake/stock-hold.ts';
import { readStockAdjustment } from '../../activities/ledger/read/adjustment.ts';
import { recordDecision } from '../../activities/ledger/steps/decision.ts';
import { endStockAdjustment } from '../../activities/ledger/steps/stock-adjustment.ts';
import { createStockAdjustmentActivities } from '../../activities/stock-adjustment-activities.ts';
import { adjust, balanceOf, NOON, seedAdjustmentShop, stockOf } from '../ledger/adjustment-shop.ts';
import { openLoopline, type TestLoopline } from '../support/loopline.ts';
import { describeFailingSteps, type Life } from './failing-steps.ts';
import { ProcessDesk } from './process-desk.ts';
import { describeReview } from './review-guarantees.ts';

let loopline: TestLoopline;
let desk: ProcessDesk;
let refs = 0;

beforeAll(async () => {
  loopline = await openLoopline();
  await seedAdjustmentShop(loopline.owner);
  desk = new ProcessDesk(loopline);
  await loopline.startWorker();
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

/** Above the threshold of 100.00: 50 units are worth 125.00. */
async function propose(kind: 'found' | 'write-off' = 'found'): Promise<string> {
  refs += 1;
  const { adjustment } = await adjust(loopline.ledger, {
    externalRef: `count-${refs}`,
    kind,
    quantity: 50,
  });
  return adjustment.id;
}

describe('a stock adjustment above the threshold', () => {
  describeReview({
    desk: () => desk,
    propose,
    ends: { approved: 'applied', rejected: 'rejected' },
    effects: async (adjustmentId) => {
      const { appliedQuantity } = await readStockAdjustment(loopline.ledger, { adjustmentId });
      const moved = await movedUnits(adjustmentId);
      if (moved !== appliedQuantity) throw new Error(`${adjustmentId} moved ${moved} units`);
      return moved / 50;
    },
  });

  test('moves stock and money in the call that decides, not before', async () => {
    const adjustmentId = await propose();
    const handle = await loopline.start(adjustmentId);
    await desk.waits(handle);
    const stock = await stockOf(loopline.owner);
    const gain = await balanceOf(loopline.owner, 'inventory-gain');
    await desk.decide(adjustmentId, 'approve');
    expect(await stockOf(loopline.owner)).toMatchObject({ onHand: (stock?.onHand ?? 0) + 50 });
    expect(await balanceOf(loopline.owner, 'inventory-gain')).toBe(gain + 12_500);
    expect(await handle.result()).toBe('applied');
  });

  test('a write-off takes what nobody was promised; the warehouse is told of the rest', async () => {
    const { onHand = 0 } = (await stockOf(loopline.owner)) ?? {};
    const promised = { sku: 'MUG', node: 'main', quantity: onHand - 20 };
    const hold = { holdId: 'promised', expiresAt: '2010-12-03T12:00:00Z', plans: [[promised]] };
    await holdStock(loopline.ledger, { holds: [hold], occurredAt: NOON });
    const adjustmentId = await propose('write-off');
    const handle = await loopline.start(adjustmentId);
    await desk.waits(handle);
    await desk.decide(adjustmentId, 'approve');
    expect(await handle.result()).toBe('applied');
    expect(await readStockAdjustment(loopline.ledger, { adjustmentId })).toMatchObject({
      appliedQuantity: 20,
      shortQuantity: 30,
    });
    expect(await desk.exception(adjustmentId, 'stock-short')).toMatchObject({ owner: 'warehouse' });
    expect(await stockOf(loopline.owner)).toMatchObject({ onHand: 0, reserved: onHand - 20 });
  });
});

/** Units that the adjustment has moved, by the entries. */
async function movedUnits(adjustmentId: string): Promise<number> {
  const [row] = await loopline.owner<{ units: number }[]>`
    select coalesce(sum(quantity), 0)::int as units from ledger.stock_move where subject_id = ${adjustmentId}`;
  return row?.units ?? 0;
}

const approved: Life = { propose, act: (adjustmentId) => desk.approveIfOpen(adjustmentId) };
const overdue: Life = { propose, act: (adjustmentId) => desk.reachDeadline(adjustmentId) };
const undecided: Life = {
  propose,
  act: async (adjustmentId) => {
    await desk.approveIfOpen(adjustmentId);
    await desk.reachDeadline(adjustmentId);
  },
};

test('a decision that its process could not record is not dropped: the ledger settles it, and the process hears of it', async () => {
  const adjustmentId = await propose();
  const handle = await loopline.start(adjustmentId);
  await desk.waits(handle);
  await loopline.whilePaused(async () => undefined, {
    activities: {
      ...loopline.activities,
      recordDecision: () => {
        throw ApplicationFailure.nonRetryable('the ledger is broken', 'InvariantViolated');
      },
    },
  });
  expect(await desk.decide(adjustmentId, 'approve'), 'not settled yet').toBeUndefined();
  await desk.exception(adjustmentId, 'workflow-failed');
  expect(await handle.result()).toBe('applied');
  expect(await desk.approval(adjustmentId)).toMatchObject({ state: 'approved' });
  expect(await movedUnits(adjustmentId)).toBe(50);
  await loopline.whilePaused(async () => undefined);
});

test('a process that lost the very task in which it was decided and ended hears of it again', async () => {
  const adjustmentId = await propose();
  const handle = await loopline.start(adjustmentId);
  await desk.waits(handle);
  const decisionId = await desk.submit(adjustmentId, 'approve');
  const { id: approvalId } = await desk.approval(adjustmentId);
  await recordDecision(loopline.ledger, { decisionId, approvalId });
  await endStockAdjustment(loopline.ledger, { processId: adjustmentId });
  await desk.expectProcess(adjustmentId, 'ended');
  expect(await handle.result()).toBe('applied');
  expect(await movedUnits(adjustmentId)).toBe(50);
});

describe('a step that fails for good', () => {
  describeFailingSteps({
    desk: () => desk,
    lives: {
      beginStockAdjustment: approved,
      endStockAdjustment: approved,
      lookAtApproval: approved,
      recordDecision: undecided,
      reachApprovalDeadline: overdue,
    },
    steps: () => {
      const { ledger } = loopline;
      return Object.keys({
        ...createStockAdjustmentActivities({ ledger }),
        ...createDecisionActivities({ ledger }),
      });
    },
    healed: (adjustmentId) => desk.approveAnewIfOpen(adjustmentId),
  });
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
