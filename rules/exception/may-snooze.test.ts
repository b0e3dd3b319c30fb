import { expect, test } from 'vitest';
import { maySnooze, type SnoozeFacts } from './may-snooze.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-03-02T12:00:00Z');

const facts: SnoozeFacts = {
  snoozes: 0,
  snoozeLimit: 3,
  snoozeHours: 24,
  wakeAtMs: NOW + HOUR,
  nowMs: NOW,
};

test.each([
  ['an hour', {}],
  ['a moment', { wakeAtMs: NOW + 1 }],
  ['to the very limit', { wakeAtMs: NOW + 24 * HOUR }],
  ['for the last time', { snoozes: 2 }],
])('it may be put aside for %s', (_name, given) => {
  expect(maySnooze({ ...facts, ...given })).toEqual({ outcome: 'allowed' });
});

test.each([
  ['now', { wakeAtMs: NOW }, 'must lie ahead'],
  ['yesterday', { wakeAtMs: NOW - 24 * HOUR }, 'must lie ahead'],
  ['a millisecond too long', { wakeAtMs: NOW + 24 * HOUR + 1 }, 'must lie at most 24 hours ahead'],
  ['once too often', { snoozes: 3 }, 'was snoozed 3 times already, and has to be dealt with'],
  ['where its kind never may', { snoozeHours: 0 }, 'this kind cannot be snoozed'],
  ['where nothing may', { snoozeLimit: 0 }, 'this kind cannot be snoozed'],
])('it may not be put aside %s', (_name, given, text) => {
  expect(maySnooze({ ...facts, ...given })).toEqual({ outcome: 'refused', text });
});

test('a time that is none is refused', () => {
  expect(maySnooze({ ...facts, wakeAtMs: Number.NaN }).outcome).toBe('refused');
});
