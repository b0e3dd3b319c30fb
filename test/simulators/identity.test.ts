import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { RunningSimulators } from '../../simulators/start-simulators.ts';
import { send, startForTest } from './running.ts';

let simulators: RunningSimulators;
let url: string;

beforeAll(async () => {
  simulators = await startForTest({ apiUrl: 'http://127.0.0.1:3999' });
  url = simulators.urls.identity;
});
afterAll(() => simulators?.stop());

const ask = (change: Readonly<Record<string, string>>, left: readonly string[] = []) => {
  const asked = new URL(`${url}/auth`);
  const parameters = {
    client_id: 'loopline',
    response_type: 'code',
    redirect_uri: 'http://127.0.0.1:3999/login/callback',
    scope: 'openid profile email',
    state: 'st',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...change,
  };
  for (const [name, value] of Object.entries(parameters))
    if (!left.includes(name)) asked.searchParams.set(name, value);
  return fetch(asked, { redirect: 'manual' });
};

test('describes itself under its own name, and signs with a public key of its own', async () => {
  const described = await send('GET', `${url}/.well-known/openid-configuration`);
  expect(described.body).toMatchObject({
    issuer: url,
    authorization_endpoint: `${url}/auth`,
    token_endpoint: `${url}/token`,
    code_challenge_methods_supported: ['S256'],
  });
  const { keys } = z
    .object({ keys: z.array(z.record(z.string(), z.string())) })
    .parse((await send('GET', String(described.body['jwks_uri']))).body);
  expect(keys).toHaveLength(1);
  expect(Object.keys(keys[0] ?? {})).not.toContain('d');
});

test('asks for account and password, and says who there is', async () => {
  const answer = await ask({});
  expect(answer.status).toBe(303);
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
  const form = await fetch(new URL(answer.headers.get('Location') ?? '', url), {
    headers: { Cookie: cookies.join('; ') },
  });
  const page = await form.text();
  expect(form.status).toBe(200);
  expect(page).toMatch(/<input name="account"[^>]*>[^]*<input name="password" type="password"/);
  expect(page).toContain('<td>Tom Barker</td><td>warehouse</td>');
  // Another browser does not get on with it.
  expect((await fetch(new URL(answer.headers.get('Location') ?? '', url))).status).toBe(400);
});

test('refuses a login without proof of who began it', async () => {
  const answer = await ask({}, ['code_challenge', 'code_challenge_method']);
  const back = new URL(answer.headers.get('Location') ?? '');
  expect([back.origin, back.searchParams.get('error'), back.searchParams.get('state')]).toEqual([
    'http://127.0.0.1:3999',
    'invalid_request',
    'st',
  ]);
});

test.each([
  ['a stranger', { client_id: 'stranger' }],
  ['an address that nobody told it', { redirect_uri: 'https://evil.example/callback' }],
])('sends nobody back to %s', async (_name, change) => {
  const answer = await ask(change);
  expect([answer.status, answer.headers.get('Location')]).toEqual([400, null]);
  expect(await answer.text()).toContain('That did not work');
});

test('gives nothing for a code that it has not given out, or without the secret of its client', async () => {
  const exchange = (secret: string) =>
    fetch(`${url}/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`loopline:${secret}`).toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: 'made-up',
        redirect_uri: 'http://127.0.0.1:3999/login/callback',
        code_verifier: 'v'.repeat(43),
      }),
    });
  const secret = 'a secret for this test';
  expect((await send('PUT', `${url}/_sim/settings`, { clientSecret: secret })).status).toBe(200);
  const [wrong, right] = [await exchange('wrong'), await exchange(secret)];
  expect([wrong.status, await wrong.json()]).toMatchObject([401, { error: 'invalid_client' }]);
  expect([right.status, await right.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
});

test('shows its settings without the secret', async () => {
  const { body } = await send('GET', `${url}/_sim/settings`);
  expect(body).toMatchObject({ clientId: 'loopline', audience: 'urn:loopline:api' });
  expect(Object.keys(body)).not.toContain('clientSecret');
});
