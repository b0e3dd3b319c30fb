import type { Context, Next } from 'hono';
import type { By } from '../../activities/ledger/by.ts';
import type { RequestVariables } from '../context.ts';

/** Somebody was refused what they asked for. */
export interface Refused {
  readonly by: By;
  /** `POST /v1/orders/{id}/cancellations`, and what the path names. */
  readonly route: string;
  readonly about: string | undefined;
  /** The rule that says no. */
  readonly rule: string;
  /** RFC 3339. */
  readonly at: string;
}

interface RefusalLog {
  readonly record: (refused: Refused) => Promise<unknown>;
  readonly reportError: (error: unknown, requestId: string) => void;
  readonly now: () => string;
  readonly nowMs?: () => number;
}

/** Who was refused the same by the same rule is written down again after so long: nobody fills the trail. */
const AGAIN_MS = 60_000;
const MOST_REMEMBERED = 10_000;

/**
 * Leaves an audit row of every 403 that somebody known gets, also where it is one of several elements that is refused;
 * that it cannot be written changes no answer.
 */
export function recordRefusals({
  record,
  reportError,
  now,
  nowMs = () => performance.now(),
}: RefusalLog) {
  const recorded = new Map<string, number>();
  const isNews = (key: string) => {
    const last = recorded.get(key);
    if (last !== undefined && nowMs() - last < AGAIN_MS) return false;
    if (recorded.size >= MOST_REMEMBERED) recorded.clear();
    recorded.set(key, nowMs());
    return true;
  };
  return async (hono: Context<RequestVariables>, next: Next): Promise<void> => {
    await next();
    const by: By | undefined = hono.get('by');
    const found = hono.get('route');
    const rule = hono.get('refusedBy') ?? (hono.res.status === 403 ? 'refused' : undefined);
    if (rule === undefined || by === undefined || found === undefined) return;
    if (!isNews(`${by.actor} ${found.name} ${rule}`)) return;
    const [about] = Object.values(found.params);
    try {
      await record({ by, route: found.name, about, rule, at: now() });
    } catch (error) {
      reportError(error, hono.get('requestId'));
    }
  };
}
