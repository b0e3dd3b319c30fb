import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  expiryOf,
  hideKeys,
  judgeKey,
  KEY_BYTES,
  keyIdOf,
  makeServiceKey,
  MAX_LIFETIME_DAYS,
  MAX_OVERLAP_HOURS,
  replaceKey,
  useToRecord,
  type KeyLife,
} from './service-key.ts';

const randomBytes = fc.uint8Array({ minLength: KEY_BYTES, maxLength: KEY_BYTES });
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-11-21T09:00:00Z');
const MINUTE = 60_000;

describe('a new key', () => {
  test('is written the same from the same bytes, to the last digit', () => {
    expect(makeServiceKey(new Uint8Array(KEY_BYTES))).toEqual({
      id: '0'.repeat(11),
      key: `llk_${'0'.repeat(11)}_${'0'.repeat(43)}`,
    });
    // 2^64 - 1 and 2^256 - 1 in base 62, reckoned by another language's big integers.
    expect(makeServiceKey(new Uint8Array(KEY_BYTES).fill(255)).key).toBe(
      'llk_LygHa16AHYF_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1',
    );
  });

  test('is a word that only its own bytes make, and its id is found in it', () => {
    fc.assert(
      fc.property(randomBytes, randomBytes, (one, other) => {
        const made = makeServiceKey(one);
        expect(made.key).toMatch(/^llk_[0-9A-Za-z]{11}_[0-9A-Za-z]{43}$/);
        expect(keyIdOf(made.key)).toBe(made.id);
        const isSame = one.every((byte, index) => byte === other[index]);
        expect(makeServiceKey(other).key === made.key).toBe(isSame);
      }),
    );
  });

  test('is made of exactly its random bytes', () => {
    for (const length of [0, KEY_BYTES - 1, KEY_BYTES + 1])
      expect(() => makeServiceKey(new Uint8Array(length))).toThrow(`${KEY_BYTES} random bytes`);
  });
});

const { key, id } = makeServiceKey(Uint8Array.from({ length: KEY_BYTES }, (_, index) => index * 6));

test.each([
  ['nothing', ''],
  ['another prefix', key.replace('llk_', 'lla_')],
  ['the prefix in capitals', key.replace('llk_', 'LLK_')],
  ['a key that is cut off', key.slice(0, -1)],
  ['a key that is written on', `${key}0`],
  ['a space before', ` ${key}`],
  ['a line after', `${key}\n`],
  ['two keys', `${key} ${key}`],
  ['an underscore in the secret', `${key.slice(0, -1)}_`],
  ['a digit of another script', `${key.slice(0, -1)}٣`],
  ['an id alone', `llk_${id}`],
  ['the bearer of old', 'loopline-key'],
])('%s is no key', (_name, text) => {
  expect(keyIdOf(text)).toBeUndefined();
});

test('what is logged shows the id of a key and nothing of its secret', () => {
  const secret = key.slice(-43);
  for (const text of [
    key,
    `Authorization: Bearer ${key}`,
    `{"a":"${key}","b":"${key}"}`,
    `cut ${key.slice(0, -3)}`,
    `${key}on`,
  ]) {
    const shown = hideKeys(text);
    expect(shown).toContain(`llk_${id}_…`);
    expect(shown).not.toContain(secret.slice(0, 2));
  }
  expect(hideKeys('nothing to hide: llk_, order:web:1001')).toBe(
    'nothing to hide: llk_, order:web:1001',
  );
});

