import type { Context, Next } from 'hono';
import type { RequestVariables } from '../context.ts';
import { problem } from '../problem.ts';
import type { Identify } from './authenticate.ts';
import { tooMany } from './rate-limit.ts';
import type { SlowDown } from './slow-down.ts';

/** Who finds out, what failing costs, and when. */
export interface IdentityCheck {
  readonly identify: Identify;
  readonly slowDown?: SlowDown | undefined;
  /** Whether browsers can log in here. */
  readonly login?: object | undefined;
  /** RFC 3339. */
  readonly now: () => string;
}

/**
 * Lets nobody on who has not shown who they are, but to routes that are open to everybody and to those whose
 * sender signs. What is no route tells strangers nothing either. Whoever fails is slowed down. A browser that
 * follows a link, as one in a mail, is led through the login to what it wanted to see.
 */
export async function requireIdentity(
  hono: Context<RequestVariables>,
  next: Next,
  { identify, slowDown, login, now }: IdentityCheck,
): Promise<Response | void> {
  const guard = hono.get('route')?.access?.guard;
  if (guard === 'open' || guard === 'signature') return next();
  const { path } = hono.req;
  const [requestId, sourceAddress, at] = [hono.get('requestId'), hono.get('sourceAddress'), now()];
  const found = await identify({
    authorization: authorizationOf(hono.req.header('Authorization'), path),
    cookie: hono.req.header('Cookie'),
    at,
    sourceAddress,
    requestId,
  });
  if (found.outcome === 'identified') {
    const { principal, credential, session } = found;
    hono.set('principal', principal);
    hono.set('actor', principal.id);
    hono.set('by', { actor: principal.id, credential, requestId, sourceAddress });
    if (session !== undefined) hono.set('session', session);
    return next();
  }
  if (found.outcome === 'refused') {
    const seconds = await slowDown?.afterFailure({ sourceAddress, by: found.by, at, requestId });
    if (seconds !== undefined && seconds > 0)
      return tooMany(hono, 'Too many attempts from this address have failed.', seconds);
  }
  if (login !== undefined && isFollowedLink(hono)) {
    const { pathname, search } = new URL(hono.req.url);
    return hono.redirect(`/login?to=${encodeURIComponent(pathname + search)}`, 302);
  }
  hono.header('WWW-Authenticate', isReading(path) ? 'Basic realm="Loopline"' : 'Bearer');
  const detail = 'Send a valid key or token as "Authorization: Bearer <key>", or log in at /login.';
  return problem(hono, 401, 'Unauthorized', detail);
}

/** The readable description of the API is for browsers, which ask for a name and a password: the password is the key. */
function isReading(path: string): boolean {
  return path === '/openapi.json' || path === '/docs' || path.startsWith('/docs/');
}

/** A page that somebody opens, and no program asks for: it names HTML first, and shows no key. */
function isFollowedLink({ req }: Context<RequestVariables>): boolean {
  const wantsPage = req.header('Accept')?.trimStart().startsWith('text/html') === true;
  const isKeyless = req.header('Authorization') === undefined;
  return req.method === 'GET' && req.path.startsWith('/v1/') && wantsPage && isKeyless;
}

function authorizationOf(header: string | undefined, path: string): string | undefined {
  if (header?.startsWith('Basic ') !== true || !isReading(path)) return header;
  const credentials = Buffer.from(header.slice('Basic '.length), 'base64').toString('utf8');
  return `Bearer ${credentials.slice(credentials.indexOf(':') + 1)}`;
}
