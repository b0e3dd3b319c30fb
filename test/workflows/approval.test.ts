import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { submitWord } from '../../activities/ledger/intake/submit-decision.ts';
import { readPolicyDraft } from '../../activities/ledger/read/policies.ts';
import { seedAdjustmentShop } from '../ledger/adjustment-shop.ts';
import { levelOf, matrixOf } from '../ledger/approval-shop.ts';
import type { DecisionOutcome } from '../../workflows/process/messages.ts';
import { eventually, openLoopline, processNamed, type TestLoopline } from '../support/loopline.ts';
import { ApprovalDesk } from './approval-desk.ts';
import { proposePolicy } from './propose-policy.ts';

const APPROVE = { kind: 'decide', decision: 'approve' } as const;
const REJECT = { kind: 'decide', decision: 'reject' } as const;
const THREE = matrixOf([levelOf('approver'), levelOf('finance'), levelOf('procurement')]);
const ONE = matrixOf([levelOf('approver')]);
/** Before the reminder of what is asked on Wednesday at noon. */
const DAY_AFTER = '2010-12-02T09:00:00Z';

let loopline: TestLoopline;
let desk: ApprovalDesk;

beforeAll(async () => {
  loopline = await openLoopline();
  await seedAdjustmentShop(loopline.owner);
  desk = new ApprovalDesk(loopline);
  await loopline.startWorker();
  loopline.startDispatcher();
});

afterAll(() => loopline.close());

describe('three levels', () => {
  test('a reminder, an escalation and an expiry come by the clock of business', async () => {
    await desk.shop.putMatrix(THREE);
    const { approvalId, processId, handle } = await desk.begin();
    // Wednesday at noon: eight hours of business are over on Thursday at noon.
    await desk.skipUntil(processId, 24, 'approval-reminded');
    expect(await desk.tellWord(approvalId, 'person:ann', APPROVE)).toMatchObject({
      applied: true,
      state: 'open',
    });
    // The second level is reminded on Friday and escalated on Monday.
    await desk.skipUntil(processId, 24, 'approval-reminded', 2);
    await desk.skipUntil(processId, 72, 'approval-escalated');
    expect(await desk.exception(processId, 'approval-overdue')).toMatchObject({ owner: 'ops' });
    await desk.tellWord(approvalId, 'person:olga', APPROVE);
    // Nobody decides at the third, nor whoever it is escalated to: the policy says no.
    await desk.skipUntil(processId, 24, 'approval-reminded', 3);
    await desk.skipUntil(processId, 24, 'approval-escalated', 2);
    await desk.skipUntil(processId, 24, 'approval-expired');
    expect(await handle.result()).toBe('rejected');
    expect(await desk.review(approvalId)).toMatchObject({
      state: 'rejected',
      closedBy: 'expiry',
      levelRuns: [
        { state: 'approved', decisions: [{ by: 'person:ann', as: 'approver' }] },
        { state: 'approved', decisions: [{ by: 'person:olga', as: 'ops' }] },
        { state: 'rejected', decisions: [] },
      ],
    });
    expect(await desk.history(approvalId)).toEqual([
      'requested',
      'reminded',
      'decided',
      'reminded',
      'escalated',
      'decided',
      'reminded',
      'escalated',
      'expired',
    ]);
    expect(await desk.shop.effects(approvalId)).toBe(0);
  });

  test('all of them say yes: it is carried out once, by the last', async () => {
    await desk.shop.putMatrix(THREE);
    const { approvalId, handle } = await desk.begin();
    for (const person of ['ann', 'fay', 'pat']) {
      expect(await desk.tellWord(approvalId, `person:${person}`, APPROVE)).toMatchObject({
        applied: true,
      });
    }
    expect(await handle.result()).toBe('applied');
    expect(await desk.shop.effects(approvalId)).toBe(1);
  });
});

test('a look at news that change nothing puts no deadline off', async () => {
  await desk.shop.putMatrix(ONE);
  const { approvalId, processId, handle } = await desk.begin();
  await loopline.skipTime(processId, 23 * 3_600);
  await desk.tell(processId, 'nothing-new');
  await desk.looked(handle, 2);
  expect(await desk.history(approvalId)).toEqual(['requested']);
  await desk.skipUntil(processId, 1, 'approval-reminded');
  await desk.tellWord(approvalId, 'person:ann', REJECT);
  expect(await handle.result()).toBe('rejected');
});

