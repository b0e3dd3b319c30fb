import { createHash, randomBytes } from 'node:crypto';
import type { KeyRing } from '../sealing/key-ring.ts';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** A secret as the ledger keeps it: sealed, because signing needs it again, and its digest to compare by. */
export interface SealedSecret {
  /** The key of LOOPLINE_SECRET_KEYS that opens it. */
  readonly keyId: string;
  /** Base64. */
  readonly data: string;
  /** SHA-256 in hexadecimal; the secret is random, so that nobody guesses it by this. */
  readonly digest: string;
}

/** Makes, seals and opens the secrets that webhooks are signed with, `whsec_` and base64. */
export interface WebhookSecrets {
  make(): string;
  /** For one endpoint: sealed for another it does not open. */
  seal(secret: string, endpointId: string): SealedSecret;
  /** The bytes to sign with. Errors: CannotOpenError. */
  open(sealed: Pick<SealedSecret, 'keyId' | 'data'>, endpointId: string): Buffer;
}

export function webhookSecrets(keys: KeyRing): WebhookSecrets {
  return {
    make: () => `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`,
    seal(secret, endpointId) {
      const bytes = Buffer.from(secret.slice(PREFIX.length), 'base64');
      const { keyId, data } = keys.seal(bytes, purposeOf(endpointId));
      const digest = createHash('sha256').update(bytes).digest('hex');
      return { keyId, data: data.toString('base64'), digest };
    },
    open: ({ keyId, data }, endpointId) =>
      keys.open({ keyId, data: Buffer.from(data, 'base64') }, purposeOf(endpointId)),
  };
}

function purposeOf(endpointId: string): string {
  return `webhook secret of ${endpointId}`;
}
