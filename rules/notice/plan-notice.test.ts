import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOTICE_CHANNELS, NOTICE_KIND_NAMES } from './notice-kinds.ts';
import {
  completePreference,
  DEFAULT_PREFERENCE,
  noticePreference,
  type NoticePreference,
} from './notice-preference.ts';
import { planNotice } from './plan-notice.ts';

const at = (text: string) => Date.parse(text);
const KIND = 'approval-requested';

function preferring(change: Partial<NoticePreference>): NoticePreference {
  return { ...DEFAULT_PREFERENCE, ...change };
}

const digest = (change: Partial<NoticePreference> = {}) =>
  preferring({ kinds: { ...DEFAULT_PREFERENCE.kinds, [KIND]: 'digest' }, ...change });

test('whoever has said nothing is told at once of what they have to do, and of the rest once a day', () => {
  const now = at('2026-07-01T12:00:00Z');
  expect(planNotice('approval-requested', DEFAULT_PREFERENCE, now)).toEqual({ outcome: 'now' });
  // Eight in the morning of London's summer is seven of UTC.
  expect(planNotice('exception-raised', DEFAULT_PREFERENCE, now)).toEqual({
    outcome: 'digest',
    atMs: at('2026-07-02T07:00:00Z'),
  });
});

test('a kind that nobody wants is not sent, at any time', () => {
  const none = preferring({ kinds: { ...DEFAULT_PREFERENCE.kinds, [KIND]: 'none' } });
  expect(planNotice(KIND, none, at('2026-07-01T12:00:00Z'))).toEqual({ outcome: 'none' });
});

describe('quiet hours', () => {
  const overNight = { from: '22:00', to: '07:00' };
  const afternoon = { from: '13:00', to: '15:30' };

  test.each([
    ['before them', overNight, '2026-01-10T21:59:59.999Z', null],
    ['at their beginning', overNight, '2026-01-10T22:00:00Z', '2026-01-11T07:00:00Z'],
    ['after midnight', overNight, '2026-01-11T00:00:00Z', '2026-01-11T07:00:00Z'],
    ['in their last moment', overNight, '2026-01-11T06:59:59.999Z', '2026-01-11T07:00:00Z'],
    ['at their end', overNight, '2026-01-11T07:00:00Z', null],
    ['within a day', afternoon, '2026-01-10T14:00:00Z', '2026-01-10T15:30:00Z'],
    ['within a day, after', afternoon, '2026-01-10T23:00:00Z', null],
    [
      'until midnight',
      { from: '20:00', to: '00:00' },
      '2026-01-10T20:00:00Z',
      '2026-01-11T00:00:00Z',
    ],
    [
      'from midnight',
      { from: '00:00', to: '06:00' },
      '2026-01-10T00:00:00Z',
      '2026-01-10T06:00:00Z',
    ],
  ])('%s', (_name, quietHours, now, later) => {
    expect(planNotice(KIND, preferring({ quietHours }), at(now))).toEqual(
      later === null ? { outcome: 'now' } : { outcome: 'after-quiet-hours', atMs: at(later) },
    );
  });

  test('are those of the person’s own clocks, also when these are put on', () => {
    const tokyo = preferring({ quietHours: overNight, timeZone: 'Asia/Tokyo' });
    expect(planNotice(KIND, tokyo, at('2026-01-10T15:00:00Z'))).toEqual({
      outcome: 'after-quiet-hours',
      atMs: at('2026-01-10T22:00:00Z'),
    });
    // In this night London's clocks go from one to two.
    const london = preferring({ quietHours: overNight });
    expect(planNotice(KIND, london, at('2026-03-28T23:00:00Z'))).toEqual({
      outcome: 'after-quiet-hours',
      atMs: at('2026-03-29T06:00:00Z'),
    });
  });
});

