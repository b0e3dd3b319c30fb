import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { businessCalendar, type BusinessCalendar } from '../policy/approval-matrix.ts';
import { addBusinessTime, businessTimeBetween, calendarFor, hoursOf } from './business-calendar.ts';

const HOUR_MS = 3_600_000;

function office(timeZone: string, holidays: readonly string[] = []): BusinessCalendar {
  return {
    timeZone,
    hours: [1, 2, 3, 4, 5].map((day) => ({ day, from: '09:00', to: '17:00' })),
    holidays: [...holidays],
    roles: [],
    regions: [],
  };
}

function always(timeZone: string): BusinessCalendar {
  const hours = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '00:00', to: '24:00' }));
  return { ...office(timeZone), hours };
}

function add(start: string, hours: number, calendar: BusinessCalendar): string {
  return new Date(addBusinessTime(Date.parse(start), hours, calendar)).toISOString();
}

function timeText(minuteOfDay: number): string {
  const [hour, minute] = [Math.floor(minuteOfDay / 60), minuteOfDay % 60];
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

describe('business time', () => {
  test.each([
    ['within a day', '2026-11-19T10:00:00Z', 4, '2026-11-19T14:00:00.000Z'],
    [
      'ends with the day, not the next morning',
      '2026-11-20T09:00:00Z',
      8,
      '2026-11-20T17:00:00.000Z',
    ],
    ['over a weekend', '2026-11-20T16:00:00Z', 2, '2026-11-23T10:00:00.000Z'],
    ['from a weekend', '2026-11-21T12:00:00Z', 1, '2026-11-23T10:00:00.000Z'],
    ['over holidays', '2026-12-24T16:30:00Z', 1, '2026-12-29T09:30:00.000Z'],
    ['parts of hours', '2026-11-19T16:45:00Z', 0.5, '2026-11-20T09:15:00.000Z'],
    ['none', '2026-11-21T12:00:00Z', 0, '2026-11-21T12:00:00.000Z'],
  ])('%s', (_name, start, hours, end) => {
    expect(add(start, hours, office('Europe/London', ['2026-12-25', '2026-12-28']))).toBe(end);
  });

  test('office hours follow the clocks of their zone over a change', () => {
    // Summer time ends on Sunday 2026-10-25 in London and on Sunday 2026-11-01 in New York.
    expect(add('2026-10-23T15:00:00Z', 2, office('Europe/London'))).toBe(
      '2026-10-26T10:00:00.000Z',
    );
    expect(add('2026-10-30T20:00:00Z', 2, office('America/New_York'))).toBe(
      '2026-11-02T15:00:00.000Z',
    );
    expect(add('2026-11-20T03:30:00Z', 8, office('Asia/Kolkata'))).toBe('2026-11-20T11:30:00.000Z');
  });

  test('an hour that the clocks repeat counts twice, one that they skip not at all', () => {
    const night = { ...always('Europe/Berlin') };
    night.hours = [{ day: 7, from: '01:00', to: '04:00' }];
    const whole = (from: string, to: string) =>
      hoursOf(businessTimeBetween(Date.parse(from), Date.parse(to), night));
    expect(whole('2026-10-25T00:00:00+02:00', '2026-10-25T12:00:00+01:00')).toBe(4);
    expect(whole('2026-03-29T00:00:00+01:00', '2026-03-29T12:00:00+02:00')).toBe(2);
    expect(whole('2026-06-07T00:00:00+02:00', '2026-06-07T12:00:00+02:00')).toBe(3);
  });

  test('hours that begin within a skipped hour begin when the clocks have changed', () => {
    const night = { ...always('Europe/Berlin'), hours: [{ day: 7, from: '02:30', to: '05:00' }] };
    expect(add('2026-03-29T00:00:00Z', 1, night)).toBe('2026-03-29T02:00:00.000Z');
    const lost = { ...night, hours: [{ day: 7, from: '02:10', to: '02:50' }] };
    expect(add('2026-03-29T00:00:00Z', 0.5, lost)).toBe('2026-04-05T00:40:00.000Z');
  });

  test('where clocks go back over midnight no hour is lost or counted twice', () => {
    // Newfoundland went from 00:01 back to 23:01 on 2006-10-29.
    const from = Date.parse('2006-10-28T00:00:00-02:30');
    const to = Date.parse('2006-10-30T00:00:00-03:30');
    const calendar = always('America/St_Johns');
    for (let startMs = from; startMs < to; startMs += HOUR_MS / 4) {
      expect(businessTimeBetween(startMs, to, calendar)).toBe(to - startMs);
    }
  });

  test('a day that a country skipped has no hours', () => {
    const before = Date.parse('2011-12-29T00:00:00-10:00');
    const after = Date.parse('2012-01-01T00:00:00+14:00');
    expect(hoursOf(businessTimeBetween(before, after, always('Pacific/Apia')))).toBe(48);
  });

  test('a calendar without hours in reach is an error, as are negative hours', () => {
    const leap = { ...office('UTC'), hours: [] };
    expect(() => addBusinessTime(0, 1, leap)).toThrow(RangeError);
    expect(() => addBusinessTime(0, -1, office('UTC'))).toThrow(RangeError);
    expect(() => addBusinessTime(0, Number.NaN, office('UTC'))).toThrow(RangeError);
  });
});

describe('business time in any zone and at any instant', () => {
  const zones = fc.constantFrom(
    'UTC',
    'Europe/London',
    'Europe/Berlin',
    'America/New_York',
    'America/St_Johns',
    'America/Santiago',
    'Asia/Kathmandu',
    'Asia/Beirut',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'Africa/Casablanca',
  );
  const minutes = fc.integer({ min: 0, max: 1_440 });
  const opening = fc
    .tuple(fc.integer({ min: 1, max: 7 }), minutes, minutes)
    .filter(([, one, other]) => one !== other)
    .map(([day, one, other]) => ({
      day,
      from: timeText(Math.min(one, other)),
      to: timeText(Math.max(one, other)),
    }));
  const calendars = fc
    .tuple(zones, fc.uniqueArray(opening, { minLength: 1, maxLength: 7, selector: (o) => o.day }))
    .map(([timeZone, hours]) => ({ ...office(timeZone, ['2026-03-30', '2026-10-26']), hours }));
  const instants = fc
    .integer({ min: Date.UTC(2026, 0, 1) / 1_000, max: Date.UTC(2027, 11, 31) / 1_000 })
    .map((seconds) => seconds * 1_000);
  const spans = fc.integer({ min: 0, max: 30 * 60 }).map((count) => count / 60);

  test('what was added has passed, and not a moment earlier', () => {
    fc.assert(
      fc.property(calendars, instants, spans, (calendar, startMs, hours) => {
        const endMs = addBusinessTime(startMs, hours, calendar);
        expect(businessTimeBetween(startMs, endMs, calendar)).toBe(Math.round(hours * HOUR_MS));
        // A moment before the end, one millisecond is missing; of no time at all none can be.
        const shortMs = businessTimeBetween(startMs, endMs - 1, calendar);
        expect(shortMs).toBe(Math.max(0, Math.round(hours * HOUR_MS) - 1));
      }),
    );
  });

  test('adding twice is adding the sum', () => {
    // A calendar may be open one minute a week: a sum of sixty hours would lie beyond all that it can tell.
    const halves = fc.integer({ min: 0, max: 15 * 60 }).map((count) => count / 60);
    fc.assert(
      fc.property(calendars, instants, halves, halves, (calendar, startMs, one, other) => {
        const middleMs = addBusinessTime(startMs, one, calendar);
        expect(addBusinessTime(middleMs, other, calendar)).toBe(
          addBusinessTime(startMs, one + other, calendar),
        );
      }),
    );
  });

  test('stretches that follow each other sum up, and none is longer than the clock', () => {
    fc.assert(
      fc.property(
        calendars,
        fc.tuple(instants, fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 900 })),
        (calendar, [startMs, one, other]) => {
          const middleMs = startMs + one * HOUR_MS;
          const endMs = middleMs + other * HOUR_MS;
          const whole = businessTimeBetween(startMs, endMs, calendar);
          expect(whole).toBe(
            businessTimeBetween(startMs, middleMs, calendar) +
              businessTimeBetween(middleMs, endMs, calendar),
          );
          expect(whole).toBeLessThanOrEqual(endMs - startMs);
        },
      ),
    );
  });

  test('a calendar that never closes is the clock', () => {
    fc.assert(
      fc.property(zones, instants, spans, (timeZone, startMs, hours) => {
        expect(addBusinessTime(startMs, hours, always(timeZone))).toBe(
          startMs + Math.round(hours * HOUR_MS),
        );
      }),
    );
  });
});

