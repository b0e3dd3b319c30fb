import { describe, expect, test } from 'vitest';
import { DEFAULT_APPROVAL_MATRIX } from '../policy/default-approval-matrix.ts';
import {
  answerCommand,
  answerResubmission,
  type ApprovalCommand,
  type CommandFacts,
} from './answer-command.ts';
import type { ApprovalEvent } from './approval-events.ts';
import {
  ASKED_AT,
  SAMPLE_FACTS,
  personSeat,
  roleSeat,
  sampleDecision,
  sampleLevel,
  samplePlan,
  sampleRequest,
} from './approval-sample.ts';
import { findDeciders } from './find-deciders.ts';
import type { Delegation, Person } from './may-decide.ts';
import { runApproval } from './run-approval.ts';

const at = (text: string) => Date.parse(`2026-11-${text}:00Z`);
const NOW_MS = at('16T12:00');

function person(id: string, role: string, absent = false): Person {
  return { id, roles: [role], amountLimitMinor: null, absent };
}

const PEOPLE = [
  person('ann', 'approver'),
  person('bob', 'approver'),
  person('rita', 'approver'),
  person('fay', 'finance'),
  person('olga', 'ops'),
  person('dan', 'support'),
];

const ANN_TO_DAN: Delegation = {
  id: 'delegation:1',
  from: 'ann',
  to: 'dan',
  validFromMs: at('01T00:00'),
  validUntilMs: at('30T00:00'),
  revokedAtMs: null,
  subjects: null,
  limitMinor: null,
};

function facts(terms: Partial<CommandFacts['authorities']> = {}): CommandFacts {
  return {
    matrix: DEFAULT_APPROVAL_MATRIX,
    authorities: { people: PEOPLE, delegations: [], ...terms },
    priorActs: [],
    nowMs: NOW_MS,
  };
}

const PLAN = samplePlan([sampleLevel('approver'), sampleLevel('finance')]);
const REQUEST = sampleRequest(Date.parse(ASKED_AT), PLAN);
const ANNS_YES = sampleDecision(at('16T10:00'), 'ann', { seat: roleSeat('approver') });
const FAYS_NO = sampleDecision(at('16T11:00'), 'fay', {
  level: 1,
  decision: 'reject',
  seat: roleSeat('finance'),
});

function ask(events: readonly ApprovalEvent[], command: ApprovalCommand, given = facts()) {
  return answerCommand(runApproval([REQUEST, ...events]), command, given);
}

function approve(by: string, level = 0, run = 1): ApprovalCommand {
  return { kind: 'decide', decision: 'approve', by, level, run };
}

