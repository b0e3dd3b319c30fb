import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { Browser } from './browser.ts';
import { PASSWORD } from './identity-shop.ts';

/** As a command-line tool does it: a code with proof, exchanged for tokens without a secret. */
export async function toolTokens(
  issuer: string,
  account: string,
  resource = 'urn:loopline:api',
): Promise<{ accessToken: string; idToken: string }> {
  const verifier = randomBytes(32).toString('base64url');
  const redirect = 'http://127.0.0.1/callback';
  const ask = new URL(`${issuer}/auth`);
  ask.search = new URLSearchParams({
    client_id: 'loopline-tools',
    response_type: 'code',
    redirect_uri: redirect,
    scope: 'openid api',
    resource,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const browser = new Browser();
  const form = await browser.go(ask.href);
  const action = /action="([^"]+)"/.exec(form.text)?.[1] ?? '';
  const body = new URLSearchParams({ account, password: PASSWORD });
  const posted = await browser.go(new URL(action, form.url).href, { method: 'POST', body }, false);
  const resumed = await browser.go(
    new URL(posted.headers.get('Location') ?? '', posted.url).href,
    {},
    false,
  );
  const code = new URL(resumed.headers.get('Location') ?? '').searchParams.get('code') ?? '';
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'loopline-tools',
      code,
      redirect_uri: redirect,
      code_verifier: verifier,
    }),
  });
  const tokens = (await response.json()) as { access_token: string; id_token: string };
  expect(response.status, JSON.stringify(tokens)).toBe(200);
  return { accessToken: tokens.access_token, idToken: tokens.id_token };
}
