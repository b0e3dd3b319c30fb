import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { submitDecision } from '../../activities/ledger/intake/submit-decision.ts';
import { listApprovals } from '../../activities/ledger/read/approval.ts';
import { listExceptions } from '../../activities/ledger/read/exception.ts';
import {
  lookAtApproval,
  reachApprovalDeadline,
  recordDecision,
} from '../../activities/ledger/steps/decision.ts';
import { ApprovalShop, levelOf, matrixOf } from './approval-shop.ts';

let desk: ApprovalShop;

beforeEach(async () => {
  desk = await ApprovalShop.open();
});
afterEach(() => desk.close());

const THREE = matrixOf([levelOf('approver'), levelOf('finance'), levelOf('procurement')]);

describe('levels in sequence', () => {
  test('are asked one after the other, and the last one carries it out, once', async () => {
    await desk.putMatrix(THREE);
    const id = await desk.ask();
    expect(await desk.review(id)).toMatchObject({
      askedRoles: ['approver'],
      openLevels: [0],
      row: 'asked',
    });
    expect(await desk.decide(id, 'person:fay')).toMatchObject({
      status: 'refused',
      rule: 'not-a-decider',
    });
    for (const [person, role] of [
      ['ann', 'finance'],
      ['fay', 'procurement'],
    ] as const) {
      expect(await desk.decide(id, `person:${person}`)).toMatchObject({
        applied: true,
        approval: { state: 'open', askedRoles: [role] },
      });
      expect(await desk.effects(id)).toBe(0);
    }
    expect(await desk.decide(id, 'person:pat')).toMatchObject({
      applied: true,
      approval: { state: 'approved', decidedBy: 'person:pat', closedBy: 'decision' },
    });
    expect(await desk.effects(id)).toBe(1);
    expect(await desk.history(id)).toEqual(['requested', 'decided', 'decided', 'decided']);
  });

  test('nobody decides two of them, whatever roles they have', async () => {
    await desk.putMatrix(THREE);
    const id = await desk.ask();
    await desk.decide(id, 'person:boss');
    expect(await desk.decide(id, 'person:boss')).toMatchObject({
      status: 'refused',
      rule: 'one-decision-per-request',
    });
  });

  test('one no is enough, and the levels behind it are not asked', async () => {
    await desk.putMatrix(THREE);
    const id = await desk.ask();
    await desk.decide(id, 'person:ann');
    expect(await desk.decide(id, 'person:fay', 'reject', { note: 'count again' })).toMatchObject({
      approval: { state: 'rejected', note: 'count again' },
    });
    const { levelRuns } = await desk.review(id);
    expect(levelRuns.map(({ state }) => state)).toEqual(['approved', 'rejected', 'not-needed']);
    expect(await desk.effects(id)).toBe(0);
  });
});

describe('levels beside each other', () => {
  test('two of three are enough', async () => {
    const levels = ['approver', 'finance', 'procurement'].map((role) => levelOf(role));
    await desk.putMatrix(matrixOf(levels, { order: 'parallel', needed: { count: 2 } }));
    const id = await desk.ask();
    expect(await desk.review(id)).toMatchObject({
      askedRoles: ['approver', 'finance', 'procurement'],
    });
    await desk.decide(id, 'person:pat');
    expect(await desk.decide(id, 'person:ann')).toMatchObject({ approval: { state: 'approved' } });
    expect(await desk.effects(id)).toBe(1);
  });
});

describe('deadlines', () => {
  test('remind, escalate and expire, each once and never in silence', async () => {
    const id = await desk.ask();
    expect(await desk.reachDeadline(id)).toBe('remindApproval');
    expect(await desk.review(id)).toMatchObject({ state: 'open', next: { what: 'escalate' } });
    expect(await desk.reachDeadline(id)).toBe('escalateApproval');
    expect(await desk.review(id)).toMatchObject({
      escalated: true,
      askedRoles: ['ops', 'approver'],
    });
    const board = () => listExceptions(desk.shop.ledger, { limit: 5, kind: 'approval-overdue' });
    expect((await board()).data).toMatchObject([{ state: 'open' }]);
    expect(await desk.reachDeadline(id)).toBe('expireApproval');
    expect(await desk.review(id)).toMatchObject({
      state: 'rejected',
      closedBy: 'expiry',
      decidedBy: null,
      next: null,
    });
    expect((await board()).data).toMatchObject([{ state: 'resolved' }]);
    expect(await desk.history(id)).toEqual(['requested', 'reminded', 'escalated', 'expired']);
    expect(await desk.effects(id)).toBe(0);
  });

  test('of the policy may approve what nobody decided', async () => {
    await desk.putMatrix(
      matrixOf([levelOf('approver', { onExpiry: 'approve', escalateTo: null })]),
    );
    const id = await desk.ask();
    await desk.reachDeadline(id);
    await desk.reachDeadline(id);
    expect(await desk.review(id)).toMatchObject({ state: 'approved', closedBy: 'expiry' });
    expect(await desk.effects(id)).toBe(1);
  });

  test('that are reached twice, or that are not waited for any more, change nothing', async () => {
    const id = await desk.ask();
    const { dueId } = await lookAtApproval(desk.shop.ledger, { approvalId: id });
    const reach = () =>
      reachApprovalDeadline(desk.shop.ledger, { approvalId: id, dueId: dueId ?? '' });
    const answers = await Promise.all([reach(), reach(), reach()]);
    expect(answers.filter(({ applied }) => applied)).toHaveLength(1);
    expect(await desk.history(id)).toEqual(['requested', 'reminded']);
  });

  test('whoever it was escalated to has the last word', async () => {
    const id = await desk.ask();
    await desk.reachDeadline(id);
    await desk.reachDeadline(id);
    expect(await desk.decide(id, 'person:olga')).toMatchObject({
      approval: { state: 'approved', decidedBy: 'person:olga' },
    });
  });
});

