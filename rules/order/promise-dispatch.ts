import { openingsOf } from '../approval/business-calendar.ts';
import type { CutoffPolicy } from '../policy/documents.ts';

/**
 * By when an order is promised to have left, in milliseconds since 1970: what is placed before the cutoff of a
 * working day leaves on that day, anything else on the next one, and so many working days later as handling
 * takes; on its day by `dispatchBy`. Undefined where no working day is left.
 */
export function promiseDispatch(policy: CutoffPolicy, placedAtMs: number): number | undefined {
  const { cutoff, dispatchBy, handlingDays } = policy;
  const [inTime] = openingsOf(placedAtMs, workingDays(policy, cutoff));
  if (inTime === undefined) return undefined;
  let left = handlingDays;
  // The moment before the cutoff lies in the day on which the order was in time.
  for (const { toMs } of openingsOf(inTime.toMs - 1, workingDays(policy, dispatchBy))) {
    if (left === 0) return toMs;
    left -= 1;
  }
  return undefined;
}

/** The working days as stretches from midnight to a time of day. */
function workingDays({ timeZone, workingDays: days, holidays }: CutoffPolicy, until: string) {
  return { timeZone, holidays, hours: days.map((day) => ({ day, from: '00:00', to: until })) };
}
