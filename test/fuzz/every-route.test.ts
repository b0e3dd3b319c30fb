import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { createApi } from '../../api/app.ts';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { KEYS } from '../api/api-shop.ts';
import { operationsOf, readDocument, type Operation } from '../api/declared-answers.ts';
import { identifyBy, unrestricted } from '../support/identify-by.ts';
import { noLedger } from '../support/no-ledger.ts';
import { buildRequest, type FuzzedRoute } from './build-request.ts';
import { casesOf, RAW_PARTS } from './fuzz-case.ts';
import { openFuzzShop, type FuzzShop } from './fuzz-shop.ts';
import { judge } from './judge-answer.ts';

/** How many cases all routes get together, and the number that they are drawn from. */
const CASES = Number(process.env['FUZZ_CASES'] ?? 10_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 7);
/** A case takes milliseconds; the limit only ends a run that hangs. */
const LIMIT_MS = 120_000 + CASES * 20;
/** From so many cases on chance has no say in whether one is refused. */
const MANY = 20;

const nothing = () => Promise.reject(new Error('the description needs no ledger'));
const document = await readDocument(
  createApi(
    {
      ledger: noLedger(nothing),
      engine: {
        start: () => undefined,
        nudge: () => undefined,
        decide: nothing,
        reset: nothing,
        ready: nothing,
      },
      now: () => '2010-12-05T10:00:00Z',
      webhookSecret: '',
    },
    {
      identify: identifyBy(new Map([[KEYS.shop, unrestricted('shop')]])),
      reportError: () => undefined,
    },
  ),
  KEYS.shop,
);

interface Route extends FuzzedRoute {
  readonly operation: Operation;
  readonly weight: number;
}

const routes: readonly Route[] = operationsOf(document).map((one) => ({
  ...one,
  hasBody: one.operation.requestBody !== undefined,
  weight: weightOf(one.operation),
}));
const wholeWeight = routes.reduce((sum, { weight }) => sum + weight, 0);
const groups = [...new Set(routes.map(({ operation }) => operation.tags?.[0] ?? ''))];
const sent = new Map<string, number>();
/** Whether each route has met what it takes (true) and what it refuses (false). */
const answers = new Map<string, Set<boolean>>();

/** These take whatever comes, and tell nothing but that they are there. */
const NEVER_REFUSED = new Set(['GET /healthz', 'GET /readyz']);

const NO_OPERATION: Operation = { responses: {} };
const part = fc.oneof(
  fc.constantFrom(...routes.flatMap(({ path }) => path.split('/').slice(1))),
  fc.constantFrom('docs', 'openapi.json', 'start.js', 'swagger-ui.css', '__proto__', '', '.', '..'),
  fc.constantFrom(...RAW_PARTS),
);
const pathsToNowhere = fc.array(part, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`);

/** By its name, so that a route that is added changes nothing of what the others are sent. */
function seedOf({ name }: Route): number {
  return SEED + createHash('sha256').update(name).digest().readUInt16BE(0);
}

function explain<Parts>(result: fc.RunDetails<Parts>): string {
  const { errorInstance, numRuns, numShrinks } = result;
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return `case ${numRuns} with FUZZ_SEED=${SEED}, shrunk ${numShrinks} times:\n${why}`;
}

/** Bodies and queries have more ways to be wrong than a route that takes nothing at all. */
function weightOf({ requestBody, parameters = [] }: Operation): number {
  if (requestBody !== undefined) return 8;
  if (parameters.some((parameter) => parameter.in === 'query')) return 4;
  return parameters.length > 0 ? 3 : 1;
}

describe.each(groups)('%s', (group) => {
  let shop: FuzzShop;

  beforeAll(async () => {
    shop = await openFuzzShop();
  });
  afterAll(() => shop?.close());

  test.each(routes.filter(({ operation }) => operation.tags?.[0] === group))(
    '$name answers whatever it is sent as declared, and a refused request changes nothing',
    { timeout: LIMIT_MS },
    async (route) => {
      const attempt = fc.asyncProperty(casesOf(document, route.operation), async (plan) => {
        const request = await buildRequest(shop, route, plan);
        const { status } = await judge(shop, route, request);
        sent.set(route.name, (sent.get(route.name) ?? 0) + 1);
        if (request.method === route.method)
          answers.set(route.name, (answers.get(route.name) ?? new Set()).add(status < 400));
      });
      const numRuns = Math.ceil((CASES * route.weight) / wholeWeight);
      const result = await fc.check(attempt, { numRuns, seed: seedOf(route) });
      if (CASES > 10_000) console.log(`${route.name}: ${numRuns} cases`);
      expect(result.failed, explain(result)).toBe(false);
    },
  );

  test('leaves books that agree with their entries', async () => {
    const { drift } = await checkLedger(shop.ledger);
    expect(drift).toEqual([]);
  });
});

describe('what is no route', () => {
  let shop: FuzzShop;

  beforeAll(async () => {
    shop = await openFuzzShop();
  });
  afterAll(() => shop?.close());

  test('the cases above were drawn from the description that the API serves', async () => {
    expect(await readDocument(shop.app, KEYS.shop)).toEqual(document);
  });

  test(
    'is refused, and the pages that describe the API stay as they are',
    async () => {
      const attempt = fc.asyncProperty(
        pathsToNowhere,
        casesOf(document, NO_OPERATION),
        async (path, plan) => {
          const route = { name: `GET ${path}`, method: 'GET', path, hasBody: false };
          await judge(shop, undefined, await buildRequest(shop, route, plan));
        },
      );
      const result = await fc.check(attempt, { numRuns: Math.ceil(CASES / 50), seed: SEED });
      expect(result.failed, explain(result)).toBe(false);
    },
    LIMIT_MS,
  );
});

test('every route that the API describes was sent its cases, of which it took some and refused some', () => {
  expect([...sent.keys()].toSorted()).toEqual(routes.map(({ name }) => name).toSorted());
  expect([...sent.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(CASES);
  const looked = [...sent].filter(([, count]) => count >= MANY).map(([name]) => name);
  const oneSided = looked.filter((name) => answers.get(name)?.size !== 2);
  expect(oneSided.filter((name) => !NEVER_REFUSED.has(name))).toEqual([]);
});
