import { expect, test } from 'vitest';
import { isAhead, isHistory, isSaidAhead } from './judge-time.ts';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');

test.each([
  ['2026-11-22T12:00:00Z', false],
  ['2026-11-22T12:00:00.001Z', true],
  ['2026-11-22T14:00:00+02:00', false],
  ['2026-11-22', false],
  ['2026-11-23', true],
  ['1999-01-01T00:00:00Z', false],
  ['no time', false],
])('on 21 November at noon a fact of %s is ahead: %s', (at, ahead) => {
  expect(isAhead(Date.parse(at), NOW)).toBe(ahead);
});

test.each([
  ['2026-11-21T12:05:00Z', false],
  ['2026-11-21T12:05:00.001Z', true],
  ['1999-01-01T00:00:00Z', false],
])('on 21 November at noon a word of %s is said ahead: %s', (at, ahead) => {
  expect(isSaidAhead(Date.parse(at), NOW)).toBe(ahead);
});

test.each([
  ['2026-10-22T12:00:00Z', false],
  ['2026-10-22T11:59:59.999Z', true],
  ['2026-10-22T13:59:59+02:00', true],
  ['2026-11-22T00:00:00Z', false],
])('on 21 November at noon an order placed at %s is history: %s', (placedAt, history) => {
  expect(isHistory(Date.parse(placedAt), NOW)).toBe(history);
});