test('a holiday that is entered while it waits moves the deadline and its timer', async () => {
  await desk.shop.putMatrix(ONE);
  const { approvalId, processId, handle } = await desk.begin();
  const office = ONE.calendars['default'];
  if (office === undefined) throw new Error('the matrix has no default calendar');
  const closed = { ...office, holidays: ['2010-12-02'] };
  await desk.shop.putMatrix({ ...ONE, calendars: { default: closed } });
  await desk.tell(processId, 'closed-on-thursday');
  await eventually(async () =>
    expect(await desk.noted(processId, 'approval-deadline-moved')).toBe(1),
  );
  await loopline.skipTime(processId, 24 * 3_600 + 60);
  expect(await desk.history(approvalId)).toEqual(['requested']);
  await desk.skipUntil(processId, 24, 'approval-reminded');
  await desk.tellWord(approvalId, 'person:ann', REJECT);
  expect(await handle.result()).toBe('rejected');
  await desk.shop.putMatrix(ONE);
});

test('an absence that begins while it waits escalates it then, where nobody is left', async () => {
  await desk.shop.putMatrix(matrixOf([levelOf('procurement')]));
  const { approvalId, processId, handle } = await desk.begin();
  const away = { absent: true, to: null, validFrom: DAY_AFTER };
  const absences: { readonly person: string; readonly delegationId: string }[] = [];
  for (const person of ['person:pat', 'person:boss'])
    absences.push({ person, delegationId: await desk.shop.delegate(person, away) });
  await eventually(async () =>
    expect(await desk.noted(processId, 'approval-deadline-moved')).toBe(1),
  );
  // Three hours before the reminder.
  await desk.skipUntil(processId, 21, 'approval-escalated');
  expect(await desk.history(approvalId)).toEqual(['requested', 'escalated']);
  await desk.tellWord(approvalId, 'person:olga', APPROVE);
  expect(await handle.result()).toBe('applied');
  for (const { person, delegationId } of absences)
    await desk.shop.delegate(person, { ...away, delegationId, revoked: true });
});

describe('a delegate', () => {
  test('decides while the delegation is in force, and not when it is over or for something else', async () => {
    await desk.shop.putMatrix(ONE);
    const { approvalId, handle } = await desk.begin();
    await desk.shop.delegate('person:ann', { to: 'person:otto' });
    await desk.shop.delegate('person:bob', { to: 'person:pat', subjects: ['refund'] });
    const over = { at: '2011-02-01T09:00:00Z' };
    expect(
      await desk.shop.decide(approvalId, 'person:otto', 'approve', over),
      'it is over',
    ).toMatchObject({ status: 'refused', rule: 'delegation-ended' });
    expect(
      await desk.shop.decide(approvalId, 'person:pat'),
      'it is for something else',
    ).toMatchObject({ status: 'refused', rule: 'delegation-out-of-scope' });
    expect(await desk.history(approvalId)).toEqual(['requested']);
    expect(await desk.tellWord(approvalId, 'person:otto', APPROVE)).toMatchObject({
      applied: true,
      closing: { by: 'person:otto', onBehalfOf: 'person:ann' },
    });
    expect(await handle.result()).toBe('applied');
  });

  test('is refused once the delegation has ended while it waits', async () => {
    await desk.shop.putMatrix(ONE);
    await desk.shop.delegate('person:bob', { to: 'person:fay', validUntil: DAY_AFTER });
    const { approvalId, processId, handle } = await desk.begin();
    await desk.skipUntil(processId, 24, 'approval-reminded');
    expect(await desk.shop.decide(approvalId, 'person:fay')).toMatchObject({
      status: 'refused',
      answer: { status: 403, rule: 'delegation-ended' },
    });
    expect(await desk.history(approvalId)).toEqual(['requested', 'reminded']);
    await desk.tellWord(approvalId, 'person:ann', APPROVE);
    expect(await handle.result()).toBe('applied');
  });
});

