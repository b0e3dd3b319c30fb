import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEYS, openApiShop, type Answer, type ApiShop } from './api-shop.ts';
import {
  operationsOf,
  readDocument,
  type ApiDocument,
  type JsonSchema,
} from './declared-answers.ts';
import { faultyBodies } from './faulty-bodies.ts';
import type { RouteWithBody } from './route-with-body.ts';
import { ROUTES_WITH_BODIES } from './routes-with-bodies.ts';

let shop: ApiShop;
let document: ApiDocument;

beforeAll(async () => {
  shop = await openApiShop();
  document = await readDocument(shop.app, KEYS.shop);
});
afterAll(() => shop?.close());

const routes = Object.entries(ROUTES_WITH_BODIES).map(([name, route]) => ({ name, route }));

test('every route with a body is in the table of these tests', () => {
  const described = operationsOf(document)
    .filter(
      ({ operation, path }) =>
        operation.requestBody !== undefined && !path.startsWith('/v1/webhooks/'),
    )
    .map(({ name }) => name);
  expect(Object.keys(ROUTES_WITH_BODIES).toSorted()).toEqual(described.toSorted());
});

/** The schema of what the table calls the body: of one element, where the route takes an array. */
function schemaOf(name: string, route: RouteWithBody): JsonSchema {
  const operation = operationsOf(document).find((one) => one.name === name)?.operation;
  const schema = resolve(operation?.requestBody?.content['application/json']?.schema ?? {});
  return route.elements === 'body' ? resolve(schema.items ?? {}) : schema;
}

function resolve(schema: JsonSchema): JsonSchema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (document.components.schemas[name] ?? {});
}

/** Paths named by the answer: those of the one element, where the route answers one result each. */
function namedPaths({ body }: Answer, route: RouteWithBody): string[] {
  const results = Array.isArray(body) ? body : body['results'];
  const one = (route.elements === 'body' ? (results as Record<string, unknown>[])[0] : body) ?? {};
  const errors = one['errors'] as { path: string }[] | undefined;
  return (errors ?? []).map(({ path }) => path);
}

describe.each(routes)('$name', ({ name, route }) => {
  const [method = ''] = name.split(' ');

  test('names the one field at fault, whatever is wrong with it, and changes nothing', async () => {
    const { path, body, options } = await route.prepare(shop);
    const faults = faultyBodies(schemaOf(name, route), body);
    expect(faults.length).toBeGreaterThan(0);
    const before = await shop.digest();
    const unmet: string[] = [];
    for (const fault of faults) {
      const text = route.elements === 'body' ? `[${fault.text}]` : fault.text;
      const answer = await shop.call(method, path, { text, ...options });
      const named = namedPaths(answer, route);
      const expected = route.elements === 'body' ? 207 : 422;
      if (
        answer.status !== expected ||
        !named.some((one) => one === fault.path || one.startsWith(`${fault.path}[`))
      ) {
        unmet.push(
          `${fault.path}: ${fault.fault}: ${answer.status} ${named.join(', ')} ${answer.text.slice(0, 150)}`,
        );
      }
    }
    expect(unmet).toEqual([]);
    expect(shop.reported).toEqual([]);
    expect(await shop.digest()).toBe(before);
    // The sample itself was never at fault.
    const sample = route.elements === 'body' ? [body] : body;
    expect(await shop.call(method, path, { body: sample, ...options })).toMatchObject({
      status: route.status,
    });
  });

  test('refuses what is no JSON, not declared as such, or too long', async () => {
    const { path, options } = await route.prepare(shop);
    const before = await shop.digest();
    for (const text of ['', '{', '{"a":1', 'NaN', '{"a":01}', 'undefined']) {
      expect(await shop.call(method, path, { text, ...options })).toMatchObject({
        status: 400,
        paths: ['body'],
      });
    }
    for (const headers of [
      { 'Content-Type': 'text/plain' },
      { 'Content-Type': 'application/x-www-form-urlencoded' },
    ]) {
      const answer = await shop.call(method, path, { text: '{}', headers, ...options });
      expect(answer).toMatchObject({ status: 415, paths: ['body'] });
    }
    for (const text of ['null', '5', '"x"', route.elements === 'body' ? '{}' : '[]']) {
      expect(await shop.call(method, path, { text, ...options }), text).toMatchObject({
        status: 422,
      });
    }
    const text = JSON.stringify({ a: 'x'.repeat(4 * 1024 * 1024) });
    expect(await shop.call(method, path, { text, ...options })).toMatchObject({ status: 413 });
    const said = { 'Content-Length': String(text.length) };
    expect(await shop.call(method, path, { text, headers: said, ...options })).toMatchObject({
      status: 413,
    });
    expect(await shop.digest()).toBe(before);
    expect(shop.reported).toEqual([]);
  });
});

describe('an id that names nothing', () => {
  test.each(routes.filter(({ name }) => name.includes('{')))(
    '$name is not found',
    async ({ name, route }) => {
      const call = await route.prepare(shop);
      if (route.unknown === undefined)
        throw new Error(`${name} has an id in its path: say what is unknown`);
      const { path, body, options } = route.unknown(call);
      const before = await shop.digest();
      const answer = await shop.call(name.split(' ')[0] ?? '', path, { body, ...options });
      expect(answer).toMatchObject({ status: 404, body: { title: 'NotFound' } });
      expect(await shop.digest()).toBe(before);
    },
  );

  test('is not found by any route that reads or deletes', async () => {
    for (const { method, path, operation } of operationsOf(document)) {
      if (!path.includes('{') || operation.requestBody !== undefined) continue;
      for (const id of ['none', 'order:web:none', '%E2%9C%93', '%27%3B--', 'x'.repeat(120)]) {
        const bare = path.replace(/\{\w+\}/, id);
        expect(await shop.call(method, bare), `${method} ${bare}`).toMatchObject({
          status: 404,
          body: { title: 'NotFound' },
        });
      }
    }
    expect(shop.reported).toEqual([]);
  });
});
