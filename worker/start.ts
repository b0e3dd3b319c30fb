/**
 * `npm start`: Postgres, Temporal, the simulators, the API and a worker on this machine with one
 * command, and a sample shop to play with. Ctrl-C stops everything that it started, in order.
 */
import { join } from 'node:path';
import { migrateLedger } from '../activities/ledger/migrate.ts';
import { identitySecret, webhookSecret } from './api-access.ts';
import { startLoopline } from './compose.ts';
import { quietEngineLog } from './engine-log.ts';
import { accessSettings, readEnv, serviceSettings, type Env } from './env.ts';
import { ledgerUrl, withoutPassword } from './ledger-address.ts';
import { noticeSettings } from './notice-parts.ts';
import { seedSamplePeople, type SampleAccess } from './sample-people.ts';
import { seedSampleShop } from './sample-shop.ts';
import { startLocalStack, type LocalStack } from './stack/local-stack.ts';
import { dataFolder } from './stack/paths.ts';
import { runUntilStopped } from './stack/run-until-stopped.ts';
import type { StopList } from './stack/stop-list.ts';
import { readStartArguments, USAGE } from './start-arguments.ts';

const log = (line: string) => console.log(line);
const ENDING =
  'Ctrl-C stops everything; the data stays. npm start -- --fresh begins again, with new keys.';

await runUntilStopped(start, log);

async function start(parts: StopList, stopping: AbortSignal): Promise<void> {
  const args = readStartArguments(process.argv.slice(2));
  if (args.help) {
    log(USAGE);
    process.exit(0);
  }
  const env = readEnv({ ...process.env, ...args.ports });
  const startedAt = performance.now();
  const dataDir = dataFolder(env.LOOPLINE_DATA);
  quietEngineLog(log, join(dataDir, 'logs', 'engine.log'));
  const stack = await startLocalStack({
    env,
    dataDir,
    fresh: args.fresh,
    timeSkipping: false,
    simulators: true,
    log,
    parts,
  });
  stopping.throwIfAborted();
  const { appUrl } = await migrateLedger({ url: stack.databaseUrl, log });
  stopping.throwIfAborted();
  const apiUrl = await startProcesses(env, stack, appUrl, parts);
  stopping.throwIfAborted();
  if (env.LOOPLINE_ROLES.includes('api')) await connectWebhooks(apiUrl, stack);
  if (env.LOOPLINE_ROLES.includes('api'))
    await seedSampleShop({ apiUrl, apiKey: stack.apiKey, log });
  const access = await enterPeople(env, stack, dataDir);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  log(`\nLoopline is up after ${seconds} s.\n\n${describe(apiUrl, stack, dataDir)}${describeAccess(apiUrl, access)}

${ENDING}`);
}

/** API, dispatchers and worker in this process; they stop in that order, before all else. */
async function startProcesses(
  env: Env,
  stack: LocalStack,
  appUrl: string,
  parts: StopList,
): Promise<string> {
  const loopline = await startLoopline({
    databaseUrl: appUrl,
    temporalAddress: stack.temporalAddress,
    namespace: env.TEMPORAL_NAMESPACE,
    providers: stack.simulators,
    notices: noticeSettings(env, {
      apiKey: stack.apiKey,
      smtpUrl: stack.smtpUrl,
      baseUrl: `http://127.0.0.1:${env.API_PORT}`,
    }),
    payloadKeys: env.LOOPLINE_PAYLOAD_KEYS,
    api: {
      host: env.API_HOST,
      port: env.API_PORT,
      ...accessSettings(env, {
        apiKey: stack.apiKey,
        baseUrl: `http://127.0.0.1:${env.API_PORT}`,
        issuer: stack.simulators.identity,
        clientSecret: identitySecret(stack.apiKey),
      }),
    },
    roles: {
      api: env.LOOPLINE_ROLES.includes('api'),
      worker: env.LOOPLINE_ROLES.includes('worker'),
      dispatcher: env.LOOPLINE_ROLES.includes('dispatcher'),
    },
    ...serviceSettings(env),
    log,
  });
  parts.add({ name: 'API and worker', stop: () => loopline.stop() });
  return loopline.apiUrl;
}

