import { join } from 'node:path';
import { migrateLedger } from '../../activities/ledger/migrate.ts';
import { readEnv, type Env } from '../../worker/env.ts';
import { spawnChild } from '../../worker/stack/children.ts';
import { startLocalStack, type LocalStack } from '../../worker/stack/local-stack.ts';
import { dataFolder, PROJECT_FOLDER } from '../../worker/stack/paths.ts';
import { freePort, PORT_VARIABLES } from '../../worker/stack/ports.ts';
import type { StopList } from '../../worker/stack/stop-list.ts';
import { targetAt, type Target } from './target.ts';

/** Given for another stack, these would lead this one astray. */
const NOT_OURS = [
  'DATABASE_URL',
  'TEMPORAL_ADDRESS',
  'GATEWAY_URL',
  'CARRIER_URL',
  'SUPPLIER_URL',
  'MAIL_URL',
];

/**
 * Starts an empty stack for one replay, durable as in production, on free ports and in a data folder
 * of its own. Loopline runs in a process of its own, so that the driver does not take its time.
 * Whatever was started is in `parts`.
 */
export async function startOwnStack(options: {
  readonly seed: number;
  readonly parts: StopList;
  readonly log: (line: string) => void;
}): Promise<Target> {
  const { seed, parts, log } = options;
  const env = await settings(seed);
  const dataDir = dataFolder(join(process.env['LOOPLINE_DATA'] ?? '.loopline', 'replay'));
  const stack = await startLocalStack({
    env,
    dataDir,
    fresh: true,
    timeSkipping: false,
    simulators: true,
    log,
    parts,
  });
  const { appUrl } = await migrateLedger({ url: stack.databaseUrl, log });
  await startLooplineProcess({ env, stack, appUrl, dataDir, parts });
  const { gateway, supplier, warehouse } = stack.simulators;
  const api = `http://127.0.0.1:${env.API_PORT}`;
  log(`The replay's stack is up: API ${api}, Temporal's UI ${stack.temporalUiUrl ?? 'elsewhere'}.`);
  return targetAt({ api, apiKey: stack.apiKey, gateway, supplier, warehouse });
}

async function settings(seed: number): Promise<Env> {
  const given = Object.entries(process.env).filter(([name]) => !NOT_OURS.includes(name));
  const ports = new Map<string, string>();
  for (const variable of Object.values(PORT_VARIABLES)) {
    let port = String(await freePort());
    while ([...ports.values()].includes(port)) port = String(await freePort());
    ports.set(variable, port);
  }
  return readEnv({
    ...Object.fromEntries(given),
    ...Object.fromEntries(ports),
    API_HOST: '127.0.0.1',
    SIM_MODE: 'replay',
    SIM_SEED: String(seed),
  });
}

async function startLooplineProcess(options: {
  readonly env: Env;
  readonly stack: LocalStack;
  readonly appUrl: string;
  readonly dataDir: string;
  readonly parts: StopList;
}): Promise<void> {
  const { env, stack, appUrl, dataDir, parts } = options;
  const { gateway, carrier, supplier, mail } = stack.simulators;
  const child = await spawnChild(dataDir, {
    name: 'loopline',
    command: process.execPath,
    args: ['--import', 'tsx', join(PROJECT_FOLDER, 'worker', 'serve.ts')],
    cwd: PROJECT_FOLDER,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DATABASE_URL: appUrl,
      TEMPORAL_ADDRESS: stack.temporalAddress,
      TEMPORAL_NAMESPACE: env.TEMPORAL_NAMESPACE,
      GATEWAY_URL: gateway,
      CARRIER_URL: carrier,
      SUPPLIER_URL: supplier,
      MAIL_URL: mail,
      LOOPLINE_API_KEY: stack.apiKey,
      API_HOST: env.API_HOST,
      API_PORT: String(env.API_PORT),
    },
    logFile: join(dataDir, 'logs', 'loopline.log'),
    readyPorts: [env.API_PORT],
  });
  parts.add({ name: 'API and worker', stop: (stopOptions) => child.stop(stopOptions) });
}
