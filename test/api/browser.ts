/** A cookie as a browser keeps it: for one host and the paths below one. Ports do not matter to cookies. */
interface KeptCookie {
  readonly host: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
}

/** Where a walk through redirects has ended. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Every address on the way, the last one too. */
  readonly visited: readonly string[];
}

const MOST_REDIRECTS = 10;

/** As much of a browser as logging in takes: cookies, redirects and forms. */
export class Browser {
  readonly #cookies: KeptCookie[] = [];
  /** `Set-Cookie` as it came, newest last. */
  readonly received: string[] = [];

  /** What is kept under a name for a host. */
  cookie(url: string, name: string): string | undefined {
    const { hostname } = new URL(url);
    return this.#cookies.find((one) => one.host === hostname && one.name === name)?.value;
  }

  /** Sends a request, and follows where it is sent; `follow` false stays at the first answer. */
  async go(url: string, init: RequestInit = {}, follow = true): Promise<Page> {
    const visited: string[] = [];
    let next = new URL(url);
    let sent: RequestInit = init;
    for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
      visited.push(next.href);
      const response = await this.#send(next, sent);
      const text = await response.text();
      const location = response.headers.get('Location');
      const isRedirect = response.status >= 300 && response.status < 400 && location !== null;
      if (!isRedirect || !follow) {
        const { status, headers } = response;
        return { url: next, status, headers, text, visited };
      }
      next = new URL(location, next);
      sent = {};
    }
    throw new Error(`${url} leads nowhere: ${visited.join(' → ')}`);
  }

  /** Fills in a form and sends it to where its page says. */
  submit(page: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
    const action = /<form method="post" action="([^"]+)"/.exec(page.text)?.[1];
    if (action === undefined) throw new Error(`${page.url.href} has no form: ${page.text}`);
    return this.go(new URL(action, page.url).href, {
      method: 'POST',
      body: new URLSearchParams(fields),
    });
  }

  async #send(url: URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const cookies = this.#cookies.filter(
      ({ host, path }) => host === url.hostname && isBelow(url.pathname, path),
    );
    if (cookies.length > 0)
      headers.set('Cookie', cookies.map(({ name, value }) => `${name}=${value}`).join('; '));
    const signal = AbortSignal.timeout(20_000);
    const response = await fetch(url, { ...init, headers, redirect: 'manual', signal });
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie, url);
    return response;
  }

  #keep(text: string, url: URL): void {
    this.received.push(text);
    const [pair = '', ...attributes] = text.split(';').map((part) => part.trim());
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    const attribute = (wanted: string) =>
      attributes
        .map((one) => one.split(/=(.*)/s))
        .find(([given = '']) => given.toLowerCase() === wanted)?.[1];
    const path = attribute('path') ?? url.pathname.replace(/\/[^/]*$/, '') ?? '/';
    const host = url.hostname;
    const at = this.#cookies.findIndex(
      (one) => one.host === host && one.name === name && one.path === path,
    );
    if (at >= 0) this.#cookies.splice(at, 1);
    const expires = attribute('expires');
    const isOver =
      attribute('max-age') === '0' || (expires !== undefined && Date.parse(expires) <= Date.now());
    if (!isOver) this.#cookies.push({ host, path, name, value });
  }
}

function isBelow(pathname: string, path: string): boolean {
  return (
    path === '/' || pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
  );
}
