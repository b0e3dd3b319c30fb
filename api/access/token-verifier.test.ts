import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tokenVerifier, type TokenVerifier } from './token-verifier.ts';

const ISSUER = 'https://people.example';
const AUDIENCE = 'urn:loopline:api';
const NOW_MS = Date.parse('2026-11-21T09:00:00Z');
const NOW = NOW_MS / 1_000;

let server: Server;
let verifier: TokenVerifier;
let key: CryptoKey;
let strange: CryptoKey;

beforeAll(async () => {
  const [own, other] = [await generateKeyPair('ES256'), await generateKeyPair('ES256')];
  key = own.privateKey;
  strange = other.privateKey;
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(own.publicKey)), alg: 'ES256' }] });
  server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(jwks);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  verifier = tokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keysUrl: async () => new URL(`http://127.0.0.1:${port}/jwks`),
  });
});
afterAll(() => server?.close());

const CLAIMS: JWTPayload = { iss: ISSUER, aud: AUDIENCE, sub: 'anna', iat: NOW, exp: NOW + 60 };

/** A token like any other but for these claims; null leaves one out. */
function token(
  claims: Readonly<Record<string, unknown>> = {},
  { typ = 'at+jwt', by = key }: { typ?: string; by?: CryptoKey } = {},
) {
  const given = Object.entries({ ...CLAIMS, ...claims }).filter(([, value]) => value !== null);
  return new SignJWT(Object.fromEntries(given)).setProtectedHeader({ alg: 'ES256', typ }).sign(by);
}

test('a token of the provider for this API says who somebody is', async () => {
  const said = { name: 'Anna', email: 'a@shop.example', email_verified: true };
  expect(await verifier.verify(await token(said), NOW_MS)).toEqual({
    issuer: ISSUER,
    subject: 'anna',
    name: 'Anna',
    email: 'a@shop.example',
    emailVerified: true,
    endsAtMs: (NOW + 65) * 1_000,
  });
  expect(await verifier.verify(await token({ email_verified: 'true' }), NOW_MS)).toMatchObject({
    name: null,
    email: null,
    emailVerified: false,
  });
});

test.each<[string, () => Promise<string> | string]>([
  ['no token', () => 'abc'],
  ['of three empty parts', () => '..'],
  ['of another issuer', () => token({ iss: 'https://others.example' })],
  ['for another audience', () => token({ aud: 'urn:other:api' })],
  ['an ID token', () => token({}, { typ: 'JWT' })],
  ['that is over', () => token({ exp: NOW - 6 })],
  ['that has no end', () => token({ exp: null })],
  ['that is of nobody', () => token({ sub: '' })],
  ['that counts later', () => token({ nbf: NOW + 60 })],
  ['signed by somebody else', () => token({}, { by: strange })],
  [
    'signed by nobody',
    () => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${part({ alg: 'none', typ: 'at+jwt' })}.${part(CLAIMS)}.`;
    },
  ],
  [
    'changed after it was signed',
    async () => {
      const [head, , signature] = (await token()).split('.');
      const claims = Buffer.from(JSON.stringify({ ...CLAIMS, sub: 'boss' })).toString('base64url');
      return `${head}.${claims}.${signature}`;
    },
  ],
])('refused: %s', async (_name, make) => {
  expect(await verifier.verify(await make(), NOW_MS)).toBeUndefined();
});

test('a provider that cannot be reached is not the fault of the token', async () => {
  const away = tokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keysUrl: async () => new URL('http://127.0.0.1:9/jwks'),
  });
  await expect(away.verify(await token(), NOW_MS)).rejects.toMatchObject({
    type: 'ProviderUnavailable',
  });
});
