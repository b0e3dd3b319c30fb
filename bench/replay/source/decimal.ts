/**
 * An exact decimal number with six places, held as a whole number of millionths.
 * Unit prices have at most six places, so a price times a whole quantity, and any sum of these, is exact.
 */
export type Millionths = bigint;

const millionthsPerOne = 1_000_000n;
const millionthsPerMinor = 10_000n;
const decimalPattern = /^(-?)(\d{1,12})(?:\.(\d{1,6}))?$/;

/**
 * Reads a decimal string such as "2.55" or "-11062.06" exactly; null when it is not one.
 * At most 12 digits before the point and 6 after it; no sign but "-", no exponent, no blanks.
 */
export function parseDecimal(text: string): Millionths | null {
  const match = decimalPattern.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = ''] = match;
  const magnitude = BigInt(whole) * millionthsPerOne + BigInt(fraction.padEnd(6, '0'));
  return sign === '-' ? -magnitude : magnitude;
}

/** Reads a decimal string that was checked before; throws RangeError when it is not one. */
export function toDecimal(text: string): Millionths {
  const value = parseDecimal(text);
  if (value === null)
    throw new RangeError(`"${text}" is not a decimal number with at most six places.`);
  return value;
}

/** Writes an exact decimal without needless zeros, but with at least `minPlaces` (0 to 6) places. */
export function formatDecimal(value: Millionths, minPlaces = 0): string {
  const magnitude = value < 0n ? -value : value;
  const whole = magnitude / millionthsPerOne;
  const places = (magnitude % millionthsPerOne).toString().padStart(6, '0').replace(/0+$/, '');
  const fraction = places.padEnd(minPlaces, '0');
  return `${value < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Divides whole numbers and rounds half away from zero; the divisor must be positive. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  if (divisor <= 0n) throw new RangeError('The divisor must be positive.');
  const magnitude = dividend < 0n ? -dividend : dividend;
  const rounded = (2n * magnitude + divisor) / (2n * divisor);
  return dividend < 0n ? -rounded : rounded;
}

/** The exact amount of a line, quantity times unit price, before any rounding. */
export function lineAmount(quantity: number, unitPrice: string): Millionths {
  return BigInt(quantity) * toDecimal(unitPrice);
}

/** An exact amount in minor units (pence), rounded half away from zero. */
export function toMinor(amount: Millionths): bigint {
  return divideRounded(amount, millionthsPerMinor);
}

/**
 * What rounding to the minor unit left out: the exact amount less the rounded one.
 * The result is in minor units (0.1 of a penny is 100,000 millionths), between -0.5 and 0.5.
 */
export function belowMinor(amount: Millionths): Millionths {
  return (amount - toMinor(amount) * millionthsPerMinor) * 100n;
}
