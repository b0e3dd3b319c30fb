import type { ExceptionKind } from '../policy/exception-catalogue.ts';

const HOUR_MS = 3_600_000;

type Sla = Pick<ExceptionKind, 'slaHours' | 'slaHoursByClass'>;

/** Hours from the raising until it is due: those of the order's class, where the kind has such. */
export function slaHours(kind: Sla, orderClass: string | null): number {
  const own =
    orderClass !== null && Object.hasOwn(kind.slaHoursByClass, orderClass)
      ? kind.slaHoursByClass[orderClass]
      : undefined;
  return own ?? kind.slaHours;
}

/** When an exception is due. Times in milliseconds since 1970, business time. */
export function dueAt(kind: Sla, orderClass: string | null, raisedAtMs: number): number {
  return raisedAtMs + slaHours(kind, orderClass) * HOUR_MS;
}

/** The share that was closed in time, in percent with one place; null where nothing was closed. */
export function attainmentPercent({
  closed,
  inTime,
}: {
  readonly closed: number;
  readonly inTime: number;
}): number | null {
  return closed === 0 ? null : Math.round((inTime * 1_000) / closed) / 10;
}
