import { fileURLToPath } from 'node:url';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { KeyRing } from '../activities/sealing/key-ring.ts';

const PURPOSE = 'temporal payload';
const ENCODING = 'encoding';
const ENCRYPTED = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
const CIPHER = 'encryption-cipher';

const PayloadMessage = proto.temporal.api.common.v1.Payload;

/**
 * How everything is written that Temporal keeps of a workflow, where encryption is on; undefined leaves it
 * readable. Client, worker and the workflows' bundle of one installation need the same.
 */
export function encryptingConverter(keys: KeyRing | undefined): DataConverter | undefined {
  if (keys === undefined) return undefined;
  return {
    payloadCodecs: [encryptingCodec(keys)],
    failureConverterPath: fileURLToPath(new URL('encoded-failures.cjs', import.meta.url)),
  };
}

/**
 * Encrypts whole payloads with the ring's active key, AES-256-GCM. What was written before encryption was
 * turned on is read as it is. Errors on decoding: CannotOpenError, which names the key and shows no content.
 */
export function encryptingCodec(keys: KeyRing): PayloadCodec {
  return {
    encode: async (payloads) => payloads.map((payload) => encrypt(keys, payload)),
    decode: async (payloads) => payloads.map((payload) => decrypt(keys, payload)),
  };
}

function encrypt(keys: KeyRing, payload: Payload): Payload {
  const { keyId, data } = keys.seal(PayloadMessage.encode(payload).finish(), PURPOSE);
  return {
    metadata: {
      [ENCODING]: Buffer.from(ENCRYPTED),
      [CIPHER]: Buffer.from('AES-256-GCM'),
      [KEY_ID]: Buffer.from(keyId),
    },
    data,
  };
}

function decrypt(keys: KeyRing, payload: Payload): Payload {
  if (textOf(payload, ENCODING) !== ENCRYPTED) return payload;
  const sealed = { keyId: textOf(payload, KEY_ID), data: payload.data ?? new Uint8Array() };
  return PayloadMessage.decode(keys.open(sealed, PURPOSE));
}

function textOf({ metadata }: Payload, name: string): string {
  return Buffer.from(metadata?.[name] ?? []).toString();
}
