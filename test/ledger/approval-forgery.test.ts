import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runDues } from '../../activities/ledger/intake/run-dues.ts';
import { readApprovalCase } from '../../activities/ledger/read/approval-case.ts';
import type { ApprovalEvent } from '../../rules/approval/approval-events.ts';
import { ApprovalShop, levelOf, matrixOf } from './approval-shop.ts';
import { expectUntouched, forge, HOUR_MS, NOON_MS, refusedAs, sayPast } from './forgery.ts';

let desk: ApprovalShop;

beforeEach(async () => {
  desk = await ApprovalShop.open();
});
afterEach(() => desk.close());

const SEAT = { kind: 'role', name: 'approver', escalation: false } as const;
const TWO = matrixOf([levelOf('approver'), levelOf('finance')]);
const APPROVED_BY_TIME = matrixOf([levelOf('approver', { onExpiry: 'approve', escalateTo: null })]);

type Said = Partial<Extract<ApprovalEvent, { kind: 'decided' }>>;

function decided(by: string, terms: Said = {}): ApprovalEvent {
  return {
    kind: 'decided',
    by,
    atMs: NOON_MS + HOUR_MS,
    level: 0,
    decision: 'approve',
    onBehalfOf: null,
    delegationId: null,
    seat: SEAT,
    ...terms,
  };
}

const APPROVE = { kind: 'decide', decision: 'approve' } as const;

describe('as the application’s role nobody forges a decision', () => {
  test('that nobody has said, or that was said otherwise', async () => {
    const id = await desk.ask();
    await expect(forge(desk, id, [decided('person:ann')])).rejects.toMatchObject(
      refusedAs('never said'),
    );
    const decisionId = await sayPast(desk, id, 'person:ann', {
      kind: 'decide',
      decision: 'reject',
    });
    for (const event of [decided('person:ann'), decided('person:bob', { decision: 'reject' })]) {
      await expect(forge(desk, id, [event], { decisionId })).rejects.toMatchObject(
        refusedAs('never said'),
      );
    }
    await expectUntouched(desk, id);
  });

  test('that was said of a run that does not exist', async () => {
    const id = await desk.ask();
    const decisionId = await sayPast(desk, id, 'person:ann', APPROVE, 0, 9);
    await expect(forge(desk, id, [decided('person:ann')], { decisionId })).rejects.toMatchObject(
      refusedAs('never said'),
    );
    await expectUntouched(desk, id);
  });

  test.each([
    ['somebody who has no such role', 'person:otto', 'does not hold the seat'],
    ['somebody whom nobody knows', 'person:nobody', 'is nobody who decides'],
    ['a process', 'loopline', 'is nobody who decides'],
    ['whoever asked', 'person:rita', 'asked for it'],
  ])('of %s', async (_who, by, why) => {
    const id = await desk.ask();
    const decisionId = await sayPast(desk, id, by, APPROVE).catch(() => 'none');
    await expect(forge(desk, id, [decided(by)], { decisionId })).rejects.toMatchObject(
      refusedAs(why),
    );
    await expectUntouched(desk, id);
  });

  test('of somebody above the limit of their authority', async () => {
    const id = await desk.ask();
    await desk.shop
      .owner`update ledger.person set amount_limit_minor = 24999 where person_id = 'person:ann'`;
    const decisionId = await sayPast(desk, id, 'person:ann', APPROVE);
    await expect(forge(desk, id, [decided('person:ann')], { decisionId })).rejects.toMatchObject(
      refusedAs('does not hold the seat'),
    );
    await expectUntouched(desk, id);
  });

  test.each([
    ['is over', { validUntil: '2010-12-01T12:30:00Z' }],
    ['has not begun', { validFrom: '2010-12-01T13:30:00Z' }],
    ['is for something else', { subjects: ['refund'] as const }],
    ['ends below the amount', { limitMinor: '24999' }],
  ])('by a delegation that %s', async (_what, terms) => {
    const id = await desk.ask();
    const delegationId = await desk.delegate('person:ann', { to: 'person:otto', ...terms });
    const decisionId = await sayPast(desk, id, 'person:otto', APPROVE);
    const event = decided('person:otto', { onBehalfOf: 'person:ann', delegationId });
    await expect(forge(desk, id, [event], { decisionId })).rejects.toMatchObject(
      refusedAs('has no delegation of person:ann'),
    );
    await expectUntouched(desk, id);
  });

  test('of a level that is not asked, nor an end that one level of two leads to', async () => {
    await desk.putMatrix(TWO);
    const id = await desk.ask();
    const later = await sayPast(desk, id, 'person:fay', APPROVE, 1);
    const seat = { ...SEAT, name: 'finance' };
    await expect(
      forge(desk, id, [decided('person:fay', { level: 1, seat })], { decisionId: later }),
    ).rejects.toMatchObject(refusedAs('finds nothing to act on'));
    const decisionId = await sayPast(desk, id, 'person:ann', APPROVE);
    const closing = { cause: 'decision', level: 0, by: 'person:ann', onBehalfOf: null, atMs: 0 };
    await expect(
      forge(desk, id, [decided('person:ann')], {
        decisionId,
        projection: { state: 'approved', closing },
      }),
    ).rejects.toMatchObject(refusedAs('is not in its history'));
    await expectUntouched(desk, id);
  });

  test('in the name of somebody else', async () => {
    const id = await desk.ask(100, 'person:ivan');
    const ivans = desk.shop.ledger.as({ actor: 'person:ivan' });
    const word = { approvalId: id, decisionId: 'd1', decision: 'approve', actor: 'person:ann' };
    await expect(ivans.call('submit_decision', { ...word, body: {} })).rejects.toMatchObject(
      refusedAs('person:ivan speaks in the name of person:ann'),
    );
    expect(await desk.shop.owner`select 1 from ledger.decision`).toHaveLength(0);
  });
});

