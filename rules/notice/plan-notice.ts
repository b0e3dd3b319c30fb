import { addBusinessTime } from '../approval/business-calendar.ts';
import type { BusinessCalendar } from '../policy/approval-matrix.ts';
import type { NoticeKind } from './notice-kinds.ts';
import type { NoticePreference } from './notice-preference.ts';

/** When and how one person hears of something. Milliseconds since 1970. */
export type NoticePlan =
  | { readonly outcome: 'now' }
  | { readonly outcome: 'after-quiet-hours'; readonly atMs: number }
  | { readonly outcome: 'digest'; readonly atMs: number }
  | { readonly outcome: 'none' };

/** The shortest time there is; business time is added in hours. */
const MILLISECOND_HOURS = 1 / 3_600_000;
const MINUTE_MS = 60_000;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const MIDNIGHT = '00:00';
const DAY_END = '24:00';

/**
 * Whether a person is told now, when their quiet hours are over, in their next digest, or not at all. Times
 * are those of the person's clocks, also where these are put on or back. A digest whose hour is quiet comes
 * when the quiet hours are over.
 */
export function planNotice(
  kind: NoticeKind,
  preference: NoticePreference,
  nowMs: number,
): NoticePlan {
  const channel = preference.kinds[kind];
  if (channel === 'none') return { outcome: 'none' };
  if (channel === 'digest') {
    const atMs = nextOpening(nowMs, digestMinutes(preference));
    return { outcome: 'digest', atMs: afterQuietHours(atMs, preference) };
  }
  const atMs = afterQuietHours(nowMs, preference);
  return atMs === nowMs ? { outcome: 'now' } : { outcome: 'after-quiet-hours', atMs };
}

/** The instant itself, or the end of the quiet hours that it lies in. */
function afterQuietHours(atMs: number, { quietHours, timeZone }: NoticePreference): number {
  if (quietHours === null) return atMs;
  const { from, to } = quietHours;
  const overMidnight = from > to;
  const open = overMidnight
    ? [{ from: to, to: from }]
    : [
        { from: MIDNIGHT, to: from },
        { from: to, to: DAY_END },
      ];
  const hours = open.filter((part) => part.from < part.to);
  return startOf(atMs, calendarOf(timeZone, hours));
}

/** The first minute of the digest hour, every day. */
function digestMinutes({ digestHour, timeZone }: NoticePreference): BusinessCalendar {
  const hour = digestHour.toString().padStart(2, '0');
  return calendarOf(timeZone, [{ from: `${hour}:00`, to: `${hour}:01` }]);
}

/** The beginning of the next digest's minute that has not begun yet. */
function nextOpening(nowMs: number, calendar: BusinessCalendar): number {
  const startMs = startOf(nowMs, calendar);
  // The minute of today's digest runs: what is planned now may come too late for it.
  return startMs === nowMs ? startOf(nowMs + MINUTE_MS, calendar) : startMs;
}

/** The first instant at or after this one at which the calendar is open. */
function startOf(atMs: number, calendar: BusinessCalendar): number {
  return addBusinessTime(atMs, MILLISECOND_HOURS, calendar) - 1;
}

function calendarOf(
  timeZone: string,
  hours: readonly { readonly from: string; readonly to: string }[],
): BusinessCalendar {
  return {
    timeZone,
    hours: EVERY_DAY.flatMap((day) => hours.map((part) => ({ day, ...part }))),
    holidays: [],
    roles: [],
    regions: [],
  };
}
