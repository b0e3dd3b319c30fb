import { describe, expect, test } from 'vitest';
import type { ApprovalEvent } from './approval-events.ts';
import {
  ASKED_AT,
  CALENDARS,
  personSeat,
  roleSeat,
  sampleDecision,
  sampleLevel,
  samplePlan,
  sampleRequest,
} from './approval-sample.ts';
import { projectRun } from './project-run.ts';
import { runApproval } from './run-approval.ts';

const at = (text: string) => Date.parse(`2026-11-${text}:00Z`);
const PLAN = samplePlan([
  sampleLevel('approver', { people: ['sam'] }),
  sampleLevel('finance', {
    escalateTo: { roles: ['ops'], people: [], deadlineHours: 8, onExpiry: 'reject' },
    onExpiry: 'escalate',
  }),
]);
const REQUEST = sampleRequest(Date.parse(ASKED_AT), PLAN);
const YES = sampleDecision(at('16T10:00'), 'ann', { seat: roleSeat('approver') });

function project(...events: ApprovalEvent[]) {
  return projectRun(runApproval([REQUEST, ...events]), CALENDARS);
}

describe('what is kept beside the events', () => {
  test('names whose turn it is, and by when', () => {
    expect(project()).toMatchObject({
      state: 'open',
      phase: 'deciding',
      run: 1,
      openLevels: [0],
      askedRoles: ['approver'],
      askedPeople: ['sam'],
      escalated: false,
      // Sixteen hours of business, whatever a reminder does before.
      dueAtMs: at('17T17:00'),
      deadline: { what: 'remind', level: 0, atMs: at('16T17:00') },
      closing: null,
    });
  });

  test('goes on to the next level with its deadline', () => {
    expect(project(YES)).toMatchObject({
      openLevels: [1],
      askedRoles: ['finance'],
      askedPeople: [],
      dueAtMs: at('18T10:00'),
    });
  });

  test('asks those of an escalation besides', () => {
    const escalated = { kind: 'escalated', by: 'loopline', level: 1, cause: 'deadline' } as const;
    expect(project(YES, { ...escalated, atMs: at('18T10:00') })).toMatchObject({
      escalated: true,
      askedRoles: ['ops', 'finance'],
      deadline: { what: 'expire', level: 1, atMs: at('19T10:00') },
    });
  });

  test('counts an escalation by the hours of whom it is escalated to', () => {
    const night = {
      timeZone: 'UTC',
      hours: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '00:00', to: '24:00' })),
      holidays: [],
      roles: ['ops'],
      regions: [],
    };
    const escalated = { kind: 'escalated', by: 'loopline', level: 1, cause: 'deadline' } as const;
    const run = runApproval([REQUEST, YES, { ...escalated, atMs: at('18T10:00') }]);
    expect(projectRun(run, { ...CALENDARS, night })).toMatchObject({
      deadline: { what: 'expire', level: 1, atMs: at('18T18:00') },
    });
  });

  test('names whoever was asked a question, and the requester of what was returned', () => {
    const asked = { kind: 'information-asked', by: 'ann', level: 0, askee: 'otto' } as const;
    expect(project({ ...asked, atMs: at('16T10:00') })).toMatchObject({
      phase: 'information-asked',
      askedPeople: ['sam', 'otto'],
      deadline: { what: 'resume' },
    });
    const back = { kind: 'returned-for-change', by: 'ann', level: 0 } as const;
    expect(project({ ...back, atMs: at('16T10:00') })).toMatchObject({
      state: 'open',
      phase: 'returned',
      openLevels: [],
      askedRoles: [],
      askedPeople: ['rita'],
      deadline: { what: 'expire', level: null },
    });
  });

  test('asks nobody by name who asked for it or has had a say, unless it is a question', () => {
    const plan = samplePlan([
      sampleLevel('named', { roles: [], people: ['rita', 'ann', 'sam'], quorum: { count: 2 } }),
    ]);
    const seat = personSeat('ann');
    const said = [
      sampleRequest(Date.parse(ASKED_AT), plan),
      sampleDecision(at('16T10:00'), 'ann', { seat }),
    ];
    const asked = { kind: 'information-asked', by: 'sam', level: 0, askee: 'rita' } as const;
    const of = (events: ApprovalEvent[]) => projectRun(runApproval(events), CALENDARS).askedPeople;
    expect(of(said)).toEqual(['sam']);
    expect(of([...said, { ...asked, atMs: at('16T11:00') }])).toEqual(['sam', 'rita']);
  });

  test('waits for an absence that begins before the deadline, and for no later one', () => {
    const run = runApproval([REQUEST]);
    const wait = (nextAbsenceMs: number) => projectRun(run, CALENDARS, nextAbsenceMs);
    expect(wait(at('16T12:00'))).toMatchObject({
      dueAtMs: at('17T17:00'),
      deadline: { atMs: at('16T12:00'), what: 'look', level: null },
    });
    expect(wait(at('16T17:00')).deadline).toMatchObject({ what: 'remind' });
    const closed = runApproval([REQUEST, { kind: 'withdrawn', by: 'rita', atMs: at('16T10:00') }]);
    expect(projectRun(closed, CALENDARS, at('16T12:00')).deadline).toBeNull();
  });

  test('is closed with who closed it, and has no deadline any more', () => {
    const no = { level: 1, decision: 'reject', seat: roleSeat('finance') } as const;
    expect(project(YES, sampleDecision(at('16T11:00'), 'fay', no))).toEqual({
      state: 'rejected',
      phase: 'deciding',
      run: 1,
      openLevels: [],
      askedRoles: [],
      askedPeople: [],
      escalated: false,
      dueAtMs: null,
      deadline: null,
      closing: { cause: 'decision', level: 1, by: 'fay', onBehalfOf: null, atMs: at('16T11:00') },
    });
  });
});