describe('as the application’s role nobody forges time', () => {
  const expired = (atMs: number): ApprovalEvent => ({
    kind: 'expired',
    by: 'loopline',
    atMs,
    level: 0,
  });

  test('an expiry that nobody was reminded of, or that comes before its hours are over', async () => {
    await desk.putMatrix(APPROVED_BY_TIME);
    const id = await desk.ask();
    await expect(forge(desk, id, [expired(NOON_MS + 900 * HOUR_MS)])).rejects.toMatchObject(
      refusedAs('comes before its deadline'),
    );
    await desk.reachDeadline(id);
    for (const hours of [24, 25, 47]) {
      await expect(forge(desk, id, [expired(NOON_MS + hours * HOUR_MS)])).rejects.toMatchObject(
        refusedAs('comes before its deadline'),
      );
    }
    await expectUntouched(desk, id, ['requested', 'reminded']);
    await desk.reachDeadline(id);
    expect(await desk.review(id)).toMatchObject({ state: 'approved', closedBy: 'expiry' });
  });

  test('a deadline that the level does not have', async () => {
    await desk.putMatrix(APPROVED_BY_TIME);
    const id = await desk.ask();
    const decisionId = await sayPast(desk, id, 'person:rita', { kind: 'comment' });
    const comment: ApprovalEvent = { kind: 'commented', by: 'person:rita', atMs: NOON_MS + 1 };
    for (const deadline of [
      { atMs: NOON_MS + 2, what: 'remind', level: 0 },
      { atMs: NOON_MS + 900 * HOUR_MS, what: 'expire', level: 0 },
      { atMs: NOON_MS + 900 * HOUR_MS, what: 'remind', level: 7 },
      null,
    ]) {
      await expect(
        forge(desk, id, [comment], { decisionId, projection: { deadline } }),
      ).rejects.toMatchObject(refusedAs('cannot come to'));
    }
    await expectUntouched(desk, id);
  });

  test('the business clock of a year from now', async () => {
    const slow = { remindAfterHours: 40, deadlineHours: 80 };
    const terms = { onExpiry: 'approve', escalateTo: null, ...slow } as const;
    await desk.putMatrix(matrixOf([levelOf('approver', terms)]));
    const id = await desk.ask(100, 'person:rita', new Date().toISOString());
    const { subjectId } = await desk.review(id);
    const until = new Date(Date.now() + 365 * 24 * HOUR_MS).toISOString();
    expect(await runDues(desk.shop.ledger, { until, subjectId, limit: 10 })).toEqual({
      reached: 0,
      more: false,
    });
    const { dueAtMs } = await readApprovalCase(desk.shop.ledger, { approvalId: id });
    const atMs = dueAtMs ?? 0;
    for (const event of [{ kind: 'reminded', by: 'loopline', atMs, level: 0 }, expired(atMs)]) {
      await expect(forge(desk, id, [event as ApprovalEvent])).rejects.toMatchObject(
        refusedAs('comes before its deadline'),
      );
    }
    await expectUntouched(desk, id);
  });

  test('a word of before it was asked for, or of next year', async () => {
    const id = await desk.ask();
    const decisionId = await sayPast(desk, id, 'person:ann', APPROVE);
    for (const [atMs, why] of [
      [NOON_MS - 1, 'comes before what happened last'],
      [Date.now() + 48 * HOUR_MS, 'lies in the future'],
    ] as const) {
      await expect(
        forge(desk, id, [decided('person:ann', { atMs })], { decisionId }),
      ).rejects.toMatchObject(refusedAs(why));
    }
    await expectUntouched(desk, id);
  });

  test('an absence of those who are there', async () => {
    const id = await desk.ask();
    const away = {
      kind: 'escalated',
      by: 'loopline',
      atMs: NOON_MS,
      level: 0,
      cause: 'absence',
    } as const;
    expect(await forge(desk, id, [away])).toEqual({ outcome: 'conflict' });
    await expectUntouched(desk, id);
  });
});

