import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Env } from '../env.ts';
import { spawnChild, stopLeftovers } from './children.ts';
import { tryLock } from './lock.ts';
import { PROJECT_FOLDER, prepareDataFolder } from './paths.ts';
import { assertPortsFree, type PortName } from './ports.ts';
import { findPostgres, removePostgresData, startPostgres } from './postgres.ts';
import { errorCode, type StackLog } from './processes.ts';
import { createStopList, type StopList } from './stop-list.ts';
import { ensureTemporalBinary } from './temporal-binary.ts';
import { portsOfTemporalLeft, startTemporal } from './temporal.ts';

/** Where the simulated providers and the simulated warehouse listen. */
export type SimulatorUrls = {
  readonly gateway: string;
  readonly carrier: string;
  readonly supplier: string;
  readonly warehouse: string;
  readonly mail: string;
  readonly identity: string;
};

/** The services below Loopline, up and answering. */
export type LocalStack = {
  /** An administrator's URL; holds the password. */
  readonly databaseUrl: string;
  /** Holds the administrator's password; undefined when Postgres is not ours. */
  readonly databasePasswordFile: string | undefined;
  readonly temporalAddress: string;
  /** Undefined when Temporal is not ours. */
  readonly temporalUiUrl: string | undefined;
  readonly simulators: SimulatorUrls;
  /** Where mail is handed over, smtp://host:port; the simulated server unless MAIL_SMTP_URL names another. */
  readonly smtpUrl: string;
  /** From LOOPLINE_API_KEY, else generated once per data folder. */
  readonly apiKey: string;
  /** Simulators, then Temporal, then Postgres; only what is ours. */
  stop(options?: { readonly force?: boolean }): Promise<void>;
};

export type LocalStackOptions = {
  readonly env: Env;
  readonly dataDir: string;
  /** Deletes what the data folder holds before starting. */
  readonly fresh: boolean;
  readonly timeSkipping: boolean;
  /** Whether the simulators are started; their URLs are given either way. */
  readonly simulators: boolean;
  readonly log: StackLog;
  /** Learns of each part as it comes up, so that an interrupted start can be undone. */
  readonly parts?: StopList;
};

/**
 * Starts what Loopline needs on this machine: Postgres (unless DATABASE_URL), Temporal (unless
 * TEMPORAL_ADDRESS) and the simulators. What an earlier run left alive on the same data folder is
 * adopted or replaced; a data folder that a live process uses is refused.
 * On failure everything that was started is stopped again.
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const parts = options.parts ?? createStopList(options.log);
  try {
    return await startParts(options, parts);
  } catch (error) {
    await parts.stop();
    throw error;
  }
}

async function startParts(options: LocalStackOptions, parts: StopList): Promise<LocalStack> {
  const { env, dataDir, log } = options;
  await prepareDataFolder(dataDir);
  await claimDataFolder(dataDir, parts);
  const keep = !options.fresh && env.TEMPORAL_ADDRESS === undefined ? ['temporal'] : [];
  await stopLeftovers(dataDir, log, keep);
  await assertPortsFree(await portsToTake(options));
  const isKeyGone = options.fresh && (await emptyDataFolder(dataDir, log));
  if (isKeyGone && env.LOOPLINE_API_KEY === undefined)
    log('The API key made before is void: set LOOPLINE_API_KEY anew where you use it.');
  const apiKey = env.LOOPLINE_API_KEY ?? (await generatedApiKey(dataDir, log));
  const database = await providePostgres(options, parts);
  const temporal = await provideTemporal(options, parts);
  if (options.simulators) await startSimulators(options, apiKey, parts);
  return {
    databaseUrl: database.url,
    databasePasswordFile: database.passwordFile,
    temporalAddress: temporal.address,
    temporalUiUrl: temporal.uiUrl,
    simulators: simulatorUrls(env),
    smtpUrl: env.MAIL_SMTP_URL ?? `smtp://127.0.0.1:${env.MAIL_SMTP_PORT}`,
    apiKey,
    stop: (stopOptions) => parts.stop(stopOptions),
  };
}

/**
 * Every port that this start will listen on, but for those that its own Postgres and Temporal of an
 * earlier run hold: these are adopted or replaced. Asked before anything is deleted or started.
 */
async function portsToTake({ env, dataDir, simulators }: LocalStackOptions) {
  const postgres = await findPostgres(join(dataDir, 'postgres'));
  const temporal = await portsOfTemporalLeft(dataDir);
  const ports: { readonly name: PortName; readonly port: number; readonly needed: boolean }[] = [
    { name: 'api', port: env.API_PORT, needed: env.LOOPLINE_ROLES.includes('api') },
    {
      name: 'postgres',
      port: env.POSTGRES_PORT,
      needed:
        env.DATABASE_URL === undefined &&
        !(postgres.state === 'running' && postgres.port === env.POSTGRES_PORT),
    },
    {
      name: 'temporal',
      port: env.TEMPORAL_PORT,
      needed: env.TEMPORAL_ADDRESS === undefined && temporal.port !== env.TEMPORAL_PORT,
    },
    {
      name: 'temporal-ui',
      port: env.TEMPORAL_UI_PORT,
      needed: env.TEMPORAL_ADDRESS === undefined && temporal.uiPort !== env.TEMPORAL_UI_PORT,
    },
    { name: 'gateway', port: env.GATEWAY_PORT, needed: simulators },
    { name: 'carrier', port: env.CARRIER_PORT, needed: simulators },
    { name: 'supplier', port: env.SUPPLIER_PORT, needed: simulators },
    { name: 'warehouse', port: env.WAREHOUSE_PORT, needed: simulators },
    { name: 'mail', port: env.MAIL_PORT, needed: simulators },
    { name: 'mail-smtp', port: env.MAIL_SMTP_PORT, needed: simulators },
    { name: 'identity', port: env.IDENTITY_PORT, needed: simulators },
  ];
  return ports.filter(({ needed }) => needed);
}

