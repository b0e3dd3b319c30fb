import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ApprovalEvent } from './approval-events.ts';
import {
  ASKED_AT,
  CALENDARS,
  SAMPLE_FACTS,
  personSeat,
  roleSeat,
  sampleDecision,
  sampleLevel,
  samplePlan,
  sampleRequest,
} from './approval-sample.ts';
import type { ApprovalPlan, PlannedLevel } from './evaluate-matrix.ts';
import { nextDeadline } from './next-deadline.ts';
import { openSeats, runApproval, stillNeeded } from './run-approval.ts';

const at = (text: string) => Date.parse(`2026-11-${text}:00Z`);
const PROCESS = 'process';

function requested(plan: ApprovalPlan): ApprovalEvent {
  return sampleRequest(Date.parse(ASKED_AT), plan);
}

function levelEvent(
  kind: 'information-given' | 'information-overdue' | 'returned-for-change' | 'reminded',
  atMs: number,
  level = 0,
  by = PROCESS,
): ApprovalEvent {
  return { kind, atMs, level, by };
}

/** State, the states of the levels, and what happens next, as texts. */
function standing(events: readonly ApprovalEvent[]): string[] {
  const run = runApproval(events);
  const next = nextDeadline(run, CALENDARS);
  const due =
    next === null
      ? 'nothing is due'
      : `${next.what} ${next.level ?? 'all'} at ${new Date(next.atMs).toISOString().slice(5, 16)}`;
  return [run.state, run.levels.map(({ state }) => state).join(' '), due];
}

describe('three levels in sequence', () => {
  const plan = samplePlan([
    sampleLevel('approver'),
    sampleLevel('finance', {
      onExpiry: 'escalate',
      escalateTo: { roles: ['ops'], people: [], deadlineHours: 8, onExpiry: 'reject' },
    }),
    sampleLevel('admin', { onExpiry: 'approve', deadlineHours: 40 }),
  ]);
  const steps: readonly [ApprovalEvent, string[]][] = [
    [requested(plan), ['open', 'open waiting waiting', 'remind 0 at 11-16T17:00']],
    [
      levelEvent('reminded', at('16T17:00')),
      ['open', 'open waiting waiting', 'expire 0 at 11-17T17:00'],
    ],
    [
      sampleDecision(at('17T10:00'), 'ann', { seat: roleSeat('approver') }),
      ['open', 'approved open waiting', 'remind 1 at 11-18T10:00'],
    ],
    [
      levelEvent('reminded', at('18T10:00'), 1),
      ['open', 'approved open waiting', 'escalate 1 at 11-19T10:00'],
    ],
    [
      { kind: 'escalated', atMs: at('19T10:00'), by: PROCESS, level: 1, cause: 'deadline' },
      ['open', 'approved open waiting', 'expire 1 at 11-20T10:00'],
    ],
    [
      sampleDecision(at('19T12:00'), 'olga', { level: 1, seat: roleSeat('ops', true) }),
      ['open', 'approved approved open', 'remind 2 at 11-20T12:00'],
    ],
    [
      levelEvent('reminded', at('20T12:00'), 2),
      ['open', 'approved approved open', 'expire 2 at 11-26T12:00'],
    ],
    [
      { kind: 'expired', atMs: at('26T12:00'), by: PROCESS, level: 2 },
      ['approved', 'approved approved approved', 'nothing is due'],
    ],
  ];

  test.each(steps.map(([event, stands], index) => [event.kind, index, stands] as const))(
    '%s, as event %i',
    (_kind, index, stands) => {
      expect(standing(steps.slice(0, index + 1).map(([event]) => event))).toEqual(stands);
    },
  );

  test('say how they ended: a deadline has no name', () => {
    const run = runApproval(steps.map(([event]) => event));
    expect(run.closing).toEqual({
      cause: 'expiry',
      level: 2,
      by: null,
      onBehalfOf: null,
      atMs: at('26T12:00'),
    });
    expect(run.levels[1]?.ended).toMatchObject({ by: 'olga' });
    expect(run.ignored).toEqual([]);
  });

  test('are over at the first no, and the rest is not needed', () => {
    const no = sampleDecision(at('16T10:00'), 'ann', {
      decision: 'reject',
      seat: roleSeat('approver'),
      onBehalfOf: 'bob',
    });
    expect(standing([requested(plan), no])).toEqual([
      'rejected',
      'rejected not-needed not-needed',
      'nothing is due',
    ]);
    expect(runApproval([requested(plan), no]).closing).toMatchObject({
      by: 'ann',
      onBehalfOf: 'bob',
    });
  });

  test('that expire after an escalation end as the policy says, never in silence', () => {
    const events = steps.slice(0, 5).map(([event]) => event);
    const expired = { kind: 'expired', atMs: at('20T10:00'), by: PROCESS, level: 1 } as const;
    expect(standing([...events, expired])[0]).toBe('rejected');
  });
});

