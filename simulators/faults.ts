import { createHash } from 'node:crypto';

/**
 * A number in [0, 1) that depends on the seed and the parts alone.
 * Chance in the simulators is drawn from names (keys, order ids), never from a running generator,
 * so that neither timing nor the order of calls changes what goes wrong.
 */
export function seededFraction(seed: number, ...parts: readonly (string | number)[]): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...parts]))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

/** True for the given share (0 to 1) of all names. */
export function happens(
  rate: number,
  seed: number,
  ...parts: readonly (string | number)[]
): boolean {
  return rate > 0 && seededFraction(seed, ...parts) < rate;
}

/** A whole number from lowest to highest, both included. */
export function seededInteger(
  lowest: number,
  highest: number,
  seed: number,
  ...parts: readonly (string | number)[]
): number {
  return lowest + Math.floor(seededFraction(seed, ...parts) * (highest - lowest + 1));
}

/**
 * How often the request with this key fails before it succeeds: 0 for most, 1 or 2 for the share
 * `rate`. A fault that never healed would be a different thing: an outage.
 */
export function failuresBeforeHealing(rate: number, seed: number, fault: string, key: string) {
  if (!happens(rate, seed, fault, key)) {
    return 0;
  }
  return seededInteger(1, 2, seed, fault, key, 'failures');
}

/** A readable id that is the same whenever the same parts are asked for: `cap_5f0c…`. */
export function stableId(prefix: string, ...parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${prefix}${digest.slice(0, 24)}`;
}
