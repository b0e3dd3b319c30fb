import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { acknowledgeDecision, submitWord } from '../../activities/ledger/intake/submit-decision.ts';
import { seedAdjustmentShop } from '../ledger/adjustment-shop.ts';
import { levelOf, matrixOf } from '../ledger/approval-shop.ts';
import { openLoopline, processNamed, type TestLoopline } from '../support/loopline.ts';
import { ApprovalDesk } from './approval-desk.ts';
import { crashAfter } from './crash.ts';

vi.setConfig({ testTimeout: 180_000 });

let loopline: TestLoopline;
let desk: ApprovalDesk;

beforeAll(async () => {
  loopline = await openLoopline();
  await seedAdjustmentShop(loopline.owner);
  desk = new ApprovalDesk(loopline);
  await desk.shop.putMatrix(matrixOf([levelOf('approver'), levelOf('finance')]));
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

test.each(['before', 'after'] as const)(
  'a worker that is killed %s the effect of the last decision: the effect is there once',
  async (when) => {
    const approvalId = await desk.shop.ask();
    const { subjectId: processId } = await desk.review(approvalId);
    const first = { decisionId: `first-${when}` };
    await desk.shop.decide(approvalId, 'person:ann', 'approve', first);
    // Nobody sends the first decision again: the step that is struck is the last one's.
    await acknowledgeDecision(loopline.ledger, first);
    const taskQueue = `crash-${randomUUID()}`;
    const handle = await loopline.startOn(taskQueue, processId);
    const decisionId = `last-${when}`;
    const last = { approvalId, decisionId, actor: 'person:fay' };
    await crashAfter(
      loopline,
      { activity: 'recordDecision', when, handle, taskQueue },
      async () => {
        await submitWord(loopline.ledger, {
          ...last,
          word: { kind: 'decide', decision: 'approve' },
        });
        void loopline.engine.decide(processNamed(processId), { decisionId, approvalId });
      },
    );
    expect(await desk.shop.effects(approvalId)).toBe(when === 'before' ? 0 : 1);
    const worker = await loopline.startWorker({ taskQueue });
    expect(await handle.result()).toBe('applied');
    expect(await desk.shop.effects(approvalId)).toBe(1);
    expect(await desk.history(approvalId)).toEqual(['requested', 'decided', 'decided']);
    expect(await desk.review(approvalId)).toMatchObject({ decidedBy: 'person:fay' });
    await worker.stop();
  },
);

test.each(['before', 'after'] as const)(
  'a worker that is killed %s the effect of a deadline: it is reached once',
  async (when) => {
    const approvalId = await desk.shop.ask();
    const { subjectId: processId } = await desk.review(approvalId);
    const taskQueue = `crash-${randomUUID()}`;
    const handle = await loopline.startOn(taskQueue, processId);
    await crashAfter(loopline, { activity: 'reachApprovalDeadline', when, handle, taskQueue }, () =>
      desk.reachDeadline(processId),
    );
    const worker = await loopline.startWorker({ taskQueue });
    await vi.waitFor(async () => expect(await desk.noted(processId, 'approval-reminded')).toBe(1), {
      timeout: 60_000,
    });
    await desk.tellWord(approvalId, 'person:ann', { kind: 'decide', decision: 'reject' });
    expect(await handle.result()).toBe('rejected');
    expect(await desk.noted(processId, 'approval-reminded')).toBe(1);
    await worker.stop();
  },
);

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
