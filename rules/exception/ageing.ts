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

/** The bucket of an age. Times in milliseconds since 1970; what is raised ahead of now has no age yet. */
export function ageingBucket(raisedAtMs: number, nowMs: number): AgeingBucket {
  const hours = (nowMs - raisedAtMs) / HOUR_MS;
  const found = AGEING_BUCKETS.find(({ belowHours }) => belowHours === null || hours < belowHours);
  return found?.bucket ?? 'a-week-and-more';
}
