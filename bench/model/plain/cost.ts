/** Costs as whole numbers of 10⁻¹⁰ major units, the ten places that a layer's value is kept to. */
export type Cost = bigint;

const PLACES = 10;
const PER_MINOR = 10n ** BigInt(PLACES - 2);

/** `'2.5'` as a cost; more than ten places are an error. */
export function costOf(decimal: string): Cost {
  const [whole = '', fraction = ''] = decimal.split('.');
  if (fraction.length > PLACES) throw new Error(`${decimal} has too many places`);
  return BigInt(whole + fraction.padEnd(PLACES, '0'));
}

/** Rounded half away from zero; the divisor is positive. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const sign = dividend < 0n ? -1n : 1n;
  return (sign * (2n * sign * dividend + divisor)) / (2n * divisor);
}

/** A cost in minor units. */
export function minorOf(cost: Cost): bigint {
  return divideRounded(cost, PER_MINOR);
}

/** The worth of some units of a whole; all of them are worth all of it. */
export function shareOf(whole: bigint, units: number, ofUnits: number): bigint {
  return units === ofUnits ? whole : divideRounded(whole * BigInt(units), BigInt(ofUnits));
}

/** As the database prints it: without zeros at the end. */
export function costText(cost: Cost): string {
  const digits = cost.toString().padStart(PLACES + 1, '0');
  const fraction = digits.slice(-PLACES).replace(/0+$/, '');
  return digits.slice(0, -PLACES) + (fraction === '' ? '' : `.${fraction}`);
}
