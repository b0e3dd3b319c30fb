import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  activatePolicyDraft,
  putPolicyDraft,
  submitPolicyDraft,
} from '../../activities/ledger/intake/policy-drafts.ts';
import { readApprovalCase } from '../../activities/ledger/read/approval-case.ts';
import { lookAtApproval, reachApprovalDeadline } from '../../activities/ledger/steps/decision.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { ApprovalShop } from './approval-shop.ts';

let desk: ApprovalShop;

beforeEach(async () => {
  desk = await ApprovalShop.open();
});
afterEach(() => desk.close());

const MATRIX = DEFAULT_POLICIES['approval-matrix'];
const HOUR = 3_600;
/** An hour after it was asked. */
const ONE = '2010-12-01T13:00:00Z';

/** The day after it was asked. */
const THURSDAY = '2010-12-02';

/** From a time on these days are holidays. */
async function keepHolidays(holidays: readonly string[], effectiveFrom: string): Promise<void> {
  const calendar = MATRIX.calendars['default'];
  const document = { ...MATRIX, calendars: { default: { ...calendar, holidays } } };
  await desk.shop.owner`
    insert into ledger.policy_version (policy, version, channel, effective_from, document)
    select 'approval-matrix', max(version) + 1, '*', ${effectiveFrom}::timestamptz,
      ${desk.shop.owner.json(document as never)}
    from ledger.policy_version where policy = 'approval-matrix'`;
}

/** The deadline as the ledger keeps it for the process, the clock and the lists. */
async function stored(approvalId: string) {
  return desk.shop.owner`
    select d.next_step, d.due_at, a.due_at as wanted_by from ledger.due d
    join ledger.approval a on a.subject_id = d.subject_id
    where a.approval_id = ${approvalId} and d.kind = 'approval' and d.state in ('open', 'reached')`;
}

const remindAt = (at: string, wantedBy: string) => [
  { next_step: 'remindApproval', due_at: new Date(at), wanted_by: new Date(wantedBy) },
];

async function moves(approvalId: string): Promise<unknown[]> {
  const { subjectId } = await desk.review(approvalId);
  const rows = await desk.shop.owner<{ detail: { from: string; to: string } }[]>`
    select detail from ledger.timeline
    where subject_id = ${subjectId} and event = 'approval-deadline-moved'`;
  return rows.map(({ detail: { from, to } }) => [from, to]);
}

describe('a deadline that a calendar moves', () => {
  test('is moved for the process, the clock and the lists when somebody looks', async () => {
    const approvalId = await desk.ask();
    expect(await stored(approvalId)).toEqual(
      remindAt('2010-12-02T12:00:00Z', '2010-12-03T12:00:00Z'),
    );
    const before = await lookAtApproval(desk.shop.ledger, { approvalId });
    expect(before).toMatchObject({ applied: false, waitSeconds: 24 * HOUR });
    await keepHolidays([THURSDAY], '2010-12-01T00:00:00Z');
    const after = await lookAtApproval(desk.shop.ledger, { approvalId });
    expect(after).toMatchObject({ nextStep: 'remindApproval', waitSeconds: 48 * HOUR });
    expect(after.dueId).not.toBe(before.dueId);
    expect(await stored(approvalId)).toEqual(
      remindAt('2010-12-03T12:00:00Z', '2010-12-06T12:00:00Z'),
    );
    expect(await moves(approvalId)).toEqual([
      ['2010-12-02T12:00:00.000Z', '2010-12-03T12:00:00.000Z'],
    ]);
    // Another look finds nothing to move.
    expect(await lookAtApproval(desk.shop.ledger, { approvalId })).toMatchObject({
      applied: false,
      dueId: after.dueId,
    });
  });

  test('is not reached when the clock comes to where it was, although nobody looked before', async () => {
    const approvalId = await desk.ask();
    const { dueId } = await readApprovalCase(desk.shop.ledger, { approvalId });
    // In force only after what has happened last on the subject.
    await keepHolidays([THURSDAY], '2010-12-02T00:00:00Z');
    expect(
      await reachApprovalDeadline(desk.shop.ledger, { approvalId, dueId: dueId ?? '' }),
    ).toMatchObject({ state: 'open', nextStep: 'remindApproval', waitSeconds: 24 * HOUR });
    expect(await desk.history(approvalId)).toEqual(['requested']);
    expect(await desk.reachDeadline(approvalId)).toBe('remindApproval');
    const { events } = await desk.review(approvalId);
    expect(events.at(-1)).toMatchObject({ kind: 'reminded', at: '2010-12-03T12:00:00.000Z' });
  });

  test('and back again is waited for anew each time', async () => {
    const approvalId = await desk.ask();
    const ids: (string | null)[] = [];
    const look = async () =>
      ids.push((await lookAtApproval(desk.shop.ledger, { approvalId })).dueId);
    await look();
    await keepHolidays([THURSDAY], '2010-12-01T00:00:00Z');
    await look();
    await keepHolidays([], '2010-12-01T01:00:00Z');
    await look();
    expect(new Set(ids).size).toBe(3);
    expect(await stored(approvalId)).toEqual(
      remindAt('2010-12-02T12:00:00Z', '2010-12-03T12:00:00Z'),
    );
  });
});

