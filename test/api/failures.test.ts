import { afterEach, beforeEach, expect, test } from 'vitest';
import { Failure } from '../../activities/failures.ts';
import { createApi } from '../../api/app.ts';
import { identifyBy, unrestricted } from '../support/identify-by.ts';
import { noLedger } from '../support/no-ledger.ts';
import { fresh, KEYS, openApiShop, SECRET, WEBHOOKS, type ApiShop } from './api-shop.ts';
import { operationsOf, readDocument } from './declared-answers.ts';
import { ROUTES_WITH_BODIES } from './routes-with-bodies.ts';

const WITHOUT_LEDGER = new Set(['/healthz', '/readyz', '/v1/operations/load', '/v1/me']);

/** What a route wants to be asked. */
const QUERIES: Readonly<Record<string, string>> = {
  '/v1/ledger/trade': '?source=t',
  '/v1/audit/export': '?format=csv',
};

let shop: ApiShop;

beforeEach(async () => {
  shop = await openApiShop();
});
afterEach(() => shop?.close());

/** One valid call of every route that needs the ledger. */
async function callsOf(): Promise<
  { method: string; path: string; body?: unknown; key?: string | undefined }[]
> {
  const calls = [];
  for (const { name, method, path } of operationsOf(await readDocument(shop.app, KEYS.shop))) {
    const route = ROUTES_WITH_BODIES[name];
    if (path.startsWith('/v1/webhooks/') || WITHOUT_LEDGER.has(path)) continue;
    if (route === undefined) {
      const query = QUERIES[path] ?? '';
      // Which policies there are is known without the ledger.
      const known = path.replace('{policy}', 'finance-entry');
      calls.push({ method, path: `${known.replaceAll(/\{\w+\}/g, 'none')}${query}` });
    } else {
      const call = await route.prepare(shop);
      calls.push({
        method,
        path: call.path,
        body: route.elements === 'body' ? [call.body] : call.body,
        key: call.options?.key,
      });
    }
  }
  return calls;
}

const keyed = (key: string | undefined) => (key === undefined ? {} : { key });

test('while the ledger is away every route says 503 and when to come back', async () => {
  const calls = await callsOf();
  await shop.ledger.close();
  for (const { method, path, body, key } of calls) {
    const answer = await shop.call(method, path, { body, ...keyed(key) });
    expect(answer.status, `${method} ${path} ${answer.text}`).toBe(503);
    expect(answer.headers.get('Retry-After')).toBe('1');
    expect(answer.text).not.toMatch(/postgres|CONNECTION|select/i);
  }
  expect(await shop.call('GET', '/readyz')).toMatchObject({
    status: 503,
    body: { detail: 'Cannot reach the database.' },
  });
  expect(await shop.call('GET', '/healthz')).toMatchObject({ status: 200 });
});

test.each([
  ['an unexpected error', new TypeError('the inside of /srv/loopline is secret')],
  [
    'a broken invariant',
    new Failure('InvariantViolated', 'the inside of ledger.posting is secret', 'secret'),
  ],
])(
  '%s is 500 at every route; the operator learns why, the caller only that',
  async (_name, thrown) => {
    const calls = await callsOf();
    const reported: { error: unknown; requestId: string }[] = [];
    const fail = () => Promise.reject(thrown);
    const app = createApi(
      {
        ledger: noLedger(fail),
        engine: {
          start: () => undefined,
          nudge: () => undefined,
          decide: async () => undefined,
          reset: async () => undefined,
          ready: async () => true,
        },
        now: () => '2010-12-05T10:00:00Z',
        webhookSecret: SECRET,
        webhooks: WEBHOOKS,
      },
      {
        identify: identifyBy(new Map([[KEYS.shop, unrestricted('shop')]])),
        reportError: (error, requestId) => reported.push({ error, requestId }),
      },
    );
    for (const { method, path, body } of calls) {
      const name = fresh('asked');
      const response = await app.request(path, {
        method,
        headers: {
          Authorization: `Bearer ${KEYS.shop}`,
          'Content-Type': 'application/json',
          'X-Request-Id': name,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      expect(response.status, `${method} ${path} ${text}`).toBe(500);
      expect(response.headers.get('X-Request-Id')).toBe(name);
      expect(text).not.toMatch(/secret|\.ts|at /);
      expect(JSON.parse(text)).toMatchObject({
        title: 'InternalError',
        status: 500,
        instance: name,
        errors: [],
      });
      expect(reported.pop()).toEqual({ error: thrown, requestId: name });
    }
  },
);
