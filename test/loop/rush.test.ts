import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { freePort } from '../../worker/stack/ports.ts';
import { goods, openShop, PLACED_AT, stockUp } from '../ledger/order-shop.ts';
import { eventually, openLoopline, type TestLoopline } from '../support/loopline.ts';

vi.setConfig({ testTimeout: 120_000 });

const API_PROCESSES = 4;
const BUYERS = 200;
const UNITS = 50;
const API_KEY = 'a-key-for-the-rush-test';
const SERVE = fileURLToPath(new URL('../../worker/serve.ts', import.meta.url));
const BUYERS_SCRIPT = fileURLToPath(new URL('buyers-process.ts', import.meta.url));

interface Answer {
  readonly status: number;
  readonly state: string | null;
}

let loopline: TestLoopline;
const apis: { url: string; process: ChildProcess }[] = [];

beforeAll(async () => {
  loopline = await openLoopline();
  await openShop(loopline.ledger, ['HOT']);
  await stockUp(loopline.owner, { sku: 'HOT', node: 'north', quantity: UNITS, unitCost: '4' });
  for (let number = 0; number < API_PROCESSES; number += 1) apis.push(startApi(await freePort()));
  await Promise.all(apis.map(({ url }) => untilReady(url)));
});

afterAll(async () => {
  await Promise.all(apis.map(({ process }) => stopProcess(process)));
  await loopline.close();
});

test('two hundred buyers at once through four processes: fifty get a unit, the others are told at once', async () => {
  const answers = (await Promise.all(apis.map(({ url }, index) => buy(url, index)))).flat();
  expect(answers).toHaveLength(BUYERS);
  expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
  expect(answers.filter(({ state }) => state === 'accepted')).toHaveLength(UNITS);
  expect(answers.filter(({ state }) => state === 'rejected')).toHaveLength(BUYERS - UNITS);

  const [stock] = await loopline.owner`
    select (select available::int from ledger.stock_item where sku = 'HOT' and node = 'north') as available,
      (select sum(quantity)::int from ledger.reservation where sku = 'HOT') as reserved`;
  expect(stock).toEqual({ available: 0, reserved: UNITS });
  expect(await checkLedger(loopline.ledger)).toMatchObject({ ok: true, drift: [] });
});

function startApi(port: number): { url: string; process: ChildProcess } {
  const { gateway, carrier, supplier } = loopline.simulators;
  const child = spawn(process.execPath, ['--import', 'tsx', SERVE], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      LOOPLINE_ROLES: 'api',
      LOOPLINE_API_KEY: API_KEY,
      API_PORT: String(port),
      DATABASE_URL: loopline.appUrl,
      TEMPORAL_ADDRESS: loopline.servers.temporalAddress,
      TEMPORAL_NAMESPACE: loopline.namespace,
      GATEWAY_URL: gateway,
      CARRIER_URL: carrier,
      SUPPLIER_URL: supplier,
      MAIL_SMTP_URL: loopline.smtpUrl,
    },
  });
  return { url: `http://127.0.0.1:${port}`, process: child };
}

async function untilReady(url: string): Promise<void> {
  await eventually(
    async () => {
      const { status } = await fetch(`${url}/healthz`);
      expect(status).toBe(200);
    },
    { deadlineMs: 60_000 },
  );
}

/** A quarter of the buyers, in a process of their own. */
async function buy(apiUrl: string, index: number): Promise<Answer[]> {
  const orders = Array.from({ length: BUYERS / API_PROCESSES }, (_, buyer) => ({
    channel: 'web',
    externalId: `rush-${index}-${buyer}`,
    placedAt: PLACED_AT,
    currency: 'GBP',
    shipTo: { country: 'GB', postalCode: 'N1 1AA' },
    lines: [goods('HOT', 1)],
    payment: {
      provider: 'gateway',
      status: 'authorized',
      reference: `auth-${index}-${buyer}`,
      amountMinor: '255',
    },
  }));
  const child = spawn(process.execPath, ['--import', 'tsx', BUYERS_SCRIPT], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, BUYERS: JSON.stringify({ apiUrl, apiKey: API_KEY, orders }) },
  });
  let output = '';
  child.stdout.on('data', (part: Buffer) => {
    output += part.toString();
  });
  await new Promise((resolve) => child.on('close', resolve));
  return JSON.parse(output) as Answer[];
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