describe('a calendar', () => {
  test('is the one that the level names, else its role’s, else the region’s, else the default', () => {
    const calendars = {
      default: office('UTC'),
      finance: { ...office('Europe/London'), roles: ['finance'] },
      east: { ...office('America/New_York'), regions: ['us'] },
    };
    const roles = ['finance'];
    expect(calendarFor(calendars, { roles, calendar: 'east' }, null)).toBe('east');
    expect(calendarFor(calendars, { roles }, 'us')).toBe('finance');
    expect(calendarFor(calendars, { roles: ['support'] }, 'us')).toBe('east');
    expect(calendarFor(calendars, { roles: ['support'] }, 'de')).toBe('default');
    expect(calendarFor(calendars, { roles: ['support'] }, null)).toBe('default');
  });

  test('with an unknown zone, hours that overlap or close before they open is refused', () => {
    const fine = office('Europe/London', ['2026-12-25']);
    expect(businessCalendar.safeParse(fine).success).toBe(true);
    const wrong = [
      { ...fine, timeZone: 'Europe/Atlantis' },
      { ...fine, hours: [{ day: 1, from: '17:00', to: '09:00' }] },
      { ...fine, hours: [...fine.hours, { day: 1, from: '16:00', to: '18:00' }] },
      { ...fine, holidays: ['2026-02-30'] },
    ];
    for (const calendar of wrong) expect(businessCalendar.safeParse(calendar).success).toBe(false);
  });
});
