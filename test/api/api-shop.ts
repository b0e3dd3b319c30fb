import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { recordDecision } from '../../activities/ledger/steps/decision.ts';
import { webhookSecrets } from '../../activities/notify/webhook-secrets.ts';
import { parseKeyRing } from '../../activities/sealing/key-ring.ts';
import { createApi } from '../../api/app.ts';
import type { Api, ApiContext } from '../../api/context.ts';
import type { Principal } from '../../rules/access/decide-access.ts';
import { identifyBy, unrestricted } from '../support/identify-by.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import { PEOPLE } from '../support/people.ts';
import { BACK, seedReturnShop, stockIn } from '../ledger/return-shop.ts';
import { describeAnswers, type AnswerCheck } from './declared-answers.ts';

export const SECRET = 'a secret of the test';
/** Who asks by default, and who may decide what they asked. */
export const KEYS = { shop: 'shop-key', boss: 'boss-key' } as const;

/** Seals the secrets of webhook endpoints. */
export const WEBHOOKS = {
  secrets: webhookSecrets(parseKeyRing(`test:${Buffer.alloc(32, 1).toString('base64')}`)),
  networks: 'loopback',
} as const;

/** The API on a real Postgres. The engine is the only thing that is not real: see {@link StubEngine}. */
export interface ApiShop extends TestLedger {
  readonly app: Api;
  readonly engine: StubEngine;
  /** What the API takes for now. */
  readonly clock: { now: string };
  /** What went to the operator's log: unexpected errors. */
  readonly reported: unknown[];
  /** Sends a request and checks the answer against what the route's description declares. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** A digest of every row of the ledger: equal digests, nothing changed. */
  digest(): Promise<string>;
}

export interface CallOptions {
  /** Sent as JSON; `text` is sent as it is. */
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly replayed: boolean;
  /** The parsed JSON; for other answers their text. */
  readonly body: Record<string, unknown>;
  readonly text: string;
  /** Paths of the fields that a problem names. */
  readonly paths: string[];
}

/**
 * Stands in for Temporal: it notes what was started and nudged, and takes a decision as the workflow
 * would, by recording it in the ledger. `answers` false is an engine that nobody reaches in time.
 */
export interface StubEngine {
  readonly started: string[];
  nudges: number;
  answers: boolean;
}

/**
 * Opens a shop with two nodes, stock, a channel that may backorder, and the API in front of it. `others` may
 * send requests besides, by their keys.
 */
export async function openApiShop(
  others: ReadonlyMap<string, Principal> = new Map(),
): Promise<ApiShop> {
  const shop = await openLedger();
  await seedReturnShop(shop.owner);
  for (const sku of ['MUG', 'TEA', 'PEN'])
    await stockIn(shop.owner, sku, 100_000, '2', `open-${sku}`);
  const engine: StubEngine = { started: [], nudges: 0, answers: true };
  const clock = { now: BACK };
  const reported: unknown[] = [];
  const context: ApiContext = {
    ledger: shop.ledger,
    engine: stub(shop, engine),
    now: () => clock.now,
    webhookSecret: SECRET,
    webhooks: WEBHOOKS,
  };
  const app = createApi(context, {
    identify: identifyBy(
      new Map([
        [KEYS.shop, unrestricted('shop')],
        [KEYS.boss, unrestricted(PEOPLE.boss.id)],
        ...others,
      ]),
    ),
    reportError: (error) => reported.push(error),
  });
  const check = await describeAnswers(app, KEYS.shop);
  return {
    ...shop,
    app,
    engine,
    clock,
    reported,
    call: (method, path, options) => call(app, check, method, path, options),
    digest: () => digest(shop),
  };
}

function stub({ ledger }: TestLedger, engine: StubEngine): ApiContext['engine'] {
  return {
    start: ({ processId }) => void engine.started.push(processId),
    nudge: () => void (engine.nudges += 1),
    decide: async (_processId, message) =>
      engine.answers ? ((await recordDecision(ledger, message)) as never) : undefined,
    reset: async () => (engine.answers ? { state: 'done', runId: 'run-1' } : undefined),
    ready: async () => engine.answers,
  };
}

async function call(
  app: Api,
  check: AnswerCheck,
  method: string,
  path: string,
  { body, text, headers = {}, key = KEYS.shop }: CallOptions = {},
): Promise<Answer> {
  const payload = text ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await app.request(path, {
    method,
    headers: {
      Authorization: `Bearer ${key}`,
      ...(payload === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { body: payload }),
  });
  const answered = await response.text();
  const isJson = /json\b/.test(response.headers.get('Content-Type') ?? '');
  const parsed = (isJson ? JSON.parse(answered) : {}) as Record<string, unknown>;
  check(method, path, response, parsed);
  expect(response.headers.get('X-Request-Id'), `${method} ${path} names the request`).toBeTruthy();
  return {
    status: response.status,
    headers: response.headers,
    replayed: response.headers.get('Idempotent-Replayed') === 'true',
    body: parsed,
    text: answered,
    paths: pathsOf(parsed),
  };
}

function pathsOf(body: Record<string, unknown>): string[] {
  const errors = body['errors'];
  return Array.isArray(errors) ? errors.map((error: { path?: unknown }) => String(error.path)) : [];
}

async function digest({ owner }: TestLedger): Promise<string> {
  const tables = await owner<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'ledger' order by 1`;
  expect(tables.length).toBeGreaterThan(30);
  const parts = tables.map(
    ({ name }) =>
      `select '${name} ' || count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as part from ${name} t`,
  );
  const rows = await owner.unsafe<{ part: string }[]>(parts.join(' union all '));
  return rows
    .map(({ part }) => part)
    .toSorted()
    .join('\n');
}

/** An id that nothing else uses. */
export function fresh(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 12)}`;
}
