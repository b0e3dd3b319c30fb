import type postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  acknowledgeDecision,
  submitDecision,
} from '../../activities/ledger/intake/submit-decision.ts';
import { listApprovals, readApproval } from '../../activities/ledger/read/approval.ts';
import { listExceptions } from '../../activities/ledger/read/exception.ts';
import type { Ledger } from '../../activities/ledger/connect.ts';
import {
  lookAtApproval,
  reachApprovalDeadline,
  recordDecision,
} from '../../activities/ledger/steps/decision.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { adjust, seedAdjustmentShop, stockOf } from './adjustment-shop.ts';

let shop: TestLedger;
let approvalId: string;
let processId: string;

beforeEach(async () => {
  shop = await openLedger();
  await seedAdjustmentShop(shop.owner);
  const { adjustment } = await adjust(shop.ledger, {
    externalRef: 'f1',
    kind: 'found',
    quantity: 100,
  });
  processId = adjustment.id;
  approvalId = adjustment.approval?.id ?? '';
});
afterEach(() => shop.close());

function submit(
  decisionId: string,
  decision: 'approve' | 'reject' = 'approve',
  actor = 'person:boss',
) {
  return submitDecision(shop.ledger, { approvalId, decisionId, decision, actor });
}

/** The ledger, whose last word is written in a transaction that is still under way. */
function within(transaction: postgres.TransactionSql): Ledger {
  const { ledger } = shop;
  return {
    ...ledger,
    call: async <Result>(name: string, request: unknown): Promise<Result> => {
      if (name !== 'append_approval_events') return ledger.call<Result>(name, request);
      const told = { by: { actor: 'process:test' }, ...(request as object) };
      const [row] = await transaction<{ result: Result }[]>`
        select loopline.append_approval_events(${transaction.json(told as never)}) as result`;
      if (row === undefined) throw new Error('nothing was answered');
      return row.result;
    },
  };
}

async function openDecisions(): Promise<number> {
  const rows =
    await shop.owner`select 1 from ledger.outbox where kind = 'decision' and done_at is null`;
  return rows.length;
}

describe('an approval', () => {
  test('that two people decide at once is decided by one of them', async () => {
    await Promise.all([
      submit('d1', 'approve', 'person:ann'),
      submit('d2', 'reject', 'person:bob'),
    ]);
    const outcomes = await Promise.all(
      ['d1', 'd2', 'd1', 'd2'].map((decisionId) =>
        recordDecision(shop.ledger, { decisionId, approvalId }),
      ),
    );
    const approval = await readApproval(shop.ledger, { approvalId });
    const winner = approval.decidedBy === 'person:ann' ? 0 : 1;
    expect(outcomes.map(({ applied }) => applied)).toEqual(
      [0, 1, 0, 1].map((index) => index === winner),
    );
    expect(new Set(outcomes.map(({ state }) => state))).toEqual(new Set([approval.state]));
    expect(await stockOf(shop.owner)).toMatchObject({
      onHand: approval.state === 'approved' ? 100 : 0,
    });
  });

  test('is not decided by whoever asked for it, and nothing is stored', async () => {
    expect(await submit('d1', 'approve', 'warehouse')).toMatchObject({
      status: 'refused',
      rule: 'requester-may-not-decide',
      approval: { state: 'open' },
    });
    expect(await shop.owner`select 1 from ledger.decision`).toHaveLength(0);
  });

  test('answers a late decision with who decided when, and stores nothing', async () => {
    await submit('d1', 'approve', 'person:ann');
    await recordDecision(shop.ledger, { decisionId: 'd1', approvalId });
    expect(await submit('d2', 'reject', 'person:bob')).toMatchObject({
      status: 'settled',
      applied: false,
      approval: {
        state: 'approved',
        decidedBy: 'person:ann',
        decidedAt: '2010-12-01T12:00:00.000Z',
      },
    });
    expect(await shop.owner`select 1 from ledger.decision`).toHaveLength(1);
  });

  test('answers a decision that comes while another is carried out as late, and stores nothing', async () => {
    await submit('d1', 'approve', 'person:ann');
    const late = await shop.owner.begin(async (transaction) => {
      await recordDecision(within(transaction), { decisionId: 'd1', approvalId });
      const submitted = submit('d2', 'reject', 'person:bob');
      // It waits for the first one's end.
      await transaction`select pg_sleep(0.2)`;
      return { submitted };
    });
    expect(await late.submitted).toMatchObject({
      status: 'settled',
      applied: false,
      approval: { state: 'approved', decidedBy: 'person:ann' },
    });
    expect(await shop.owner`select 1 from ledger.decision`).toHaveLength(1);
  });

  test('is decided when the person acts: at the time given, else when it was heard of, never before it was asked for', async () => {
    const decided = async (times: { occurredAt?: string; at?: string }) => {
      const { adjustment } = await adjust(shop.ledger, {
        externalRef: `time-${JSON.stringify(times)}`,
        kind: 'found',
        quantity: 100,
      });
      const decision = { approvalId: adjustment.approval?.id ?? '', decisionId: adjustment.id };
      const content = { ...decision, decision: 'approve', actor: 'person:boss' } as const;
      await submitDecision(shop.ledger, { ...content, ...times });
      await recordDecision(shop.ledger, decision);
      const again = await submitDecision(shop.ledger, { ...content, at: '2026-01-01T00:00:00Z' });
      expect(again).toMatchObject({ replayed: true, applied: true });
      return again.approval.decidedAt;
    };
    const at = '2010-12-02T08:00:00Z';
    expect(await decided({ at })).toBe('2010-12-02T08:00:00.000Z');
    expect(await decided({ occurredAt: '2010-12-01T15:00:00Z', at })).toBe(
      '2010-12-01T15:00:00.000Z',
    );
    expect(await decided({ occurredAt: '2010-11-01T15:00:00Z', at })).toBe(
      '2010-12-01T12:00:00.000Z',
    );
  });

  test('is escalated once when its deadline passes, and healed by the decision', async () => {
    const reach = async () => {
      const { dueId } = await lookAtApproval(shop.ledger, { approvalId });
      const reached = { approvalId, dueId: dueId ?? '' };
      return Promise.all([1, 2, 3].map(() => reachApprovalDeadline(shop.ledger, reached)));
    };
    await reach();
    const answers = await reach();
    expect(answers.filter(({ applied }) => applied)).toHaveLength(1);
    expect(
      (await listExceptions(shop.ledger, { limit: 5, kind: 'approval-overdue' })).data,
    ).toMatchObject([
      { subjectId: processId, state: 'open', raisedAt: '2010-12-03T12:00:00.000Z' },
    ]);
    await submit('d1');
    await recordDecision(shop.ledger, { decisionId: 'd1', approvalId });
    expect(await lookAtApproval(shop.ledger, { approvalId })).toMatchObject({
      applied: false,
      state: 'approved',
      dueId: null,
    });
    expect(await shop.owner`select 1 from ledger.due where state = 'open'`).toHaveLength(0);
    expect((await listExceptions(shop.ledger, { limit: 5 })).data).toMatchObject([
      { state: 'resolved', resolution: 'healed' },
    ]);
    expect(await readApproval(shop.ledger, { approvalId })).toMatchObject({
      decidedAt: '2010-12-03T12:00:00.000Z',
    });
  });

  test('is listed by state and kind of subject', async () => {
    const open = { limit: 5, state: 'open' as const };
    expect((await listApprovals(shop.ledger, open)).data.map(({ id }) => id)).toEqual([approvalId]);
    expect((await listApprovals(shop.ledger, { ...open, subjectKind: 'return' })).data).toEqual([]);
    await expect(listApprovals(shop.ledger, { ...open, cursor: 'nonsense' })).rejects.toMatchObject(
      { path: 'cursor' },
    );
    await expect(readApproval(shop.ledger, { approvalId: 'approval:none' })).rejects.toMatchObject({
      type: 'NotFound',
    });
  });
});

