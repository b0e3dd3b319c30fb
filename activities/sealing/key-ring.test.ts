import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CannotOpenError, parseKeyRing, WrongKeyRingError } from './key-ring.ts';

const keyOf = (fill: number) => Buffer.alloc(32, fill).toString('base64');
const ring = parseKeyRing(`one:${keyOf(1)}`);
const secret = Buffer.from('Ada Lovelace');

describe('what is sealed', () => {
  test('is opened again, whatever it is, and never looks the same twice', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (plain) => {
        const [one, other] = [ring.seal(plain, 'payload'), ring.seal(plain, 'payload')];
        expect(one.data.equals(other.data)).toBe(false);
        expect(ring.open(one, 'payload').equals(Buffer.from(plain))).toBe(true);
      }),
    );
  });

  test('is opened by the old key after a rotation, and the new key seals', () => {
    const before = ring.seal(secret, 'payload');
    const rotated = parseKeyRing(`two:${keyOf(2)},one:${keyOf(1)}`);
    expect(rotated.open(before, 'payload')).toEqual(secret);
    const after = rotated.seal(secret, 'payload');
    expect(after.keyId).toBe('two');
    expect(() => ring.open(after, 'payload')).toThrow('no key "two" is known here, only one');
  });

  test.each([
    ['another key under the same id', parseKeyRing(`one:${keyOf(9)}`), 'payload'],
    ['another purpose', ring, 'webhook secret'],
  ])('is not opened with %s', (_name, other, purpose) => {
    const sealed = ring.seal(secret, 'payload');
    expect(() => other.open(sealed, purpose)).toThrow(CannotOpenError);
    expect(() => other.open(sealed, purpose)).toThrow('key "one" does not open it');
  });

  test('is not opened once any bit of it was changed, or a part cut off', () => {
    const { keyId, data } = ring.seal(secret, 'payload');
    for (let at = 0; at < data.length; at += 1) {
      const changed = Buffer.from(data);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => ring.open({ keyId, data: changed }, 'payload')).toThrow(CannotOpenError);
      expect(() => ring.open({ keyId, data: data.subarray(0, at) }, 'payload')).toThrow(
        CannotOpenError,
      );
    }
  });
});

describe('a list of keys', () => {
  test.each([
    ['', 'key 1 needs an id'],
    [`:${keyOf(1)}`, 'key 1 needs an id'],
    [`one:${keyOf(1)},`, 'key 2 needs an id'],
    [`one:${randomBytes(16).toString('base64')}`, 'key 1 (one) must be 32 bytes in base64'],
    [`one:${keyOf(1)}:more`, 'key 1 (one) must be 32 bytes in base64'],
    [`one:${keyOf(1)},one:${keyOf(2)}`, 'the id one is given twice'],
  ])('is refused with its fault: %#', (text, message) => {
    expect(() => parseKeyRing(text)).toThrow(WrongKeyRingError);
    expect(() => parseKeyRing(text)).toThrow(message);
  });

  test('shows no key, neither printed nor in a refusal', () => {
    expect(inspect(ring, { depth: 9, showHidden: true })).not.toContain(keyOf(1));
    expect(JSON.stringify(ring)).toBe('{"activeId":"one"}');
    const long = keyOf(3).slice(0, 40);
    expect(() => parseKeyRing(`one:${long}`)).not.toThrow(new RegExp(long.replaceAll('+', '.')));
  });
});
