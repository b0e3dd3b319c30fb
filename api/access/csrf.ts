import type { Context, Next } from 'hono';
import type { RequestVariables } from '../context.ts';
import { refuseAccess } from './refuse-access.ts';
import { isSameText } from './session-cookie.ts';

/** The header that our own pages send with every change; GET /v1/me tells its value. */
const CSRF_HEADER = 'X-CSRF-Token';

/** What a request says of the page that sends it. */
export interface SentFrom {
  /** `Sec-Fetch-Site`: same-origin, same-site, cross-site or none. */
  readonly site: string | undefined;
  /** `Origin`. */
  readonly origin: string | undefined;
  /** What {@link CSRF_HEADER} holds. */
  readonly token: string | undefined;
}

/** Why a change by cookie is refused, by the rule that says so. */
const CSRF_RULES = {
  'other-site': 'A change by a browser comes from a page of this very address.',
  'csrf-token': `A change by a browser carries the ${CSRF_HEADER} that GET /v1/me tells.`,
} as const;

/**
 * Whether a browser's own page sends this: browsers add cookies also to what pages of others send. Where the
 * browser says which page it is, that is believed; the token has to be there in any case.
 * Source: OWASP, cross-site request forgery prevention cheat sheet.
 */
export function judgeSentFrom(
  sent: SentFrom,
  expected: { origin: string; token: string },
): keyof typeof CSRF_RULES | undefined {
  if (sent.site !== undefined && sent.site !== 'same-origin') return 'other-site';
  if (sent.origin !== undefined && sent.origin !== expected.origin) return 'other-site';
  if (sent.token === undefined || !isSameText(sent.token, expected.token)) return 'csrf-token';
  return undefined;
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses changes that a session's cookie alone stands for. `origin` is where browsers reach this API. */
export async function refuseForgeries(
  hono: Context<RequestVariables>,
  next: Next,
  origin: string,
): Promise<Response | void> {
  const session = hono.get('session');
  if (session === undefined || READING.has(hono.req.method)) return next();
  const rule = judgeSentFrom(
    {
      site: hono.req.header('Sec-Fetch-Site'),
      origin: hono.req.header('Origin'),
      token: hono.req.header(CSRF_HEADER),
    },
    { origin, token: session.csrfToken },
  );
  return rule === undefined ? next() : refuseAccess(hono, rule, CSRF_RULES[rule]);
}
