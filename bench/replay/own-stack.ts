import { join } from 'node:path';
import { identitySecret } from '../../worker/api-access.ts';
import { dataFolder } from '../../worker/stack/paths.ts';
import type { StopList } from '../../worker/stack/stop-list.ts';
import { spawnLoopline, startEmptyStack, type EmptyStack } from '../stack.ts';
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
  const empty = await startEmptyStack({ dataDir, seed, parts, log });
  const { env, stack } = empty;
  await startLooplineProcess(empty, { dataDir, parts });
  const { gateway, supplier, warehouse, identity } = stack.simulators;
  const api = `http://127.0.0.1:${env.API_PORT}`;
  log(`The replay's stack is up: API ${api}, Temporal's UI ${stack.temporalUiUrl ?? 'elsewhere'}.`);
  const { apiKey } = stack;
  const client = { secret: identitySecret(apiKey), redirectUris: [`${api}/login/callback`] };
  return targetAt({ api, apiKey, identity, client, gateway, supplier, warehouse });
}

/** Loopline, all of its roles in one process of its own, over a stack that is up. */
export async function startLooplineProcess(
  empty: EmptyStack,
  { dataDir, parts }: { readonly dataDir: string; readonly parts: StopList },
): Promise<void> {
  const port = empty.env.API_PORT;
  const roles = 'api,worker,dispatcher';
  const child = await spawnLoopline(empty, { dataDir, name: 'loopline', roles, port });
  parts.add({ name: 'API and worker', stop: (stopOptions) => child.stop(stopOptions) });
}
