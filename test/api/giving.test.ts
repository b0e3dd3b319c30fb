import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Reach } from '../../rules/access/decide-access.ts';
import type { Role } from '../../rules/access/roles.ts';
import { Browser } from './browser.ts';
import { API_KEY, logIn, openIdentityShop, type IdentityShop } from './identity-shop.ts';

type Json = Record<string, unknown>;

const EVERYWHERE = { nodes: '*', channels: '*', regions: '*', amountMinor: null };
const CONNECTOR = {
  name: 'web shop',
  roles: ['connector'],
  scopes: ['orders:read', 'orders:place'],
  reach: { ...EVERYWHERE, channels: ['web'] },
};

let shop: IdentityShop;

beforeAll(async () => {
  shop = await openIdentityShop();
});
afterAll(() => shop?.close());

/** As the installation's own programs, which may do everything. */
async function asOperator(method: string, path: string, body?: unknown) {
  const response = await shop.app.request(path, {
    method,
    headers: { Authorization: `Bearer ${API_KEY}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Json };
}

async function makeAsOperator(body: object): Promise<string> {
  return String((await asOperator('POST', '/v1/keys', body)).body['id']);
}

/** Logs somebody in; what they send carries their token. */
async function signedIn(account: string, role: Role, reach: Partial<Reach> = {}) {
  const id = await shop.enter(account, role, reach);
  const browser = new Browser();
  const page = await logIn(shop, browser, account);
  const { session } = JSON.parse(page.text) as { session: { csrfToken: string } };
  const send = async (method: string, path: string, body?: unknown) => {
    const { status, text } = await browser.go(`${shop.origin}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': session.csrfToken },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status, body: JSON.parse(text) as Json };
  };
  return { id, send };
}

describe('whoever gives rights', () => {
  test('makes no key that does what they may not, and rotates none', async () => {
    const { id: ines, send } = await signedIn('ines.carvalho', 'admin');
    expect(await send('POST', '/v1/keys', CONNECTOR)).toMatchObject({
      status: 403,
      body: { title: 'AccessDenied', rule: 'scope-missing' },
    });
    const reading = { ...CONNECTOR, scopes: ['orders:read'] };
    expect(await send('POST', '/v1/keys', reading)).toMatchObject({ status: 201 });
    const id = await makeAsOperator({ ...CONNECTOR, scopes: ['orders:place'] });
    expect(await send('POST', `/v1/keys/${id}/rotations`, {})).toMatchObject({ status: 403 });
    expect(await send('DELETE', `/v1/keys/${id}`)).toMatchObject({
      status: 200,
      body: { revokedBy: ines },
    });
    const [refused] = await shop.owner`
      select reason from ledger.audit where act = 'access-refused' and subject_id = 'POST /v1/keys'`;
    expect(refused).toMatchObject({ reason: 'scope-missing' });
  });

  test('does not end themself, nor the last who gives rights everywhere', async () => {
    const { id, send } = await signedIn('ines.carvalho', 'admin');
    expect(await send('DELETE', `/v1/people/${id}`)).toMatchObject({
      status: 403,
      body: { rule: 'own-rights' },
    });
    await shop.owner`update ledger.person set roles = '{ops}' where 'admin' = any (roles) and person_id <> ${id}`;
    expect(await asOperator('DELETE', `/v1/people/${id}`)).toMatchObject({
      status: 409,
      body: { rule: 'last-admin' },
    });
  });

  test('within a reach gives, changes and takes within it, and the refusal is in the audit', async () => {
    const { id, send } = await signedIn('leo.brandt', 'admin', { channels: ['web'] });
    const element = {
      issuer: shop.issuer,
      subject: 'somebody-new',
      name: 'New',
      roles: ['admin'],
      reach: EVERYWHERE,
    };
    const within = { ...element, reach: { ...EVERYWHERE, channels: ['web'] } };
    expect((await send('PUT', '/v1/people', [element])).body['results']).toMatchObject([
      { result: 'refused', errors: [{ path: 'reach.channels' }] },
    ]);
    expect((await send('PUT', '/v1/people', [within])).body['results']).toMatchObject([
      { result: 'created' },
    ]);
    const [refused] = await shop.owner`
      select reason, actor from ledger.audit where act = 'access-refused' and subject_id = 'PUT /v1/people'`;
    expect(refused).toMatchObject({ reason: 'channel-out-of-reach', actor: id });
  });
});

test('nothing unexpected was met', () => {
  expect(shop.reported).toEqual([]);
});
