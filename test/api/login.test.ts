import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endPerson } from '../../activities/ledger/intake/people.ts';
import { ROLE_NAMES, scopesOf, type Role } from '../../rules/access/roles.ts';
import { Browser } from './browser.ts';
import { logIn, openIdentityShop, PASSWORD, type IdentityShop } from './identity-shop.ts';
import { toolTokens } from './tool-tokens.ts';

const run = promisify(execFile);

/** Who does what at the provider of the sample shop. */
const PEOPLE: Readonly<Record<Role, string>> = {
  warehouse: 'tom.barker',
  support: 'priya.nair',
  finance: 'helen.moss',
  procurement: 'marek.nowak',
  approver: 'grace.okafor',
  ops: 'daniel.reyes',
  admin: 'ines.carvalho',
  connector: 'leo.brandt',
};

let shop: IdentityShop;
const ids = new Map<Role, string>();

beforeAll(async () => {
  shop = await openIdentityShop({ slowsDown: false });
  for (const role of ROLE_NAMES) {
    const reach = role === 'warehouse' ? { nodes: ['south'] } : {};
    ids.set(role, await shop.enter(PEOPLE[role], role, reach));
  }
});
afterAll(() => shop?.close());

const COOKIE = 'loopline';
const session = (browser: Browser) => browser.cookie(shop.origin, COOKIE);
const json = (page: { text: string }) => JSON.parse(page.text) as Record<string, unknown>;

