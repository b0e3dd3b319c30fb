/**
 * `npm run order-cost`: what one plain prepaid order costs, from acceptance to its end, on a stack of
 * its own: SQL statements by function, Temporal actions, events and history bytes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import postgres from 'postgres';
import { startLoopline } from '../../worker/compose.ts';
import { quietEngineLog } from '../../worker/engine-log.ts';
import { seedSampleShop } from '../../worker/sample-shop.ts';
import { removePostgresData } from '../../worker/stack/postgres.ts';
import { createStopList } from '../../worker/stack/stop-list.ts';
import { startEmptyStack } from '../stack.ts';
import { billableActions } from './billable-actions.ts';

const ORDERS = 20;
const SEED = 1;
const DEADLINE_MS = 60_000;
/** Polls that run whether there are orders or not, and the bench's own questions. */
const BACKGROUND = [
  'claim_outbox',
  'claim_processes',
  'list_shipments',
  'list_returns',
  'list_shipping_notices',
  'read_order',
];

const log = (line: string) => console.log(line);
quietEngineLog(log);

const dataDir = await mkdtemp(join(tmpdir(), 'loopline-cost-'));
const parts = createStopList(log);
const { env, stack, appUrl, ownerUrl } = await startEmptyStack({ dataDir, seed: SEED, parts, log });
const loopline = await startLoopline({
  databaseUrl: appUrl,
  temporalAddress: stack.temporalAddress,
  namespace: env.TEMPORAL_NAMESPACE,
  providers: stack.simulators,
  api: { host: env.API_HOST, port: env.API_PORT, apiKey: stack.apiKey },
  roles: { api: true, worker: true, dispatcher: true },
  log,
});
const admin = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
const connection = await Connection.connect({ address: stack.temporalAddress });
try {
  await seedSampleShop({ apiUrl: loopline.apiUrl, apiKey: stack.apiKey, log });
  await placeAndFinish('warm');
  await admin`select pg_stat_statements_reset()`;
  const ids = await placeAndFinish('order');
  await printStatements();
  await printEngine(new Client({ connection }), ids);
} finally {
  await connection.close();
  await admin.end();
  await loopline.stop();
  await parts.stop();
  await removePostgresData(join(dataDir, 'postgres'));
  await rm(dataDir, { recursive: true, force: true });
}

/** Places orders one after the other, each authorized at the gateway first, and waits until all have ended. */
async function placeAndFinish(name: string): Promise<string[]> {
  const ids: string[] = [];
  for (let number = 0; number < ORDERS; number += 1) {
    const reference = await authorize(`${name}-${number}`);
    const order = await call('POST', '/v1/orders', {
      channel: 'web',
      externalId: `${name}-${number}`,
      currency: 'GBP',
      shipTo: { country: 'GB', postalCode: 'N1 1AA' },
      lines: [
        { externalLineId: '1', sku: `LL-0${String(100 + number)}`, quantity: 1, unitPrice: '8.50' },
      ],
      payment: { provider: 'gateway', reference, status: 'authorized', amountMinor: '850' },
    });
    ids.push(String(order['id']));
  }
  const until = performance.now() + DEADLINE_MS;
  for (const id of ids) {
    while ((await call('GET', `/v1/orders/${id}`))['state'] !== 'completed') {
      if (performance.now() > until) throw new Error(`${id} did not complete in ${DEADLINE_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return ids;
}

async function authorize(name: string): Promise<string> {
  const response = await fetch(`${stack.simulators.gateway}/v1/authorizations`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': name },
    body: JSON.stringify({
      reference: name,
      amountMinor: '850',
      currency: 'GBP',
      token: 'tok_visa',
    }),
  });
  return String(((await response.json()) as { id: string }).id);
}

async function call(
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${loopline.apiUrl}${path}`, {
    method,
    headers: { Authorization: `Bearer ${stack.apiKey}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

async function printStatements(): Promise<void> {
  const rows = await admin<{ name: string; calls: number; ms: number }[]>`
    select substring(query from 'loopline\\.(\\w+)\\(') as name, sum(calls)::int as calls,
      round(sum(total_exec_time)::numeric, 1)::float as ms
    from pg_stat_statements where toplevel and query like 'select loopline.%' group by 1 order by 2 desc`;
  log(`\nSQL statements per order (${ORDERS} orders, one at a time):`);
  let total = 0;
  for (const { name, calls, ms } of rows) {
    if (BACKGROUND.includes(name)) continue;
    total += calls;
    log(
      `  ${name.padEnd(26)} ${(calls / ORDERS).toFixed(2).padStart(6)}   ${(ms / calls).toFixed(2)} ms each`,
    );
  }
  log(
    `  ${'all'.padEnd(26)} ${(total / ORDERS).toFixed(2).padStart(6)}   (polls of dispatcher and warehouse not counted)`,
  );
}

async function printEngine(client: Client, ids: readonly string[]): Promise<void> {
  const sums = { actions: 0, events: 0, bytes: 0 };
  for (const id of ids) {
    const handle = client.workflow.getHandle(id);
    const { historyLength, historySize } = await handle.describe();
    sums.events += historyLength;
    sums.bytes += historySize ?? 0;
    sums.actions += billableActions(await handle.fetchHistory());
  }
  log('\nTemporal per order:');
  for (const [name, sum] of Object.entries(sums))
    log(`  ${name.padEnd(26)} ${(sum / ids.length).toFixed(1).padStart(8)}`);
}
