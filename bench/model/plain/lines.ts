import { divideRounded } from './cost.ts';
import type { OrderLine } from './world.ts';

export function isCharge(line: OrderLine): boolean {
  return line.kind !== 'goods';
}

/** What can still be cancelled. */
export function openUnits(line: OrderLine): number {
  return line.quantity - line.shipped - line.cancelled - line.short;
}

/** The part of a line's amount that falls to more units, beside what other parts have taken of it. */
export function partOf(line: OrderLine, units: number): bigint {
  const soFar = BigInt(line.shipped + line.cancelled + units);
  return (
    divideRounded(line.amount * soFar, BigInt(line.quantity)) - line.invoiced - line.cancelledMinor
  );
}