test('a matrix that comes into force tells whatever waits, and its calendar counts at once', async () => {
  // Nobody is asked about policies here.
  const rows = MATRIX.rows.map((row) => ({
    ...row,
    levels: row.subject === 'policy-change' ? [] : row.levels,
  }));
  await desk.putMatrix({ ...MATRIX, rows });
  const approvalId = await desk.ask();
  const { subjectId } = await desk.review(approvalId);
  const calendar = MATRIX.calendars['default'];
  if (calendar === undefined) throw new Error('The matrix has no default calendar');
  const document = { ...MATRIX, calendars: { default: { ...calendar, holidays: [THURSDAY] } } };
  const draft = { draftId: 'closed', policy: 'approval-matrix', actor: 'person:adam', at: ONE };
  const { ledger, owner } = desk.shop;
  const scope = { channel: '*', region: '*', activeFrom: null, madeFrom: null };
  await putPolicyDraft(ledger, { ...draft, ...scope, document, note: 'stocktaking' });
  await submitPolicyDraft(ledger, { ...draft, note: null, approval: null });
  await activatePolicyDraft(ledger, { ...draft, activeFrom: null });
  expect(
    await owner`select actor, reason, occurred_at from ledger.timeline
      where subject_id = ${subjectId} and event = 'approval-matrix-changed'`,
  ).toEqual([{ actor: 'person:adam', reason: 'stocktaking', occurred_at: new Date(ONE) }]);
  expect(
    await owner`select payload ->> 'factId' as fact from ledger.outbox
      where subject_id = ${subjectId} and kind = 'signal'`,
  ).toEqual([{ fact: 'approval-matrix@3' }]);
  expect(await lookAtApproval(ledger, { approvalId })).toMatchObject({
    nextStep: 'remindApproval',
    waitSeconds: 47 * HOUR,
  });
});

describe('an absence that begins while it waits', () => {
  const APPROVERS = ['ann', 'bob', 'boss', 'ivan'].map((name) => `person:${name}`);
  /** The next morning, three hours before the reminder. */
  const FROM = { absent: true, to: null, validFrom: '2010-12-02T09:00:00Z' };

  test('escalates when it begins, where nobody is left', async () => {
    const approvalId = await desk.ask();
    for (const person of APPROVERS) await desk.delegate(person, FROM);
    expect(await lookAtApproval(desk.shop.ledger, { approvalId })).toMatchObject({
      nextStep: 'lookApproval',
      waitSeconds: 21 * HOUR,
    });
    expect(await desk.history(approvalId)).toEqual(['requested']);
    expect(await desk.reachDeadline(approvalId)).toBe('lookApproval');
    expect(await desk.review(approvalId)).toMatchObject({
      levelRuns: [{ escalated: 'absence' }],
      events: [{}, { kind: 'escalated', at: '2010-12-02T09:00:00.000Z' }],
      next: { what: 'expire' },
    });
  });

  test('changes nothing where somebody is: the deadline is the one that it was', async () => {
    const approvalId = await desk.ask();
    await desk.delegate('person:ann', FROM);
    await lookAtApproval(desk.shop.ledger, { approvalId });
    expect(await desk.reachDeadline(approvalId)).toBe('lookApproval');
    expect(await desk.history(approvalId)).toEqual(['requested']);
    expect(await stored(approvalId)).toEqual(
      remindAt('2010-12-02T12:00:00Z', '2010-12-03T12:00:00Z'),
    );
  });

  test('and is called off is looked at no more', async () => {
    const approvalId = await desk.ask();
    const delegationId = await desk.delegate('person:ann', FROM);
    await lookAtApproval(desk.shop.ledger, { approvalId });
    await desk.delegate('person:ann', { ...FROM, delegationId, revoked: true });
    expect(await lookAtApproval(desk.shop.ledger, { approvalId })).toMatchObject({
      nextStep: 'remindApproval',
      waitSeconds: 24 * HOUR,
    });
  });
});

test('two approvals of one subject have a deadline each, and one ends without the other', async () => {
  const one = await desk.ask();
  const { subjectId } = await desk.review(one);
  const other = `${one.slice(0, -1)}2`;
  await desk.shop.owner`
    insert into ledger.approval
    select (jsonb_populate_record(a, jsonb_build_object('approval_id', ${other}::text))).* from ledger.approval a
    where a.approval_id = ${one}`;
  await desk.shop.owner`
    insert into ledger.approval_event
    select (jsonb_populate_record(e, jsonb_build_object('approval_id', ${other}::text))).*
    from ledger.approval_event e where e.approval_id = ${one}`;
  const first = await lookAtApproval(desk.shop.ledger, { approvalId: one });
  const second = await lookAtApproval(desk.shop.ledger, { approvalId: other });
  expect(first.dueId).toBe(`${subjectId}:approval:1.1`);
  expect(second.dueId).toBe(`${subjectId}:approval:2.1`);
  await desk.say(one, 'person:rita', { kind: 'withdraw' });
  expect(await lookAtApproval(desk.shop.ledger, { approvalId: other })).toMatchObject({
    state: 'open',
    dueId: second.dueId,
  });
});
