import { expect, test } from 'vitest';
import type { FailedLogin } from './access-store.ts';
import { pauseAfter, slowDown } from './slow-down.ts';

const AT = '2026-11-21T09:00:00Z';
const failing = (sourceAddress: string | undefined) =>
  ({ sourceAddress, by: 'key', at: AT, requestId: 'r-1' }) as const;

test('the first failures are free, then each takes twice as long, up to five seconds', () => {
  expect([0, 1, 5, 6, 7, 8, 11, 12, 1_000_000].map(pauseAfter)).toEqual([
    0, 0, 0, 100, 200, 400, 3_200, 5_000, 5_000,
  ]);
});

function watched({ others = 0 } = {}) {
  const told: FailedLogin[] = [];
  const waited: number[] = [];
  const clock = { ms: 0 };
  const totals = new Map<string, number>();
  const slowed = slowDown({
    tell: async (failed) => {
      told.push(failed);
      const failures = (totals.get(failed.sourceAddress) ?? others) + failed.failures;
      totals.set(failed.sourceAddress, failures);
      return { failures };
    },
    reportError: (error) => {
      throw error;
    },
    wait: async (ms) => void waited.push(ms),
    nowMs: () => clock.ms,
  });
  return { slowed, told, waited, clock };
}

test('failures are counted by address, and told to the ledger once a second', async () => {
  const { slowed, told, waited, clock } = watched();
  for (let count = 0; count < 8; count += 1)
    expect(await slowed.afterFailure(failing('a'))).toBe(0);
  await slowed.afterFailure(failing('b'));
  expect(told.map(({ sourceAddress, failures }) => [sourceAddress, failures])).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
  expect(waited).toEqual([100, 200, 400]);
  clock.ms = 1_000;
  await slowed.afterFailure(failing('a'));
  expect(told.at(-1)).toEqual({
    sourceAddress: 'a',
    failures: 8,
    credential: 'key',
    at: AT,
    requestId: 'r-1',
  });
  expect(waited.at(-1)).toBe(800);
});

test('all addresses of one IPv6 network are one', async () => {
  const { slowed, told, waited } = watched();
  for (let count = 0; count < 7; count += 1)
    await slowed.afterFailure(failing(`2001:db8:1:2::${count}`));
  await slowed.afterFailure(failing('2001:db8:1:3::1'));
  expect(told.map(({ sourceAddress }) => sourceAddress)).toEqual([
    '2001:db8:1:2::/64',
    '2001:db8:1:3::/64',
  ]);
  expect(waited).toEqual([100, 200]);
});

test('what other processes have seen of an address counts as well', async () => {
  const { slowed, waited } = watched({ others: 20 });
  await slowed.afterFailure(failing('a'));
  expect(waited).toEqual([5_000]);
});

test('nobody is slowed down who has no address', async () => {
  const { slowed, told, waited } = watched({ others: 20 });
  expect(await slowed.afterFailure(failing(undefined))).toBe(0);
  expect([told, waited]).toEqual([[], []]);
});

test('beyond two hundred that wait, others are sent away at once', async () => {
  const release: (() => void)[] = [];
  const slowed = slowDown({
    tell: async () => ({ failures: 100 }),
    reportError: () => undefined,
    wait: () => new Promise<void>((resolve) => release.push(resolve)),
  });
  const waiting = Array.from({ length: 200 }, (_, number) =>
    slowed.afterFailure(failing(`10.0.0.${number}`)),
  );
  // Each has told the ledger before it waits.
  while (release.length < 200) await new Promise((resolve) => setImmediate(resolve));
  expect(await slowed.afterFailure(failing('10.0.1.1'))).toBe(60);
  for (const resolve of release) resolve();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set([0]));
});

test('a ledger that is away counts nobody, and this process still does', async () => {
  const reported: unknown[] = [];
  const waited: number[] = [];
  const slowed = slowDown({
    tell: () => Promise.reject(new Error('away')),
    reportError: (error) => reported.push(error),
    wait: async (ms) => void waited.push(ms),
    nowMs: () => 0,
  });
  for (let count = 0; count < 7; count += 1) await slowed.afterFailure(failing('a'));
  expect(reported).toHaveLength(1);
  expect(waited).toEqual([100, 200]);
});