describe('a digest', () => {
  test.each([
    ['later today', '2026-01-10T07:59:59.999Z', '2026-01-10T08:00:00Z'],
    ['of tomorrow, once its minute has begun', '2026-01-10T08:00:00Z', '2026-01-11T08:00:00Z'],
    ['of tomorrow, within its minute', '2026-01-10T08:00:30Z', '2026-01-11T08:00:00Z'],
    ['of tomorrow, afterwards', '2026-01-10T08:01:00Z', '2026-01-11T08:00:00Z'],
  ])('is the one %s', (_name, now, atText) => {
    expect(planNotice(KIND, digest(), at(now))).toEqual({ outcome: 'digest', atMs: at(atText) });
  });

  test('whose hour is quiet comes when the quiet hours are over', () => {
    const late = digest({ digestHour: 5, quietHours: { from: '22:00', to: '06:30' } });
    expect(planNotice(KIND, late, at('2026-01-10T12:00:00Z'))).toEqual({
      outcome: 'digest',
      atMs: at('2026-01-11T06:30:00Z'),
    });
  });

  test('is the same one for all notices of a day', () => {
    const plans = [9, 12, 23].map((hour) =>
      planNotice(KIND, digest(), at(`2026-01-10T${hour.toString().padStart(2, '0')}:00:00Z`)),
    );
    expect(new Set(plans.map((plan) => JSON.stringify(plan))).size).toBe(1);
  });
});

const minutes = fc
  .tuple(fc.nat(23), fc.nat(59))
  .map((parts) => parts.map((part) => part.toString().padStart(2, '0')).join(':'));

test('nothing is planned for the past, for a quiet time, or for later than two days', () => {
  const zones = [
    'UTC',
    'Europe/London',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
  ];
  fc.assert(
    fc.property(
      fc.record({
        kind: fc.constantFrom(...NOTICE_KIND_NAMES),
        channel: fc.constantFrom(...NOTICE_CHANNELS),
        from: minutes,
        to: minutes,
        timeZone: fc.constantFrom(...zones),
        digestHour: fc.nat(23),
        nowMs: fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2028-01-01T00:00:00Z') }),
      }),
      ({ kind, channel, from, to, timeZone, digestHour, nowMs }) => {
        fc.pre(from !== to);
        const preference: NoticePreference = {
          kinds: { ...DEFAULT_PREFERENCE.kinds, [kind]: channel },
          quietHours: { from, to },
          timeZone,
          digestHour,
        };
        expect(noticePreference.safeParse(preference).success).toBe(true);
        const plan = planNotice(kind, preference, nowMs);
        expect(plan.outcome === 'none').toBe(channel === 'none');
        if (plan.outcome === 'none') return;
        const atMs = plan.outcome === 'now' ? nowMs : plan.atMs;
        expect(atMs).toBeGreaterThanOrEqual(nowMs);
        expect(atMs - nowMs).toBeLessThan(48.5 * 3_600_000);
        const mail = { ...DEFAULT_PREFERENCE.kinds, [kind]: 'mail' as const };
        expect(planNotice(kind, { ...preference, kinds: mail }, atMs)).toEqual({
          outcome: 'now',
        });
      },
    ),
  );
});

test('a stored preference that is older than a kind takes the kind’s own channel', () => {
  const stored = { ...DEFAULT_PREFERENCE, kinds: { 'approval-closed': 'mail', gone: 'mail' } };
  expect(completePreference(stored).kinds).toEqual({
    ...DEFAULT_PREFERENCE.kinds,
    'approval-closed': 'mail',
  });
  expect(completePreference(null)).toBe(DEFAULT_PREFERENCE);
});

test.each([
  { timeZone: 'Mars/Olympus' },
  { digestHour: 24 },
  { quietHours: { from: '24:00', to: '07:00' } },
  { quietHours: { from: '07:00', to: '07:00' } },
])('a preference with %o is refused', (change) => {
  expect(noticePreference.safeParse(preferring(change)).success).toBe(false);
});
