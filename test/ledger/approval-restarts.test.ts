import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeFacts } from '../../activities/ledger/approval-json.ts';
import { submitDecision } from '../../activities/ledger/intake/submit-decision.ts';
import { readApprovalCase } from '../../activities/ledger/read/approval-case.ts';
import { lookAtApproval, recordDecision } from '../../activities/ledger/steps/decision.ts';
import { ApprovalShop, levelOf, matrixOf } from './approval-shop.ts';

let desk: ApprovalShop;

beforeEach(async () => {
  desk = await ApprovalShop.open();
});
afterEach(() => desk.close());

const THREE = matrixOf([levelOf('approver'), levelOf('finance'), levelOf('procurement')]);

describe('a material change of the subject', () => {
  async function grow(approvalId: string): Promise<void> {
    const { subjectId } = await desk.review(approvalId);
    await desk.shop.owner`
      update ledger.stock_adjustment set quantity = 300, value_minor = 75000 where adjustment_id = ${subjectId}`;
  }

  test('begins another run by the facts of today, and the history of the first stays', async () => {
    await desk.putMatrix(THREE);
    const id = await desk.ask();
    await desk.decide(id, 'person:ann');
    await grow(id);
    expect(await lookAtApproval(desk.shop.ledger, { approvalId: id })).toMatchObject({
      applied: true,
      state: 'open',
      run: 2,
    });
    expect(await desk.review(id)).toMatchObject({
      run: 2,
      openLevels: [0],
      facts: { amountMinor: '75000', quantityEach: '300' },
      pastRuns: [
        {
          run: 1,
          cause: 'material-change',
          levelRuns: [{ state: 'approved', decisions: [{ by: 'person:ann' }] }, {}, {}],
        },
      ],
    });
    expect((await desk.review(id)).pastRuns[0]?.reasons).toEqual([
      'the amount rose from 250.00 GBP to 750.00 GBP, more than the 0.00 % allowed',
      'the quantity is 300 and was 100, more than the 0.00 % allowed',
    ]);
    // Whoever decided before decides again: they saw other facts.
    expect(await desk.decide(id, 'person:ann')).toMatchObject({ applied: true });
  });

  test('makes what was said about the facts before count for nothing', async () => {
    const id = await desk.ask();
    const decision = {
      approvalId: id,
      decisionId: 'd1',
      decision: 'approve',
      actor: 'person:ann',
    } as const;
    await submitDecision(desk.shop.ledger, decision);
    await grow(id);
    await lookAtApproval(desk.shop.ledger, { approvalId: id });
    expect(await recordDecision(desk.shop.ledger, decision)).toMatchObject({
      applied: false,
      state: 'open',
    });
    expect(await submitDecision(desk.shop.ledger, decision)).toMatchObject({
      applied: false,
      answer: { status: 409, rule: 'restarted' },
    });
    expect(await desk.decide(id, 'person:bob', 'approve', { run: 1 })).toMatchObject({
      answer: { status: 409, rule: 'restarted' },
    });
    expect(await desk.decide(id, 'person:bob')).toMatchObject({ approval: { state: 'approved' } });
  });

  test('that nobody has looked at yet is seen by the decision itself: it counts for nothing', async () => {
    await desk.putMatrix(THREE);
    const id = await desk.ask();
    await grow(id);
    expect(await desk.decide(id, 'person:ann')).toMatchObject({
      applied: false,
      answer: { status: 409, rule: 'restarted' },
    });
    expect(await desk.review(id)).toMatchObject({
      run: 2,
      openLevels: [0],
      facts: { quantityEach: '300' },
    });
    expect(await desk.effects(id)).toBe(0);
    expect(await desk.decide(id, 'person:ann')).toMatchObject({ applied: true });
  });

  test('between the look and the lock is seen too: what was judged before is judged again', async () => {
    const id = await desk.ask();
    const { sequence, factsToday } = await readApprovalCase(desk.shop.ledger, { approvalId: id });
    await grow(id);
    expect(
      await desk.shop.ledger.call('append_approval_events', {
        approvalId: id,
        expectedSequence: sequence,
        seenFacts: writeFacts(factsToday),
        events: [],
        projection: {},
      }),
    ).toEqual({ outcome: 'conflict' });
    expect(await desk.history(id)).toEqual(['requested']);
  });

  test('to another place is for those who reach that place', async () => {
    const id = await desk.ask();
    const { subjectId } = await desk.review(id);
    await desk.shop.owner`
      insert into ledger.node (node, name, country) values ('far', 'Far away', 'DE')`;
    await desk.shop.owner`
      update ledger.stock_adjustment set node = 'far' where adjustment_id = ${subjectId}`;
    await lookAtApproval(desk.shop.ledger, { approvalId: id });
    expect(
      await desk.shop.owner`select run, reach_nodes, reach_regions from ledger.approval
        where approval_id = ${id}`,
    ).toEqual([{ run: 2, reach_nodes: ['far'], reach_regions: ['DE'] }]);
  });

  test('is none where nothing has changed', async () => {
    const id = await desk.ask();
    expect(await lookAtApproval(desk.shop.ledger, { approvalId: id })).toMatchObject({
      applied: false,
      run: 1,
    });
    expect(await desk.history(id)).toEqual(['requested']);
  });
});
