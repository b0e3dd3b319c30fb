const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * How far ahead of the clock that hears of it a fact may lie, in hours: enough for a clock in another
 * zone, too little to move a process beyond its deadlines.
 */
export const MAX_AHEAD_HOURS = 24;

/** The same for what people say themselves, in minutes: they say it as it happens, and only clocks differ. */
export const MAX_SAID_AHEAD_MINUTES = 5;

/**
 * The same for what providers sign, in hours. They tell a parcel's journey by clocks of their own, which
 * a simulated carrier moves on by days; what lies beyond two weeks is no journey.
 */
export const MAX_PROVIDER_AHEAD_HOURS = 14 * 24;

/**
 * How long ago an order may have been placed when it is taken in, in days. Its deadlines count from then,
 * so those of an older order would all be over at once; a channel that brings trusted history may say so.
 */
export const MAX_PLACED_AGE_DAYS = 30;

/** Whether a fact claims to have happened later than can be. Both times in milliseconds since 1970. */
export function isAhead(atMs: number, nowMs: number, maxAheadHours = MAX_AHEAD_HOURS): boolean {
  return atMs - nowMs > maxAheadHours * HOUR_MS;
}

/** Whether somebody claims to have said something later than can be. Times as above. */
export function isSaidAhead(atMs: number, nowMs: number): boolean {
  return atMs - nowMs > MAX_SAID_AHEAD_MINUTES * MINUTE_MS;
}

/** Whether an order is history: placed longer ago than its deadlines bear. Times as above. */
export function isHistory(placedAtMs: number, nowMs: number): boolean {
  return nowMs - placedAtMs > MAX_PLACED_AGE_DAYS * 24 * HOUR_MS;
}
