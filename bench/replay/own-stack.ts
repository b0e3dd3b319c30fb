import { join } from 'node:path';
import type { Env } from '../../worker/env.ts';
import { spawnChild } from '../../worker/stack/children.ts';
import type { LocalStack } from '../../worker/stack/local-stack.ts';
import { dataFolder, PROJECT_FOLDER } from '../../worker/stack/paths.ts';
import type { StopList } from '../../worker/stack/stop-list.ts';
import { startEmptyStack } from '../stack.ts';
import { targetAt, type Target } from './target.ts';

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
  const dataDir = dataFolder(join(process.env['LOOPLINE_DATA'] ?? '.loopline', 'replay'));
  const { env, stack, appUrl } = await startEmptyStack({ dataDir, seed, parts, log });
  await startLooplineProcess({ env, stack, appUrl, dataDir, parts });
  const { gateway, supplier, warehouse } = stack.simulators;
  const api = `http://127.0.0.1:${env.API_PORT}`;
  log(`The replay's stack is up: API ${api}, Temporal's UI ${stack.temporalUiUrl ?? 'elsewhere'}.`);
  return targetAt({ api, apiKey: stack.apiKey, gateway, supplier, warehouse });
}

/** Loopline, all of its roles in one process of its own, over a stack that is up. */
export async function startLooplineProcess(options: {
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