describe('a decision', () => {
  test('is accepted with the authority that it rests on', () => {
    const seat = roleSeat('approver');
    expect(ask([], approve('ann'))).toEqual({
      status: 200,
      seat,
      onBehalfOf: null,
      delegationId: null,
    });
    expect(ask([], approve('dan'), facts({ delegations: [ANN_TO_DAN] }))).toEqual({
      status: 200,
      seat,
      onBehalfOf: 'ann',
      delegationId: 'delegation:1',
    });
  });

  test.each([
    ['by the requester', approve('rita'), 'requester-may-not-decide'],
    ['by somebody else', approve('dan'), 'not-a-decider'],
    ['at a level that is not asked yet', approve('fay', 1), 'level-not-open'],
    ['at a level that does not exist', approve('fay', 7), 'level-not-open'],
  ])('%s is refused', (_name, command, rule) => {
    expect(ask([], command)).toMatchObject({ status: 403, rule });
  });

  test('at a second level by the same person, or by their delegate, is refused', () => {
    const people = [{ ...person('ann', 'approver'), roles: ['approver', 'finance'] }, ...PEOPLE];
    const both = facts({ people, delegations: [ANN_TO_DAN] });
    const rule = 'one-decision-per-request';
    expect(ask([ANNS_YES], approve('ann', 1), both)).toMatchObject({ status: 403, rule });
    expect(ask([ANNS_YES], approve('dan', 1), both)).toMatchObject({ status: 403, rule });
  });

  test('that comes second is told who was first and when, for the level and for the request', () => {
    const first = { status: 409, rule: 'already-decided' };
    expect(ask([ANNS_YES], approve('bob'))).toEqual({
      ...first,
      text: 'approver is approved by ann',
      by: 'ann',
      onBehalfOf: null,
      atMs: at('16T10:00'),
    });
    expect(ask([ANNS_YES, FAYS_NO], approve('bob'))).toMatchObject({
      ...first,
      text: 'rejected by fay',
      by: 'fay',
      atMs: at('16T11:00'),
    });
  });

  test('after a deadline is told that nobody decided', () => {
    const expired = { kind: 'expired', atMs: at('17T17:00'), by: 'process', level: 0 } as const;
    expect(ask([expired], approve('ann'))).toMatchObject({
      status: 409,
      text: 'rejected by the deadline',
      by: null,
    });
  });

  test('on what was withdrawn is gone', () => {
    const withdrawn = { kind: 'withdrawn', atMs: at('16T10:30'), by: 'rita' } as const;
    expect(ask([withdrawn], approve('ann'))).toEqual({
      status: 410,
      text: 'rita has withdrawn the request',
      by: 'rita',
      atMs: at('16T10:30'),
    });
  });

  test('on facts that have changed since is told so, and counts again on the new ones', () => {
    const restarted: ApprovalEvent = {
      kind: 'restarted',
      atMs: at('16T11:00'),
      by: 'process',
      cause: 'material-change',
      reasons: ['the quantity is 3 and was 2'],
      plan: PLAN,
      facts: { ...SAMPLE_FACTS, quantityEach: 3n },
    };
    expect(ask([ANNS_YES, restarted], approve('bob'))).toMatchObject({
      status: 409,
      rule: 'restarted',
      text: 'the approval has started again: the quantity is 3 and was 2',
    });
    expect(ask([ANNS_YES, restarted], approve('ann', 0, 2))).toMatchObject({ status: 200 });
    expect(ask([ANNS_YES, restarted], approve('ann', 0, 3))).toMatchObject({
      status: 409,
      rule: 'no-such-run',
      text: 'there is no run 3, this is run 2',
    });
  });

  test('on a run that does not exist counts for nothing, like every other word at a level', () => {
    const none = { status: 409, rule: 'no-such-run' };
    expect(ask([], approve('ann', 0, 9))).toEqual({
      ...none,
      text: 'there is no run 9, this is run 1',
      by: null,
      onBehalfOf: null,
      atMs: null,
    });
    const back = { kind: 'return-for-change', by: 'ann', level: 0, run: 2 } as const;
    expect(ask([], back)).toMatchObject(none);
    const passed = { ...back, kind: 'reassign', seat: roleSeat('approver'), to: 'bob' } as const;
    expect(ask([], passed)).toMatchObject(none);
  });

  test('for a role that has had its say, where each has one, is told who said it', () => {
    const level = sampleLevel('board', { roles: ['approver', 'finance'], quorum: 'all' });
    const request = sampleRequest(Date.parse(ASKED_AT), samplePlan([level]));
    const run = runApproval([request, ANNS_YES]);
    expect(answerCommand(run, approve('bob'), facts())).toMatchObject({
      status: 409,
      by: 'ann',
      text: 'ann has decided for approver',
    });
    expect(answerCommand(run, approve('fay'), facts())).toMatchObject({ status: 200 });
  });
});

