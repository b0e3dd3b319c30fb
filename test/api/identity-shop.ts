import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { expect } from 'vitest';
import type { Ledger } from '../../activities/ledger/connect.ts';
import { putPeople } from '../../activities/ledger/intake/people.ts';
import { createApi, type ApiOptions } from '../../api/app.ts';
import type { Api, ApiContext } from '../../api/context.ts';
import { EVERYWHERE, type Reach } from '../../rules/access/decide-access.ts';
import type { Role } from '../../rules/access/roles.ts';
import { IdentitySimulator } from '../../simulators/identity/identity.ts';
import { listen, type Listening } from '../../simulators/listen.ts';
import { openApiAccess, type ApiAccess } from '../../worker/api-access.ts';
import { freePort } from '../../worker/stack/ports.ts';
import { writeWorld } from '../ledger/access-world.ts';
import { openLedger, type TestLedger } from '../support/ledger.ts';
import type { Browser, Page } from './browser.ts';

export const API_KEY = 'the key of the installation';
export const PASSWORD = 'loopline';
const CLIENT_SECRET = 'a secret of the test, long enough';
const SESSION_SECRET = 'a secret of all processes of this API';

/** The API on a socket with a real OpenID Connect server beside it, over a ledger of its own. */
export interface IdentityShop extends TestLedger {
  readonly app: Api;
  /** Where browsers reach the API. */
  readonly origin: string;
  readonly issuer: string;
  /** How far the API's clock is ahead of the real one. */
  readonly clock: { aheadMs: number };
  readonly reported: unknown[];
  /** How often the API has called a function of the ledger to find out who asks. */
  asked(name: string): number;
  /** The time of the API, RFC 3339. */
  now(): string;
  /** Enters somebody of the provider here; answers the id. */
  enter(account: string, role: Role, reach?: Partial<Reach>): Promise<string>;
  /** Another process of the same API, reached in this one. */
  another(options?: Partial<ApiOptions>): Promise<Api>;
  /** Changes what the provider knows. */
  configure(settings: object): Promise<void>;
  stopProvider(): Promise<void>;
}

/** `slowsDown` false: whoever fails is answered at once, however often. */
export async function openIdentityShop({ slowsDown = true } = {}): Promise<IdentityShop> {
  const shop = await openLedger();
  await writeWorld(shop.owner);
  const origin = `http://127.0.0.1:${await freePort()}`;
  const provider = await openProvider(origin);
  const issuer = provider.url;
  const clock = { aheadMs: 0 };
  const reported: unknown[] = [];
  const now = () => new Date(Date.now() + clock.aheadMs).toISOString();
  const ways: ApiAccess[] = [];
  const { counted, asked } = counting(shop.ledger);
  const open = (given: Partial<ApiOptions> = {}): Api => {
    const access = openApiAccess(
      {
        apiKey: API_KEY,
        sessionSecret: SESSION_SECRET,
        identity: {
          issuer,
          clientId: 'loopline',
          clientSecret: CLIENT_SECRET,
          baseUrl: origin,
          audience: 'urn:loopline:api',
        },
      },
      {
        ledger: counted,
        databaseUrl: shop.appUrl,
        reportError: (error) => reported.push(error),
      },
    );
    ways.push(access);
    return createApi(contextOf(shop, now), {
      ...access.options,
      ...(slowsDown ? {} : { slowDown: undefined }),
      reportError: (error) => reported.push(error),
      ...given,
    });
  };
  const app = open();
  const server = serve({
    fetch: app.fetch,
    hostname: '127.0.0.1',
    port: Number(new URL(origin).port),
  });
  await once(server, 'listening');
  return {
    ...shop,
    app,
    origin,
    issuer,
    clock,
    reported,
    asked,
    now,
    enter: (account, role, reach = {}) => enter(shop, { issuer, account, role, reach, at: now() }),
    another: async (options) => open(options),
    configure: (settings) => configure(issuer, settings),
    stopProvider: () => provider.close(),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      (server as Server).closeAllConnections();
      await closed;
      await Promise.all(ways.map((access) => access.close()));
      await provider.close();
      await shop.close();
    },
  };
}

/** The ledger, and how often each of its functions was called. */
function counting(ledger: Ledger): { counted: Ledger; asked: (name: string) => number } {
  const calls = new Map<string, number>();
  const counted: Ledger = {
    ...ledger,
    call: (name, request) => {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      return ledger.call(name, request);
    },
  };
  return { counted, asked: (name) => calls.get(name) ?? 0 };
}

/** Logs in with the form that the provider shows; answers where the browser ends. */
export async function logIn(
  { origin }: Pick<IdentityShop, 'origin'>,
  browser: Browser,
  account: string,
  to = '/v1/me',
): Promise<Page> {
  const form = await browser.go(`${origin}/login?to=${encodeURIComponent(to)}`);
  expect(form.status, form.text).toBe(200);
  return browser.submit(form, { account, password: PASSWORD });
}

function contextOf({ ledger }: TestLedger, now: () => string): ApiContext {
  return {
    ledger,
    engine: {
      start: () => undefined,
      nudge: () => undefined,
      decide: async () => undefined,
      reset: async () => undefined,
      ready: async () => true,
    },
    now,
    webhookSecret: 'unused here',
  };
}

interface OpenProvider {
  readonly url: string;
  close(): Promise<void>;
}

async function openProvider(origin: string): Promise<OpenProvider> {
  const dataDir = await mkdtemp(join(tmpdir(), 'loopline-identity-'));
  const simulator = new IdentitySimulator({ dataDir, seed: 1, apiUrl: origin, issuer: undefined });
  const listening: Listening = await listen('identity', simulator.app, 0, '127.0.0.1');
  simulator.start(listening.url);
  await configure(listening.url, { clientSecret: CLIENT_SECRET });
  // Its library and its keys take a while; the API would not wait so long.
  const described = await fetch(`${listening.url}/.well-known/openid-configuration`);
  expect(described.status, await described.text()).toBe(200);
  let closing: Promise<void> | undefined;
  const close = async () => {
    await listening.close();
    simulator.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { url: listening.url, close: () => (closing ??= close()) };
}

async function configure(issuer: string, settings: object): Promise<void> {
  const response = await fetch(`${issuer}/_sim/settings`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(settings),
  });
  expect(response.status, await response.text()).toBe(200);
}

async function enter(
  { ledger }: TestLedger,
  given: { issuer: string; account: string; role: Role; reach: Partial<Reach>; at: string },
): Promise<string> {
  const { issuer, account, role, reach, at } = given;
  const person = {
    issuer,
    loginEmail: `${account}@loopline.example`,
    name: account,
    roles: [role],
    reach: { ...EVERYWHERE, ...reach },
  };
  const { results } = await putPeople(ledger, { people: [person], at });
  const id = results[0]?.personId;
  if (id === undefined || id === null) throw new Error(`${account} was refused`);
  return id;
}
