/** Runs the local stack with its simulators until a signal, as `npm start` does; a test's child. */
import { readEnv } from '../../worker/env.ts';
import { startLocalStack } from '../../worker/stack/local-stack.ts';
import { dataFolder } from '../../worker/stack/paths.ts';
import { runUntilStopped } from '../../worker/stack/run-until-stopped.ts';

const log = (line: string) => console.log(line);
await runUntilStopped(async (parts) => {
  const env = readEnv();
  const stack = await startLocalStack({
    env,
    dataDir: dataFolder(env.LOOPLINE_DATA),
    fresh: process.argv.includes('--fresh'),
    timeSkipping: false,
    simulators: true,
    log,
    parts,
  });
  parts.add({ name: 'API', stop: async () => log('API drained.') });
  console.log(`UP ${JSON.stringify({ databaseUrl: stack.databaseUrl, apiKey: stack.apiKey })}`);
}, log);
