/**
 * Service keys: `llk_<id>_<secret>`. The prefix lets scanners of repositories and logs find a key that
 * leaked; the id names it in lists, logs and the table of keys and is no secret; the secret is 256 random
 * bits. Both are written in letters and digits alone, so that a key is one word wherever it is pasted.
 */
const PREFIX = 'llk';
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Random bytes that a key is made of: 8 for its id, 32 for its secret. */
const ID_BYTES = 8;
const SECRET_BYTES = 32;
export const KEY_BYTES = ID_BYTES + SECRET_BYTES;

/** The digits of base 62 that so many bits take: 11 × 5.95 > 64, and 43 × 5.95 > 256. */
const ID_LENGTH = 11;
const SECRET_LENGTH = 43;

const KEY = new RegExp(`^${PREFIX}_([0-9A-Za-z]{${ID_LENGTH}})_([0-9A-Za-z]{${SECRET_LENGTH}})$`);
/** A key within a text, whole or cut off or written on: whatever follows the id is taken for the secret. */
const KEYS_IN_TEXT = new RegExp(`(${PREFIX}_[0-9A-Za-z]{${ID_LENGTH}})_[0-9A-Za-z]+`, 'g');

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How long a key lives at most, in days: whoever needs it longer rotates it. */
export const MAX_LIFETIME_DAYS = 366;

/** How long a rotated key still counts at most, in hours: enough to change it everywhere within a week. */
export const MAX_OVERLAP_HOURS = 7 * 24;

/** Uses are recorded to this many milliseconds, so that a busy key writes one row and not one a request. */
const USE_STEP_MS = 5 * 60_000;

export interface ServiceKey {
  readonly id: string;
  /** The whole key as its holder sends it. Shown once, and never stored. */
  readonly key: string;
}

/** What is stored of a key's life. All times in milliseconds since 1970. */
export interface KeyLife {
  readonly expiresAtMs: number;
  /** When the overlap of a rotated key ends; null while nothing has replaced it. */
  readonly replacedFromMs: number | null;
  readonly revokedAtMs: number | null;
}

/** Why a key does not count, by the rule that says so. For the audit trail: a caller hears 401 for all of them. */
const KEY_RULES = {
  'key-revoked': 'A revoked key counts no more, from that moment on.',
  'key-expired': 'A key counts until its expiry, and not at it.',
  'key-replaced': 'A rotated key counts until its overlap with the next one is over.',
} as const;

type KeyRule = keyof typeof KEY_RULES;

export type KeyDecision =
  | { readonly outcome: 'valid' }
  | { readonly outcome: 'refused'; readonly rule: KeyRule; readonly text: string };

/** Writes a key from {@link KEY_BYTES} random bytes. Throws on any other number of bytes. */
export function makeServiceKey(random: Uint8Array): ServiceKey {
  if (random.length !== KEY_BYTES) throw new Error(`A key is made of ${KEY_BYTES} random bytes`);
  const id = base62(random.subarray(0, ID_BYTES), ID_LENGTH);
  const secret = base62(random.subarray(ID_BYTES), SECRET_LENGTH);
  return { id, key: `${PREFIX}_${id}_${secret}` };
}

/** The id of what looks like a key, to look it up by; undefined for anything else. */
export function keyIdOf(text: string): string | undefined {
  return KEY.exec(text)?.[1];
}

/** The text with every key cut down to its prefix and id, for whatever is logged or answered. */
export function hideKeys(text: string): string {
  return text.replaceAll(KEYS_IN_TEXT, '$1_…');
}

/** Whether a key counts now. Of several reasons against it the one that somebody decided on is named. */
export function judgeKey(life: KeyLife, nowMs: number): KeyDecision {
  if (life.revokedAtMs !== null && life.revokedAtMs <= nowMs) return refuse('key-revoked');
  if (life.replacedFromMs !== null && life.replacedFromMs <= nowMs) return refuse('key-replaced');
  if (life.expiresAtMs <= nowMs) return refuse('key-expired');
  return { outcome: 'valid' };
}

function refuse(rule: KeyRule): KeyDecision {
  return { outcome: 'refused', rule, text: KEY_RULES[rule] };
}

/** When a new key expires, milliseconds since 1970; a lifetime beyond the limits is brought within them. */
export function expiryOf(madeAtMs: number, lifetimeDays: number): number {
  return madeAtMs + Math.min(Math.max(lifetimeDays, 1), MAX_LIFETIME_DAYS) * DAY_MS;
}

/**
 * The old key's life once another one replaces it: it counts for the overlap, but never longer than it
 * would have. Rotating again cannot lengthen an overlap that runs already.
 */
export function replaceKey(life: KeyLife, nowMs: number, overlapHours: number): KeyLife {
  const overlapMs = Math.min(Math.max(overlapHours, 0), MAX_OVERLAP_HOURS) * HOUR_MS;
  const ends = Math.min(nowMs + overlapMs, life.expiresAtMs, life.replacedFromMs ?? Infinity);
  return { ...life, replacedFromMs: ends };
}

/**
 * What to record as the last use, milliseconds since 1970: the use brought down to its five minutes;
 * undefined while that is recorded already. Uses that arrive late never move it back.
 */
export function useToRecord(recordedMs: number | null, usedAtMs: number): number | undefined {
  const step = Math.floor(usedAtMs / USE_STEP_MS) * USE_STEP_MS;
  return recordedMs === null || step > recordedMs ? step : undefined;
}

/** Bytes as a number of base 62, with leading zeros, so that equal lengths stay equal. */
function base62(bytes: Uint8Array, length: number): string {
  let rest = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = '';
  for (let place = 0; place < length; place += 1) {
    text = DIGITS.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}
