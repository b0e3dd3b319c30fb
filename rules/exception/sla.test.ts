import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attainmentPercent, dueAt, slaHours } from './sla.ts';

const kind = { slaHours: 24, slaHoursByClass: { express: 4, b2b: 48 } };
const NOON = Date.parse('2026-03-02T12:00:00Z');

describe('when an exception is due', () => {
  test.each([
    ['express', 4, '2026-03-02T16:00:00.000Z'],
    ['b2b', 48, '2026-03-04T12:00:00.000Z'],
    ['standard', 24, '2026-03-03T12:00:00.000Z'],
    [null, 24, '2026-03-03T12:00:00.000Z'],
    // Names that every object has are no classes.
    ['constructor', 24, '2026-03-03T12:00:00.000Z'],
    ['__proto__', 24, '2026-03-03T12:00:00.000Z'],
  ])('an order of class %s gives it %i hours', (orderClass, hours, due) => {
    expect(slaHours(kind, orderClass)).toBe(hours);
    expect(new Date(dueAt(kind, orderClass, NOON)).toISOString()).toBe(due);
  });

  test('is never before it was raised, and later for what was raised later', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8_760 }),
        fc.integer({ min: 0, max: 4e12 }),
        fc.integer({ min: 1, max: 1e9 }),
        (hours, at, later) => {
          const some = { slaHours: hours, slaHoursByClass: {} };
          expect(dueAt(some, null, at)).toBeGreaterThan(at);
          expect(dueAt(some, null, at + later) - dueAt(some, null, at)).toBe(later);
        },
      ),
    );
  });
});

describe('attainment', () => {
  test.each([
    [{ closed: 0, inTime: 0 }, null],
    [{ closed: 3, inTime: 0 }, 0],
    [{ closed: 3, inTime: 2 }, 66.7],
    [{ closed: 8, inTime: 7 }, 87.5],
    [{ closed: 5, inTime: 5 }, 100],
  ])('of %j is %s percent', (counts, percent) => {
    expect(attainmentPercent(counts)).toBe(percent);
  });
});
