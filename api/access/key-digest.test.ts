import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { KEY_BYTES, makeServiceKey } from '../../rules/access/service-key.ts';
import { digestOfKey, isKeyOf } from './key-digest.ts';

test('the digest is the SHA-256 of the whole key', () => {
  // Source: FIPS 180-2, appendix B.1.
  expect(digestOfKey('abc').toString('hex')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

test('a key fits its own digest and no other', () => {
  const keys = Array.from({ length: 50 }, () => makeServiceKey(randomBytes(KEY_BYTES)).key);
  const digests = keys.map(digestOfKey);
  for (const [position, key] of keys.entries())
    expect(digests.map((digest) => isKeyOf(key, digest))).toEqual(
      keys.map((_, other) => other === position),
    );
});

test.each([
  ['an unknown id', undefined],
  ['an empty digest', new Uint8Array(0)],
  ['a digest that is cut off', new Uint8Array(digestOfKey('abc')).subarray(0, 31)],
  ['a digest of zeros', new Uint8Array(32)],
])('nothing fits %s', (_name, stored) => {
  expect(isKeyOf('abc', stored)).toBe(false);
});
