import { describe, expect, test } from 'vitest';
import { callersAtOnce, percentile, ratioToFloor, summarize } from './measure.ts';

describe('figures', () => {
  test('are summed up by their least, middle and greatest round', () => {
    expect(summarize([30, 10, 20])).toEqual({ min: 10, median: 20, max: 30 });
    expect(summarize([7])).toEqual({ min: 7, median: 7, max: 7 });
  });

  test('a percentile is one of the values', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0.5, 0.95, 0.99, 1].map((share) => percentile(values, share))).toEqual([
      50, 95, 99, 100,
    ]);
  });

  test('the ratio is of the medians of the same run', () => {
    const figure = { measure: 'm', unit: '/s', rounds: [50, 60, 70] };
    expect(ratioToFloor({ ...figure, floor: { name: 'f', rounds: [90, 100, 200] } })).toBe(0.6);
    expect(ratioToFloor(figure)).toBeUndefined();
  });
});

test('callers share the work: each index once, never more at a time than there are callers', async () => {
  const seen: number[] = [];
  let now = 0;
  let most = 0;
  const taken = await callersAtOnce(4, 25, async (index) => {
    seen.push(index);
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now -= 1;
  });
  expect(taken).toHaveLength(25);
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, index) => index));
  expect(most).toBe(4);
});
