import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from './browser.ts';
import { API_KEY, logIn, openIdentityShop, type IdentityShop } from './identity-shop.ts';

let shop: IdentityShop;
let browser: Browser;
let token: string;

beforeAll(async () => {
  shop = await openIdentityShop();
  await shop.enter('ines.carvalho', 'admin');
  browser = new Browser();
  const page = await logIn(shop, browser, 'ines.carvalho');
  const { session } = JSON.parse(page.text) as { session: { csrfToken: string } };
  token = session.csrfToken;
});
afterAll(() => shop?.close());

let number = 0;
const channels = async () => {
  const [row] = await shop.owner<
    { count: number }[]
  >`select count(*)::int as count from ledger.channel`;
  return row?.count ?? 0;
};

/** A change that the admin may make. */
function change(headers: Readonly<Record<string, string>>) {
  number += 1;
  return browser.go(`${shop.origin}/v1/channels`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify([{ channel: `c-${number}`, name: 'C', kind: 'web-shop' }]),
  });
}

describe('a change by a browser with a session', () => {
  test.each<[string, (token: string, origin: string) => Record<string, string>]>([
    ['with its token', (own) => ({ 'X-CSRF-Token': own })],
    [
      'with its token, from a page of this address',
      (own, origin) => ({ 'X-CSRF-Token': own, Origin: origin, 'Sec-Fetch-Site': 'same-origin' }),
    ],
  ])('is made %s', async (_name, headers) => {
    const before = await channels();
    const page = await change(headers(token, shop.origin));
    expect(page.status, page.text).toBe(207);
    expect(await channels()).toBe(before + 1);
  });

  test.each<[string, string, (token: string) => Record<string, string>]>([
    ['without a token', 'csrf-token', () => ({})],
    ['with another token', 'csrf-token', (own) => ({ 'X-CSRF-Token': `${own}x` })],
    [
      'from a page of another site, even with the token',
      'other-site',
      (own) => ({ 'X-CSRF-Token': own, Origin: 'https://evil.example' }),
    ],
    [
      'that another site makes the browser send',
      'other-site',
      (own) => ({ 'X-CSRF-Token': own, 'Sec-Fetch-Site': 'cross-site' }),
    ],
  ])('is refused %s, and changes nothing', async (_name, rule, headers) => {
    const before = await channels();
    const page = await change(headers(token));
    expect([page.status, JSON.parse(page.text)]).toMatchObject([
      403,
      { title: 'AccessDenied', rule },
    ]);
    expect(await channels()).toBe(before);
  });

  test('is refused with the token of another session of the same person', async () => {
    const other = new Browser();
    await logIn(shop, other, 'ines.carvalho');
    const page = await other.go(`${shop.origin}/v1/channels`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': token },
      body: '[]',
    });
    expect([page.status, JSON.parse(page.text)['rule']]).toEqual([403, 'csrf-token']);
  });
});

test('to read takes no token, and a logout takes one', async () => {
  expect((await browser.go(`${shop.origin}/v1/channels`)).status).toBe(200);
  expect((await browser.go(`${shop.origin}/logout`, { method: 'POST' })).status).toBe(403);
  expect((await browser.go(`${shop.origin}/v1/me`)).status).toBe(200);
});

test('whoever shows a key is asked for no token: no browser adds a key by itself', async () => {
  const headers = { Authorization: `Bearer ${API_KEY}`, 'Sec-Fetch-Site': 'cross-site' };
  expect((await change(headers)).status).toBe(207);
});

test('every answer says what browsers must not do with it', async () => {
  for (const path of ['/v1/me', '/v1/orders', '/login', '/v1/nothing']) {
    const { headers } = await browser.go(`${shop.origin}${path}`, {}, false);
    expect(headers.get('X-Content-Type-Options'), path).toBe('nosniff');
    expect(headers.get('X-Frame-Options'), path).toBe('DENY');
    expect(headers.get('Cache-Control'), path).toBe('no-store');
    expect(headers.get('Referrer-Policy'), path).toBe('no-referrer');
    expect(headers.get('Strict-Transport-Security'), path).toMatch(/^max-age=\d{8}/);
  }
});
