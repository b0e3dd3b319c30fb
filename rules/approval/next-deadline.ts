import type { BusinessCalendar } from '../policy/approval-matrix.ts';
import {
  addBusinessTime,
  businessTimeBetween,
  calendarOfRoles,
  hoursOf,
} from './business-calendar.ts';
import type { ApprovalRun, LevelRun } from './run-approval.ts';

/**
 * What happens next if nobody does anything. `level` is null for a request that was returned. `resume`: the
 * question at the level went unanswered, and its clock runs again.
 */
export interface ApprovalDeadline {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly what: 'remind' | 'escalate' | 'expire' | 'resume';
  readonly level: number | null;
}

/** Somebody who might decide is away from then on: whether anybody is left is looked at when it begins. */
export interface AbsenceLook {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly what: 'look';
  readonly level: null;
}

type Calendars = Readonly<Record<string, BusinessCalendar>>;

/**
 * The next deadline of a request, null when it is closed: whatever is open always has one. Calendars are
 * looked up by name, so that a holiday that is entered later counts. Throws when there is none to use.
 */
export function nextDeadline(run: ApprovalRun, calendars: Calendars): ApprovalDeadline | null {
  if (run.closing !== null) return null;
  const { plan, returned } = run;
  const calendar = calendarNamed(calendars, plan.calendar);
  if (returned !== null) {
    const atMs = addBusinessTime(returned.atMs, plan.changeHours, calendar);
    return { atMs, what: 'expire', level: null };
  }
  const deadlines = run.levels
    .filter(({ state }) => state === 'open')
    .map((level): ApprovalDeadline => {
      const { question } = level;
      if (question === null) return ofLevel(level, calendars);
      const atMs = addBusinessTime(question.askedAtMs, plan.informationHours, calendar);
      return { atMs, what: 'resume', level: level.level };
    });
  return deadlines.toSorted((a, b) => a.atMs - b.atMs)[0] ?? null;
}

/** What a request waits for: its deadline, or the next absence where that begins before. */
export function nextWait(
  deadline: ApprovalDeadline | null,
  nextAbsenceMs: number | null,
): ApprovalDeadline | AbsenceLook | null {
  if (deadline === null || nextAbsenceMs === null || nextAbsenceMs >= deadline.atMs)
    return deadline;
  return { atMs: nextAbsenceMs, what: 'look', level: null };
}

function ofLevel(level: LevelRun, calendars: Calendars): ApprovalDeadline {
  const { plan, escalated, reminded } = level;
  if (escalated !== null && plan.escalateTo !== null) {
    // Whoever is asked then has hours of their own, where a calendar names their role.
    const { roles, deadlineHours } = plan.escalateTo;
    const theirs = calendarNamed(calendars, calendarOfRoles(calendars, roles) ?? plan.calendar);
    return { atMs: reachedAt(level, deadlineHours, theirs), what: 'expire', level: level.level };
  }
  const calendar = calendarNamed(calendars, plan.calendar);
  const after = (hours: number) => reachedAt(level, hours, calendar);
  if (!reminded) return { atMs: after(plan.remindAfterHours), what: 'remind', level: level.level };
  const what = plan.onExpiry === 'escalate' ? 'escalate' : 'expire';
  return { atMs: after(plan.deadlineHours), what, level: level.level };
}

/** When the clock of a level shows so many hours: the stretches that are over count, the last goes on. */
function reachedAt({ clock }: LevelRun, hours: number, calendar: BusinessCalendar): number {
  const running = clock.at(-1);
  if (running === undefined) throw new Error('An open level without question has a clock');
  const spentMs = clock
    .slice(0, -1)
    .reduce(
      (sum, { fromMs, untilMs }) => sum + businessTimeBetween(fromMs, untilMs ?? fromMs, calendar),
      0,
    );
  return addBusinessTime(running.fromMs, Math.max(0, hours - hoursOf(spentMs)), calendar);
}

function calendarNamed(calendars: Calendars, name: string): BusinessCalendar {
  const calendar = calendars[name] ?? calendars['default'];
  if (calendar === undefined) throw new Error(`There is no calendar ${name} and no default`);
  return calendar;
}
