import { join } from 'node:path';
import { migrateLedger } from '../activities/ledger/migrate.ts';
import { identitySecret } from '../worker/api-access.ts';
import { readEnv, type Env } from '../worker/env.ts';
import { spawnChild, type Child } from '../worker/stack/children.ts';
import { startLocalStack, type LocalStack } from '../worker/stack/local-stack.ts';
import { PROJECT_FOLDER } from '../worker/stack/paths.ts';
import { freePort, PORT_VARIABLES } from '../worker/stack/ports.ts';
import type { StopList } from '../worker/stack/stop-list.ts';

/** Given for another stack, these would lead this one astray. */
const NOT_OURS = [
  'DATABASE_URL',
  'TEMPORAL_ADDRESS',
  'GATEWAY_URL',
  'CARRIER_URL',
  'SUPPLIER_URL',
  'MAIL_SMTP_URL',
  'OIDC_ISSUER',
  'PUBLIC_URL',
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

/** Starts a process of Loopline over the stack: `roles` as LOOPLINE_ROLES has them, its API at `port`. */
export function spawnLoopline(
  { env, stack, appUrl }: EmptyStack,
  part: {
    readonly dataDir: string;
    readonly name: string;
    readonly roles: string;
    readonly port: number;
  },
): Promise<Child> {
  const { dataDir, name, roles, port } = part;
  const { gateway, carrier, supplier, identity } = stack.simulators;
  return spawnChild(dataDir, {
    name,
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
      MAIL_SMTP_URL: stack.smtpUrl,
      LOOPLINE_API_KEY: stack.apiKey,
      OIDC_ISSUER: identity,
      OIDC_CLIENT_SECRET: identitySecret(stack.apiKey),
      LOOPLINE_ROLES: roles,
      API_HOST: env.API_HOST,
      API_PORT: String(port),
    },
    logFile: join(dataDir, 'logs', `${name}.log`),
    readyPorts: roles.includes('api') ? [port] : [],
  });
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