describe('two at the same moment', () => {
  test('one wins, and the other is told who and when', async () => {
    const id = await desk.ask();
    const said = [
      { actor: 'person:ann', decision: 'approve', decisionId: 'a' },
      { actor: 'person:bob', decision: 'reject', decisionId: 'b' },
    ] as const;
    const at = '2010-12-01T13:00:00Z';
    await Promise.all(
      said.map((one) => submitDecision(desk.shop.ledger, { approvalId: id, at, ...one })),
    );
    await Promise.all(
      said.map(({ decisionId }) =>
        recordDecision(desk.shop.ledger, { approvalId: id, decisionId }),
      ),
    );
    const answers = await Promise.all(
      said.map((one) => submitDecision(desk.shop.ledger, { approvalId: id, at, ...one })),
    );
    const { decidedBy, state } = await desk.review(id);
    const winner = answers.find(({ applied }) => applied);
    const loser = answers.find(({ applied }) => !applied);
    expect(winner).toMatchObject({ status: 'settled', approval: { decidedBy } });
    expect(loser?.answer).toMatchObject({
      status: 409,
      rule: 'already-decided',
      by: decidedBy,
      atMs: Date.parse(at),
    });
    expect(await desk.effects(id)).toBe(state === 'approved' ? 1 : 0);
    expect(await desk.history(id)).toEqual(['requested', 'decided']);
  });

  test('twelve who decide at once are one decision and eleven answers', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => `person:many-${n}`);
    for (const person of ids) {
      await desk.shop.owner`
        insert into ledger.person (person_id, issuer, subject, name, roles)
        values (${person}, 'https://login.test', ${person}, ${person}, '{approver}')`;
    }
    const id = await desk.ask();
    const answers = await Promise.all(ids.map((person) => desk.decide(id, person)));
    expect(answers.filter(({ applied }) => applied)).toHaveLength(1);
    const { decidedBy } = await desk.review(id);
    for (const { answer } of answers.filter(({ applied }) => !applied)) {
      expect(answer).toMatchObject({ status: 409, by: decidedBy });
    }
    expect(await desk.effects(id)).toBe(1);
  });
});

describe('a question', () => {
  test('stops the clock until whoever was asked answers, or for so long', async () => {
    const id = await desk.ask();
    const ask = { kind: 'ask-information', askee: 'person:otto' } as const;
    expect(await desk.say(id, 'person:ann', ask, { note: 'who counted?' })).toMatchObject({
      applied: true,
      approval: { phase: 'information-asked' },
    });
    expect(await desk.review(id)).toMatchObject({
      askedPeople: ['person:otto'],
      next: { what: 'resume' },
    });
    expect(await desk.say(id, 'person:bob', ask)).toMatchObject({
      answer: { rule: 'already-asked' },
    });
    const answer = { kind: 'give-information' } as const;
    expect(await desk.say(id, 'person:bob', answer)).toMatchObject({
      rule: 'only-askee-may-answer',
    });
    // Five hours of business later: the reminder is as far away as it was.
    const later = { occurredAt: '2010-12-01T17:00:00Z', note: 'I did, twice' };
    expect(await desk.say(id, 'person:otto', answer, later)).toMatchObject({ applied: true });
    expect(await desk.review(id)).toMatchObject({
      phase: 'deciding',
      next: { what: 'remind', at: '2010-12-02T17:00:00.000Z' },
    });
    expect((await desk.review(id)).events.map(({ note }) => note)).toEqual([
      null,
      'who counted?',
      'I did, twice',
    ]);
  });

  test('to whoever asked waits in their list until they have answered', async () => {
    const id = await desk.ask();
    const waits = async () => {
      const mine = { limit: 5, askedOf: 'person:rita', at: '2010-12-01T13:00:00Z' };
      return (await listApprovals(desk.shop.ledger, mine)).data.map((one) => one.id);
    };
    expect(await waits()).toEqual([]);
    await desk.say(id, 'person:ann', { kind: 'ask-information', askee: 'person:rita' });
    expect(await waits()).toEqual([id]);
    await desk.say(id, 'person:rita', { kind: 'give-information' });
    expect(await waits()).toEqual([]);
  });

  test('that nobody answers in time lets the clock run on', async () => {
    const id = await desk.ask();
    await desk.say(id, 'person:ann', { kind: 'ask-information', askee: 'person:otto' });
    expect(await desk.reachDeadline(id)).toBe('resumeApproval');
    expect(await desk.review(id)).toMatchObject({ phase: 'deciding', next: { what: 'remind' } });
  });
});

