import type { Context, Next } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { RequestVariables } from '../context.ts';

/**
 * What browsers must not do with any answer. The pages of the description have a policy of their own for what
 * they load. `Strict-Transport-Security` counts over https alone; browsers pass over it elsewhere.
 */
const setSecureHeaders = secureHeaders({
  xFrameOptions: 'DENY',
  strictTransportSecurity: 'max-age=31536000; includeSubDomains',
});

/** Nothing that an answer holds belongs into a cache, but for files that are the same for everybody. */
export async function setSecurityHeaders(
  hono: Context<RequestVariables>,
  next: Next,
): Promise<void> {
  hono.header('Cache-Control', 'no-store');
  await setSecureHeaders(hono, next);
}
