const HOUR_MS = 3_600_000;

/** Ages by which a board is read; each bucket ends before its `belowHours`, the last has no end. */
export const AGEING_BUCKETS = [
  { bucket: 'under-4-hours', belowHours: 4 },
  { bucket: 'under-a-day', belowHours: 24 },
  { bucket: 'under-3-days', belowHours: 72 },
  { bucket: 'under-a-week', belowHours: 168 },
  { bucket: 'a-week-and-more', belowHours: null },
] as const;

export type AgeingBucket = (typeof AGEING_BUCKETS)[number]['bucket'];

/** Where one bucket ends and the next begins, in hours. */
export const BUCKET_BOUNDS: readonly number[] = AGEING_BUCKETS.flatMap(({ belowHours }) =>
  belowHours === null ? [] : [belowHours],
);

/** How old an entry is in full hours, or was when it was closed, and whether it is late. */
export interface Age {
  readonly ageHours: number;
  /** Open and past its date. */
  readonly overdue: boolean;
}

/** Of an entry as it stands. Times in milliseconds since 1970; what is raised ahead of now has no age yet. */
export function ageOf(
  entry: {
    readonly raisedAtMs: number;
    readonly dueAtMs: number;
    /** Null while it is open. */
    readonly resolvedAtMs: number | null;
  },
  nowMs: number,
): Age {
  const { raisedAtMs, dueAtMs, resolvedAtMs } = entry;
  const hours = Math.floor(((resolvedAtMs ?? nowMs) - raisedAtMs) / HOUR_MS);
  return { ageHours: Math.max(0, hours), overdue: resolvedAtMs === null && dueAtMs < nowMs };
}

/** The bucket of an age. Times in milliseconds since 1970; what is raised ahead of now has no age yet. */
export function ageingBucket(raisedAtMs: number, nowMs: number): AgeingBucket {
  const hours = (nowMs - raisedAtMs) / HOUR_MS;
  const found = AGEING_BUCKETS.find(({ belowHours }) => belowHours === null || hours < belowHours);
  return found?.bucket ?? 'a-week-and-more';
}
