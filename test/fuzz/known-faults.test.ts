import { afterAll, beforeAll, expect, test } from 'vitest';
import { BACK } from '../ledger/return-shop.ts';
import { fresh, openApiShop, type ApiShop } from '../api/api-shop.ts';
import { order } from '../api/samples.ts';

/** What the cases drawn at random have found once, so that it is asked for every time. */
let shop: ApiShop;

beforeAll(async () => {
  shop = await openApiShop();
});
afterAll(() => shop?.close());

const inObjects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const inArrays = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

test.each([
  ['objects', inObjects(20_000), `class.${'a.'.repeat(30)}a`],
  ['arrays', inArrays(20_000), `class${'[0]'.repeat(31)}`],
])('%s within each other without end are a field at fault', async (_name, deep, path) => {
  const before = await shop.digest();
  const text = JSON.stringify({ ...order(), class: 'deep' }).replace('"deep"', deep);
  expect(await shop.call('POST', '/v1/orders', { text })).toMatchObject({
    status: 422,
    paths: [path],
  });
  const supplier = `{"supplier":"S","name":${deep}}`;
  expect(await shop.call('PUT', '/v1/suppliers', { text: `[${supplier}]` })).toMatchObject({
    status: 207,
    body: { results: [{ result: 'refused', supplier: 'S' }] },
  });
  expect(await shop.digest()).toBe(before);
  expect(shop.reported).toEqual([]);
});

test('a field without a name is named by what stands there', async () => {
  const { status, paths } = await shop.call('POST', '/v1/orders', { body: { ...order(), '': 1 } });
  expect({ status, paths }).toEqual({ status: 422, paths: ['[""]'] });
});

test('a hold that bears the name of another and asks for what does not exist is refused alone', async () => {
  const hold = (sku: string) => ({
    holdId: 'twice',
    expiresAt: BACK,
    plans: [[{ sku, node: 'main', quantity: 1 }]],
  });
  const holds = [hold('TEA'), hold(fresh('NONE'))];
  expect(await shop.call('POST', '/v1/stock/holds', { body: { holds } })).toMatchObject({
    status: 207,
    body: { results: [{ state: 'held' }, { state: 'refused' }] },
  });
});

test.each([
  ['/v1/ledger/trade?source=t&source=%00', ['source[1]']],
  ['/v1/orders?%00=1', ['query']],
  ['/healthz?state=%00', ['state']],
])('%s names what cannot be stored', async (path, paths) => {
  expect(await shop.call('GET', path)).toMatchObject({ status: 422, paths });
});
