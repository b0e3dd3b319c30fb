import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEYS, openApiShop, type ApiShop } from './api-shop.ts';
import { askForChanges } from './asked-changes.ts';
import { operationsOf, readDocument, type ApiDocument } from './declared-answers.ts';
import { ROUTES_WITH_BODIES } from './routes-with-bodies.ts';

type Item = Record<string, unknown>;

/** What a list promises: its order, and the field that each filter looks at. */
interface List {
  /** Sort keys in the promised order; compared as times or texts. */
  readonly by: (item: Item) => string;
  readonly newestFirst: boolean;
  /** Filter name to what an item shows of it; null where the item does not show it. */
  readonly filters: Readonly<Record<string, ((item: Item) => unknown) | null>>;
  /** Fills in the path. */
  readonly subject?: () => string;
}

const field = (name: string) => (item: Item) => item[name];
const recorded = (item: Item) => new Date(String(item['recordedAt'])).toISOString();
const newest = (...filters: string[]): List => ({
  by: recorded,
  newestFirst: true,
  filters: Object.fromEntries(filters.map((name) => [name, field(name)])),
});

let shop: ApiShop;
let document: ApiDocument;
const subjects = { order: '', return: '', purchaseOrder: '' };

const timeline = (subject: keyof typeof subjects): List => ({
  by: recorded,
  newestFirst: false,
  filters: {},
  subject: () => encodeURIComponent(subjects[subject]),
});

/** Every list; one that is missing here fails the build. */
const LISTS: Readonly<Record<string, List>> = {
  '/v1/orders': newest('state', 'channel', 'customer'),
  '/v1/orders/{id}/timeline': timeline('order'),
  '/v1/shipments': { ...newest('state', 'node', 'orderId'), newestFirst: false },
  '/v1/returns': {
    ...newest('state'),
    filters: {
      state: field('state'),
      orderId: null,
      customer: (item) => (item['customer'] as Item | null)?.['externalId'],
    },
  },
  '/v1/returns/{id}/timeline': timeline('return'),
  '/v1/stock/adjustments': newest('state', 'kind', 'sku', 'node'),
  '/v1/stock': {
    by: (item) => `${String(item['sku'])} ${String(item['node'])}`,
    newestFirst: false,
    filters: { sku: field('sku'), node: field('node') },
  },
  '/v1/purchase-orders': {
    ...newest('state', 'node', 'supplier'),
    filters: { ...newest('state', 'node', 'supplier').filters, sku: null },
  },
  '/v1/purchase-orders/{id}/timeline': timeline('purchaseOrder'),
  '/v1/shipping-notices': {
    ...newest('state', 'node', 'purchaseOrderId'),
    by: (item) => String(item['expectedAt']),
    newestFirst: false,
  },
  '/v1/webhook-endpoints': newest(),
  '/v1/approvals': {
    ...newest('state', 'subjectKind', 'subject', 'subjectId', 'requestedBy'),
    filters: {
      ...newest('state', 'subjectKind', 'subject', 'subjectId', 'requestedBy').filters,
      // What depends on the sender, the clock or the turn: test/ledger/approval-lists.test.ts.
      mine: null,
      myRoles: null,
      role: null,
      overdue: null,
    },
  },
  '/v1/risk-ratings': newest('party', 'risk'),
  '/v1/delegations': { ...newest(), filters: { person: null } },
  '/v1/exceptions': {
    ...newest('state', 'kind', 'owner', 'assignee', 'severity', 'subjectId'),
    filters: {
      ...newest('state', 'kind', 'owner', 'assignee', 'severity', 'subjectId').filters,
      // What an item does not show, or shows otherwise: test/api/exceptions.test.ts.
      dueBefore: null,
      node: null,
      channel: null,
      region: null,
      snoozed: null,
      merged: null,
      overdue: null,
    },
  },
  '/v1/finance/entries': newest('state', 'kind'),
  '/v1/goodwill': newest('state', 'orderId'),
  '/v1/policies/{policy}/versions': {
    ...newest('channel', 'region'),
    subject: () => 'finance-entry',
  },
  '/v1/ledger/journal': {
    ...newest(),
    filters: { account: null, subject: field('subjectId'), from: null, until: null },
  },
  '/v1/payments': newest('orderId', 'state'),
  '/v1/dues': {
    by: (item) => String(item['dueAt']),
    newestFirst: false,
    filters: { before: null },
  },
  '/v1/skus': newest('sku', 'supplier', 'class'),
  '/v1/suppliers': newest(),
  '/v1/nodes': newest(),
  '/v1/channels': newest(),
  '/v1/skus/changes': newest('state', 'record'),
  '/v1/suppliers/changes': newest('state', 'record'),
  '/v1/nodes/changes': newest('state', 'record'),
  '/v1/channels/changes': newest('state', 'record'),
  '/v1/customers': newest('channel', 'externalId'),
  '/v1/colleagues': {
    by: (item) => `${String(item['name'])} ${String(item['personId'])}`,
    newestFirst: false,
    filters: { personId: field('personId') },
  },
  '/v1/people': {
    ...newest(),
    // Somebody may have several roles: test/api/keys.test.ts.
    filters: { role: null, left: null },
  },
  '/v1/keys': {
    by: (item) => new Date(String(item['madeAt'])).toISOString(),
    newestFirst: true,
    filters: { counting: null },
  },
  '/v1/audit': {
    ...newest(),
    filters: {
      actor: field('actor'),
      subject: field('subjectId'),
      act: field('act'),
      from: null,
      until: null,
    },
  },
};

