import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { connectLedger, type Ledger } from '../../activities/ledger/connect.ts';
import type { NoticePartsSettings } from '../../worker/notice-parts.ts';
import { KeyRing } from '../../activities/sealing/key-ring.ts';
import { migrateLedger } from '../../activities/ledger/migrate.ts';
import { startSimulators, type RunningSimulators } from '../../simulators/start-simulators.ts';
import { identitySecret } from '../../worker/api-access.ts';
import { startLoopline, type Loopline, type LooplineOptions } from '../../worker/compose.ts';
import { stopLeftovers } from '../../worker/stack/children.ts';
import { freePort } from '../../worker/stack/ports.ts';
import { removePostgresData, startPostgres } from '../../worker/stack/postgres.ts';
import { startTemporal } from '../../worker/stack/temporal.ts';
import { quietRuntime } from '../support/loopline.ts';
import { API_KEY, type Surroundings } from './serve-process.ts';

const log = () => undefined;

/** A server that a test takes away and brings back, over the same data and at the same address. */
export interface Removable {
  /** In order, as an operator or an update does it. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Durable servers that belong to one test file, with an empty ledger. */
export interface OwnStack {
  readonly postgres: Removable;
  readonly temporal: Removable;
  /** Of the database's administrator; opens a new connection where one was lost. */
  readonly owner: postgres.Sql;
  readonly appUrl: string;
  readonly ledger: Ledger;
  /** What a process of its own has to know of these servers. */
  readonly around: Surroundings;
  /** The simulated provider, by which people log in at an API of `run`. */
  readonly identityUrl: string;
  /** Runs a process's parts here, over these servers, until the stack closes. */
  run(roles: Partial<LooplineOptions['roles']>): Promise<Loopline>;
  close(): Promise<void>;
}

/** Starts them; `postgresDir` is where Postgres keeps its data, if not beside the others. */
export async function openOwnStack(options: { postgresDir?: string } = {}): Promise<OwnStack> {
  quietRuntime();
  const folder = await mkdtemp(join(tmpdir(), 'loopline-own-'));
  // As root, Postgres runs under another account, which has to pass through this folder.
  await chmod(folder, 0o711);
  const postgresDir = options.postgresDir ?? join(folder, 'postgres');
  const [postgresPort, temporalPort] = [await freePort(), await freePort()];
  const startDatabase = () => startPostgres({ dataDir: postgresDir, port: postgresPort, log });
  const startEngine = () => startTemporal({ dataDir: folder, port: temporalPort, log });
  let [database, engine] = await Promise.all([startDatabase(), startEngine()]);
  const { appUrl, ownerUrl } = await migrateLedger({ url: database.url });
  const ledger = connectLedger(appUrl).as({ actor: 'test' });
  const owner = openOwner(ownerUrl);
  const simulators = await openSimulators(folder);
  const running = new Set<Loopline>();
  return {
    postgres: {
      stop: () => database.stop(),
      start: async () => {
        database = await startDatabase();
      },
    },
    temporal: {
      stop: () => engine.stop(),
      start: async () => {
        engine = await startEngine();
      },
    },
    owner,
    appUrl,
    ledger,
    around: {
      appUrl,
      temporalAddress: engine.address,
      namespace: 'default',
      simulators: simulators.urls,
      smtpUrl: simulators.smtpUrl,
    },
    identityUrl: simulators.urls.identity,
    run: (roles) =>
      runParts({ appUrl, temporalAddress: engine.address, simulators, roles, running }),
    close: async () => {
      try {
        await Promise.all([...running].map((loopline) => loopline.stop()));
        await Promise.all([simulators.stop(), ledger.close(), owner.end({ timeout: 5 })]);
      } finally {
        // Servers live on by themselves, so they are ended whatever went wrong before.
        await stopLeftovers(folder, log);
        await removePostgresData(postgresDir);
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Runs a process's parts here; while they run they are in `running`. People log in at its API. */
async function runParts(given: {
  readonly appUrl: string;
  readonly temporalAddress: string;
  readonly simulators: RunningSimulators;
  readonly roles: Partial<LooplineOptions['roles']>;
  readonly running: Set<Loopline>;
}): Promise<Loopline> {
  const { appUrl, temporalAddress, simulators, roles, running } = given;
  const port = await freePort();
  const loopline = await startLoopline({
    databaseUrl: appUrl,
    temporalAddress,
    namespace: 'default',
    providers: simulators.urls,
    notices: noticesOver(simulators.smtpUrl),
    api: {
      host: '127.0.0.1',
      port,
      apiKey: API_KEY,
      identity: {
        issuer: simulators.urls.identity,
        clientId: 'loopline',
        clientSecret: identitySecret(API_KEY),
        baseUrl: `http://127.0.0.1:${port}`,
        audience: 'urn:loopline:api',
      },
    },
    roles: { api: false, worker: false, dispatcher: false, ...roles },
    drainMs: 5_000,
    log,
  });
  running.add(loopline);
  return {
    ...loopline,
    stop: async () => {
      running.delete(loopline);
      await loopline.stop();
    },
  };
}

function noticesOver(smtpUrl: string): NoticePartsSettings {
  return {
    smtpUrl,
    mailFrom: 'shop@loopline.example',
    publicUrl: 'https://loopline.example',
    secretKeys: new KeyRing([{ id: 'test', key: Buffer.alloc(32, 1) }]),
    webhookNetworks: 'loopback',
  };
}

/** It outlives its server: of the driver's own first statement nobody would hear that it failed. */
function openOwner(url: string): postgres.Sql {
  const options = { max: 2, fetch_types: false, onnotice: () => undefined };
  return postgres(url, { ...options, backoff: () => 0.1 });
}

async function openSimulators(folder: string): Promise<RunningSimulators> {
  const simulators = await startSimulators({
    ports: {},
    dataDir: join(folder, 'simulators'),
    seed: 1,
    mode: 'replay',
    apiUrl: 'http://127.0.0.1:9',
    apiKey: 'unused-by-these-tests',
  });
  // Nobody acts by himself: a test says what the warehouse does.
  await fetch(`${simulators.urls.warehouse}/_sim/settings`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ auto: false }),
  });
  return simulators;
}
