import { parse } from 'hono/utils/cookie';
import type { Person } from '../../activities/ledger/read/people.ts';
import type { StoredKey } from '../../activities/ledger/read/service-keys.ts';
import type { Principal } from '../../rules/access/decide-access.ts';
import { keyScopes, scopesOf } from '../../rules/access/roles.ts';
import { judgeKey, keyIdOf, useToRecord } from '../../rules/access/service-key.ts';
import type { AccessStore, CredentialKind } from './access-store.ts';
import { isKeyOf } from './key-digest.ts';
import { Remembered } from './remembered.ts';
import { digestOf, isSessionId, type Cookies } from './session-cookie.ts';
import type { TokenVerifier, VerifiedToken } from './token-verifier.ts';

/** What a request shows of who sends it. */
export interface GivenCredentials {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  /** RFC 3339. */
  readonly at: string;
  readonly sourceAddress: string | undefined;
  readonly requestId: string;
}

/** A browser's session, as its own pages need to know it. */
export interface BrowserSession {
  readonly digest: string;
  readonly csrfToken: string;
  /** When it ends if no request follows, RFC 3339. */
  readonly endsAt: string;
}

/** Whoever sends a request, and by what that is known. */
export interface Identity {
  readonly principal: Principal;
  /** The name of the key or session for the audit, never its secret; undefined for the process's own keys. */
  readonly credential: string | undefined;
  /** Of cookies alone: what other sites could make a browser send needs a token beside it. */
  readonly session?: BrowserSession;
}

export type Identification =
  | ({ readonly outcome: 'identified' } & Identity)
  /** Nothing was shown. */
  | { readonly outcome: 'anonymous' }
  /** What was shown does not count; `rule` says why, for us and not for the sender. */
  | { readonly outcome: 'refused'; readonly by: CredentialKind; readonly rule: string };

/** Finds out who sends a request. Errors: those of the ledger, ProviderUnavailable. */
export type Identify = (given: GivenCredentials) => Promise<Identification>;

export interface AuthenticatorOptions {
  readonly store: AccessStore;
  /** Keys that the process was started with, by key: those of the installation itself. */
  readonly ownKeys: ReadonlyMap<string, Principal>;
  /** Undefined where there is no identity provider. */
  readonly tokens: TokenVerifier | undefined;
  readonly cookies: Cookies;
  readonly reportError: (error: unknown) => void;
}

/** A person's right to act, and until when it may be believed without asking again. */
interface KnownSession {
  readonly person: Person;
  readonly sessionId: string;
  readonly endsAt: string;
  /** Of a bearer token its own end, milliseconds since 1970. */
  readonly untilMs: number;
}

const ANONYMOUS: Identification = { outcome: 'anonymous' };

/**
 * Knows a request by a service key (`Bearer llk_…`), an access token of the provider (`Bearer <JWT>`) or a
 * session cookie, in that order; a request that shows a key or token is judged by that alone. Keys and
 * sessions are remembered for seconds, and only while every change of them is heard of.
 */
export function authenticator(options: AuthenticatorOptions): Identify {
  const { store, cookies } = options;
  const keys = new Remembered<StoredKey>(store);
  const sessions = new Remembered<KnownSession>(store);
  const own = [...options.ownKeys].map(([key, principal]) => ({
    digest: Buffer.from(digestOf(key), 'hex'),
    principal,
  }));
  return async (given) => {
    const { authorization, cookie } = given;
    if (authorization !== undefined) {
      const token = authorization.startsWith('Bearer ') ? authorization.slice(7) : '';
      // Every one is compared, so that the time taken does not tell which of them it resembles.
      const [known] = own.filter(({ digest }) => isKeyOf(token, digest));
      if (known !== undefined)
        return { outcome: 'identified', principal: known.principal, credential: undefined };
      if (token.startsWith('llk_')) return byKey(options, keys, token, given);
      return byToken(options, sessions, token, given);
    }
    const shown =
      cookie === undefined ? undefined : parse(cookie, cookies.session)[cookies.session];
    if (shown === undefined) return ANONYMOUS;
    return isSessionId(shown)
      ? bySession(options, sessions, shown, given)
      : refused('session', 'session-unknown');
  };
}