describe('a key counts', () => {
  const life: KeyLife = { expiresAtMs: NOW + DAY, replacedFromMs: null, revokedAtMs: null };

  test.each<[string, Partial<KeyLife>, string]>([
    ['before its expiry', {}, 'valid'],
    ['a millisecond before', { expiresAtMs: NOW + 1 }, 'valid'],
    ['not at its expiry', { expiresAtMs: NOW }, 'key-expired'],
    ['until its overlap ends', { replacedFromMs: NOW + 1 }, 'valid'],
    ['not at the end of its overlap', { replacedFromMs: NOW }, 'key-replaced'],
    ['not once revoked', { revokedAtMs: NOW }, 'key-revoked'],
    ['until a revocation to come', { revokedAtMs: NOW + 1 }, 'valid'],
    [
      'not for what somebody decided first',
      { expiresAtMs: 0, replacedFromMs: 0, revokedAtMs: 0 },
      'key-revoked',
    ],
    [
      'not in an overlap beyond its expiry',
      { expiresAtMs: NOW, replacedFromMs: NOW + 1 },
      'key-expired',
    ],
  ])('%s', (_name, change, wanted) => {
    const decision = judgeKey({ ...life, ...change }, NOW);
    expect(decision.outcome === 'refused' ? decision.rule : decision.outcome).toBe(wanted);
  });

  test('after a rotation for the overlap, never longer than before', () => {
    const rotated = replaceKey(life, NOW, 12);
    expect(rotated).toEqual({ ...life, replacedFromMs: NOW + 12 * HOUR });
    expect(judgeKey(rotated, NOW + 12 * HOUR - 1)).toEqual({ outcome: 'valid' });
    expect(judgeKey(rotated, NOW + 12 * HOUR)).toMatchObject({ rule: 'key-replaced' });
    // At once, where something went wrong; bounded, where somebody asks for more.
    expect(replaceKey(life, NOW, 0).replacedFromMs).toBe(NOW);
    expect(replaceKey(life, NOW, -5).replacedFromMs).toBe(NOW);
    const long = { ...life, expiresAtMs: NOW + 300 * DAY };
    expect(replaceKey(long, NOW, 9_999).replacedFromMs).toBe(NOW + MAX_OVERLAP_HOURS * HOUR);
    expect(replaceKey(life, NOW, 48).replacedFromMs).toBe(life.expiresAtMs);
    expect(replaceKey(rotated, NOW + HOUR, 24).replacedFromMs).toBe(rotated.replacedFromMs);
  });

  test('never longer because it is rotated, and no longer than the longest overlap', () => {
    const times = fc.integer({ min: -100, max: 100 }).map((hours) => NOW + hours * HOUR);
    const lives = fc.record({
      expiresAtMs: times,
      replacedFromMs: fc.option(times),
      revokedAtMs: fc.option(times),
    });
    const hours = fc.integer({ min: -5, max: 500 });
    fc.assert(
      fc.property(lives, times, hours, times, (one, at, overlap, later) => {
        const rotated = replaceKey(one, at, overlap);
        const counts = judgeKey(rotated, later).outcome === 'valid';
        expect(counts && judgeKey(one, later).outcome === 'refused').toBe(false);
        const end = at + MAX_OVERLAP_HOURS * HOUR;
        expect(judgeKey(rotated, end).outcome).toBe('refused');
      }),
    );
  });

  test('for a lifetime within the limits', () => {
    expect(expiryOf(NOW, 90)).toBe(NOW + 90 * DAY);
    expect(expiryOf(NOW, 0)).toBe(NOW + DAY);
    expect(expiryOf(NOW, 10_000)).toBe(NOW + MAX_LIFETIME_DAYS * DAY);
  });
});

test('the last use is recorded once in five minutes and never moves back', () => {
  expect(useToRecord(null, NOW + 7 * MINUTE)).toBe(NOW + 5 * MINUTE);
  expect(useToRecord(NOW, NOW + 5 * MINUTE - 1)).toBeUndefined();
  expect(useToRecord(NOW, NOW + 5 * MINUTE)).toBe(NOW + 5 * MINUTE);
  expect(useToRecord(NOW, NOW - 1)).toBeUndefined();
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 60 * MINUTE }), { maxLength: 200 }), (uses) => {
      let recorded: number | null = null;
      let writes = 0;
      for (const use of uses) {
        const next = useToRecord(recorded, NOW + use);
        if (next === undefined) continue;
        expect(next).toBeGreaterThan(recorded ?? 0);
        recorded = next;
        writes += 1;
      }
      expect(writes).toBeLessThanOrEqual(13);
      const last = NOW + Math.max(...uses);
      expect(recorded === null ? 0 : last - recorded).toBeLessThan(5 * MINUTE);
    }),
  );
});
