import { freePort } from '../../worker/stack/ports.ts';
import { createStopList } from '../../worker/stack/stop-list.ts';
import { spawnLoopline, type EmptyStack } from '../stack.ts';

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
      const name = `loopline-${index + 1}`;
      const child = await spawnLoopline(empty, { dataDir, name, roles, port });
      parts.add({ name, quiet: true, stop: (how) => child.stop(how) });
      if (isApi) apiUrls.push(`http://127.0.0.1:${port}`);
    }
  } catch (error) {
    await parts.stop();
    throw error;
  }
  return { apiUrls, stop: () => parts.stop() };
}
