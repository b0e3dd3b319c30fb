import type { BusinessCalendar } from '../policy/approval-matrix.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** No deadline is this many days away; a calendar that gets here is closed for good. */
const MAX_DAYS = 20_000;

/**
 * The earliest instant at which this many business hours have passed since `startMs`. Instants in
 * milliseconds since 1970. Hours that the clocks skip do not exist, hours that they repeat count twice.
 * Throws RangeError on negative hours, and when the calendar has no hours left for it.
 */
export function addBusinessTime(
  startMs: number,
  hours: number,
  calendar: BusinessCalendar,
): number {
  if (!(hours >= 0)) throw new RangeError(`${hours} hours cannot be added`);
  let leftMs = Math.round(hours * HOUR_MS);
  if (leftMs === 0) return startMs;
  for (const { fromMs, toMs } of openingsOf(startMs, calendar)) {
    if (leftMs <= toMs - fromMs) return fromMs + leftMs;
    leftMs -= toMs - fromMs;
  }
  throw new RangeError(`the calendar of ${calendar.timeZone} has no ${hours} hours`);
}

/** The business time from one instant to a later one, in milliseconds; 0 when it is not later. */
export function businessTimeBetween(
  startMs: number,
  endMs: number,
  calendar: BusinessCalendar,
): number {
  if (endMs <= startMs) return 0;
  let sumMs = 0;
  for (const { fromMs, toMs } of openingsOf(startMs, calendar)) {
    if (fromMs >= endMs) break;
    sumMs += Math.min(toMs, endMs) - fromMs;
  }
  return sumMs;
}

/** Milliseconds as the hours that `addBusinessTime` takes. */
export function hoursOf(ms: number): number {
  return ms / HOUR_MS;
}

/**
 * Whose hours count for a level: the calendar that the level names, else the first that names one of its
 * roles, else one that names the region, else `default`. Answers the name.
 */
export function calendarFor(
  calendars: Readonly<Record<string, BusinessCalendar>>,
  level: { readonly calendar?: string | undefined; readonly roles: readonly string[] },
  region: string | null,
): string {
  const named = level.calendar ?? calendarOfRoles(calendars, level.roles);
  if (named !== undefined) return named;
  const byRegion = Object.entries(calendars).find(
    ([, calendar]) => region !== null && calendar.regions.includes(region),
  );
  return byRegion?.[0] ?? 'default';
}

/** The name of the first calendar that names one of these roles, the first role first; undefined where none does. */
export function calendarOfRoles(
  calendars: Readonly<Record<string, BusinessCalendar>>,
  roles: readonly string[],
): string | undefined {
  const all = Object.entries(calendars);
  for (const role of roles) {
    const byRole = all.find(([, calendar]) => calendar.roles.includes(role));
    if (byRole !== undefined) return byRole[0];
  }
  return undefined;
}

/** The stretches in which the calendar is open from an instant on, in order, none of them empty. */
export function* openingsOf(
  startMs: number,
  calendar: Pick<BusinessCalendar, 'timeZone' | 'hours' | 'holidays'>,
): Generator<{ readonly fromMs: number; readonly toMs: number }> {
  const holidays = new Set(calendar.holidays);
  const hours = calendar.hours.toSorted((a, b) => (a.from < b.from ? -1 : 1));
  const today = Math.floor((startMs + offsetMs(startMs, calendar.timeZone)) / DAY_MS);
  // Hours end with the first midnight that clocks show, so none of an earlier day go on today.
  for (let day = today; day < today + MAX_DAYS; day += 1) {
    if (holidays.has(dateText(day))) continue;
    const weekday = weekdayOf(day);
    for (const open of hours) {
      if (open.day !== weekday) continue;
      const toMs = instantOf(day * DAY_MS + wallMs(open.to), calendar.timeZone);
      if (toMs <= startMs) continue;
      const fromMs = Math.max(
        startMs,
        instantOf(day * DAY_MS + wallMs(open.from), calendar.timeZone),
      );
      if (fromMs < toMs) yield { fromMs, toMs };
    }
  }
}

/**
 * The instant at which clocks of a zone show a local time (given as if it were UTC): the first one where
 * they show it twice, the moment of the change where they skip it. So instants keep the order of local times.
 */
function instantOf(localMs: number, timeZone: string): number {
  const before = offsetMs(localMs - DAY_MS, timeZone);
  const after = offsetMs(localMs + DAY_MS, timeZone);
  if (before === after) return localMs - before;
  const first = localMs - before;
  if (offsetMs(first, timeZone) === before) return first;
  const second = localMs - after;
  if (offsetMs(second, timeZone) === after) return second;
  return changeBetween(second, first, before, timeZone);
}

/** The first instant after `earlyMs`, `lateMs` at most, that no longer has this offset. */
function changeBetween(earlyMs: number, lateMs: number, offset: number, timeZone: string): number {
  let [low, high] = [earlyMs, lateMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMs(middle, timeZone) === offset) low = middle;
    else high = middle;
  }
  return high;
}

/** Making one costs far more than using it, and there are as many as there are zones. */
const clocks = new Map<string, Intl.DateTimeFormat>();

/** How far local time is ahead of UTC at an instant. */
function offsetMs(atMs: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    clocks.set(timeZone, clock);
  }
  const shown: Record<string, number> = {};
  for (const { type, value } of clock.formatToParts(atMs)) shown[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = shown;
  const wall =
    dayNumber(year, month, day) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS;
  return wall - Math.floor(atMs / SECOND_MS) * SECOND_MS;
}

/**
 * Days since 1970-01-01 of a date of the Gregorian calendar. Years are counted from March, so that the
 * leap day is the last of its year.
 */
function dayNumber(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const marchMonth = month > 2 ? month - 3 : month + 9;
  const leapDays =
    Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  // Days before a month of a year from March: 0, 31, 61, 92, … 337.
  const monthDays = Math.floor((153 * marchMonth + 2) / 5);
  return 365 * marchYear + leapDays + monthDays + day - 1 - EPOCH_DAYS;
}

/** 1970-01-01 on the scale of days from 0000-03-01. */
const EPOCH_DAYS = 719_468;

/** The inverse of dayNumber, yyyy-mm-dd. */
function dateText(dayNumberUtc: number): string {
  let year = 1970 + Math.floor(dayNumberUtc / 365.2425);
  if (dayNumber(year + 1, 1, 1) <= dayNumberUtc) year += 1;
  if (dayNumber(year, 1, 1) > dayNumberUtc) year -= 1;
  let month = 12;
  while (dayNumber(year, month, 1) > dayNumberUtc) month -= 1;
  const day = dayNumberUtc - dayNumber(year, month, 1) + 1;
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function pad(value: number, places: number): string {
  return value.toString().padStart(places, '0');
}

/** ISO weekday, 1 Monday to 7 Sunday; 1970-01-01 was a Thursday. */
function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}

function wallMs(text: string): number {
  const [hour = '0', minute = '0'] = text.split(':');
  return Number(hour) * HOUR_MS + Number(minute) * MINUTE_MS;
}
