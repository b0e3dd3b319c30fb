import { migrateLedger } from '../activities/ledger/migrate.ts';
import { readEnv, type Env } from '../worker/env.ts';
import { startLocalStack, type LocalStack } from '../worker/stack/local-stack.ts';
import { freePort, PORT_VARIABLES } from '../worker/stack/ports.ts';
import type { StopList } from '../worker/stack/stop-list.ts';

/** Given for another stack, these would lead this one astray. */
const NOT_OURS = [
  'DATABASE_URL',
  'TEMPORAL_ADDRESS',
  'GATEWAY_URL',
  'CARRIER_URL',
  'SUPPLIER_URL',
  'MAIL_URL',
];

/** Services below Loopline with an empty ledger; its application role's and its owner's URL. */
export interface EmptyStack {
  readonly env: Env;
  readonly stack: LocalStack;
  readonly appUrl: string;
  readonly ownerUrl: string;
}

/**
 * Starts an empty stack for one measurement, durable as in production, on free ports; its simulators
 * follow a driver's clock. What the folder held is deleted. Whatever was started is in `parts`.
 */
export async function startEmptyStack(options: {
  readonly dataDir: string;
  readonly seed: number;
  readonly parts: StopList;
  readonly log: (line: string) => void;
}): Promise<EmptyStack> {
  const { dataDir, seed, parts, log } = options;
  const env = await settings(seed);
  const stack = await startLocalStack({
    env,
    dataDir,
    fresh: true,
    timeSkipping: false,
    simulators: true,
    log,
    parts,
  });
  return { env, stack, ...(await migrateLedger({ url: stack.databaseUrl, log })) };
}

async function settings(seed: number): Promise<Env> {
  const given = Object.entries(process.env).filter(([name]) => !NOT_OURS.includes(name));
  return readEnv({
    ...Object.fromEntries(given),
    ...(await freePorts()),
    API_HOST: '127.0.0.1',
    SIM_MODE: 'replay',
    SIM_SEED: String(seed),
  });
}

/** A free port for every part of a stack, by the environment variable that moves it. */
export async function freePorts(): Promise<Readonly<Record<string, string>>> {
  const ports = new Map<string, string>();
  for (const variable of Object.values(PORT_VARIABLES)) {
    let port = String(await freePort());
    while ([...ports.values()].includes(port)) port = String(await freePort());
    ports.set(variable, port);
  }
  return Object.fromEntries(ports);
}
