/** How one attempt to deliver ended. */
export type AttemptOutcome =
  /** The receiver has taken it. */
  | { readonly kind: 'delivered' }
  /** It may do so later. */
  | { readonly kind: 'failed' }
  /** It never will take this one. */
  | { readonly kind: 'refused' }
  /** It wants nothing any more. */
  | { readonly kind: 'gone' };

export type DeliveryVerdict =
  | { readonly next: 'done' }
  | { readonly next: 'retry'; readonly afterMs: number }
  | { readonly next: 'given-up' };

/** What is known of an endpoint before an attempt. */
export interface EndpointHealth {
  /** Attempts that failed one after the other, over all messages, since the last that was taken. */
  readonly failures: number;
  /** Of the first of these, milliseconds since 1970; null when the last one was taken. */
  readonly failingSinceMs: number | null;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Pauses of a webhook after its 1st, 2nd, … attempt: a day and three quarters in all, denser at the beginning. */
export const WEBHOOK_PAUSES_MS: readonly number[] = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  15 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  8 * HOUR_MS,
  12 * HOUR_MS,
  18 * HOUR_MS,
];

/** An endpoint that has failed for this long and this often is turned off, though single messages may wait longer. */
export const DISABLE_AFTER = { failures: 20, ms: 24 * HOUR_MS } as const;

/** Mail is tried again after 2, 4, 8 … s, at last every quarter of an hour, and given up after two days. */
const LONGEST_MAIL_PAUSE_MS = 15 * MINUTE_MS;
export const MAIL_ATTEMPTS = 200;

/** A mail that has failed this often has waited for 17 minutes: longer than any server keeps strangers waiting. */
export const LATE_MAIL_ATTEMPTS = 10;

/** What people have to know of a mail: that this one is not wanted, that its server is away, or that it never went. */
export type MailTrouble = 'refused' | 'late' | 'given-up';

/** What becomes of a mail after its `attempt`-th attempt (from 1), and what of it belongs on the exception board. */
export function judgeMail(
  outcome: AttemptOutcome,
  attempt: number,
): { readonly verdict: DeliveryVerdict; readonly trouble: MailTrouble | null } {
  if (outcome.kind === 'delivered') return { verdict: { next: 'done' }, trouble: null };
  if (outcome.kind !== 'failed') return { verdict: { next: 'given-up' }, trouble: 'refused' };
  if (attempt >= MAIL_ATTEMPTS) return { verdict: { next: 'given-up' }, trouble: 'given-up' };
  const pauseMs = 2 ** Math.min(attempt, 10) * SECOND_MS;
  const afterMs = Math.min(pauseMs, LONGEST_MAIL_PAUSE_MS);
  // Once: the next mail that is taken settles it.
  const trouble = attempt === LATE_MAIL_ATTEMPTS ? 'late' : null;
  return { verdict: { next: 'retry', afterMs }, trouble };
}

/**
 * What becomes of a webhook after its `attempt`-th attempt (from 1), and of its endpoint: `disable` says why
 * it is turned off. One that answers 410 is turned off at once, as it asks for that.
 * Source: Standard Webhooks, "Deliverability and reliability".
 */
export function judgeWebhook(
  outcome: AttemptOutcome,
  attempt: number,
  health: EndpointHealth,
  nowMs: number,
  pausesMs: readonly number[] = WEBHOOK_PAUSES_MS,
): { readonly verdict: DeliveryVerdict; readonly disable: string | null } {
  if (outcome.kind === 'delivered') return { verdict: { next: 'done' }, disable: null };
  if (outcome.kind === 'gone')
    return { verdict: { next: 'given-up' }, disable: 'the endpoint answered 410 Gone' };
  const failures = health.failures + 1;
  const failingMs = nowMs - (health.failingSinceMs ?? nowMs);
  const afterMs = pausesMs[attempt - 1];
  const isLast = outcome.kind === 'refused' || afterMs === undefined;
  const verdict: DeliveryVerdict = isLast ? { next: 'given-up' } : { next: 'retry', afterMs };
  // A message that used up all its attempts while nothing else was taken tells the same as a long outage.
  const isExhausted = afterMs === undefined && failures >= attempt;
  const isLongOut = failures >= DISABLE_AFTER.failures && failingMs >= DISABLE_AFTER.ms;
  const disable = isExhausted || isLongOut ? `${failures} attempts in a row failed` : null;
  return { verdict, disable };
}
