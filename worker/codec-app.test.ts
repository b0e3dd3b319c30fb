import { defaultPayloadConverter } from '@temporalio/common';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseKeyRing } from '../activities/sealing/key-ring.ts';
import { createCodecApp } from './codec-app.ts';
import { encryptingCodec } from './payload-codec.ts';

const KEY = 'a-key-of-the-codec-server';
const UI = 'http://127.0.0.1:8233';
const codec = encryptingCodec(parseKeyRing(`k1:${Buffer.alloc(32, 1).toString('base64')}`));
const bearer = { Authorization: `Bearer ${KEY}` };
/** `{"state":"done"}` as a payload in JSON. */
const READABLE = {
  metadata: { encoding: Buffer.from('json/plain').toString('base64') },
  data: Buffer.from('{"state":"done"}').toString('base64'),
};

let clock = 0;
const reported: unknown[] = [];
const appOver = (own: typeof codec) =>
  createCodecApp({
    codec: own,
    key: KEY,
    uiOrigins: [UI],
    reportError: (error) => reported.push(error),
    now: () => clock,
  });
let app = appOver(codec);
beforeEach(() => {
  clock = 0;
  app = appOver(codec);
});

function post(path: string, body: unknown, headers: Readonly<Record<string, string>> = bearer) {
  return app.request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Namespace': 'default', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

test('what it encodes it decodes again, as Temporal writes payloads in JSON', async () => {
  const encoded = await post('/encode', { payloads: [READABLE, READABLE] });
  expect(encoded.status).toBe(200);
  const sealed = (await encoded.json()) as { payloads: (typeof READABLE)[] };
  expect(sealed.payloads).toHaveLength(2);
  expect(sealed.payloads[0]?.data).not.toBe(READABLE.data);
  expect(await (await post('/decode', sealed)).json()).toEqual({ payloads: [READABLE, READABLE] });
});

test('decodes what a worker has written, and leaves readable payloads as they are', async () => {
  const [payload] = await codec.encode([defaultPayloadConverter.toPayload({ id: 'order:web:1' })]);
  const fields = Object.entries(payload?.metadata ?? {});
  const given = {
    metadata: Object.fromEntries(
      fields.map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
    ),
    data: Buffer.from(payload?.data ?? []).toString('base64'),
  };
  const answer = await post('/decode', { payloads: [given, READABLE] });
  const { payloads } = (await answer.json()) as { payloads: (typeof READABLE)[] };
  expect(payloads.map(({ data }) => Buffer.from(data, 'base64').toString())).toEqual([
    '{"id":"order:web:1"}',
    '{"state":"done"}',
  ]);
});

describe('nothing is shown', () => {
  test.each([
    ['without a key', {}],
    ['with another key', { Authorization: 'Bearer a-key-of-the-codec-serveR' }],
    ['with the key in another scheme', { Authorization: `Basic ${KEY}` }],
    ['with a cookie that nobody gave out', { Cookie: 'loopline-codec=forged' }],
  ])('%s', async (_name, headers) => {
    for (const path of ['/decode', '/encode']) {
      const answer = await post(path, { payloads: [READABLE] }, headers);
      expect(answer.status).toBe(401);
      expect(await answer.text()).not.toContain(READABLE.data);
    }
  });

  test('of a payload whose key is unknown here: the answer names the key', async () => {
    const other = encryptingCodec(parseKeyRing(`gone:${Buffer.alloc(32, 2).toString('base64')}`));
    const sealed = await appOver(other).request('/encode', {
      method: 'POST',
      headers: bearer,
      body: JSON.stringify({ payloads: [READABLE] }),
    });
    const answer = await post('/decode', await sealed.text());
    expect([answer.status, await answer.json()]).toEqual([
      422,
      { message: 'no key "gone" is known here, only k1' },
    ]);
  });

  test.each(['', '{}', '{"payloads":1}', '{"payloads":[{"data":"no base64!"}]}', '[]'])(
    'of a body that holds no payloads: %s',
    async (text) => {
      expect((await post('/decode', text)).status).toBe(400);
    },
  );
});

describe('a browser', () => {
  const preflight = (origin: string) =>
    app.request('/decode', {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    });

  test('may ask from pages of the UI, with its cookie, and from nowhere else', async () => {
    const allowed = await preflight(UI);
    expect(allowed.headers.get('Access-Control-Allow-Origin')).toBe(UI);
    expect(allowed.headers.get('Access-Control-Allow-Credentials')).toBe('true');
    expect(allowed.headers.get('Access-Control-Allow-Headers')).toContain('X-Namespace');
    const other = await preflight('http://evil.example');
    expect(other.headers.get('Access-Control-Allow-Origin')).toBeNull();
  });

  const signIn = (key: string) =>
    app.request('/sign-in', { method: 'POST', body: new URLSearchParams({ key }) });

  test('signs in once with the key, and is forgotten after eight hours', async () => {
    expect((await signIn('wrong')).status).toBe(401);
    const answer = await signIn(KEY);
    const cookie = answer.headers.get('Set-Cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    expect(cookie).not.toContain(KEY);
    const headers = { Cookie: cookie.split(';', 1)[0] ?? '' };
    clock = 8 * 3_600_000 - 1;
    expect((await post('/decode', { payloads: [READABLE] }, headers)).status).toBe(200);
    clock = 8 * 3_600_000;
    expect((await post('/decode', { payloads: [READABLE] }, headers)).status).toBe(401);
  });
});

test('after all of this nothing has gone wrong that nobody expected', () => {
  expect(reported).toEqual([]);
});