describe('besides deciding', () => {
  const at0 = { level: 0, run: 1 };
  const asked: ApprovalEvent = {
    kind: 'information-asked',
    atMs: at('16T10:00'),
    by: 'ann',
    level: 0,
    askee: 'dan',
  };

  test('whoever may decide may ask one question at a time, of somebody else', () => {
    const question = (by: string, askee: string) =>
      ({ ...at0, kind: 'ask-information', by, askee }) as const;
    expect(ask([], question('ann', 'dan'))).toMatchObject({ status: 200 });
    expect(ask([], question('ann', 'rita'))).toMatchObject({ status: 200 });
    expect(ask([], question('ann', 'ann'))).toMatchObject({ status: 403, rule: 'asks-themself' });
    expect(ask([], question('ann', 'eve'))).toMatchObject({
      status: 403,
      rule: 'asks-nobody-known',
    });
    expect(ask([], question('dan', 'ann'))).toMatchObject({ status: 403, rule: 'not-a-decider' });
    expect(ask([asked], question('bob', 'dan'))).toMatchObject({
      status: 409,
      rule: 'already-asked',
      by: 'ann',
      atMs: at('16T10:00'),
    });
  });

  test('only the one who was asked answers', () => {
    const answer = (by: string) => ({ ...at0, kind: 'give-information', by }) as const;
    expect(ask([asked], answer('dan'))).toMatchObject({ status: 200 });
    expect(ask([asked], answer('rita'))).toMatchObject({ rule: 'only-askee-may-answer' });
    expect(ask([], answer('dan'))).toMatchObject({ status: 403, rule: 'no-open-question' });
  });

  test('only the requester withdraws, and anybody comments', () => {
    expect(ask([], { kind: 'withdraw', by: 'rita' })).toMatchObject({ status: 200 });
    expect(ask([], { kind: 'withdraw', by: 'ann' })).toMatchObject({
      status: 403,
      rule: 'only-requester-may-withdraw',
    });
    expect(ask([ANNS_YES, FAYS_NO], { kind: 'withdraw', by: 'rita' })).toMatchObject({
      status: 409,
    });
    expect(ask([ANNS_YES, FAYS_NO], { kind: 'comment', by: 'dan' })).toMatchObject({ status: 200 });
  });

  test('what was returned waits for its requester and for nobody else', () => {
    const back = { ...at0, kind: 'return-for-change', by: 'ann' } as const;
    expect(ask([], back)).toMatchObject({ status: 200 });
    expect(ask([], { ...back, by: 'rita' })).toMatchObject({ status: 403 });
    const returned = { ...back, kind: 'returned-for-change', atMs: at('16T10:00') } as const;
    expect(ask([returned], approve('bob'))).toMatchObject({ rule: 'returned-for-change' });
    const run = runApproval([REQUEST, returned]);
    expect(answerResubmission(run, 'rita')).toMatchObject({ status: 200 });
    expect(answerResubmission(run, 'ann')).toMatchObject({ rule: 'only-requester-may-resubmit' });
  });

  test.each([
    ['a decider to a colleague', 'ann', 'bob', undefined],
    ['an overseer to a decider', 'olga', 'bob', undefined],
    ['the requester to anybody', 'rita', 'bob', 'may-not-reassign'],
    ['somebody else to a decider', 'dan', 'bob', 'may-not-reassign'],
    ['a decider to the requester', 'ann', 'rita', 'requester-may-not-decide'],
    ['a decider to somebody without the role', 'ann', 'dan', 'cannot-be-reassigned-to'],
    ['a decider to somebody unknown', 'ann', 'eve', 'reassigns-to-nobody-known'],
    ['an overseer to themself', 'olga', 'olga', 'cannot-be-reassigned-to'],
  ])('%s passes a seat on: %s to %s', (_name, by, to, rule) => {
    const seat = roleSeat('approver');
    const answer = ask([], { ...at0, kind: 'reassign', by, to, seat });
    expect(answer).toMatchObject(rule === undefined ? { status: 200 } : { status: 403, rule });
  });

  test('a seat is passed on by no delegate, unless they hold it or oversee approvals themselves', () => {
    const command = { ...at0, kind: 'reassign', to: 'bob', seat: roleSeat('approver') } as const;
    const delegations = ['dan', 'fay', 'olga', 'cleo'].map((to) => ({ ...ANN_TO_DAN, id: to, to }));
    const people = [...PEOPLE, person('cleo', 'approver')];
    const given = facts({ people, delegations });
    for (const by of ['dan', 'fay']) {
      expect(ask([], { ...command, by }, given)).toEqual({
        status: 403,
        rule: 'delegation-chain',
        text: `${by} decides for ann and cannot pass that on to bob`,
      });
    }
    for (const by of ['olga', 'cleo'])
      expect(ask([], { ...command, by }, given)).toMatchObject({ status: 200 });
  });

  test('whoever oversees approvals does not pass on what they asked for themself', () => {
    const run = runApproval([{ ...REQUEST, by: 'olga' }]);
    const seat = roleSeat('approver');
    const command = { ...at0, kind: 'reassign', by: 'olga', to: 'bob', seat } as const;
    expect(answerCommand(run, command, facts())).toMatchObject({ rule: 'may-not-reassign' });
  });

  test('a seat that nobody asked for, or a person who is asked already, cannot be reassigned', () => {
    const rule = 'cannot-be-reassigned-to';
    const command = { ...at0, kind: 'reassign', by: 'ann', to: 'bob' } as const;
    expect(ask([], { ...command, seat: personSeat('cleo') })).toMatchObject({ rule });
    const seat = roleSeat('approver');
    const passed = { kind: 'reassigned', atMs: NOW_MS, by: 'olga', level: 0, seat } as const;
    const again = { ...command, by: 'bob', seat: personSeat('bob') };
    expect(ask([{ ...passed, to: 'bob' }], again)).toMatchObject({ status: 403, rule });
  });
});

