import type { Context, Next } from 'hono';
import type { RequestVariables } from './context.ts';
import type { Load } from './load.ts';

/** Whoever watches over the process must see it when it is full. */
const WATCH_PATHS = new Set(['/healthz', '/readyz', '/metrics', '/v1/operations/load']);

const INTAKE_PATHS = new Set(['/v1/orders', '/v1/orders/batch']);

/**
 * Refuses a request beyond the limit before its body is read: reading an order only to refuse it takes the
 * time of one that could have been accepted. Errors: Overloaded.
 */
export function shedLoad(hono: Context<RequestVariables>, next: Next, load: Load): Promise<void> {
  hono.set('load', load);
  const { method, path } = hono.req;
  if (WATCH_PATHS.has(path)) return next();
  if (method === 'POST' && INTAKE_PATHS.has(path)) load.expectRoom('orders', 'lines');
  return load.within('requests', 1, next);
}
