import { Failure } from '../activities/failures.ts';
import {
  isAhead,
  isSaidAhead,
  MAX_AHEAD_HOURS,
  MAX_SAID_AHEAD_MINUTES,
} from '../rules/fact/judge-time.ts';
import type { FieldError } from './problem.ts';

/** The fields that say when something happened. What is only expected (`expectedAt`, `expiresAt`) may lie ahead. */
const FACT_TIMES = [
  'placedAt',
  'occurredAt',
  'orderedAt',
  'shippedAt',
  'businessTime',
  'date',
  'until',
] as const;

/** The business times of a body that lie too far ahead of `now`; what is no time is left to the schema. */
export function timesAhead(
  body: unknown,
  now: string,
  maxAheadHours = MAX_AHEAD_HOURS,
): FieldError[] {
  if (typeof body !== 'object' || body === null) return [];
  return FACT_TIMES.flatMap((path) => {
    const at: unknown = Reflect.get(body, path);
    if (typeof at !== 'string' || !isAhead(Date.parse(at), Date.parse(now), maxAheadHours))
      return [];
    const message = `must not lie more than ${maxAheadHours} hours ahead of ${now}, the time here`;
    return [{ path, message }];
  });
}

/** What a person says of now lies in no future: what follows from it is dated so. Errors: InvalidInput. */
export function refuseSaidAhead(occurredAt: string | undefined, now: string): void {
  if (occurredAt === undefined || !isSaidAhead(Date.parse(occurredAt), Date.parse(now))) return;
  const message = `must not lie more than ${MAX_SAID_AHEAD_MINUTES} minutes ahead of ${now}, the time here`;
  throw new Failure('InvalidInput', message, 'occurredAt');
}