describe('a question', () => {
  test('stops the clock: the reminder comes as much later', async () => {
    await desk.shop.putMatrix(ONE);
    const { approvalId, processId, handle } = await desk.begin();
    const ask = { kind: 'ask-information', askee: 'person:otto' } as const;
    await desk.tellWord(approvalId, 'person:ann', ask);
    // A day later the reminder would have come, had the clock run.
    await loopline.skipTime(processId, 24 * 3_600 + 60);
    const answer = { kind: 'give-information' } as const;
    const later = { occurredAt: '2010-12-02T12:00:00Z' };
    expect(await desk.tellWord(approvalId, 'person:otto', answer, later)).toMatchObject({
      applied: true,
    });
    expect((await desk.review(approvalId)).next).toEqual({
      what: 'remind',
      at: '2010-12-03T12:00:00.000Z',
    });
    await desk.skipUntil(processId, 24, 'approval-reminded');
    await desk.tellWord(approvalId, 'person:ann', APPROVE);
    expect(await handle.result()).toBe('applied');
    expect(await desk.history(approvalId)).toEqual([
      'requested',
      'information-asked',
      'information-given',
      'reminded',
      'decided',
    ]);
  });

  test('that nobody answers lets the clock run again when its own time is over', async () => {
    await desk.shop.putMatrix(ONE);
    const { approvalId, processId, handle } = await desk.begin();
    await desk.tellWord(approvalId, 'person:ann', {
      kind: 'ask-information',
      askee: 'person:otto',
    });
    // Twenty-four hours of business are over on Monday at noon.
    await desk.skipUntil(processId, 5 * 24, 'approval-information-overdue');
    await desk.skipUntil(processId, 24, 'approval-reminded');
    await desk.tellWord(approvalId, 'person:ann', APPROVE);
    expect(await handle.result()).toBe('applied');
    expect(await desk.history(approvalId)).toEqual([
      'requested',
      'information-asked',
      'information-overdue',
      'reminded',
      'decided',
    ]);
  });
});

describe('a material change while it waits', () => {
  test('begins another run; what was said about the first counts for nothing', async () => {
    await desk.shop.putMatrix(THREE);
    const { approvalId, processId, handle } = await desk.begin();
    await desk.tellWord(approvalId, 'person:ann', APPROVE);
    await loopline.owner`
      update ledger.stock_adjustment set quantity = 120, value_minor = 30000 where adjustment_id = ${processId}`;
    await desk.tell(processId, 'it-was-changed');
    await eventually(async () =>
      expect(await desk.review(approvalId)).toMatchObject({ run: 2, openLevels: [0] }),
    );
    const old = { approvalId, kind: 'decide', by: 'person:fay', run: 1 };
    expect(await desk.refusalOf(handle, old)).toMatchObject({ status: 409, rule: 'restarted' });
    for (const person of ['ann', 'fay', 'pat']) {
      await desk.tellWord(approvalId, `person:${person}`, APPROVE);
    }
    expect(await handle.result()).toBe('applied');
    expect((await desk.review(approvalId)).pastRuns).toMatchObject([
      {
        run: 1,
        cause: 'material-change',
        levelRuns: [{ decisions: [{ by: 'person:ann' }] }, {}, {}],
      },
    ]);
    expect(await desk.shop.effects(approvalId)).toBe(1);
  });
});

describe('whoever asked', () => {
  test('withdraws, and nothing is done', async () => {
    await desk.shop.putMatrix(ONE);
    const { approvalId, handle } = await desk.begin();
    expect(await desk.tellWord(approvalId, 'person:rita', { kind: 'withdraw' })).toMatchObject({
      applied: true,
      state: 'withdrawn',
    });
    expect(await handle.result()).toBe('rejected');
    expect(await desk.shop.decide(approvalId, 'person:ann')).toMatchObject({
      applied: false,
      answer: { status: 410, by: 'person:rita' },
    });
    expect(await desk.shop.effects(approvalId)).toBe(0);
  });

  test('is refused by the process at once, and so is whoever has had a say', async () => {
    await desk.shop.putMatrix(THREE);
    const { approvalId, handle } = await desk.begin('person:ivan');
    const decide = { approvalId, kind: 'decide' };
    expect(await desk.refusalOf(handle, { ...decide, by: 'person:ivan' })).toMatchObject({
      status: 403,
      rule: 'requester-may-not-decide',
    });
    await desk.tellWord(approvalId, 'person:boss', APPROVE);
    await eventually(async () =>
      expect(await desk.refusalOf(handle, { ...decide, by: 'person:boss' })).toMatchObject({
        status: 403,
        rule: 'one-decision-per-request',
      }),
    );
    await desk.tellWord(approvalId, 'person:fay', REJECT);
    expect(await handle.result()).toBe('rejected');
  });
});