describe('a login', () => {
  test.each(ROLE_NAMES)(
    'as %s leads back to where it began, with the rights of that role',
    async (role) => {
      const browser = new Browser();
      const page = await logIn(shop, browser, PEOPLE[role], '/v1/me?seen=1');
      expect([page.status, page.url.href]).toEqual([200, `${shop.origin}/v1/me?seen=1`]);
      expect(json(page)).toMatchObject({
        id: ids.get(role),
        kind: 'person',
        roles: [role],
        scopes: scopesOf([role]),
        reach: { nodes: role === 'warehouse' ? ['south'] : '*', amountMinor: null },
        session: { csrfToken: expect.any(String), endsAt: expect.any(String) },
      });
      // The provider says what somebody is called; it was entered as the account.
      expect(json(page)['name']).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
    },
  );

  test('stands before what a link leads to, and leads on to it', async () => {
    const item = `${shop.origin}/v1/orders/${encodeURIComponent('order:web:none')}?seen=1`;
    const asked = { headers: { Accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' } };
    const browser = new Browser();
    const form = await browser.go(item, asked);
    const page = await browser.submit(form, { account: PEOPLE.support, password: PASSWORD });
    // Nobody has that order: it is the item itself that answers.
    expect([page.status, page.url.href]).toEqual([404, item]);
    const again = await browser.go(item, asked);
    expect([again.status, again.visited]).toEqual([404, [item]]);
  });

  test.each([
    ['a program', 'GET', { Accept: 'application/json' }],
    ['whoever names nothing', 'GET', {}],
    ['a wrong key', 'GET', { Accept: 'text/html', Authorization: 'Bearer wrong' }],
    ['what changes something', 'POST', { Accept: 'text/html' }],
  ])('is not where %s is led', async (_who, method, headers) => {
    const answer = await new Browser().go(
      `${shop.origin}/v1/orders`,
      { method, headers: headers as Record<string, string> },
      false,
    );
    expect(answer.status).toBe(401);
  });

  test('shows only what lies within reach', async () => {
    const browser = new Browser();
    await logIn(shop, browser, PEOPLE.warehouse);
    const stock = json(await browser.go(`${shop.origin}/v1/stock`));
    expect((stock['data'] as { node: string }[]).map(({ node }) => node)).toEqual(['south']);
    expect((await browser.go(`${shop.origin}/v1/orders`)).status).toBe(403);
    const order = await browser.go(`${shop.origin}/v1/purchase-orders/purchase-order:PO-000001`);
    expect([order.status, json(order)['rule']]).toEqual([403, 'node-out-of-reach']);
  });

  test('leaves a cookie that no script and no other site gets, and of the login nothing', async () => {
    const browser = new Browser();
    await logIn(shop, browser, PEOPLE.support);
    const [cookie = ''] = browser.received.filter((one) => one.startsWith(`${COOKIE}=`));
    expect(cookie).toMatch(/^loopline=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(browser.cookie(shop.origin, 'loopline-login')).toBeUndefined();
    const id = session(browser) ?? '';
    const [row] =
      await shop.owner`select encode(digest, 'hex') as digest from ledger.session order by opened_at desc limit 1`;
    expect(row?.['digest']).toBe(createHash('sha256').update(id).digest('hex'));
  });

  test.each([
    '//evil.example/x',
    'https://evil.example/',
    '/\\evil.example',
    'javascript:alert(1)',
    '',
  ])('leads to no other site: %s', async (to) => {
    const browser = new Browser();
    const page = await logIn(shop, browser, PEOPLE.support, to);
    expect(page.url.href).toBe(`${shop.origin}/v1/me`);
  });

  test('by another name of this machine goes on under the one that the provider knows', async () => {
    const begun = await fetch(`${shop.origin.replace('127.0.0.1', 'localhost')}/login?to=/x`, {
      redirect: 'manual',
    });
    expect([begun.status, begun.headers.get('Location')]).toEqual([
      302,
      `${shop.origin}/login?to=/x`,
    ]);
  });

  test('with a wrong password ends at the provider, and opens nothing', async () => {
    const browser = new Browser();
    const form = await browser.go(`${shop.origin}/login`);
    const page = await browser.submit(form, { account: PEOPLE.support, password: 'wrong' });
    expect([page.status, page.url.origin]).toEqual([401, shop.issuer]);
    expect(page.text).toContain('The account or the password is wrong.');
    expect(session(browser)).toBeUndefined();
    // The form is still good.
    expect(
      (await browser.submit(page, { account: PEOPLE.support, password: PASSWORD })).status,
    ).toBe(200);
  });

  test('of somebody whom the provider knows and the shop does not is refused by its rule', async () => {
    await shop.configure({
      people: [
        {
          account: 'eve',
          name: 'Eve',
          email: 'eve@loopline.example',
          emailVerified: true,
          job: 'none',
        },
      ],
    });
    const browser = new Browser();
    const page = await logIn(shop, browser, 'eve');
    expect([page.status, json(page)['rule']]).toEqual([403, 'person-unknown']);
    expect(session(browser)).toBeUndefined();
  });

  test('by an address that the provider does not vouch for is nobody’s', async () => {
    await shop.configure({
      people: [
        {
          account: 'mallory',
          name: 'M',
          email: 'boss@loopline.example',
          emailVerified: false,
          job: 'none',
        },
      ],
    });
    await shop.enter('boss', 'admin');
    const page = await logIn(shop, new Browser(), 'mallory');
    expect([page.status, json(page)['rule']]).toEqual([403, 'person-unknown']);
  });
});

describe('what comes back from the provider', () => {
  test('counts in the browser that began it alone, and once', async () => {
    await shop.configure({ people: [...(await people())] });
    const browser = new Browser();
    const form = await browser.go(`${shop.origin}/login`);
    const page = await browser.submit(form, { account: PEOPLE.support, password: PASSWORD });
    const callback =
      page.visited.find((url) => url.startsWith(`${shop.origin}/login/callback`)) ?? '';
    expect(callback).toMatch(/[?&]code=.*state=|[?&]state=.*code=/);
    const other = await new Browser().go(callback);
    expect([other.status, json(other)['title']]).toEqual([400, 'LoginExpired']);
    const again = await browser.go(callback);
    expect([again.status, json(again)['title']]).toEqual([400, 'LoginExpired']);
  });

  test('with another state, a code of others or an error is refused', async () => {
    for (const change of [
      (url: URL) => url.searchParams.set('state', 'another'),
      (url: URL) => url.searchParams.set('code', 'made-up'),
      (url: URL) => {
        url.searchParams.delete('code');
        url.searchParams.set('error', 'access_denied');
      },
    ]) {
      const browser = new Browser();
      const begun = await browser.go(`${shop.origin}/login`, {}, false);
      const state = new URL(begun.headers.get('Location') ?? '').searchParams.get('state') ?? '';
      const callback = new URL(`${shop.origin}/login/callback?code=x&iss=${shop.issuer}`);
      callback.searchParams.set('state', state);
      change(callback);
      const page = await browser.go(callback.href);
      expect([page.status, json(page)['title']], page.text).toEqual([401, 'Unauthorized']);
      expect(session(browser)).toBeUndefined();
    }
  });

  test('may come to another process than the one that began it', async () => {
    const other = await shop.another();
    const browser = new Browser();
    const begun = await browser.go(`${shop.origin}/login`, {}, false);
    const form = await browser.go(begun.headers.get('Location') ?? '');
    const action = /action="([^"]+)"/.exec(form.text)?.[1] ?? '';
    const body = new URLSearchParams({ account: PEOPLE.support, password: PASSWORD });
    let page = await browser.go(new URL(action, form.url).href, { method: 'POST', body }, false);
    page = await browser.go(new URL(page.headers.get('Location') ?? '', page.url).href, {}, false);
    const callback = new URL(page.headers.get('Location') ?? '');
    expect(callback.pathname).toBe('/login/callback');
    const kept = browser.cookie(shop.origin, 'loopline-login') ?? '';
    const answer = await other.request(`${callback.pathname}${callback.search}`, {
      headers: { Cookie: `loopline-login=${kept}` },
    });
    expect(answer.status).toBe(302);
    expect(answer.headers.getSetCookie().some((cookie) => cookie.startsWith('loopline='))).toBe(
      true,
    );
  });

  test('a login that took too long is over', async () => {
    const browser = new Browser();
    const begun = await browser.go(`${shop.origin}/login`, {}, false);
    const state = new URL(begun.headers.get('Location') ?? '').searchParams.get('state') ?? '';
    shop.clock.aheadMs = 11 * 60_000;
    const page = await browser.go(`${shop.origin}/login/callback?code=x&state=${state}`);
    shop.clock.aheadMs = 0;
    expect([page.status, json(page)['title']]).toEqual([400, 'LoginExpired']);
  });
});

const me = (browser: Browser) => browser.go(`${shop.origin}/v1/me`);

describe('a session', () => {
  test('ends with a logout, at once and for every process', async () => {
    const browser = new Browser();
    const page = await logIn(shop, browser, PEOPLE.support);
    const { csrfToken } = json(page)['session'] as { csrfToken: string };
    const cookie = session(browser);
    expect(cookie).toBeDefined();
    const headers = { 'X-CSRF-Token': csrfToken };
    const out = await browser.go(`${shop.origin}/logout`, { method: 'POST', headers });
    expect([out.status, json(out)]).toEqual([200, { ended: true }]);
    expect(session(browser)).toBeUndefined();
    const old = await fetch(`${shop.origin}/v1/me`, { headers: { Cookie: `loopline=${cookie}` } });
    expect(old.status).toBe(401);
  });

  test('ends half an hour after its last request, and after eight hours in any case', async () => {
    const browser = new Browser();
    await logIn(shop, browser, PEOPLE.finance);
    const statuses: number[] = [];
    for (let minutes = 29; minutes < 8 * 60; minutes += 29) {
      shop.clock.aheadMs = minutes * 60_000;
      statuses.push((await me(browser)).status);
    }
    expect(new Set(statuses)).toEqual(new Set([200]));
    shop.clock.aheadMs = 8 * 3_600_000;
    expect((await me(browser)).status).toBe(401);
    shop.clock.aheadMs = 0;
    const idle = new Browser();
    await logIn(shop, idle, PEOPLE.finance);
    shop.clock.aheadMs = 31 * 60_000;
    expect((await me(idle)).status).toBe(401);
    shop.clock.aheadMs = 0;
  });

  test('ends at once when its person leaves, who logs in no more', async () => {
    const id = await shop.enter('leaver', 'support');
    const known = await people();
    await shop.configure({
      people: [
        ...known,
        {
          account: 'leaver',
          name: 'L',
          email: 'leaver@loopline.example',
          emailVerified: true,
          job: 'none',
        },
      ],
    });
    const browser = new Browser();
    expect((await logIn(shop, browser, 'leaver')).status).toBe(200);
    await endPerson(shop.ledger, { personId: id, at: shop.now() });
    await expect.poll(async () => (await me(browser)).status, { timeout: 5_000 }).toBe(401);
    const again = await logIn(shop, new Browser(), 'leaver');
    expect([again.status, json(again)['rule']]).toEqual([403, 'person-left']);
    await shop.configure({ people: known });
  });

  test('that nobody has opened is nobody’s', async () => {
    for (const cookie of ['x', randomBytes(32).toString('base64url'), ''])
      expect(
        (await fetch(`${shop.origin}/v1/me`, { headers: { Cookie: `loopline=${cookie}` } })).status,
      ).toBe(401);
  });
});

describe('a tool with a token of the provider', () => {
  test('is its person, as long as the token counts and the person works here', async () => {
    const { accessToken, idToken } = await toolTokens(shop.issuer, PEOPLE.procurement);
    const known = await bearer(accessToken);
    expect([known.status, await known.json()]).toMatchObject([
      200,
      { id: ids.get('procurement'), roles: ['procurement'], session: null },
    ]);
    // What says who logged in is no key to anything.
    expect((await bearer(idToken)).status).toBe(401);
    shop.clock.aheadMs = 11 * 60_000;
    expect((await bearer(accessToken)).status).toBe(401);
    shop.clock.aheadMs = 0;
    const [head, claims] = accessToken.split('.');
    expect((await bearer(`${head}.${claims}.AAAA`)).status).toBe(401);
  });

  test('is refused where the token is for others, or for nobody who works here', async () => {
    await shop.configure({ audience: 'urn:other:api' });
    const { accessToken } = await toolTokens(shop.issuer, PEOPLE.procurement, 'urn:other:api');
    expect((await bearer(accessToken)).status).toBe(401);
    await shop.configure({ audience: 'urn:loopline:api' });
    const known = await people();
    await shop.configure({
      people: [
        ...known,
        {
          account: 'stranger',
          name: 'S',
          email: 'stranger@loopline.example',
          emailVerified: true,
          job: 'none',
        },
      ],
    });
    const strange = await toolTokens(shop.issuer, 'stranger');
    expect((await bearer(strange.accessToken)).status).toBe(401);
    await shop.configure({ people: known });
  });
});

test('curl and a cookie jar are enough to log in', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'loopline-curl-'));
  const jar = ['-c', join(folder, 'jar'), '-b', join(folder, 'jar')];
  const curl = async (...args: string[]) =>
    (await run('curl', ['-sL', '--max-time', '20', ...jar, ...args])).stdout;
  const form = await curl('-o', '/dev/null', '-w', '%{url_effective}', `${shop.origin}/login`);
  expect(form.startsWith(`${shop.issuer}/interaction/`)).toBe(true);
  const page = await curl(form, '-d', `account=${PEOPLE.approver}`, '-d', `password=${PASSWORD}`);
  expect(JSON.parse(page)).toMatchObject({ id: ids.get('approver'), roles: ['approver'] });
  expect(JSON.parse(await curl(`${shop.origin}/v1/approvals`))).toHaveProperty('data');
  await rm(folder, { recursive: true, force: true });
});

test('nothing unexpected was met on the way, and while the provider is away a login is not now', async () => {
  expect(shop.reported).toEqual([]);
  await shop.stopProvider();
  const other = await shop.another();
  const answer = await other.request(`${shop.origin}/login`);
  expect([answer.status, answer.headers.get('Retry-After')]).toEqual([503, '1']);
  expect(await answer.json()).toMatchObject({ title: 'ProviderUnavailable' });
});

async function people(): Promise<object[]> {
  const jobs = Object.entries(PEOPLE);
  return jobs.map(([job, account]) => ({
    account,
    name: account
      .split('.')
      .map((part) => `${part.charAt(0).toUpperCase()}${part.slice(1)}`)
      .join(' '),
    email: `${account}@loopline.example`,
    emailVerified: true,
    job,
  }));
}

function bearer(token: string): Promise<Response> {
  return fetch(`${shop.origin}/v1/me`, { headers: { Authorization: `Bearer ${token}` } });
}
