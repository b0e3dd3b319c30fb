import { join } from 'node:path';
import { spawnChild } from '../../worker/stack/children.ts';
import { PROJECT_FOLDER } from '../../worker/stack/paths.ts';
import { freePort } from '../../worker/stack/ports.ts';
import { createStopList } from '../../worker/stack/stop-list.ts';
import type { EmptyStack } from '../stack.ts';

/** How Loopline is spread over processes. */
export type Shape = 'one process' | 'two API, two workers';

const PROCESSES: Readonly<Record<Shape, readonly string[]>> = {
  'one process': ['api,worker,dispatcher'],
  'two API, two workers': ['api', 'api', 'worker,dispatcher', 'worker,dispatcher'],
};

/** Loopline over a stack; its APIs' addresses. */
export interface RunningLoopline {
  readonly apiUrls: readonly string[];
  stop(): Promise<void>;
}

/** Starts Loopline's processes as they run in production. The first API is the one that the simulators know. */
export async function startLooplineProcesses(
  shape: Shape,
  empty: EmptyStack,
  options: { readonly dataDir: string; readonly log: (line: string) => void },
): Promise<RunningLoopline> {
  const { dataDir, log } = options;
  const parts = createStopList(log);
  const apiUrls: string[] = [];
  try {
    for (const [index, roles] of PROCESSES[shape].entries()) {
      const isApi = roles.startsWith('api');
      const port = apiUrls.length === 0 ? empty.env.API_PORT : await freePort();
      const child = await spawnChild(dataDir, {
        name: `loopline-${index + 1}`,
        command: process.execPath,
        args: ['--import', 'tsx', join(PROJECT_FOLDER, 'worker', 'serve.ts')],
        cwd: PROJECT_FOLDER,
        env: environment(empty, roles, port),
        logFile: join(dataDir, 'logs', `loopline-${index + 1}.log`),
        readyPorts: isApi ? [port] : [],
      });
      parts.add({ name: `loopline-${index + 1}`, quiet: true, stop: (how) => child.stop(how) });
      if (isApi) apiUrls.push(`http://127.0.0.1:${port}`);
    }
  } catch (error) {
    await parts.stop();
    throw error;
  }
  return { apiUrls, stop: () => parts.stop() };
}

function environment({ env, stack, appUrl }: EmptyStack, roles: string, port: number) {
  const { gateway, carrier, supplier, mail } = stack.simulators;
  return {
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
    LOOPLINE_ROLES: roles,
    API_HOST: env.API_HOST,
    API_PORT: String(port),
  };
}
