import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * What is stored of a key: the SHA-256 of the whole key, 32 bytes. A slow, salted hash protects secrets
 * that people choose, because they can be guessed; 256 random bits cannot, however fast the hash, and no
 * two keys share them, so a salt adds nothing. A fast hash in turn lets every request be checked.
 */
export function digestOfKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** What an unknown id is compared with; no key has this digest that anybody could find. */
const NOBODY = Buffer.alloc(32);

/**
 * Whether the given key is the one that was stored, in a time that tells nothing about it. Of an unknown
 * id the digest is undefined: the same work is done, so that the time does not tell which ids exist.
 */
export function isKeyOf(given: string, stored: Uint8Array | undefined): boolean {
  const isKnown = stored?.length === NOBODY.length;
  const isEqual = timingSafeEqual(digestOfKey(given), isKnown ? stored : NOBODY);
  return isEqual && isKnown;
}