beforeAll(async () => {
  shop = await openApiShop();
  document = await readDocument(shop.app, KEYS.shop);
  for (let round = 0; round < 3; round += 1) {
    for (const [name, route] of Object.entries(ROUTES_WITH_BODIES)) {
      const { path, body, options } = await route.prepare(shop);
      const sent = route.elements === 'body' ? [body] : body;
      const { status, text } = await shop.call(name.split(' ')[0] ?? '', path, {
        body: sent,
        ...options,
      });
      if (status !== route.status) throw new Error(`${name} answered ${status} ${text}`);
    }
  }
  for (let round = 0; round < 2; round += 1) await askForChanges(shop);
  // An id that is no ASCII goes into cursors too.
  const { path, body } = await (ROUTES_WITH_BODIES['PUT /v1/skus']?.prepare(shop) ??
    Promise.reject(new Error('gone')));
  await shop.call('PUT', path, {
    body: ['Ünïcode ✓ 名', 'a/b?c+d', '😀'].map((sku) => ({ ...body, sku })),
  });
  subjects.order = await newestId('/v1/orders');
  subjects.return = await newestId('/v1/returns');
  subjects.purchaseOrder = await newestId('/v1/purchase-orders');
});
afterAll(() => shop?.close());

async function newestId(list: string): Promise<string> {
  return String((await all(list))[0]?.['id']);
}

/** Walks a list to its end, with the cursors as they come. */
async function all(path: string, limit = 200): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: unknown = null;
  do {
    const query = `limit=${limit}${typeof cursor === 'string' ? `&cursor=${cursor}` : ''}`;
    const { status, body } = await shop.call(
      'GET',
      `${path}${path.includes('?') ? '&' : '?'}${query}`,
    );
    const data = body['data'] as Item[];
    if (status !== 200 || data.length > limit || (cursor !== null && data.length === 0)) {
      throw new Error(`${path} gave ${status} with ${data?.length} rows for ${query}`);
    }
    items.push(...data);
    cursor = body['nextCursor'];
  } while (cursor !== null && items.length < 5_000);
  return items;
}

