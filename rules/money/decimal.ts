/** A decimal with six places, as a bigint of millionths: exact, no floats. */
export type Millionths = bigint;

const SCALE = 1_000_000n;
const DECIMAL = /^(-?)(\d{1,14})(?:\.(\d{1,6}))?$/;

/** Reads a decimal string with up to six places ("2.55"); undefined when it is not one. */
export function parseDecimal(text: string): Millionths | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '0', places = ''] = match;
  const magnitude = BigInt(whole) * SCALE + BigInt(places.padEnd(6, '0'));
  return sign === '-' ? -magnitude : magnitude;
}

/** Writes millionths as the shortest decimal string ("2.55", "-0.1"). */
export function formatDecimal(value: Millionths): string {
  const magnitude = value < 0n ? -value : value;
  const places = (magnitude % SCALE).toString().padStart(6, '0').replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${magnitude / SCALE}${places === '' ? '' : `.${places}`}`;
}

/** Writes a unit price as people do: two places at least, and no zeros behind more. Throws on what is no decimal. */
export function formatPrice(text: string): string {
  const value = parseDecimal(text);
  if (value === undefined) throw new RangeError(`${text} is not a decimal`);
  const [whole, places = ''] = formatDecimal(value).split('.');
  return `${whole}.${places.padEnd(2, '0')}`;
}

/** Division rounded half away from zero; `divisor` is positive. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const magnitude = dividend < 0n ? -dividend : dividend;
  const rounded = (2n * magnitude + divisor) / (2n * divisor);
  return dividend < 0n ? -rounded : rounded;
}

/**
 * The part of `amountMinor` that falls to units `before + 1 … before + quantity` of `total`: parts are
 * rounded as cumulative shares, so that all parts together are the amount to the penny.
 */
export function cumulativeShare(
  amountMinor: bigint,
  before: bigint,
  quantity: bigint,
  total: bigint,
): bigint {
  return (
    divideRounded(amountMinor * (before + quantity), total) -
    divideRounded(amountMinor * before, total)
  );
}