describe('a request', () => {
  test('is withdrawn by its requester, and nothing is done', async () => {
    const id = await desk.ask();
    const withdraw = { kind: 'withdraw' } as const;
    expect(await desk.say(id, 'person:ann', withdraw)).toMatchObject({
      rule: 'only-requester-may-withdraw',
    });
    expect(await desk.say(id, 'person:rita', withdraw)).toMatchObject({
      applied: true,
      approval: { state: 'withdrawn' },
    });
    expect(await desk.decide(id, 'person:ann')).toMatchObject({
      status: 'settled',
      applied: false,
      answer: { status: 410, by: 'person:rita' },
    });
    expect(await desk.effects(id)).toBe(0);
  });

  test('is returned for change, and comes back by its requester as another run', async () => {
    const id = await desk.ask();
    await desk.say(id, 'person:ann', { kind: 'return-for-change' }, { note: 'which shelf?' });
    expect(await desk.review(id)).toMatchObject({
      phase: 'returned',
      askedPeople: ['person:rita'],
      next: { what: 'expire' },
    });
    expect(await desk.decide(id, 'person:bob')).toMatchObject({ rule: 'returned-for-change' });
    const back = { kind: 'resubmit' } as const;
    expect(await desk.say(id, 'person:bob', back)).toMatchObject({
      rule: 'only-requester-may-resubmit',
    });
    expect(await desk.say(id, 'person:rita', back, { note: 'shelf 7' })).toMatchObject({
      applied: true,
    });
    expect(await desk.say(id, 'person:rita', back)).toMatchObject({ rule: 'not-returned' });
    expect(await desk.review(id)).toMatchObject({
      run: 2,
      phase: 'deciding',
      pastRuns: [{ cause: 'resubmitted', reasons: ['nothing was changed'] }],
    });
    expect(await desk.decide(id, 'person:ann')).toMatchObject({ approval: { state: 'approved' } });
  });

  test('that was returned and does not come back is rejected', async () => {
    const id = await desk.ask();
    await desk.say(id, 'person:ann', { kind: 'return-for-change' });
    expect(await desk.reachDeadline(id)).toBe('expireApproval');
    expect(await desk.review(id)).toMatchObject({ state: 'rejected', closedBy: 'expiry' });
  });

  test('is passed on to somebody who may decide it, and to nobody else', async () => {
    const id = await desk.ask();
    const to = (person: string) =>
      ({
        kind: 'reassign',
        seat: { kind: 'role', name: 'approver', escalation: false },
        to: person,
      }) as const;
    expect(await desk.say(id, 'person:olga', to('person:rita'))).toMatchObject({
      status: 'refused',
    });
    expect(await desk.say(id, 'person:olga', to('person:bob'))).toMatchObject({ applied: true });
    expect(await desk.review(id)).toMatchObject({ askedRoles: [], askedPeople: ['person:bob'] });
    expect(await desk.decide(id, 'person:ann')).toMatchObject({ rule: 'not-a-decider' });
    expect(await desk.decide(id, 'person:bob')).toMatchObject({ approval: { state: 'approved' } });
  });

  test('is commented by anybody, also after its end', async () => {
    const id = await desk.ask();
    const comment = { kind: 'comment' } as const;
    expect(await desk.say(id, 'person:fay', comment, { note: 'I saw it' })).toMatchObject({
      applied: true,
    });
    await desk.decide(id, 'person:ann');
    expect(await desk.say(id, 'person:rita', comment, { note: 'thanks' })).toMatchObject({
      status: 'settled',
      applied: true,
    });
    expect(await desk.history(id)).toEqual(['requested', 'commented', 'decided', 'commented']);
  });

  test('stands on the timeline of its subject, with the reason and both names', async () => {
    const id = await desk.ask();
    await desk.delegate('person:ann', { to: 'person:otto', delegationId: 'delegation:a' });
    await desk.decide(id, 'person:otto', 'approve', { note: 'for Ann' });
    const { subjectId } = await desk.review(id);
    const rows = await desk.shop.owner<{ event: string; actor: string; detail: object }[]>`
      select event, actor, detail from ledger.timeline
      where subject_id = ${subjectId} and event in ('approval-asked', 'approval-decided', 'approval-approved')
      order by timeline_id`;
    expect(rows).toMatchObject([
      { event: 'approval-asked', actor: 'person:rita', detail: { row: 'stock-correction-medium' } },
      { event: 'approval-decided', actor: 'person:otto', detail: { onBehalfOf: 'person:ann' } },
      { event: 'approval-approved', actor: 'person:otto', detail: { note: 'for Ann' } },
    ]);
  });
});