describe('levels in parallel', () => {
  const levels = ['finance', 'ops', 'support'].map((name) => sampleLevel(name));
  const say = (level: number, decision: 'approve' | 'reject') =>
    sampleDecision(at('16T10:00'), `person-${level}`, {
      level,
      decision,
      seat: roleSeat(levels[level]?.name ?? ''),
    });

  test.each([
    ['all', ['approve', 'approve'], 'open'],
    ['all', ['approve', 'approve', 'approve'], 'approved'],
    ['all', ['approve', 'reject'], 'rejected'],
    ['any', ['approve'], 'approved'],
    ['any', ['reject', 'reject'], 'open'],
    ['any', ['reject', 'reject', 'reject'], 'rejected'],
    [{ count: 2 }, ['approve'], 'open'],
    [{ count: 2 }, ['approve', 'reject'], 'open'],
    [{ count: 2 }, ['approve', 'reject', 'approve'], 'approved'],
    [{ count: 2 }, ['reject', 'reject'], 'rejected'],
  ] as const)('of which %o have to approve: %o is %s', (needed, answers, state) => {
    const plan = samplePlan(levels, { order: 'parallel', needed });
    const said = answers.map((decision, level) => say(level, decision));
    expect(runApproval([requested(plan), ...said]).state).toBe(state);
  });

  test('have the earliest of their deadlines as the next one', () => {
    const [slow, fast] = [8, 2].map((remindAfterHours, index) =>
      sampleLevel(`level-${index}`, { remindAfterHours }),
    );
    const plan = samplePlan(slow && fast ? [slow, fast] : [], { order: 'parallel' });
    expect(standing([requested(plan)])).toEqual(['open', 'open open', 'remind 1 at 11-16T11:00']);
    const reminded = levelEvent('reminded', at('16T11:00'), 1);
    expect(standing([requested(plan), reminded])[2]).toBe('remind 0 at 11-16T17:00');
  });
});

describe('a level', () => {
  const named = ['ann', 'bob', 'cleo'];
  const run = (terms: Partial<PlannedLevel>, votes: readonly ('approve' | 'reject')[]) => {
    const plan = samplePlan([sampleLevel('board', terms)]);
    const answers = votes.map((decision, index) => {
      const seat = terms.roles?.length === 1 ? roleSeat('board') : personSeat(named[index] ?? '');
      return sampleDecision(at('16T10:00'), named[index] ?? '', { decision, seat });
    });
    return runApproval([requested(plan), ...answers]);
  };
  const people = { roles: [], people: named };

  test.each([
    [{ ...people, quorum: 'all' }, ['approve', 'approve'], 'open', 1],
    [{ ...people, quorum: 'all' }, ['approve', 'reject'], 'rejected', 0],
    [{ ...people, quorum: 'all' }, ['approve', 'approve', 'approve'], 'approved', 0],
    [{ ...people, quorum: 'any' }, ['reject'], 'rejected', 0],
    [{ ...people, quorum: { count: 2 } }, ['reject'], 'open', 2],
    [{ ...people, quorum: { count: 2 } }, ['reject', 'approve'], 'open', 1],
    [{ ...people, quorum: { count: 2 } }, ['reject', 'approve', 'approve'], 'approved', 0],
    [{ ...people, quorum: { count: 2 } }, ['reject', 'reject'], 'rejected', 0],
    [{ roles: ['board'], quorum: { count: 2 } }, ['approve'], 'open', 1],
    [{ roles: ['board'], quorum: { count: 2 } }, ['approve', 'approve'], 'approved', 0],
    [{ roles: ['board'], quorum: { count: 2 } }, ['reject'], 'rejected', 0],
  ] as const)('%o after %o is %s, and %i more are needed', (terms, votes, state, more) => {
    const after = run(terms as Partial<PlannedLevel>, votes);
    expect(after.state).toBe(state);
    expect(after.levels.map(stillNeeded)).toEqual([more]);
  });

  test.each(['approve', 'reject'] as const)(
    'that was escalated is decided by those above alone: %s',
    (decision) => {
      const terms = {
        ...people,
        quorum: 'all' as const,
        escalateTo: { roles: ['ops'], people: [], deadlineHours: 8, onExpiry: 'reject' as const },
      };
      const events: ApprovalEvent[] = [
        requested(samplePlan([sampleLevel('board', terms)])),
        { kind: 'escalated', atMs: at('16T10:00'), by: PROCESS, level: 0, cause: 'absence' },
      ];
      const [level] = runApproval(events).levels;
      expect(level && openSeats(level)[0]).toEqual(roleSeat('ops', true));
      const seat = roleSeat('ops', true);
      const run = runApproval([
        ...events,
        sampleDecision(at('16T11:00'), 'olga', { decision, seat }),
      ]);
      expect(run.state).toBe(decision === 'approve' ? 'approved' : 'rejected');
    },
  );

  test('that was passed on asks the new person in place of the old one', () => {
    const plan = samplePlan([sampleLevel('board', { ...people, quorum: 'all' })]);
    const passed = { kind: 'reassigned', atMs: at('16T10:00'), by: 'ann', level: 0 } as const;
    const events = [requested(plan), { ...passed, seat: personSeat('ann'), to: 'dan' }];
    const [level] = runApproval(events).levels;
    expect(level && openSeats(level).map(({ name }) => name)).toEqual(['bob', 'cleo', 'dan']);
    expect(level && stillNeeded(level)).toBe(3);
  });
});

