import type { Context, Next } from 'hono';
import type { Principal } from '../../rules/access/decide-access.ts';
import type { RequestVariables } from '../context.ts';
import { problem } from '../problem.ts';

/** How many requests somebody may send: on average, and at once after a pause. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** By kind of principal; what is left out has no limit of its own. */
export type RateLimits = Readonly<Partial<Record<Principal['kind'], RateLimit>>>;

/**
 * Of one process; two processes allow twice as much. A person clicks, a page asks for some things at once. A
 * connector sends what its channel sells: five hundred orders a second are far above the busiest day of a
 * sample shop, and leave room for others. The installation's own programs are bounded by the load alone.
 */
export const DEFAULT_RATE_LIMITS: RateLimits = {
  person: { perSecond: 20, burst: 100 },
  key: { perSecond: 500, burst: 1_000 },
};

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Buckets are swept when there are so many, and again when there are twice as many as that left. */
const MANY_BUCKETS = 10_000;

export interface RateLimiter {
  /** Takes one request; 0, or how many seconds to wait for the next. */
  take(principal: Pick<Principal, 'id' | 'kind'>): number;
}

/** A token bucket for each principal. `nowMs` is a clock that only goes forward. */
export function rateLimiter(
  limits: RateLimits = DEFAULT_RATE_LIMITS,
  nowMs: () => number = () => performance.now(),
): RateLimiter {
  const buckets = new Map<string, Bucket>();
  let sweptAt = MANY_BUCKETS;
  return {
    take({ id, kind }) {
      const limit = limits[kind];
      if (limit === undefined) return 0;
      const now = nowMs();
      const before = buckets.get(id) ?? { tokens: limit.burst, atMs: now };
      const filled = before.tokens + ((now - before.atMs) / 1_000) * limit.perSecond;
      const tokens = Math.min(limit.burst, filled);
      if (buckets.size >= sweptAt) {
        sweep(buckets, limits, now);
        sweptAt = Math.max(MANY_BUCKETS, 2 * buckets.size);
      }
      buckets.set(id, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: now });
      return tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - tokens) / limit.perSecond));
    },
  };
}

/** Whoever has sent nothing for as long as the slowest bucket takes to fill is as if new. */
function sweep(buckets: Map<string, Bucket>, limits: RateLimits, now: number): void {
  const seconds = Object.values(limits).map(({ burst, perSecond }) => burst / perSecond);
  const longestMs = Math.max(0, ...seconds) * 1_000;
  for (const [id, { atMs }] of buckets) {
    if (now - atMs >= longestMs) buckets.delete(id);
  }
}

/** Answers 429 with `Retry-After` to whoever sends more than their limit. */
export async function limitRate(
  hono: Context<RequestVariables>,
  next: Next,
  limiter: RateLimiter,
): Promise<Response | void> {
  const principal: Principal | undefined = hono.get('principal');
  if (principal === undefined) return next();
  const retryAfterSeconds = limiter.take(principal);
  if (retryAfterSeconds === 0) return next();
  return tooMany(hono, `${principal.name} sends more requests than allowed.`, retryAfterSeconds);
}

/** 429: too much, and when it is not any more. */
export function tooMany(hono: Context, detail: string, retryAfterSeconds: number): Response {
  return problem(hono, 429, 'TooManyRequests', detail, [], { retryAfterSeconds });
}
