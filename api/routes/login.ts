import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { LOGIN_RULES } from '../../rules/access/login-rules.ts';
import type { AccessStore } from '../access/access-store.ts';
import { CALLBACK_PATH, type IdentityProvider } from '../access/login.ts';
import { tooMany } from '../access/rate-limit.ts';
import { refuseAccess } from '../access/refuse-access.ts';
import { digestOf, isLoopback, newSessionId, type Cookies } from '../access/session-cookie.ts';
import type { SlowDown } from '../access/slow-down.ts';
import type { Api, ApiContext, RequestVariables } from '../context.ts';
import { problem } from '../problem.ts';

/** What it takes to log browsers in. */
export interface BrowserLogin {
  readonly provider: IdentityProvider;
  readonly store: AccessStore;
  readonly cookies: Cookies;
  /** Scheme, host and port at which browsers reach this API. */
  readonly origin: string;
}

/** What the login's cookie keeps until the browser is back. */
const keptSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  to: z.string(),
});

type Hono = Context<RequestVariables>;

/** Where a browser goes that was sent nowhere. */
const HOME = '/v1/me';

/**
 * The way of a browser to a session and out of it: /login sends it to the identity provider, which sends it
 * back to /login/callback; /logout ends the session. The login under way is kept by the browser, signed, so
 * that any process may finish what another began.
 */
export function registerLoginRoutes(
  app: Api,
  { now }: ApiContext,
  { login, slowDown }: { login?: BrowserLogin | undefined; slowDown?: SlowDown | undefined },
): void {
  app.get('/login', async (hono) => {
    if (login === undefined) return nobody(hono);
    const { provider, cookies, origin } = login;
    const elsewhere = otherNameOf(hono.req.url, origin);
    if (elsewhere !== undefined) return hono.redirect(elsewhere, 302);
    const { url, underWay } = await provider.begin();
    const kept = JSON.stringify({ ...underWay, to: ownPath(hono.req.query('to'), origin) });
    setCookie(hono, cookies.login, cookies.sign(kept, Date.parse(now())), cookies.options);
    return hono.redirect(url.href, 302);
  });

  app.get(CALLBACK_PATH, async (hono) => {
    if (login === undefined) return nobody(hono);
    const { cookies } = login;
    const signed = cookies.verify(getCookie(hono, cookies.login), Date.parse(now()));
    deleteCookie(hono, cookies.login, cookies.options);
    const kept = keptSchema.safeParse(signed === undefined ? undefined : JSON.parse(signed));
    if (!kept.success) {
      const detail = 'This login is over, or another browser began it. Begin again at /login.';
      return problem(hono, 400, 'LoginExpired', detail);
    }
    return finishLogin(hono, login, kept.data, { at: now(), slowDown });
  });

  app.post('/logout', async (hono) => {
    const session = hono.get('session');
    if (login === undefined || session === undefined) return hono.json({ ended: false }, 200);
    const { store, cookies } = login;
    const { applied } = await store.endSession({ digest: session.digest, at: now() });
    deleteCookie(hono, cookies.session, cookies.options);
    return hono.json({ ended: applied }, 200);
  });
}

/** Exchanges what the provider sent for its word on somebody, and that for a session of ours. */
async function finishLogin(
  hono: Hono,
  { provider, store, cookies }: BrowserLogin,
  { to, ...underWay }: z.infer<typeof keptSchema>,
  { at, slowDown }: { at: string; slowDown?: SlowDown | undefined },
): Promise<Response> {
  const [requestId, sourceAddress] = [hono.get('requestId'), hono.get('sourceAddress')];
  const person = await provider.finish(new URL(hono.req.url).search, underWay);
  if (person === undefined) {
    const failing = { sourceAddress, by: 'login', at, requestId } as const;
    const seconds = (await slowDown?.afterFailure(failing)) ?? 0;
    if (seconds > 0)
      return tooMany(hono, 'Too many logins from this address have failed.', seconds);
    return problem(hono, 401, 'Unauthorized', 'The identity provider vouches for nobody here.');
  }
  const sessionId = newSessionId();
  const answer = await store.openSession({
    ...person,
    digest: digestOf(sessionId),
    at,
    sourceAddress: sourceAddress ?? null,
    requestId,
  });
  if (answer.outcome === 'refused')
    return refuseAccess(hono, answer.rule, LOGIN_RULES[answer.rule]);
  setCookie(hono, cookies.session, sessionId, cookies.options);
  return hono.redirect(to, 302);
}

/**
 * A machine has several names for itself, and cookies count for one: who came by another is sent to the one that
 * the provider sends them back to. Undefined for everybody else.
 */
function otherNameOf(asked: string, origin: string): string | undefined {
  const [came, own] = [new URL(asked), new URL(origin)];
  const isOther = came.host !== own.host && isLoopback(came.hostname) && isLoopback(own.hostname);
  return isOther ? new URL(`${came.pathname}${came.search}`, own).href : undefined;
}

function nobody(hono: Hono): Response {
  return problem(hono, 404, 'NotFound', 'No identity provider is set up here.');
}

/**
 * Where to go after the login: a path of this address alone, whatever the link said. Dots in a path go away
 * when it is read (`/.//elsewhere`), and what is left may begin like an address of others.
 */
export function ownPath(to: string | undefined, origin: string): string {
  if (to === undefined || !to.startsWith('/')) return HOME;
  try {
    const { origin: asked, pathname, search, hash } = new URL(to, origin);
    const isOwn = asked === origin && !pathname.startsWith('//');
    return isOwn ? `${pathname}${search}${hash}` : HOME;
  } catch {
    return HOME;
  }
}
