import { describe, expect, test } from 'vitest';
import type { ApprovalCommand } from './answer-command.ts';
import { ASKED_AT, roleSeat, sampleLevel, samplePlan, sampleRequest } from './approval-sample.ts';
import { eventOfCommand, eventOfDeadline, eventsOfAbsence, levelFor } from './command-events.ts';
import { runApproval } from './run-approval.ts';

const ASKED = Date.parse(ASKED_AT);
const AT = ASKED + 1;
const AS_SELF = {
  status: 200,
  seat: roleSeat('approver'),
  onBehalfOf: null,
  delegationId: null,
} as const;

describe('a word that is taken becomes an event', () => {
  const place = { by: 'ann', run: 1, level: 0 };

  test.each<[ApprovalCommand, object]>([
    [
      { ...place, kind: 'decide', decision: 'reject' },
      { kind: 'decided', decision: 'reject', seat: roleSeat('approver'), onBehalfOf: null },
    ],
    [
      { ...place, kind: 'ask-information', askee: 'otto' },
      { kind: 'information-asked', askee: 'otto' },
    ],
    [{ ...place, kind: 'give-information' }, { kind: 'information-given' }],
    [{ ...place, kind: 'return-for-change' }, { kind: 'returned-for-change' }],
    [
      { ...place, kind: 'reassign', seat: roleSeat('approver'), to: 'bob' },
      { kind: 'reassigned', to: 'bob', seat: roleSeat('approver') },
    ],
  ])('%j', (command, event) => {
    expect(eventOfCommand(command, AS_SELF, AT)).toMatchObject({
      ...event,
      by: 'ann',
      level: 0,
      atMs: AT,
    });
  });

  test('a comment and a withdrawal belong to no level', () => {
    const by = 'rita';
    expect(eventOfCommand({ kind: 'comment', by }, AS_SELF, AT)).toEqual({
      kind: 'commented',
      by,
      atMs: AT,
    });
    expect(eventOfCommand({ kind: 'withdraw', by }, AS_SELF, AT)).toEqual({
      kind: 'withdrawn',
      by,
      atMs: AT,
    });
  });

  test("a delegate's decision names both", () => {
    const authority = { ...AS_SELF, onBehalfOf: 'ann', delegationId: 'delegation:1' };
    const command = { kind: 'decide', by: 'dan', run: 1, level: 0, decision: 'approve' } as const;
    expect(eventOfCommand(command, authority, AT)).toMatchObject({
      by: 'dan',
      onBehalfOf: 'ann',
      delegationId: 'delegation:1',
    });
  });
});

test.each([
  ['remind', 'reminded'],
  ['escalate', 'escalated'],
  ['expire', 'expired'],
  ['resume', 'information-overdue'],
] as const)('a deadline to %s is an event of its own', (what, kind) => {
  expect(eventOfDeadline({ what, level: 0, atMs: AT }, AT)).toMatchObject({
    kind,
    level: 0,
    by: 'loopline',
    atMs: AT,
  });
});

test('a request that was returned and did not come back expires as a whole', () => {
  expect(eventOfDeadline({ what: 'expire', level: null, atMs: AT }, AT)).toMatchObject({
    kind: 'expired',
    level: null,
  });
});

describe('a level that nobody is there for', () => {
  const onExpiry = 'reject' as const;
  const escalateTo = { roles: ['ops'], people: [], deadlineHours: 8, onExpiry };
  const run = runApproval([
    sampleRequest(
      ASKED,
      samplePlan([sampleLevel('approver', { escalateTo, onExpiry: 'escalate' })]),
    ),
  ]);
  const person = { id: 'ann', roles: ['approver'], amountLimitMinor: null, absent: false };
  const judge = (people: (typeof person)[]) =>
    eventsOfAbsence(
      [],
      run,
      { authorities: { people, delegations: [] }, priorActs: [], nowMs: AT },
      AT,
    );

  test('is escalated at once', () => {
    const escalated = [{ kind: 'escalated', level: 0, cause: 'absence', by: 'loopline', atMs: AT }];
    expect(judge([])).toEqual(escalated);
    expect(judge([{ ...person, absent: true }])).toEqual(escalated);
  });

  test('is not where somebody is, nor twice, nor where there is nobody to escalate to', () => {
    expect(judge([person])).toEqual([]);
    const lonely = runApproval([sampleRequest(ASKED, samplePlan([sampleLevel('approver')]))]);
    const nobody = { authorities: { people: [], delegations: [] }, priorActs: [], nowMs: AT };
    expect(eventsOfAbsence([], lonely, nobody, AT)).toEqual([]);
    const escalated = runApproval([
      sampleRequest(ASKED, run.plan),
      { kind: 'escalated', by: 'loopline', level: 0, cause: 'absence', atMs: AT },
    ]);
    expect(eventsOfAbsence([], escalated, nobody, AT)).toEqual([]);
  });
});

test('a word that names no level is about the open one that its speaker may decide', () => {
  const plan = samplePlan([sampleLevel('approver'), sampleLevel('finance')], {
    order: 'parallel',
    needed: 'all',
  });
  const run = runApproval([sampleRequest(ASKED, plan)]);
  const people = [
    { id: 'ann', roles: ['approver'], amountLimitMinor: null, absent: false },
    { id: 'fay', roles: ['finance'], amountLimitMinor: null, absent: false },
  ];
  const facts = {
    matrix: { separatedDuties: [], reassignRoles: [] },
    authorities: { people, delegations: [] },
    priorActs: [],
    nowMs: AT,
  };
  const decide = (by: string) => (level: number) =>
    ({ kind: 'decide', by, run: 1, level, decision: 'approve' }) as const;
  expect(levelFor(run, decide('ann'), facts)).toBe(0);
  expect(levelFor(run, decide('fay'), facts)).toBe(1);
  expect(levelFor(run, decide('nobody'), facts)).toBe(0);
});
