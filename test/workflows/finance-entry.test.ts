import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDecisionActivities } from '../../activities/decision-activities.ts';
import { createFinanceEntryActivities } from '../../activities/finance-entry-activities.ts';
import { recordFinanceEntry } from '../../activities/ledger/intake/record-finance-entry.ts';
import {
  readFinanceEntry,
  readFinanceEntrySnapshot,
} from '../../activities/ledger/read/finance.ts';
import { decideWithApproval } from '../../rules/finance/approve-entry.ts';
import { balanceOf, NOON, seedAdjustmentShop } from '../ledger/adjustment-shop.ts';
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

/** Records a manual entry as the API does: read, let the rule decide, store. */
async function adjustAccounts(unitPrice: string): Promise<string> {
  refs += 1;
  const entry = { kind: 'manual', quantity: 1, unitPrice, currency: 'GBP' } as const;
  const snapshot = await readFinanceEntrySnapshot(loopline.ledger, { occurredAt: NOON });
  const wish = { ...entry, occurredAt: NOON, actor: 'finance' };
  const recorded = await recordFinanceEntry(loopline.ledger, {
    ...wish,
    externalRef: `manual-${refs}`,
    decision: decideWithApproval(snapshot, { ...wish, atMs: Date.parse(NOON) }),
  });
  return recorded.entry.id;
}

const propose = () => adjustAccounts('2000');

describe('a finance entry above the threshold', () => {
  describeReview({
    desk: () => desk,
    propose,
    ends: { approved: 'posted', rejected: 'rejected' },
    effects: async (entryId) =>
      (await readFinanceEntry(loopline.ledger, { entryId })).postings.length,
  });

  test('is posted in the call that decides, not before', async () => {
    const before = await balanceOf(loopline.owner, 'manual-adjustments');
    const entryId = await propose();
    const handle = await loopline.start(entryId);
    await desk.waits(handle);
    expect(await balanceOf(loopline.owner, 'manual-adjustments')).toBe(before);
    await desk.decide(entryId, 'approve');
    expect(await balanceOf(loopline.owner, 'manual-adjustments')).toBe(before + 200_000);
    expect(await handle.result()).toBe('posted');
  });

  test('one within the threshold needs no process', async () => {
    const entryId = await adjustAccounts('1');
    expect(await readFinanceEntry(loopline.ledger, { entryId })).toMatchObject({
      state: 'posted',
      process: null,
    });
  });
});

const approved: Life = { propose, act: (entryId) => desk.approveIfOpen(entryId) };
const overdue: Life = { propose, act: (entryId) => desk.reachDeadline(entryId) };
const undecided: Life = {
  propose,
  act: async (entryId) => {
    await desk.approveIfOpen(entryId);
    await desk.reachDeadline(entryId);
  },
};

describe('a step that fails for good', () => {
  describeFailingSteps({
    desk: () => desk,
    lives: {
      beginFinanceEntry: approved,
      endFinanceEntry: approved,
      lookAtApproval: approved,
      recordDecision: undecided,
      reachApprovalDeadline: overdue,
    },
    steps: () => {
      const { ledger } = loopline;
      return Object.keys({
        ...createFinanceEntryActivities({ ledger }),
        ...createDecisionActivities({ ledger }),
      });
    },
    healed: (entryId) => desk.approveAnewIfOpen(entryId),
  });
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
