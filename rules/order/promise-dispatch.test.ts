import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_POLICIES } from '../policy/defaults.ts';
import type { CutoffPolicy } from '../policy/documents.ts';
import { promiseDispatch } from './promise-dispatch.ts';

const policy = DEFAULT_POLICIES.cutoffs;

const promised = (fields: Partial<CutoffPolicy>, placedAt: string) => {
  const at = promiseDispatch({ ...policy, ...fields }, Date.parse(placedAt));
  return at === undefined ? undefined : new Date(at).toISOString();
};

// 2026-03-27 is a Friday; clocks in London go forward on the 29th.
test.each<[string, Partial<CutoffPolicy>, string, string]>([
  ['before the cutoff the same day', {}, '2026-03-26T13:59:59Z', '2026-03-26T18:00:00.000Z'],
  ['at the cutoff the next day', {}, '2026-03-26T14:00:00Z', '2026-03-27T18:00:00.000Z'],
  ['on a Friday evening on Monday', {}, '2026-03-27T20:00:00Z', '2026-03-30T18:00:00.000Z'],
  ['on a Sunday on Monday', {}, '2026-03-29T09:00:00Z', '2026-03-30T18:00:00.000Z'],
  [
    'over a holiday',
    { holidays: ['2026-03-30'] },
    '2026-03-28T09:00:00Z',
    '2026-03-31T18:00:00.000Z',
  ],
  [
    'with days of handling',
    { handlingDays: 2 },
    '2026-03-26T09:00:00Z',
    '2026-03-30T18:00:00.000Z',
  ],
  [
    'by the clocks of its place',
    { timeZone: 'Europe/London' },
    '2026-03-30T12:59:00Z',
    '2026-03-30T17:00:00.000Z',
  ],
  [
    'and their cutoff',
    { timeZone: 'Europe/London' },
    '2026-03-30T13:00:00Z',
    '2026-03-31T17:00:00.000Z',
  ],
  [
    'until midnight',
    { cutoff: '24:00', dispatchBy: '24:00' },
    '2026-03-26T23:59:00Z',
    '2026-03-27T00:00:00.000Z',
  ],
])('what is placed %s', (_name, fields, placedAt, expected) => {
  expect(promised(fields, placedAt)).toBe(expected);
});

test('nobody who orders later is promised an earlier dispatch, and no promise lies before its order', () => {
  const instants = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) });
  const policies = fc.record({
    timeZone: fc.constantFrom('UTC', 'Europe/London', 'America/New_York'),
    cutoff: fc.constantFrom('08:00', '14:00', '18:00'),
    dispatchBy: fc.constantFrom('18:00', '24:00'),
    handlingDays: fc.nat(5),
    workingDays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    holidays: fc.constantFrom<string[]>([], ['2026-12-25', '2026-12-26']),
  });
  fc.assert(
    fc.property(policies, instants, instants, (asked, one, other) => {
      const [early, late] = [Math.min(one, other), Math.max(one, other)];
      const [first = 0, second = 0] = [early, late].map((at) => promiseDispatch(asked, at));
      expect(first).toBeGreaterThan(early);
      expect(second).toBeGreaterThanOrEqual(first);
    }),
    { numRuns: 300 },
  );
});
