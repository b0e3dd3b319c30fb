import { createRequire } from 'node:module';
import { ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common';
import { expect, test } from 'vitest';
import { parseKeyRing } from '../activities/sealing/key-ring.ts';
import { encryptingCodec, encryptingConverter } from './payload-codec.ts';

const keyOf = (fill: number) => Buffer.alloc(32, fill).toString('base64');
const codecOf = (keys: string) => encryptingCodec(parseKeyRing(keys));
const codec = codecOf(`k1:${keyOf(1)}`);
const CUSTOMER = 'Ada Lovelace, 12 Analytical Row';

function payloadOf(value: unknown): Payload {
  return defaultPayloadConverter.toPayload(value);
}

const valuesOf = (payloads: Payload[]) =>
  payloads.map((payload) => defaultPayloadConverter.fromPayload<unknown>(payload));

const textOf = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString();

test('every kind of value comes back as it was, in its order', async () => {
  const values = [{ processId: 'order:web:1' }, 'text', 7, true, [CUSTOMER], undefined, null];
  const encoded = await codec.encode(values.map(payloadOf));
  expect(valuesOf(await codec.decode(encoded))).toEqual(values);
  expect(await codec.encode([])).toEqual([]);
});

test('what goes to the server names its key and cipher, and shows nothing of the content', async () => {
  const [encoded] = await codec.encode([payloadOf({ customer: CUSTOMER })]);
  const names = Object.entries(encoded?.metadata ?? {}).map(([name, value]) => [
    name,
    textOf(value),
  ]);
  expect(Object.fromEntries(names)).toEqual({
    encoding: 'binary/encrypted',
    'encryption-cipher': 'AES-256-GCM',
    'encryption-key-id': 'k1',
  });
  expect(textOf(encoded?.data)).not.toContain('customer');
  expect(textOf(encoded?.data)).not.toContain('Analytical');
});

test('what was written before encryption was turned on is read as it is', async () => {
  const readable = payloadOf({ state: 'completed' });
  expect(await codec.decode([readable])).toEqual([readable]);
});

test('a rotated ring reads what the old key wrote, and writes with the new one', async () => {
  const old = await codec.encode([payloadOf('old')]);
  const rotated = codecOf(`k2:${keyOf(2)},k1:${keyOf(1)}`);
  expect(valuesOf(await rotated.decode(old))).toEqual(['old']);
  const [fresh] = await rotated.encode([payloadOf('new')]);
  expect(textOf(fresh?.metadata?.['encryption-key-id'])).toBe('k2');
});

test('an unknown key is named, a wrong one and a changed payload are refused, and none shows content', async () => {
  const [encoded] = await codec.encode([payloadOf(CUSTOMER)]);
  if (encoded === undefined) throw new Error('nothing was encoded');
  const changed = { ...encoded, data: Buffer.from(encoded.data ?? []).fill(0, 20, 24) };
  const unnamed = { ...encoded, metadata: { encoding: Buffer.from('binary/encrypted') } };
  const refusals = await Promise.all([
    messageOf(codecOf(`k2:${keyOf(2)}`).decode([encoded])),
    messageOf(codecOf(`k1:${keyOf(3)}`).decode([encoded])),
    messageOf(codec.decode([changed])),
    messageOf(codec.decode([unnamed])),
  ]);
  expect(refusals).toEqual([
    'no key "k1" is known here, only k2',
    'key "k1" does not open it: it is another key, or the text was changed',
    'key "k1" does not open it: it is another key, or the text was changed',
    'no key "" is known here, only k1',
  ]);
});

test('without keys nothing is converted, with keys failures are written as payloads too', async () => {
  expect(encryptingConverter(undefined)).toBeUndefined();
  const path = encryptingConverter(parseKeyRing(`k1:${keyOf(1)}`))?.failureConverterPath ?? '';
  // The way in which the SDK loads it.
  const { failureConverter } = createRequire(import.meta.url)(path) as {
    failureConverter: {
      errorToFailure(error: unknown, converter: unknown): { message: string; stackTrace: string };
    };
  };
  const failure = failureConverter.errorToFailure(
    ApplicationFailure.nonRetryable(`${CUSTOMER} does not exist`),
    defaultPayloadConverter,
  );
  expect(failure).toMatchObject({ message: 'Encoded failure', stackTrace: '' });
});

async function messageOf(act: Promise<unknown>): Promise<string> {
  return act.then(
    () => 'it was read',
    (error: Error) => error.message,
  );
}
