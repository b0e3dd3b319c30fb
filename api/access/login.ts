import {
  allowInsecureRequests,
  authorizationCodeGrant,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientError,
  ClientSecretBasic,
  ClientSecretPost,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  ResponseBodyError,
  type ClientAuth,
  type Configuration,
  type IDToken,
} from 'openid-client';
import { Failure } from '../../activities/failures.ts';
import { isLoopback } from './session-cookie.ts';

/** How this API is known to an OpenID Connect provider. */
export interface IdentitySettings {
  /** The provider, exactly as it names itself. */
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined for a client that cannot keep one: the code's proof (PKCE) stands alone then. */
  readonly clientSecret: string | undefined;
  /** Where browsers reach this API; the provider must know `<baseUrl>/login/callback`. */
  readonly baseUrl: string;
  /** What access tokens for this API are made out to. */
  readonly audience: string;
}

/** What has to be known again when the browser comes back from the provider. */
export interface LoginUnderWay {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Whom the provider vouches for. */
export interface VouchedPerson {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly emailVerified: boolean;
}

export interface IdentityProvider {
  /** Where to send the browser, and what to keep until it comes back. Errors: ProviderUnavailable. */
  begin(): Promise<{ url: URL; underWay: LoginUnderWay }>;
  /**
   * Exchanges the code that the browser came back with; undefined when the provider or the proof says no.
   * Errors: ProviderUnavailable.
   */
  finish(query: string, underWay: LoginUnderWay): Promise<VouchedPerson | undefined>;
  /** Where the keys are that tokens are signed with. Errors: ProviderUnavailable. */
  keysUrl(): Promise<URL>;
}

const SCOPE = 'openid profile email';
const CALL_SECONDS = 5;
export const CALLBACK_PATH = '/login/callback';

/**
 * Speaks OpenID Connect with any provider: what it can do and where is read from its own description when it
 * is needed first. Plain http is for a provider on this machine alone.
 */
export function openIdentityProvider(settings: IdentitySettings): IdentityProvider {
  const redirectUri = `${settings.baseUrl}${CALLBACK_PATH}`;
  const known = once(() => discover(settings));
  return {
    async begin() {
      const configuration = await reached(known);
      const underWay = {
        state: randomState(),
        nonce: randomNonce(),
        codeVerifier: randomPKCECodeVerifier(),
      };
      const url = buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: SCOPE,
        state: underWay.state,
        nonce: underWay.nonce,
        code_challenge: await calculatePKCECodeChallenge(underWay.codeVerifier),
        code_challenge_method: 'S256',
      });
      return { url, underWay };
    },
    async finish(query, underWay) {
      const configuration = await reached(known);
      try {
        // The address that the provider was told, whatever stands before this process.
        const tokens = await authorizationCodeGrant(configuration, new URL(redirectUri + query), {
          expectedState: underWay.state,
          expectedNonce: underWay.nonce,
          pkceCodeVerifier: underWay.codeVerifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        return claims && (await vouchedBy(configuration, claims, tokens.access_token));
      } catch (error) {
        if (isRefusal(error)) return undefined;
        throw unavailable(error);
      }
    },
    async keysUrl() {
      const { jwks_uri: url } = (await reached(known)).serverMetadata();
      if (url === undefined) throw unavailable(new Error('it names no keys'));
      return new URL(url);
    },
  };
}

async function discover(settings: IdentitySettings): Promise<Configuration> {
  const issuer = new URL(settings.issuer);
  const isPlain = issuer.protocol === 'http:';
  if (isPlain && !isLoopback(issuer.hostname))
    throw new Error(`${settings.issuer} must be https: logins do not travel in the clear`);
  return discovery(issuer, settings.clientId, undefined, clientAuth(settings.clientSecret), {
    timeout: CALL_SECONDS,
    // The ID token's signature is verified as well, not only the connection that it came over.
    execute: [enableNonRepudiationChecks, ...(isPlain ? [allowInsecureRequests] : [])],
  });
}

/** Sends the secret as the provider takes it: in the header, as the standard has it, unless it takes the form alone. */
function clientAuth(secret: string | undefined): ClientAuth {
  if (secret === undefined) return None();
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported;
    const takesHeader = methods === undefined || methods.includes('client_secret_basic');
    (takesHeader ? basic : post)(server, client, body, headers);
  };
}

/** What the ID token says; where it names nobody, the provider is asked once more. */
async function vouchedBy(
  configuration: Configuration,
  claims: IDToken,
  accessToken: string,
): Promise<VouchedPerson> {
  const isComplete = typeof claims['name'] === 'string' && typeof claims['email'] === 'string';
  const asks = !isComplete && configuration.serverMetadata().userinfo_endpoint !== undefined;
  const more = asks ? await fetchUserInfo(configuration, accessToken, claims.sub) : {};
  const said: Readonly<Record<string, unknown>> = { ...more, ...claims };
  const { name, email, email_verified: emailVerified } = said;
  return {
    issuer: claims.iss,
    subject: claims.sub,
    name: typeof name === 'string' ? name : null,
    email: typeof email === 'string' ? email : null,
    emailVerified: emailVerified === true,
  };
}

/** Whether the provider or the proof has said no, rather than nothing. */
function isRefusal(error: unknown): boolean {
  if (error instanceof AuthorizationResponseError) return true;
  // Any other error at the token endpoint is about this API, not about whoever logs in.
  if (error instanceof ResponseBodyError) return error.error === 'invalid_grant';
  return error instanceof ClientError && !NOT_ANSWERED.has(error.code ?? '');
}

/** Codes of openid-client for a provider that gave no answer, or none that could be read. */
const NOT_ANSWERED = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
]);

async function reached(known: () => Promise<Configuration>): Promise<Configuration> {
  try {
    return await known();
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(cause: unknown): Failure {
  return new Failure(
    'ProviderUnavailable',
    'The identity provider gave no answer',
    undefined,
    cause,
  );
}

/** Does it once; a failure is forgotten, so that the next call tries again. */
function once<Result>(act: () => Promise<Result>): () => Promise<Result> {
  let done: Promise<Result> | undefined;
  return () => {
    done ??= act().catch((error: unknown) => {
      done = undefined;
      throw error;
    });
    return done;
  };
}