describe('as the application’s role nobody shifts a request', () => {
  const at = { atMs: NOON_MS + HOUR_MS };

  test('by a withdrawal of whoever did not ask for it', async () => {
    const id = await desk.ask();
    const decisionId = await sayPast(desk, id, 'person:ann', { kind: 'withdraw' });
    for (const by of ['person:ann', 'loopline']) {
      await expect(
        forge(desk, id, [{ kind: 'withdrawn', by, ...at }], { decisionId }),
      ).rejects.toMatchObject(refusedAs('comes from nobody who asked for it'));
    }
    await expect(
      forge(desk, id, [{ kind: 'withdrawn', by: 'person:rita', ...at }]),
    ).rejects.toMatchObject(refusedAs('was never said'));
    await expectUntouched(desk, id);
  });

  test('by passing a seat to whoever may not decide it, as whoever asked, or as a delegate', async () => {
    const id = await desk.ask(100, 'person:ivan');
    await desk.delegate('person:ann', { to: 'person:fay' });
    for (const [by, to, why] of [
      ['person:ann', 'person:otto', 'names somebody who may not decide it'],
      ['person:ann', 'person:ivan', 'names somebody who may not decide it'],
      ['person:otto', 'person:bob', 'comes from nobody who is asked'],
      ['person:ivan', 'person:bob', 'comes from nobody who is asked'],
      ['person:fay', 'person:bob', 'passes on what was delegated'],
    ] as const) {
      const decisionId = await sayPast(desk, id, by, { kind: 'reassign', to, seat: SEAT });
      const event = { kind: 'reassigned', by, to, seat: SEAT, level: 0, ...at } as const;
      await expect(forge(desk, id, [event], { decisionId })).rejects.toMatchObject(refusedAs(why));
    }
    await expectUntouched(desk, id);
  });

  test('by a question, an answer or a return of somebody who is not asked', async () => {
    const id = await desk.ask();
    const by = 'person:otto';
    const asked = await sayPast(desk, id, by, { kind: 'ask-information', askee: 'person:ann' });
    const question = {
      kind: 'information-asked',
      by,
      askee: 'person:ann',
      level: 0,
      ...at,
    } as const;
    await expect(forge(desk, id, [question], { decisionId: asked })).rejects.toMatchObject(
      refusedAs('comes from nobody who is asked'),
    );
    const returned = await sayPast(desk, id, by, { kind: 'return-for-change' });
    await expect(
      forge(desk, id, [{ kind: 'returned-for-change', by, level: 0, ...at }], {
        decisionId: returned,
      }),
    ).rejects.toMatchObject(refusedAs('comes from nobody who is asked'));
    await expectUntouched(desk, id);
    await desk.say(id, 'person:ann', { kind: 'ask-information', askee: 'person:bob' });
    const answered = await sayPast(desk, id, by, { kind: 'give-information' });
    await expect(
      forge(desk, id, [{ kind: 'information-given', by, level: 0, ...at }], {
        decisionId: answered,
      }),
    ).rejects.toMatchObject(refusedAs('comes from nobody who was asked'));
  });
});
