import type { Context, Next } from 'hono';
import type { RequestVariables } from './context.ts';
import type { Load } from './load.ts';

/** Whoever watches over the process must see it when it is full. */
const WATCH_PATHS = new Set(['/healthz', '/readyz', '/metrics', '/v1/operations/load']);

/** Refuses a request beyond the limit before its body is read. Errors: Overloaded. */
export function shedLoad(hono: Context<RequestVariables>, next: Next, load: Load): Promise<void> {
  hono.set('load', load);
  if (WATCH_PATHS.has(hono.req.path)) return next();
  return load.within('requests', 1, next);
}