describe('a decision', () => {
  test('is stored once, and its repeats learn what became of it', async () => {
    const first = await Promise.all(Array.from({ length: 6 }, () => submit('d1')));
    expect(first.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(first.every(({ status }) => status === 'pending')).toBe(true);
    expect(await openDecisions()).toBe(1);
    await recordDecision(shop.ledger, { decisionId: 'd1', approvalId });
    expect(await submit('d1')).toMatchObject({ status: 'settled', applied: true, replayed: true });
  });

  test('under a known id with other content is refused', async () => {
    await submit('d1');
    await expect(submit('d1', 'reject')).rejects.toMatchObject({ type: 'IdempotencyMismatch' });
    await expect(submit('d1', 'approve', 'person:bob')).rejects.toMatchObject({
      type: 'IdempotencyMismatch',
    });
  });

  test('is sent again until its process has answered', async () => {
    await submit('d1');
    await recordDecision(shop.ledger, { decisionId: 'd1', approvalId });
    expect(await openDecisions()).toBe(1);
    const acknowledge = () => acknowledgeDecision(shop.ledger, { decisionId: 'd1' });
    expect(await acknowledge()).toMatchObject({ status: 'settled', applied: true });
    expect(await acknowledge()).toMatchObject({ status: 'settled', applied: true });
    expect(await openDecisions()).toBe(0);
  });

  test('whose process has ended is settled by the ledger at once', async () => {
    await shop.owner`update ledger.process set state = 'ended' where process_id = ${processId}`;
    expect(await submit('d1')).toMatchObject({
      status: 'settled',
      applied: true,
      approval: { state: 'approved' },
    });
    expect(await openDecisions()).toBe(0);
    expect(await lookAtApproval(shop.ledger, { approvalId })).toMatchObject({
      applied: false,
      state: 'approved',
    });
  });

  test('about an unknown approval is not found', async () => {
    const unknown = {
      approvalId: 'approval:none',
      decisionId: 'd1',
      decision: 'approve' as const,
      actor: 'person:boss',
    };
    await expect(submitDecision(shop.ledger, unknown)).rejects.toMatchObject({ type: 'NotFound' });
  });
});
