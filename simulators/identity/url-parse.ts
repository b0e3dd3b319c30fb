/**
 * The provider's library reads addresses with `URL.parse`, which Node.js has from version 22 on. Below that
 * it is added here, before the library is loaded: null instead of an error, as the standard says.
 * Source: https://url.spec.whatwg.org/#dom-url-parse
 */
export function provideUrlParse(): void {
  if ('parse' in URL) return;
  Object.defineProperty(URL, 'parse', { value: parseOrNull, configurable: true, writable: true });
}

function parseOrNull(url: string | URL, base?: string | URL): URL | null {
  try {
    return new URL(url, base);
  } catch {
    return null;
  }
}
