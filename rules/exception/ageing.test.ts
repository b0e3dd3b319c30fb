import { expect, test } from 'vitest';
import { AGEING_BUCKETS, ageingBucket, BUCKET_BOUNDS } from './ageing.ts';

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