test('every list of the description is in the table of these tests, with every filter', () => {
  const described = operationsOf(document)
    .filter(({ operation }) => operation.parameters?.some(({ name }) => name === 'cursor'))
    .map(({ path, operation }) => {
      const names = (operation.parameters ?? [])
        .filter((one) => one.in === 'query')
        .map(({ name }) => name);
      return [path, names.filter((name) => !['limit', 'cursor'].includes(name)).toSorted()];
    });
  const table = Object.entries(LISTS).map(([path, { filters }]) => [
    path,
    Object.keys(filters).toSorted(),
  ]);
  expect(Object.fromEntries(table)).toEqual(Object.fromEntries(described));
});

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe.each(Object.entries(LISTS).map(([path, list]) => ({ path, list })))(
  '$path',
  ({ path, list }) => {
    const at = () => path.replace(/\{\w+\}/, list.subject?.() ?? '');

    test('gives every row exactly once, in the promised order, whatever the page', async () => {
      const whole = await all(at());
      expect(whole.length).toBeGreaterThan(1);
      expect(new Set(whole.map((item) => JSON.stringify(item))).size).toBe(whole.length);
      for (const limit of [1, 3]) expect(await all(at(), limit)).toEqual(whole);
      const keys = whole.map((item) => list.by(item));
      const sorted = keys.toSorted((a, b) => (a === b ? 0 : a < b === list.newestFirst ? 1 : -1));
      expect(keys).toEqual(sorted);
    });

    test('refuses a limit out of bounds and a cursor that it has not given out', async () => {
      for (const limit of ['201', '0', '-1', '1.5', 'ten', '', '1e999']) {
        expect(await shop.call('GET', `${at()}?limit=${limit}`), limit).toMatchObject({
          status: 422,
          paths: ['limit'],
        });
      }
      const now = '2010-12-05T10:00:00Z';
      const cursors = [
        'nonsense',
        '%F0%9F%98%80',
        base64(null),
        base64({ a: 1 }),
        base64([{}]),
        base64(['x', null]),
        base64([null, null]),
        base64([now]),
        base64([now, 'x', 'y']),
        'x'.repeat(501),
      ];
      const taken: string[] = [];
      for (const cursor of cursors) {
        const answer = await shop.call('GET', `${at()}?cursor=${cursor}`);
        if (answer.status !== 422 || answer.paths[0] !== 'cursor')
          taken.push(`${cursor}: ${answer.status} ${answer.text.slice(0, 200)}`);
      }
      // Well-formed, but of another list: an empty or another page, or refused; never a defect.
      for (const cursor of [base64(['yesterday-ish', 'x']), base64([now, 'x']), base64(['99'])]) {
        const { status } = await shop.call('GET', `${at()}?cursor=${cursor}`);
        if (status !== 200 && status !== 422) taken.push(`${cursor}: ${status}`);
      }
      expect(taken).toEqual([]);
      expect(shop.reported).toEqual([]);
    });

    const shownFilters = Object.entries(list.filters).flatMap(([name, shown]) =>
      shown === null ? [] : [{ name, shown }],
    );
    test.each(shownFilters)('shows by $name just what has it', async ({ name: filter, shown }) => {
      const whole = await all(at());
      const values = [
        ...new Set(whole.map((item) => shown(item)).filter((value) => typeof value === 'string')),
      ].slice(0, 3);
      expect(values.length).toBeGreaterThan(0);
      for (const value of values) {
        const part = await all(`${at()}?${filter}=${encodeURIComponent(value)}`, 2);
        expect(part).toEqual(whole.filter((item) => shown(item) === value));
      }
      const nothing = await shop.call('GET', `${at()}?${filter}=nothing-has-this`);
      const { status, paths, body } = nothing;
      expect(status === 200 ? [body['data'], body['nextCursor']] : [status, paths]).toEqual(
        status === 200 ? [[], null] : [422, [filter]],
      );
    });
  },
);

test('filters on what a row does not show find it as well', async () => {
  const [back] = await all('/v1/returns');
  const [line] = (back?.['lines'] ?? []) as Item[];
  const orderId = String(line?.['orderLineId']).split('#')[0] ?? '';
  const found = await all(`/v1/returns?orderId=${encodeURIComponent(orderId)}`);
  expect(found.map((item) => item['id'])).toEqual([back?.['id']]);
  expect(await all('/v1/purchase-orders?sku=MUG')).toEqual(await all('/v1/purchase-orders'));
  expect(await all('/v1/purchase-orders?sku=PEN')).toEqual([]);
  const dues = await all('/v1/dues');
  const before = String(dues[1]?.['dueAt']);
  expect(await all(`/v1/dues?before=${before}`)).toEqual(
    dues.filter((due) => String(due['dueAt']) <= before),
  );
  expect(await shop.call('GET', '/v1/dues?before=yesterday')).toMatchObject({
    status: 422,
    paths: ['before'],
  });
});
