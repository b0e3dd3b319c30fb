import { expect, test } from 'vitest';
import { AGEING_BUCKETS, ageingBucket, ageOf, BUCKET_BOUNDS } from './ageing.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const HOUR = 3_600_000;

test.each([
  [0, 'under-4-hours'],
  [4 * HOUR - 1, 'under-4-hours'],
  [4 * HOUR, 'under-a-day'],
  [24 * HOUR - 1, 'under-a-day'],
  [24 * HOUR, 'under-3-days'],
  [72 * HOUR, 'under-a-week'],
  [168 * HOUR - 1, 'under-a-week'],
  [168 * HOUR, 'a-week-and-more'],
  [10_000 * HOUR, 'a-week-and-more'],
  // Clocks differ: what was raised a moment ahead is new.
  [-HOUR, 'under-4-hours'],
])('an age of %i ms is %s', (age, bucket) => {
  expect(ageingBucket(NOW - age, NOW)).toBe(bucket);
});

test('the bounds are where the buckets meet, ascending, and the last bucket has none', () => {
  expect(BUCKET_BOUNDS).toHaveLength(AGEING_BUCKETS.length - 1);
  expect(BUCKET_BOUNDS).toEqual(BUCKET_BOUNDS.toSorted((a, b) => a - b));
  for (const [index, bound] of BUCKET_BOUNDS.entries()) {
    expect(ageingBucket(NOW - bound * HOUR, NOW)).toBe(AGEING_BUCKETS[index + 1]?.bucket);
    expect(ageingBucket(NOW - bound * HOUR + 1, NOW)).toBe(AGEING_BUCKETS[index]?.bucket);
  }
});

const MINUTE = 60_000;

test.each([
  { minutes: 119, closedAfter: null, ageHours: 1, overdue: false },
  // What is due at this very moment is not late.
  { minutes: 240, closedAfter: null, ageHours: 4, overdue: false },
  { minutes: 241, closedAfter: null, ageHours: 4, overdue: true },
  { minutes: 9_000, closedAfter: 390, ageHours: 6, overdue: false },
  { minutes: -60, closedAfter: null, ageHours: 0, overdue: false },
])(
  'after $minutes min, closed after $closedAfter: $ageHours h old, late $overdue',
  ({ minutes, closedAfter, ...age }) => {
    const entry = {
      raisedAtMs: NOW,
      dueAtMs: NOW + 4 * HOUR,
      resolvedAtMs: closedAfter === null ? null : NOW + closedAfter * MINUTE,
    };
    expect(ageOf(entry, NOW + minutes * MINUTE)).toEqual(age);
  },
);