describe('a question', () => {
  const plan = samplePlan([sampleLevel('approver')]);
  const asked = (atMs: number): ApprovalEvent => ({
    kind: 'information-asked',
    atMs,
    by: 'ann',
    level: 0,
    askee: 'dan',
  });

  test('stops the clock, names asker and askee, and the clock goes on where it stopped', () => {
    const events = [requested(plan), asked(at('16T12:00'))];
    expect(standing(events)).toEqual(['information-asked', 'open', 'resume 0 at 11-17T12:00']);
    expect(runApproval(events).levels[0]?.question).toEqual({
      asker: 'ann',
      askee: 'dan',
      askedAtMs: at('16T12:00'),
    });
    // Three of eight hours have passed before, so the reminder comes five after the answer.
    const given = levelEvent('information-given', at('18T10:00'), 0, 'dan');
    expect(standing([...events, given])).toEqual(['open', 'open', 'remind 0 at 11-18T15:00']);
  });

  test('that nobody answers does not stop it for ever', () => {
    const overdue = levelEvent('information-overdue', at('17T12:00'));
    expect(standing([requested(plan), asked(at('16T12:00')), overdue])).toEqual([
      'open',
      'open',
      'remind 0 at 11-17T17:00',
    ]);
  });

  test('does not keep anybody from deciding', () => {
    const yes = sampleDecision(at('16T13:00'), 'bob', { seat: roleSeat('approver') });
    expect(standing([requested(plan), asked(at('16T12:00')), yes])[0]).toBe('approved');
  });

  test('moves the deadline by exactly the business time that it took', () => {
    const minute = fc.integer({ min: 0, max: 7 * 60 });
    fc.assert(
      fc.property(minute, minute, (begun, took) => {
        const startMs = at('16T09:00') + begun * 60_000;
        const endMs = startMs + took * 60_000;
        const events = [
          requested(plan),
          levelEvent('reminded', at('16T09:00')),
          asked(startMs),
          levelEvent('information-given', endMs),
        ];
        const openMs = Math.min(endMs, at('16T17:00')) - startMs;
        // Sixteen hours end on Tuesday at 17:00; what is added to them is Wednesday's.
        const dueMs = openMs === 0 ? at('17T17:00') : at('18T09:00') + openMs;
        expect(nextDeadline(runApproval(events), CALENDARS)?.atMs).toBe(dueMs);
      }),
    );
  });
});