async function claimDataFolder(dataDir: string, parts: StopList): Promise<void> {
  const lock = await tryLock(join(dataDir, 'owner.lock'));
  if (!lock.held) {
    throw new Error(
      `Loopline already runs on ${dataDir} (process ${lock.owner.pid}). Stop it first, or give ` +
        'this one a folder of its own with LOOPLINE_DATA and ports of its own with --ports.',
    );
  }
  parts.add({ name: 'Data folder', quiet: true, stop: () => lock.release() });
}

async function providePostgres(
  options: LocalStackOptions,
  parts: StopList,
): Promise<{ readonly url: string; readonly passwordFile: string | undefined }> {
  const { env, dataDir, log } = options;
  if (env.DATABASE_URL !== undefined) {
    if (options.fresh) log('DATABASE_URL is given: --fresh leaves that database as it is.');
    return { url: env.DATABASE_URL, passwordFile: undefined };
  }
  const folder = join(dataDir, 'postgres');
  const server = await startPostgres({ dataDir: folder, port: env.POSTGRES_PORT, log });
  parts.add({ name: 'Postgres', stop: (stopOptions) => server.stop(stopOptions) });
  return server;
}

async function provideTemporal(
  options: LocalStackOptions,
  parts: StopList,
): Promise<{ readonly address: string; readonly uiUrl: string | undefined }> {
  const { env, dataDir, log, timeSkipping } = options;
  if (env.TEMPORAL_ADDRESS !== undefined) {
    return { address: env.TEMPORAL_ADDRESS, uiUrl: undefined };
  }
  const server = await startTemporal({
    dataDir,
    port: env.TEMPORAL_PORT,
    uiPort: env.TEMPORAL_UI_PORT,
    log,
    timeSkipping,
    binary: await ensureTemporalBinary({ log }),
  });
  parts.add({ name: 'Temporal', stop: (stopOptions) => server.stop(stopOptions) });
  return server;
}

/** One process with six HTTP servers. It gets its own settings and nothing else of ours. */
async function startSimulators(
  { env, dataDir }: LocalStackOptions,
  apiKey: string,
  parts: StopList,
): Promise<void> {
  const ports = {
    gateway: env.GATEWAY_PORT,
    carrier: env.CARRIER_PORT,
    supplier: env.SUPPLIER_PORT,
    warehouse: env.WAREHOUSE_PORT,
    mail: env.MAIL_PORT,
    mailSmtp: env.MAIL_SMTP_PORT,
    identity: env.IDENTITY_PORT,
  } as const;
  const child = await spawnChild(dataDir, {
    name: 'simulators',
    command: process.execPath,
    args: ['--import', 'tsx', join(PROJECT_FOLDER, 'simulators', 'main.ts')],
    cwd: PROJECT_FOLDER,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      GATEWAY_PORT: String(ports.gateway),
      CARRIER_PORT: String(ports.carrier),
      SUPPLIER_PORT: String(ports.supplier),
      WAREHOUSE_PORT: String(ports.warehouse),
      MAIL_PORT: String(ports.mail),
      MAIL_SMTP_PORT: String(ports.mailSmtp),
      IDENTITY_PORT: String(ports.identity),
      SIM_DATA: join(dataDir, 'simulators'),
      SIM_SEED: env.SIM_SEED,
      SIM_MODE: env.SIM_MODE,
      LOOPLINE_API_URL: apiUrl(env),
      LOOPLINE_API_KEY: apiKey,
    },
    logFile: join(dataDir, 'logs', 'simulators.log'),
    readyPorts: Object.values(ports),
  });
  parts.add({ name: 'Simulators', stop: (stopOptions) => child.stop(stopOptions) });
}

/** Where the API of this machine answers, whatever address it listens on. */
function apiUrl(env: Env): string {
  const everywhere = ['0.0.0.0', '::', 'localhost'].includes(env.API_HOST);
  return `http://${everywhere ? '127.0.0.1' : env.API_HOST}:${env.API_PORT}`;
}

function simulatorUrls(env: Env): SimulatorUrls {
  return {
    gateway: env.GATEWAY_URL ?? local(env.GATEWAY_PORT),
    carrier: env.CARRIER_URL ?? local(env.CARRIER_PORT),
    supplier: env.SUPPLIER_URL ?? local(env.SUPPLIER_PORT),
    warehouse: local(env.WAREHOUSE_PORT),
    mail: local(env.MAIL_PORT),
    identity: env.OIDC_ISSUER ?? local(env.IDENTITY_PORT),
  };
}

function local(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** Made once per data folder, and said. */
async function generatedApiKey(dataDir: string, log: StackLog): Promise<string> {
  const file = join(dataDir, 'api-key');
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const key = `ll_${randomBytes(24).toString('hex')}`;
  await writeFile(`${file}.new`, `${key}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  log(`A new API key was made: ${file}`);
  return key;
}

/**
 * Deletes by name what this stack writes: the folder may be one that holds other things too.
 * Answers whether a generated API key went with it.
 */
async function emptyDataFolder(dataDir: string, log: StackLog): Promise<boolean> {
  log(`Starting over: deleting the data in ${dataDir}.`);
  await removePostgresData(join(dataDir, 'postgres'));
  const ours =
    /^(temporal-[\d.]+\.db(-shm|-wal)?|simulators|logs|api-key|connector-key|children\.json)$/;
  const names = await readdir(dataDir);
  for (const name of names) {
    if (ours.test(name)) await rm(join(dataDir, name), { recursive: true, force: true });
  }
  await prepareDataFolder(dataDir);
  return names.includes('api-key');
}
