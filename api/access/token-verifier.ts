import {
  createRemoteJWKSet,
  decodeJwt,
  errors,
  jwtVerify,
  type JWTPayload,
  type RemoteJWKSet,
} from 'jose';
import { Failure } from '../../activities/failures.ts';

/** A bearer token of the provider that is true and counts now. */
export interface VerifiedToken {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly emailVerified: boolean;
  /** When it ends, milliseconds since 1970. */
  readonly endsAtMs: number;
}

export interface TokenVerifier {
  /** What a token says; undefined for one that does not count. Errors: ProviderUnavailable. */
  verify(token: string, nowMs: number): Promise<VerifiedToken | undefined>;
}

/** Signatures with a private key: what a shared secret has signed, anybody with the secret can have. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519'];
const SKEW_SECONDS = 5;
const FETCH_MS = 5_000;

/**
 * Verifies access tokens of one provider for one audience. They must say what they are (`at+jwt`), so that an
 * ID token of the same provider opens nothing here. Source: RFC 9068, section 4.
 */
export function tokenVerifier(options: {
  issuer: string;
  audience: string;
  /** Where the provider's keys are; asked when the first token comes. */
  keysUrl: () => Promise<URL>;
}): TokenVerifier {
  const { issuer, audience } = options;
  let keys: Promise<RemoteJWKSet> | undefined;
  const openKeys = () => {
    keys ??= options
      .keysUrl()
      .then((url) => createRemoteJWKSet(url, { timeoutDuration: FETCH_MS }))
      .catch((error: unknown) => {
        keys = undefined;
        throw error;
      });
    return keys;
  };
  return {
    async verify(token, nowMs) {
      if (issuerOf(token) !== issuer) return undefined;
      try {
        const { payload } = await jwtVerify(token, await openKeys(), {
          issuer,
          audience,
          algorithms: ALGORITHMS,
          typ: 'at+jwt',
          requiredClaims: ['sub', 'exp', 'iat'],
          clockTolerance: SKEW_SECONDS,
          currentDate: new Date(nowMs),
        });
        return tokenOf(issuer, payload);
      } catch (error) {
        if (isRefusal(error)) return undefined;
        throw new Failure(
          'ProviderUnavailable',
          'The identity provider gave no answer',
          undefined,
          error,
        );
      }
    },
  };
}

/** Who claims to have made it, before anything is believed: others need no look at the provider's keys. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

function tokenOf(issuer: string, payload: JWTPayload): VerifiedToken | undefined {
  const { sub, exp, name, email, email_verified: emailVerified } = payload;
  if (sub === undefined || sub === '' || exp === undefined) return undefined;
  return {
    issuer,
    subject: sub,
    name: typeof name === 'string' ? name : null,
    email: typeof email === 'string' ? email : null,
    emailVerified: emailVerified === true,
    endsAtMs: (exp + SKEW_SECONDS) * 1_000,
  };
}

/** Errors that say something about the token; the others say something about the provider or the network. */
const REFUSALS = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
];

function isRefusal(error: unknown): boolean {
  return REFUSALS.some((refusal) => error instanceof refusal);
}