describe('a request', () => {
  const plan = samplePlan([sampleLevel('approver'), sampleLevel('finance')]);
  const yes = sampleDecision(at('16T10:00'), 'ann', { seat: roleSeat('approver') });
  const restarted: ApprovalEvent = {
    kind: 'restarted',
    atMs: at('16T12:00'),
    by: PROCESS,
    cause: 'material-change',
    reasons: ['the quantity is 3 and was 2'],
    plan,
    facts: { ...SAMPLE_FACTS, quantityEach: 3n },
  };

  test('whose facts change starts again, and keeps what was said before', () => {
    const run = runApproval([requested(plan), yes, restarted]);
    expect(run).toMatchObject({ state: 'open', run: 2, facts: { quantityEach: 3n } });
    expect(run.levels.map(({ state, answers }) => [state, answers.length])).toEqual([
      ['open', 0],
      ['waiting', 0],
    ]);
    expect(run.pastRuns).toMatchObject([
      {
        run: 1,
        facts: { quantityEach: 2n },
        cause: 'material-change',
        reasons: ['the quantity is 3 and was 2'],
        endedAtMs: at('16T12:00'),
        levels: [{ state: 'approved', answers: [{ by: 'ann' }] }, { state: 'open' }],
      },
    ]);
    expect(standing([requested(plan), yes, restarted])[2]).toBe('remind 0 at 11-17T12:00');
  });

  test('that is returned waits for its change, comes back as a new run, or is rejected', () => {
    const returned = levelEvent('returned-for-change', at('16T10:00'), 0, 'ann');
    const events = [requested(plan), returned];
    expect(standing(events)).toEqual(['returned', 'open waiting', 'expire all at 11-18T10:00']);
    const back = runApproval([...events, { ...restarted, cause: 'resubmitted', by: 'rita' }]);
    expect(back).toMatchObject({ state: 'open', run: 2, returned: null });
    const late = { kind: 'expired', atMs: at('18T10:00'), by: PROCESS, level: null } as const;
    expect(runApproval([...events, late])).toMatchObject({
      state: 'rejected',
      closing: { cause: 'expiry' },
    });
  });

  test('that is withdrawn is over, whatever comes after', () => {
    const withdrawn = { kind: 'withdrawn', atMs: at('16T11:00'), by: 'rita' } as const;
    const events = [requested(plan), yes, withdrawn];
    const late = sampleDecision(at('16T12:00'), 'fay', { level: 1, seat: roleSeat('finance') });
    const run = runApproval([...events, late, restarted]);
    expect(run).toMatchObject({ state: 'withdrawn', run: 1, closing: { by: 'rita' } });
    expect(run.ignored).toEqual([late, restarted]);
    expect(standing(events)).toEqual(['withdrawn', 'approved not-needed', 'nothing is due']);
  });

  test('takes the first of two decisions, and says which one came too late', () => {
    const single = samplePlan([sampleLevel('approver')]);
    const no = sampleDecision(at('16T10:00'), 'bob', {
      decision: 'reject',
      seat: roleSeat('approver'),
    });
    const run = runApproval([requested(single), yes, no]);
    expect(run).toMatchObject({ state: 'approved', closing: { by: 'ann' }, ignored: [no] });
  });

  test('that asks nobody is approved at once, and a history without request is an error', () => {
    const nobody = samplePlan([]);
    expect(runApproval([requested(nobody)])).toMatchObject({
      state: 'approved',
      closing: { cause: 'automatic', by: null },
    });
    expect(() => runApproval([yes])).toThrow('begins with its request');
  });

  test('always has a deadline while it is not closed, and none after', () => {
    const level = fc.integer({ min: 0, max: 1 });
    const asking = ['information-asked', 'information-given'] as const;
    const timers = ['reminded', 'escalated', 'expired'] as const;
    const changes = ['returned-for-change', 'restarted'] as const;
    const kinds = fc.constantFrom('decided' as const, ...asking, ...timers, ...changes);
    const levels = ['approver', 'finance'].map((name) =>
      sampleLevel(name, {
        quorum: { count: 2 },
        onExpiry: 'escalate',
        escalateTo: { roles: ['ops'], people: [], deadlineHours: 8, onExpiry: 'approve' },
      }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(kinds, level), { maxLength: 15 }),
        fc.constantFrom('sequence' as const, 'parallel' as const),
        (steps, order) => {
          const events = steps.map(([kind, where], index): ApprovalEvent => {
            const atMs = at('16T09:00') + index * 3_600_000;
            const base = { atMs, by: `person-${index}`, level: where };
            if (kind === 'decided') {
              return sampleDecision(atMs, base.by, { level: where, seat: roleSeat('approver') });
            }
            if (kind === 'information-asked') return { ...base, kind, askee: 'dan' };
            if (kind === 'escalated') return { ...base, kind, cause: 'absence' };
            if (kind === 'restarted') return { ...restarted, atMs, plan: samplePlan(levels) };
            return { ...base, kind };
          });
          const run = runApproval([requested(samplePlan(levels, { order })), ...events]);
          expect(nextDeadline(run, CALENDARS) === null).toBe(run.closing !== null);
          expect(['approved', 'rejected'].includes(run.state)).toBe(run.closing !== null);
        },
      ),
    );
  });
});
