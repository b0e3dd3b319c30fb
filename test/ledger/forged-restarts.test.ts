import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readApprovalCase } from '../../activities/ledger/read/approval-case.ts';
import type { ApprovalEvent } from '../../rules/approval/approval-events.ts';
import type { ApprovalPlan } from '../../rules/approval/evaluate-matrix.ts';
import { ApprovalShop } from './approval-shop.ts';
import { expectUntouched, forge, HOUR_MS, NOON_MS, refusedAs, sayPast } from './forgery.ts';

let desk: ApprovalShop;

beforeEach(async () => {
  desk = await ApprovalShop.open();
});
afterEach(() => desk.close());

describe('as the application’s role nobody begins a run anew', () => {
  async function planOf(approvalId: string): Promise<ApprovalPlan> {
    const { events } = await readApprovalCase(desk.shop.ledger, { approvalId });
    const [first] = events;
    if (first?.kind !== 'requested') throw new Error(`${approvalId} begins with no request`);
    return first.plan;
  }

  async function restarted(id: string, terms: object = {}): Promise<[ApprovalEvent, object]> {
    const found = await readApprovalCase(desk.shop.ledger, { approvalId: id, rows: true });
    const plan = await planOf(id);
    const event = {
      kind: 'restarted',
      by: 'loopline',
      atMs: NOON_MS + HOUR_MS,
      cause: 'material-change',
      reasons: ['because'],
      plan,
      facts: found.factsToday,
      ...terms,
    };
    const policyVersion = found.matrix.version;
    const why = { applied: {}, passedOver: [], text: 'because', rule: 'because', policyVersion };
    return [event as unknown as ApprovalEvent, why];
  }

  const grow = async (id: string): Promise<void> => {
    const { subjectId } = await desk.review(id);
    await desk.shop.owner`
      update ledger.stock_adjustment set quantity = 300, value_minor = 75000 where adjustment_id = ${subjectId}`;
  };

  test('whose facts have not changed, or that nobody has returned', async () => {
    const id = await desk.ask();
    const [event, restart] = await restarted(id);
    await expect(forge(desk, id, [event], { restart })).rejects.toMatchObject(
      refusedAs('rests on facts that have not changed'),
    );
    const decisionId = await sayPast(desk, id, 'person:rita', { kind: 'resubmit' });
    const [back] = await restarted(id, { by: 'person:rita', cause: 'resubmitted' });
    await expect(forge(desk, id, [back], { restart, decisionId })).rejects.toMatchObject(
      refusedAs('brings back what was not returned to them'),
    );
    await expectUntouched(desk, id);
  });

  test('by other facts than those of today', async () => {
    const id = await desk.ask();
    await grow(id);
    const { facts } = (await readApprovalCase(desk.shop.ledger, { approvalId: id })).events[0] as {
      facts: { amountMinor: bigint };
    };
    const [event, restart] = await restarted(id, { facts: { ...facts, amountMinor: 1n } });
    expect(await forge(desk, id, [event], { restart })).toEqual({ outcome: 'conflict' });
    await expectUntouched(desk, id);
  });

  test('so that nobody is asked, or others are', async () => {
    const id = await desk.ask();
    await grow(id);
    const plan = await planOf(id);
    const [level] = plan.levels;
    for (const other of [
      { ...plan, levels: [] },
      { ...plan, row: 'stock-correction-small', levels: [] },
      { ...plan, levels: [{ ...level, people: ['person:otto'], roles: [] }] },
      { ...plan, row: 'refund-medium' },
    ]) {
      const [event, restart] = await restarted(id, { plan: other });
      await expect(forge(desk, id, [event], { restart })).rejects.toMatchObject(
        refusedAs('is not asked for by the row'),
      );
    }
    await expectUntouched(desk, id);
    const [event, restart] = await restarted(id);
    expect(await forge(desk, id, [event], { restart })).toMatchObject({ outcome: 'stored' });
    expect(await desk.review(id)).toMatchObject({ run: 2, state: 'open' });
  });
});