describe('who can decide an open level', () => {
  const find = (people: readonly Person[], delegations: readonly Delegation[] = []) => {
    const run = runApproval([REQUEST]);
    const { separatedDuties } = DEFAULT_APPROVAL_MATRIX;
    return findDeciders(separatedDuties, run, { people, delegations }, [], NOW_MS);
  };

  test('is everybody of the role but the requester, and it is enough that one is there', () => {
    const [level] = find(PEOPLE);
    expect(level?.deciders.map(({ person: id }) => id)).toEqual(['ann', 'bob']);
    expect(level?.shortText).toBeNull();
    const absentAnn = [person('ann', 'approver', true), person('bob', 'approver')];
    expect(find(absentAnn)[0]?.shortText).toBeNull();
  });

  test('is the delegate of whoever is absent; without one it is to be escalated', () => {
    const people = [person('ann', 'approver', true), person('dan', 'support')];
    expect(find(people)[0]?.shortText).toBe('approver needs 1, and 0 can decide');
    expect(find(people, [ANN_TO_DAN])).toMatchObject([
      {
        deciders: [
          { person: 'ann', onBehalfOf: null, absent: true },
          { person: 'dan', onBehalfOf: 'ann', absent: false },
        ],
        shortText: null,
      },
    ]);
  });

  test('counts somebody and their delegate as one voice', () => {
    const level = sampleLevel('approver', { quorum: { count: 2 } });
    const run = runApproval([sampleRequest(NOW_MS, samplePlan([level]))]);
    const people = [person('ann', 'approver'), person('dan', 'support')];
    const authorities = { people, delegations: [ANN_TO_DAN] };
    const [found] = findDeciders([], run, authorities, [], NOW_MS);
    expect(found?.deciders).toHaveLength(2);
    expect(found?.shortText).toBe('approver needs 2, and 1 can decide');
  });

  test('names the seat that stays empty where all are needed', () => {
    const level = sampleLevel('board', { roles: ['approver', 'finance'], quorum: 'all' });
    const run = runApproval([sampleRequest(NOW_MS, samplePlan([level]))]);
    const people = [person('ann', 'approver'), person('bob', 'approver')];
    const authorities = { people, delegations: [] };
    const [found] = findDeciders([], run, authorities, [], NOW_MS);
    expect(found?.shortText).toBe('nobody is there for finance at board');
  });

  test('is nobody once the request is closed', () => {
    const run = runApproval([REQUEST, { kind: 'withdrawn', atMs: NOW_MS, by: 'rita' }]);
    expect(findDeciders([], run, { people: PEOPLE, delegations: [] }, [], NOW_MS)).toEqual([]);
  });
});
