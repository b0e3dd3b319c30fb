const HOUR_MS = 3_600_000;

/** What stands in an entry about snoozing it, and what is asked for. Times in milliseconds since 1970. */
export interface SnoozeFacts {
  /** How often it was snoozed since it was raised, and how often it may be. */
  readonly snoozes: number;
  readonly snoozeLimit: number;
  /** How far ahead at once; 0: not at all. */
  readonly snoozeHours: number;
  readonly wakeAtMs: number;
  readonly nowMs: number;
}

export type SnoozeDecision =
  | { readonly outcome: 'allowed' }
  | { readonly outcome: 'refused'; readonly text: string };

/**
 * Whether an entry may be put aside until then. A snooze never moves the due date: it only keeps the entry
 * out of sight and from being escalated, so it is short, and there are few of them.
 */
export function maySnooze(facts: SnoozeFacts): SnoozeDecision {
  const { snoozes, snoozeLimit, snoozeHours, wakeAtMs, nowMs } = facts;
  if (snoozeHours === 0 || snoozeLimit === 0) return refused('this kind cannot be snoozed');
  if (snoozes >= snoozeLimit)
    return refused(`was snoozed ${snoozes} times already, and has to be dealt with`);
  // Asked so that a time that is none is refused as well.
  if (!(wakeAtMs > nowMs)) return refused('must lie ahead');
  if (wakeAtMs > nowMs + snoozeHours * HOUR_MS)
    return refused(`must lie at most ${snoozeHours} hours ahead`);
  return { outcome: 'allowed' };
}

function refused(text: string): SnoozeDecision {
  return { outcome: 'refused', text };
}
