import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
/** Source: NIST SP 800-38D, 8.2.2: random nonces of 96 bits serve 2^32 texts of one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID = /^[A-Za-z0-9._-]{1,40}$/;
const BASE64_KEY = /^[A-Za-z0-9+/]{43}=$/;

/** A sealed text, and the id of the key that opens it. */
export interface Sealed {
  readonly keyId: string;
  /** Nonce, ciphertext and tag, one after the other. */
  readonly data: Buffer;
}

/** What was sealed cannot be opened; the message names the key's id, and nothing of the content. */
export class CannotOpenError extends Error {
  override readonly name = 'CannotOpenError';
}

/** A list of keys is wrong; the message says where, and shows no key. */
export class WrongKeyRingError extends Error {
  override readonly name = 'WrongKeyRingError';
}

/**
 * Keys by their ids. The active one seals, each of them opens, so that a key is changed by putting the new
 * one first and leaving the old one behind it for as long as anything is sealed with it.
 */
export class KeyRing {
  readonly activeId: string;
  /** Out of sight of whatever prints an object. */
  readonly #keys: ReadonlyMap<string, KeyObject>;

  /** `keys`: at least one, the active one first; each of 32 bytes. */
  constructor(keys: readonly { readonly id: string; readonly key: Buffer }[]) {
    const [active] = keys;
    if (active === undefined) throw new WrongKeyRingError('needs at least one key');
    this.activeId = active.id;
    this.#keys = new Map(keys.map(({ id, key }) => [id, createSecretKey(key)]));
  }

  /** `purpose` is bound to the text: what was sealed for one is not opened for another. */
  seal(plain: Uint8Array, purpose: string): Sealed {
    const keyId = this.activeId;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#keyOf(keyId), nonce);
    cipher.setAAD(boundText(purpose, keyId));
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
    return { keyId, data: Buffer.concat([nonce, sealed, cipher.getAuthTag()]) };
  }

  /** Errors: {@link CannotOpenError} when the key is unknown, is another one, or the text was changed. */
  open({ keyId, data }: { keyId: string; data: Uint8Array }, purpose: string): Buffer {
    const key = this.#keyOf(keyId);
    const sealed = Buffer.from(data);
    if (sealed.length < NONCE_BYTES + TAG_BYTES)
      throw new CannotOpenError(`what key ${quoted(keyId)} sealed was cut off`);
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(boundText(purpose, keyId));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      const text = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([text, decipher.final()]);
    } catch {
      // What the cipher says of it is of no use to anybody but an attacker.
      throw new CannotOpenError(
        `key ${quoted(keyId)} does not open it: it is another key, or the text was changed`,
      );
    }
  }

  #keyOf(keyId: string): KeyObject {
    const key = this.#keys.get(keyId);
    if (key !== undefined) return key;
    throw new CannotOpenError(
      `no key ${quoted(keyId)} is known here, only ${[...this.#keys.keys()].join(', ')}`,
    );
  }
}

/** Reads `id:base64,id:base64`; the first is active. Errors: {@link WrongKeyRingError}. */
export function parseKeyRing(text: string): KeyRing {
  const keys = text.split(',').map((part, index) => {
    const [id = '', key = '', ...rest] = part.trim().split(':');
    const place = `key ${index + 1}`;
    if (!KEY_ID.test(id))
      throw new WrongKeyRingError(`${place} needs an id of 1 to 40 letters, digits, . _ or -`);
    if (rest.length > 0 || !BASE64_KEY.test(key))
      throw new WrongKeyRingError(`${place} (${id}) must be ${KEY_BYTES} bytes in base64`);
    return { id, key: Buffer.from(key, 'base64') };
  });
  const twice = keys.find(({ id }, index) => keys.findIndex((other) => other.id === id) < index);
  if (twice !== undefined) throw new WrongKeyRingError(`the id ${twice.id} is given twice`);
  return new KeyRing(keys);
}

function boundText(purpose: string, keyId: string): Buffer {
  return Buffer.from(`${purpose}\n${keyId}`);
}

/** An id that came with a text may be anything: it is shown short and as a string. */
function quoted(keyId: string): string {
  return JSON.stringify(keyId.slice(0, 60));
}
