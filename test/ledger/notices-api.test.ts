import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOTICE_KIND_NAMES } from '../../rules/notice/notice-kinds.ts';
import { DEFAULT_PREFERENCE } from '../../rules/notice/notice-preference.ts';
import { fresh, KEYS, openApiShop, type ApiShop } from '../api/api-shop.ts';

let shop: ApiShop;

beforeAll(async () => {
  shop = await openApiShop();
});
afterAll(() => shop?.close());

describe('preferences', () => {
  const path = '/v1/notices/preferences';

  test('are the defaults until somebody says otherwise, and then theirs alone', async () => {
    expect((await shop.call('GET', path)).body).toEqual(DEFAULT_PREFERENCE);
    const body = {
      kinds: { 'approval-requested': 'digest' },
      quietHours: { from: '22:00', to: '07:00' },
      timeZone: 'America/St_Johns',
      digestHour: 6,
    };
    const wanted = {
      ...body,
      kinds: { ...DEFAULT_PREFERENCE.kinds, 'approval-requested': 'digest' },
    };
    expect(await shop.call('PUT', path, { body })).toMatchObject({ status: 200, body: wanted });
    expect((await shop.call('GET', path)).body).toEqual(wanted);
    expect((await shop.call('GET', path, { key: KEYS.boss })).body).toEqual(DEFAULT_PREFERENCE);
    const quiet = { ...wanted, quietHours: null };
    expect((await shop.call('PUT', path, { body: quiet })).body).toEqual(quiet);
    expect((await shop.call('GET', path)).body).toEqual(quiet);
  });

  test.each([
    ['timeZone', { timeZone: 'Mars/Olympus' }],
    ['digestHour', { digestHour: 24 }],
    ['kinds.approval-requested', { kinds: { 'approval-requested': 'shout' } }],
    ['kinds.nothing', { kinds: { nothing: 'mail' } }],
    ['quietHours.from', { quietHours: { from: '7:00', to: '08:00' } }],
    ['quietHours', { quietHours: { from: '07:00', to: '07:00' } }],
  ])('with a wrong %s are refused', async (field, change) => {
    const body = { ...DEFAULT_PREFERENCE, ...change };
    const answer = await shop.call('PUT', path, { body });
    expect([answer.status, answer.paths]).toEqual([422, [field]]);
  });
});

describe('endpoints', () => {
  const path = '/v1/webhook-endpoints';
  const endpoint = (change: object = {}) => ({
    endpointId: fresh('e'),
    url: 'https://hooks.example.com/loopline',
    kinds: ['exception-urgent'],
    ...change,
  });
  const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;

  test('are given a secret, which is shown once', async () => {
    const body = endpoint();
    const made = await shop.call('PUT', path, { body });
    expect(made).toMatchObject({ status: 200, body: { result: 'created' } });
    expect(made.body['secret']).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const again = await shop.call('PUT', path, { body });
    expect(again.body).toMatchObject({ result: 'unchanged', endpoint: made.body['endpoint'] });
    expect(again.body['secret']).toBeUndefined();
    const { text } = await shop.call('GET', `${path}?limit=200`);
    expect(text).toContain(body.endpointId);
    expect(text).not.toContain('whsec_');
    expect(text).not.toContain(String(made.body['secret']).slice(6));
  });

  test('keep a secret of their caller, which is not shown again', async () => {
    const made = await shop.call('PUT', path, { body: endpoint({ secret }) });
    expect(made.body).toMatchObject({ result: 'created', endpoint: { oldSecretUntil: null } });
    expect(made.text).not.toContain(secret.slice(6));
  });

  test('change their secret with an overlap', async () => {
    const body = endpoint({ secret });
    await shop.call('PUT', path, { body });
    const other = `whsec_${Buffer.alloc(32, 4).toString('base64')}`;
    const changed = await shop.call('PUT', path, {
      body: { ...body, secret: other, overlapHours: 1 },
    });
    const until = new Date(Date.parse(shop.clock.now) + 3_600_000).toISOString();
    expect(changed.body).toMatchObject({ result: 'updated', endpoint: { oldSecretUntil: until } });
  });

  test('have their kinds once each, in one order', async () => {
    const kinds = [...NOTICE_KIND_NAMES].toReversed();
    const { body } = await shop.call('PUT', path, {
      body: endpoint({ kinds: [...kinds.slice(1), 'approval-requested'], secret }),
    });
    expect(body).toMatchObject({ endpoint: { kinds: NOTICE_KIND_NAMES.slice(0, -1) } });
  });

  test.each([
    'http://hooks.example.com/',
    'https://10.0.0.1/hook',
    'https://169.254.169.254/latest/meta-data',
    'https://[fd00::1]/',
    'https://user:pass@example.com/',
    'ftp://example.com/',
    'no URL',
  ])('are not made for %s', async (url) => {
    const before = await shop.digest();
    const answer = await shop.call('PUT', path, { body: endpoint({ url }) });
    expect([answer.status, answer.paths]).toEqual([422, ['url']]);
    expect(await shop.digest()).toBe(before);
  });

  test('may be on this machine, where the setting allows it', async () => {
    const url = 'http://127.0.0.1:4099/hook';
    expect(await shop.call('PUT', path, { body: endpoint({ url }) })).toMatchObject({
      status: 200,
      body: { endpoint: { url, state: 'active' } },
    });
  });

  test.each([
    'whsec_',
    'whsec_AAAA',
    `whsec_${'A'.repeat(100)}`,
    'AAAA',
    `whsec_${'!'.repeat(44)}`,
  ])('take no secret that is none: %s', async (wrong) => {
    const answer = await shop.call('PUT', path, { body: endpoint({ secret: wrong }) });
    expect([answer.status, answer.paths]).toEqual([422, ['secret']]);
  });
});