test('of two who decide in the same moment one wins, and the other is told who', async () => {
  await desk.shop.putMatrix(ONE);
  const { approvalId, handle } = await desk.begin();
  const said = [
    ['person:ann', APPROVE],
    ['person:bob', REJECT],
  ] as const;
  const outcomes = await Promise.all(
    said.map(([person, word]) => desk.tellWord(approvalId, person, word)),
  );
  await handle.result();
  const { decidedBy, state } = await desk.review(approvalId);
  expect(outcomes.filter((outcome) => outcome?.applied === true)).toHaveLength(1);
  const loser = said.find(([person]) => person !== decidedBy)?.[0] ?? '';
  expect(await desk.shop.decide(approvalId, loser)).toMatchObject({
    applied: false,
    answer: { status: 409, rule: 'already-decided', by: decidedBy },
  });
  expect(await desk.shop.effects(approvalId)).toBe(state === 'approved' ? 1 : 0);
});

test('two decide in the same millisecond: one wins, and the other is told who and when', async () => {
  await desk.shop.putMatrix(ONE);
  const { approvalId, processId, handle } = await desk.begin();
  const { ledger } = loopline;
  const at = '2010-12-01T13:00:00.000Z';
  const said = [
    { approvalId, decisionId: 'same-ms-ann', actor: 'person:ann', word: APPROVE, at },
    { approvalId, decisionId: 'same-ms-bob', actor: 'person:bob', word: REJECT, at },
  ];
  for (const word of said)
    expect(await submitWord(ledger, word)).toMatchObject({ status: 'pending' });
  // Both wait in the engine before any worker sees either.
  const answers: Promise<DecisionOutcome | 'refused' | undefined>[] = [];
  await loopline.whilePaused(async () => {
    for (const { decisionId, actor: by } of said) {
      const message = { decisionId, approvalId, kind: 'decide', by, run: 1 };
      answers.push(loopline.engine.sendDecision(processNamed(processId), message));
    }
    await sleep(300);
  });
  await Promise.all(answers);
  await handle.result();
  const { decidedBy, state } = await desk.review(approvalId);
  const results = await eventually(async () => {
    const now = await Promise.all(said.map((word) => submitWord(ledger, word)));
    expect(now.map(({ status }) => status)).toEqual(['settled', 'settled']);
    return now;
  });
  expect(results.map(({ applied }) => applied)).toEqual(
    said.map(({ actor }) => actor === decidedBy),
  );
  expect(results.find(({ applied }) => !applied)).toMatchObject({
    answer: { status: 409, rule: 'already-decided', by: decidedBy, atMs: Date.parse(at) },
  });
  expect(await desk.history(approvalId)).toEqual(['requested', 'decided']);
  expect(await desk.shop.effects(approvalId)).toBe(state === 'approved' ? 1 : 0);
});

test('an approval whose subject has no process has one of its own', async () => {
  const approvalId = await proposePolicy(loopline, 'longer-window');
  const { subjectId } = await desk.review(approvalId);
  const handle = loopline.client.workflow.getHandle(approvalId);
  await eventually(() => desk.expectProcess(approvalId, 'running'));
  await loopline.skipTime(approvalId, 24 * 3_600 + 60);
  await eventually(async () => expect(await desk.noted(subjectId, 'approval-reminded')).toBe(1));
  expect(await desk.tellWord(approvalId, 'person:ann', APPROVE)).toMatchObject({
    state: 'approved',
  });
  expect(await handle.result()).toBe('approved');
  await desk.expectProcess(approvalId, 'ended');
  const draft = await readPolicyDraft(loopline.ledger, {
    policy: 'return',
    draftId: 'longer-window',
  });
  expect(draft).toMatchObject({ state: 'approved' });
});

test('after all of this the ledger agrees with its entries', () => desk.expectSound());
