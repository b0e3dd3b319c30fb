import { expect, test } from 'vitest';
import { strikeSchedule } from './strikes.ts';

const schedule = (seed: number) => strikeSchedule({ kills: 60, seed, gapMs: 2_500 });

test('the same seed strikes the same parts at the same moments', () => {
  expect(schedule(7)).toEqual(schedule(7));
  expect(schedule(7)).not.toEqual(schedule(8));
  expect(schedule(7)).toHaveLength(60);
});

test('every part is killed, every part is stopped, and single sessions are ended', () => {
  const kinds = new Set(schedule(7).map(({ target, act }) => `${act} ${target}`));
  expect([...kinds].toSorted()).toEqual([
    'crash backend',
    'kill api',
    'kill postgres',
    'kill simulators',
    'kill temporal',
    'kill worker',
    'stop api',
    'stop backend',
    'stop postgres',
    'stop simulators',
    'stop temporal',
    'stop worker',
    'terminate backend',
  ]);
});
