import { expect, test } from 'vitest';
import { DEFAULT_RATE_LIMITS, rateLimiter } from './rate-limit.ts';

const KEY = { id: 'key:a', kind: 'key' } as const;

function limiterWith(perSecond: number, burst: number) {
  const clock = { ms: 5_000 };
  const limiter = rateLimiter({ key: { perSecond, burst } }, () => clock.ms);
  return {
    clock,
    take: (principal: Parameters<typeof limiter.take>[0] = KEY) => limiter.take(principal),
  };
}

test('a burst is let through, then as many as the rate has', () => {
  const { clock, take } = limiterWith(2, 3);
  expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 1]);
  clock.ms += 499;
  expect(take()).toBe(1);
  clock.ms += 1;
  expect([take(), take()]).toEqual([0, 1]);
  clock.ms += 60_000;
  expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 1]);
});

test('whoever is refused is told when the next request has room', () => {
  const { clock, take } = limiterWith(0.1, 1);
  expect([take(), take()]).toEqual([0, 10]);
  clock.ms += 4_000;
  expect(take()).toBe(6);
  clock.ms += 6_000;
  expect(take()).toBe(0);
});

test('each has a bucket of its own, and who has no limit has none', () => {
  const { take } = limiterWith(1, 1);
  expect([take(), take({ id: 'key:b', kind: 'key' }), take()]).toEqual([0, 0, 1]);
  for (let count = 0; count < 100; count += 1)
    expect(take({ id: 'operator', kind: 'process' })).toBe(0);
});

test('ten thousand strangers do not make anybody forget who has used up theirs', () => {
  const { clock, take } = limiterWith(1, 1);
  expect([take(), take()]).toEqual([0, 1]);
  for (let number = 0; number < 20_000; number += 1) take({ id: `key:${number}`, kind: 'key' });
  expect(take()).toBe(1);
  clock.ms += 1_000;
  expect(take()).toBe(0);
});

test('people and keys have a limit, the processes of the installation have none', () => {
  expect(Object.keys(DEFAULT_RATE_LIMITS)).toEqual(['person', 'key']);
});
