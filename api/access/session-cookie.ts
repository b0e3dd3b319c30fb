import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CookieOptions } from 'hono/utils/cookie';

const SESSION_BYTES = 32;
/** How long a login may take from our door to the provider and back. */
const LOGIN_SECONDS = 600;

/** What a process needs to know to hand out and read cookies. */
export interface Cookies {
  readonly session: string;
  readonly login: string;
  /** Of both: never for scripts, never to other sites but for following a link. */
  readonly options: CookieOptions;
  /** The token that a browser's own pages send with every change. */
  csrfToken(sessionId: string): string;
  /** Text that only this API can have written; until `login.seconds` are over. */
  sign(content: string, atMs: number): string;
  /** What was signed; undefined for anything else, and for what is too old. */
  verify(signed: string | undefined, atMs: number): string | undefined;
}

/**
 * Cookies of an API that browsers reach at `baseUrl`. Over https their names bind them to that very host;
 * plain http is for this machine alone, where browsers refuse such names. All processes share the secret.
 * Throws for http to another machine.
 */
export function openCookies({ baseUrl, secret }: { baseUrl: string; secret: string }): Cookies {
  const { protocol, hostname } = new URL(baseUrl);
  const secure = protocol === 'https:';
  if (!secure && !isLoopback(hostname))
    throw new Error(`${baseUrl} must be https: sessions do not travel in the clear`);
  const prefix = secure ? '__Host-' : '';
  const keyOf = (use: string) => createHmac('sha256', secret).update(`loopline ${use}`).digest();
  const [csrfKey, loginKey] = [keyOf('csrf'), keyOf('login')];
  const signature = (text: string) =>
    createHmac('sha256', loginKey).update(text).digest('base64url');
  return {
    session: `${prefix}loopline`,
    login: `${prefix}loopline-login`,
    options: { httpOnly: true, secure, sameSite: 'Lax', path: '/' },
    csrfToken: (sessionId) => createHmac('sha256', csrfKey).update(sessionId).digest('base64url'),
    sign: (content, atMs) => {
      const text = `${atMs + LOGIN_SECONDS * 1_000}.${Buffer.from(content).toString('base64url')}`;
      return `${text}.${signature(text)}`;
    },
    verify: (signed, atMs) => {
      const [until = '', content = '', given = ''] = signed?.split('.') ?? [];
      const isOurs = isSameText(given, signature(`${until}.${content}`));
      return isOurs && Number(until) > atMs
        ? Buffer.from(content, 'base64url').toString('utf8')
        : undefined;
    },
  };
}

/** A new session's id: 256 random bits. It is in the cookie alone. */
export function newSessionId(): string {
  return randomBytes(SESSION_BYTES).toString('base64url');
}

/** Whether a text has the form of a session's id; nothing else is looked up as one. */
export function isSessionId(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}

/** What is stored of a session or token: SHA-256, 64 hex digits. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Compares digests, so that the time taken tells nothing about either text. */
export function isSameText(one: string, other: string): boolean {
  return timingSafeEqual(bytesOf(one), bytesOf(other));
}

function bytesOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Whether a host is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
