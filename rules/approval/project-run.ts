import type { BusinessCalendar } from '../policy/approval-matrix.ts';
import {
  nextDeadline,
  nextWait,
  type AbsenceLook,
  type ApprovalDeadline,
} from './next-deadline.ts';
import { openSeats, type ApprovalRun, type Closing, type LevelRun } from './run-approval.ts';

/** What of a request is kept beside its events, so that lists and waits need not fold them. */
export interface ApprovalProjection {
  readonly state: 'open' | 'approved' | 'rejected' | 'withdrawn';
  readonly phase: 'deciding' | 'information-asked' | 'returned';
  readonly run: number;
  readonly openLevels: readonly number[];
  /**
   * Whose turn it is: deciders who have not had their say, whoever was asked a question, or the requester of what
   * was returned.
   */
  readonly askedRoles: readonly string[];
  readonly askedPeople: readonly string[];
  /** Whether an open level has been escalated. */
  readonly escalated: boolean;
  /** By when the levels that are open want to be decided, or the requester to answer; milliseconds since 1970. */
  readonly dueAtMs: number | null;
  /** What happens next if nobody does anything. */
  readonly deadline: ApprovalDeadline | AbsenceLook | null;
  readonly closing: Closing | null;
}

/**
 * The projection of a request; calendars are those of the policy as it is now. `nextAbsenceMs`: when somebody who
 * might decide will be away, null when nobody will.
 */
export function projectRun(
  run: ApprovalRun,
  calendars: Readonly<Record<string, BusinessCalendar>>,
  nextAbsenceMs: number | null = null,
): ApprovalProjection {
  const open = run.closing === null && run.returned === null;
  const levels = open ? run.levels.filter(({ state }) => state === 'open') : [];
  const seats = levels.flatMap((level) => openSeats(level));
  const askees = levels.flatMap(({ question }) => (question === null ? [] : [question.askee]));
  const named = (kind: 'role' | 'person') =>
    seats.filter((seat) => seat.kind === kind).map(({ name }) => name);
  const requesters = [run.requestedBy, ...(run.requestedFor === null ? [] : [run.requestedFor])];
  const done = new Set([...requesters, ...run.levels.flatMap(speakersOf)]);
  const deciders = named('person').filter((name) => !done.has(name));
  const undecided = nextDeadline(withoutReminders(run), calendars);
  return {
    state: run.closing === null ? 'open' : closedState(run),
    phase: phaseOf(run),
    run: run.run,
    openLevels: levels.map(({ level }) => level),
    askedRoles: distinct(named('role')),
    askedPeople: distinct(run.returned === null ? [...deciders, ...askees] : requesters),
    escalated: levels.some(({ escalated }) => escalated !== null),
    dueAtMs: undecided?.atMs ?? null,
    deadline: nextWait(nextDeadline(run, calendars), nextAbsenceMs),
    closing: run.closing,
  };
}

/** Who has had a say at a level, and in whose place. */
function speakersOf({ answers }: LevelRun): string[] {
  return answers.flatMap(({ by, onBehalfOf }) => (onBehalfOf === null ? [by] : [by, onBehalfOf]));
}

/** A reminder is no deadline of a decision. */
function withoutReminders(run: ApprovalRun): ApprovalRun {
  return { ...run, levels: run.levels.map((level) => ({ ...level, reminded: true })) };
}

function closedState({ state }: ApprovalRun): 'approved' | 'rejected' | 'withdrawn' {
  if (state === 'approved' || state === 'rejected' || state === 'withdrawn') return state;
  throw new Error(`A closed approval is not ${state}`);
}

function phaseOf({ state }: ApprovalRun): ApprovalProjection['phase'] {
  return state === 'information-asked' || state === 'returned' ? state : 'deciding';
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}
