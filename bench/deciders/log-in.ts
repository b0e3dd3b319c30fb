const MOST_REDIRECTS = 10;
const CALL_DEADLINE_MS = 20_000;

/** What somebody who has logged in sends with every request. */
export type SessionHeaders = Readonly<Record<'Cookie' | 'X-CSRF-Token', string>>;

/** Nobody could log in; the message says where it ended. */
class LoginError extends Error {
  override readonly name = 'LoginError';
}

/**
 * Logs somebody in at the API as a browser does it: to the provider, through its form, and back. Throws
 * LoginError, and what `fetch` throws where nobody answers.
 */
export async function logIn(
  apiUrl: string,
  { account, password }: { readonly account: string; readonly password: string },
): Promise<SessionHeaders> {
  const cookies = new Map<string, string>();
  const form = await follow(cookies, `${apiUrl}/login?to=/v1/me`);
  const action = /<form method="post" action="([^"]+)"/.exec(form.text)?.[1];
  if (action === undefined) throw new LoginError(`${form.url} has no form: ${form.text}`);
  const body = new URLSearchParams({ account, password });
  const { url, status, text } = await follow(cookies, new URL(action, form.url).href, {
    method: 'POST',
    body,
  });
  if (status !== 200) throw new LoginError(`${account}: ${url} answered ${status}: ${text}`);
  const { session } = JSON.parse(text) as { session: { csrfToken: string } | null };
  if (session === null) throw new LoginError(`${account} has no session`);
  return { Cookie: headerOf(cookies), 'X-CSRF-Token': session.csrfToken };
}

/** Somebody's session: opened when it is first needed, and anew after `forget`. */
export interface Session {
  headers(): Promise<SessionHeaders>;
  /** It counts no more; headers that were replaced already are not replaced again. */
  forget(spent: SessionHeaders): void;
}

/** A session that is opened by `open`; while it is being opened, everybody waits for the same one. */
export function openedWhenNeeded(open: () => Promise<SessionHeaders>): Session {
  let opening: Promise<SessionHeaders> | undefined;
  let current: SessionHeaders | undefined;
  return {
    headers: async () => {
      opening ??= open();
      try {
        current = await opening;
        return current;
      } catch (error) {
        opening = undefined;
        throw error;
      }
    },
    forget: (spent) => {
      if (spent === current) opening = undefined;
    },
  };
}

interface Page {
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

/** Sends a request with the cookies of this one host, and goes where it is sent. */
async function follow(
  cookies: Map<string, string>,
  url: string,
  init: RequestInit = {},
): Promise<Page> {
  let next = new URL(url);
  let sent = init;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    const response = await fetch(next, {
      ...sent,
      headers: { Cookie: headerOf(cookies) },
      redirect: 'manual',
      signal: AbortSignal.timeout(CALL_DEADLINE_MS),
    });
    const text = await response.text();
    for (const cookie of response.headers.getSetCookie()) keep(cookies, cookie);
    const location = response.headers.get('Location');
    if (location === null) return { url: next.href, status: response.status, text };
    next = new URL(location, next);
    sent = {};
  }
  throw new LoginError(`${url} leads nowhere`);
}

function headerOf(cookies: ReadonlyMap<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

function keep(cookies: Map<string, string>, cookie: string): void {
  const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? [];
  if (value === '') cookies.delete(name);
  else cookies.set(name, value);
}
