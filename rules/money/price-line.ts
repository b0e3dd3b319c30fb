import { divideRounded, formatDecimal, type Millionths } from './decimal.ts';

/** Minor units in one major unit. Source: ISO 4217, two decimals; the currencies Loopline accepts. */
const MINOR_PER_MAJOR = 100n;
const MILLIONTHS = 1_000_000n;

/** A line's amount in minor units and what rounding left out of it (minor units, decimal string). */
export interface PricedLine {
  readonly amountMinor: bigint;
  readonly belowMinor: string;
}

/**
 * Unit price × quantity − discount, rounded once to the minor unit, half away from zero.
 * `belowMinor` = exact − rounded, never posted.
 */
export function priceLine(unitPrice: Millionths, quantity: bigint, discountMinor = 0n): PricedLine {
  const exact = unitPrice * quantity * MINOR_PER_MAJOR;
  const rounded = divideRounded(exact, MILLIONTHS);
  return {
    amountMinor: rounded - discountMinor,
    belowMinor: formatDecimal(exact - rounded * MILLIONTHS),
  };
}
