import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { openApiShop, type ApiShop } from './api-shop.ts';
import { ROUTES_WITH_BODIES } from './routes-with-bodies.ts';

let shop: ApiShop;

beforeAll(async () => {
  shop = await openApiShop();
});
afterAll(() => shop?.close());

const routes = Object.entries(ROUTES_WITH_BODIES).map(([name, route]) => ({
  name,
  route,
  method: name.split(' ')[0] ?? '',
}));
const repeated = routes.flatMap(({ route, ...rest }) =>
  route.repeat === 'apart' ? [] : [{ route, ...rest, repeat: route.repeat }],
);
const marked = routes.filter(({ route }) => route.repeat === 'marked');

test.each(repeated)(
  '$name answers a repeat as it answered the first, and does nothing again',
  async ({ route, method, repeat }) => {
    const { path, body, options } = await route.prepare(shop);
    const sent = { body: route.elements === 'body' ? [body] : body, ...options };
    const first = await shop.call(method, path, sent);
    expect(first).toMatchObject({ status: route.status, replayed: false });
    const before = await shop.digest();
    const again = await shop.call(method, path, sent);
    expect(again).toMatchObject({ status: route.status, replayed: repeat === 'marked' });
    const results = (Array.isArray(again.body) ? again.body : again.body['results']) as
      | { replayed: boolean }[]
      | undefined;
    const signs = {
      marked: [again.body, first.body],
      'by-element': [results?.map(({ replayed }) => replayed), [true]],
      'by-content': [again.status, first.status],
    }[repeat];
    expect(signs[0]).toEqual(signs[1]);
    expect(await shop.digest()).toBe(before);
  },
);

test.each(marked.filter(({ route }) => route.change !== undefined))(
  '$name refuses other content under a known key, and names the first',
  async ({ route, method }) => {
    const { path, body, options } = await route.prepare(shop);
    expect(await shop.call(method, path, { body, ...options })).toMatchObject({
      status: route.status,
    });
    const other = await shop.call(method, path, { body: { ...body, ...route.change }, ...options });
    expect(other).toMatchObject({ status: 409, body: { title: 'IdempotencyMismatch' } });
    const [named = ''] = other.paths;
    expect(Object.keys(body), 'a field that the caller sent').toContain(named);
    expect(other.paths).toEqual([named]);
    expect(other.body['detail']).toMatch(new RegExp(`^${named}: .*(before|known|used)`));
    expect(await shop.call(method, path, { body, ...options })).toMatchObject({
      status: route.status,
      replayed: true,
    });
  },
);

test.each(marked)('$name sent four times at once is done once', async ({ route, method }) => {
  const { path, body, options } = await route.prepare(shop);
  const answers = await Promise.all(
    [1, 2, 3, 4].map(() => shop.call(method, path, { body, ...options })),
  );
  expect(answers.map(({ status }) => status)).toEqual([1, 2, 3, 4].map(() => route.status));
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
});

describe('without an id of its own', () => {
  test.each([
    ['POST /v1/orders/{id}/cancellations', 'cancellationId'],
    ['POST /v1/shipments/{id}/dispatches', 'dispatchId'],
    ['POST /v1/returns', 'externalRef'],
    ['POST /v1/approvals/{id}/decisions', 'decisionId'],
    ['POST /v1/exceptions/{id}/resolutions', 'resolutionId'],
    ['POST /v1/exceptions/{id}/claims', 'claimId'],
    ['POST /v1/exceptions/{id}/assignments', 'assignmentId'],
    ['POST /v1/exceptions/{id}/comments', 'commentId'],
    ['POST /v1/exceptions/{id}/snoozes', 'snoozeId'],
    ['POST /v1/exceptions/{id}/merges', 'mergeId'],
    ['POST /v1/processes/{id}/repairs', 'repairId'],
    ['POST /v1/stock/adjustments/{id}/changes', 'changeId'],
  ])('%s is named by its Idempotency-Key', async (name, field) => {
    const route = ROUTES_WITH_BODIES[name];
    if (route === undefined) throw new Error(name);
    const { path, body, options } = await route.prepare(shop);
    const { [field]: id, ...unnamed } = body;
    const headers = { 'Idempotency-Key': String(id) };
    const first = await shop.call('POST', path, { body: unnamed, headers, ...options });
    expect(first).toMatchObject({ status: route.status, replayed: false });
    const again = await shop.call('POST', path, { body: unnamed, headers, ...options });
    expect(again).toMatchObject({ status: route.status, replayed: true, body: first.body });
    const changed = { ...unnamed, ...route.change };
    const other = await shop.call('POST', path, { body: changed, headers, ...options });
    expect(other).toMatchObject({ status: 409, paths: ['Idempotency-Key'] });
  });
});

test('a decision that its process does not take in time is pending, and a repeat learns of it', async () => {
  const route = ROUTES_WITH_BODIES['POST /v1/approvals/{id}/decisions'];
  const prepared = await route?.prepare(shop);
  if (prepared === undefined) throw new Error('the route is gone');
  const { path, body, options } = prepared;
  shop.engine.answers = false;
  const pending = await shop.call('POST', path, { body, ...options });
  shop.engine.answers = true;
  expect(pending).toMatchObject({
    status: 202,
    body: { state: 'pending', decisionId: body['decisionId'] },
  });
  expect(pending.headers.get('Retry-After')).toBe('1');
  expect(await shop.call('POST', path, { body, ...options })).toMatchObject({
    status: 200,
    replayed: true,
    body: { state: 'approved', decidedBy: 'person:boss' },
  });
});

test('content is the same whatever order its fields come in', async () => {
  const { path, body } = await (ROUTES_WITH_BODIES['POST /v1/orders']?.prepare(shop) ??
    Promise.reject(new Error('gone')));
  await shop.call('POST', path, { body });
  const turned = Object.fromEntries(Object.entries(body).toReversed());
  expect(await shop.call('POST', path, { body: turned })).toMatchObject({
    status: 201,
    replayed: true,
  });
});

test('after all of this the ledger adds up', async () => {
  expect(await checkLedger(shop.ledger)).toMatchObject({ ok: true, drift: [] });
  expect(shop.reported).toEqual([]);
});