/** The simulated providers learn where to post what happened, and the secret to sign it with. */
async function connectWebhooks(apiUrl: string, stack: LocalStack): Promise<void> {
  for (const source of ['gateway', 'carrier'] as const) {
    const response = await fetch(`${stack.simulators[source]}/_sim/settings`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        webhookUrl: `${apiUrl}/v1/webhooks/${source}`,
        webhookSecret: webhookSecret(stack.apiKey),
      }),
    });
    if (!response.ok)
      throw new Error(`The ${source} simulator refused its webhook: ${await response.text()}`);
  }
}

/** Whoever has a provider of their own enters their people themselves. */
async function enterPeople(
  env: Env,
  stack: LocalStack,
  dataDir: string,
): Promise<SampleAccess | undefined> {
  if (!env.LOOPLINE_ROLES.includes('api') || env.OIDC_ISSUER !== undefined) return undefined;
  const { identity } = stack.simulators;
  const apiUrl = `http://127.0.0.1:${env.API_PORT}`;
  return seedSamplePeople({
    apiUrl,
    publicUrl: env.PUBLIC_URL ?? apiUrl,
    apiKey: stack.apiKey,
    identityUrl: identity,
    issuer: identity,
    clientSecret: identitySecret(stack.apiKey),
    dataDir,
  });
}

/** Every address, and a first thing to try. */
function describe(apiUrl: string, stack: LocalStack, dataDir: string): string {
  const { gateway, carrier, supplier, warehouse, mail, identity } = stack.simulators;
  return `  API            ${apiUrl}   (readable at ${apiUrl}/docs)
  Temporal       ${stack.temporalAddress}${stack.temporalUiUrl === undefined ? '' : `   UI: ${stack.temporalUiUrl}`}
  Postgres       ${databaseAddress(stack)}
  Simulators     gateway ${gateway}, carrier ${carrier}, supplier ${supplier},
                 warehouse ${warehouse}, mail ${mail}, identity ${identity}
  Logs           ${join(dataDir, 'logs')}

Try this first:

  export LOOPLINE_API_KEY=${stack.apiKey}
  curl ${apiUrl}/v1/orders -H "Authorization: Bearer $LOOPLINE_API_KEY" -H "Content-Type: application/json" -d '${firstOrder()}'
  curl ${apiUrl}/v1/orders/order:web:1001/timeline -H "Authorization: Bearer $LOOPLINE_API_KEY"`;
}

/** Who may log in, and how to do that without a browser. */
function describeAccess(apiUrl: string, access: SampleAccess | undefined): string {
  if (access === undefined) return '';
  const { people, password, connectorKey } = access;
  const lines = people.map(
    ({ account, name, role }) => `    ${account.padEnd(16)}${name.padEnd(16)}${role}`,
  );
  return `

People log in at ${apiUrl}/login with the password "${password}":

${lines.join('\n')}

Without a browser, as the first of them:

  jar=$(mktemp)
  form=$(curl -sL -c $jar -b $jar -o /dev/null -w '%{url_effective}' ${apiUrl}/login)
  curl -sL -c $jar -b $jar "$form" -d account=${people[0]?.account ?? ''} -d password=${password}

The README goes on with a return, which one of them asks for and another one approves.

A connector's key:

  export LOOPLINE_CONNECTOR_KEY=${connectorKey}`;
}

/** The ledger's database, and where its password is. */
function databaseAddress({ databaseUrl, databasePasswordFile }: LocalStack): string {
  const address = withoutPassword(ledgerUrl(databaseUrl));
  return `${address}   (password: ${databasePasswordFile ?? 'as in DATABASE_URL'})`;
}

/** A function, as the first line of this file runs before constants below it would be set. */
function firstOrder(): string {
  return JSON.stringify({
    channel: 'web',
    externalId: '1001',
    currency: 'GBP',
    customer: { externalId: 'c-17', email: 'ada@example.com' },
    shipTo: { country: 'GB', postalCode: 'N1 1AA' },
    lines: [{ externalLineId: '1', sku: 'LL-0001', quantity: 15, unitPrice: '8.50' }],
    payment: { provider: 'gateway', token: 'tok_visa', status: 'none' },
  });
}