/** A key's id is looked up, then its secret compared, then its life judged. */
async function byKey(
  { store, reportError }: AuthenticatorOptions,
  remembered: Remembered<StoredKey>,
  token: string,
  { at }: GivenCredentials,
): Promise<Identification> {
  const keyId = keyIdOf(token);
  const nowMs = Date.parse(at);
  const found =
    keyId === undefined ? null : await remembered.find(keyId, nowMs, () => store.findKey(keyId));
  const digest = found === null ? undefined : Buffer.from(found.digest, 'hex');
  if (!isKeyOf(token, digest) || found === null) return refused('key', 'key-unknown');
  const decision = judgeKey(found, nowMs);
  if (decision.outcome === 'refused') return refused('key', decision.rule);
  const usedAtMs = useToRecord(found.lastUsedAtMs, nowMs);
  if (usedAtMs !== undefined) {
    // Nobody waits for a note of the use, and nothing depends on it.
    store.touchKey({ keyId: found.keyId, usedAtMs }).catch(reportError);
    remembered.replace(found.keyId, { ...found, lastUsedAtMs: usedAtMs });
  }
  return { outcome: 'identified', principal: principalOfKey(found), credential: nameOfKey(found) };
}

/**
 * A token of the provider counts as long as it says so, and as a session that can be ended here: its first use
 * opens one under the token's own digest. One that was not used for half an hour counts no more.
 */
async function byToken(
  { store, tokens }: AuthenticatorOptions,
  remembered: Remembered<KnownSession>,
  token: string,
  given: GivenCredentials,
): Promise<Identification> {
  if (tokens === undefined || token === '') return refused('token', 'token-invalid');
  const nowMs = Date.parse(given.at);
  // Not the digest of the token alone: as a cookie it would open the session beyond the token's own end.
  const digest = digestOf(`token ${token}`);
  const known = await remembered.find(digest, nowMs, async () => {
    const verified = await tokens.verify(token, nowMs);
    return verified === undefined ? null : sessionOfToken(store, digest, verified, given);
  });
  if (known === null) return refused('token', 'token-invalid');
  if (known.untilMs <= nowMs || Date.parse(known.endsAt) <= nowMs)
    return refused('token', 'token-expired');
  return { outcome: 'identified', ...identityOf(known) };
}

async function sessionOfToken(
  store: AccessStore,
  digest: string,
  { endsAtMs, ...vouched }: VerifiedToken,
  { at, sourceAddress, requestId }: GivenCredentials,
): Promise<KnownSession | null> {
  const found = await store.findSession({ digest, at });
  if (found !== null) return { ...found, untilMs: endsAtMs };
  const opened = await store.openSession({
    ...vouched,
    digest,
    at,
    sourceAddress: sourceAddress ?? null,
    requestId,
  });
  if (opened.outcome === 'refused') return null;
  // A session that was ended, or has run out, is answered as it was opened: whether it counts is asked again.
  const counting = await store.findSession({ digest, at });
  return counting && { ...counting, untilMs: endsAtMs };
}

async function bySession(
  { store, cookies }: AuthenticatorOptions,
  remembered: Remembered<KnownSession>,
  sessionId: string,
  { at }: GivenCredentials,
): Promise<Identification> {
  const digest = digestOf(sessionId);
  const nowMs = Date.parse(at);
  const known = await remembered.find(digest, nowMs, async () => {
    const found = await store.findSession({ digest, at });
    return found && { ...found, untilMs: Infinity };
  });
  if (known === null || Date.parse(known.endsAt) <= nowMs)
    return refused('session', 'session-unknown');
  const { endsAt } = known;
  const session = { digest, csrfToken: cookies.csrfToken(sessionId), endsAt };
  return { outcome: 'identified', ...identityOf(known), session };
}

function identityOf({ person, sessionId }: KnownSession): Identity {
  return { principal: principalOfPerson(person), credential: sessionId };
}

/** A person with the scopes of their roles. */
function principalOfPerson({ personId, name, roles, reach }: Person): Principal {
  return { id: personId, kind: 'person', name, roles, scopes: scopesOf(roles), reach };
}

/** A key with those scopes of its roles that it was given. */
function principalOfKey(key: StoredKey): Principal {
  const { name, roles, scopes, reach } = key;
  return { id: nameOfKey(key), kind: 'key', name, roles, scopes: keyScopes(roles, scopes), reach };
}

function nameOfKey({ keyId }: StoredKey): string {
  return `key:${keyId}`;
}

function refused(by: CredentialKind, rule: string): Identification {
  return { outcome: 'refused', by, rule };
}
