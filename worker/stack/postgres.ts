import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chown, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { endOfLog } from './children.ts';
import { embeddedPostgresFolder } from './postgres-binaries.ts';
import {
  openDataFolder,
  possibleDataFolders,
  postgresAccount,
  reachableBinaries,
  type Account,
} from './postgres-account.ts';
import { assertPortFree } from './ports.ts';
import {
  errorCode,
  identifyProcess,
  isRunning,
  processCommandLine,
  spawnDetached,
  stopProcess,
  waitUntil,
  type ProcessIdentity,
  type StackLog,
} from './processes.ts';

const execFileAsync = promisify(execFile);

const RECOVERY_LIMIT_MS = 600_000;
const PASSWORD_FILE = 'superuser-password';

/** A running Postgres server of ours. */
export type LocalPostgres = {
  /** Of the superuser, database `postgres`; holds the password. */
  readonly url: string;
  readonly pid: number;
  /** Where the data is, which as root may be elsewhere than asked for. */
  readonly folder: string;
  /** Holds the superuser's password. */
  readonly passwordFile: string;
  readonly adopted: boolean;
  /** Fast shutdown: sessions are ended, everything is on disk. `force`: at once, recovery later. */
  stop(options?: { readonly force?: boolean }): Promise<void>;
};

export type PostgresOptions = {
  readonly dataDir: string;
  readonly port: number;
  readonly log: StackLog;
  /** False only for data that nobody will miss: commits then do not wait for the disk. */
  readonly durable?: boolean;
};

/** One server in one folder: what runs, as whom, where. */
type Server = {
  readonly folder: string;
  readonly cluster: string;
  readonly logFile: string;
  readonly binaries: string;
  readonly account: Account | undefined;
  readonly args: readonly string[];
};

/**
 * Starts Postgres on 127.0.0.1 over the data in `dataDir`, which is created at first. A server
 * left by an earlier run is adopted when it has the same settings, else shut down and replaced.
 * It runs in a session of its own and survives us; `stop` ends it.
 * Throws PortTakenError, or an error with the end of the server's log.
 */
export async function startPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  const server = await prepareServer(options);
  const password = await superuserPassword(server);
  await initialise(server);
  const url = superuserUrl(password, options.port);
  const left = await livePostmaster(server.folder);
  if (left !== undefined) {
    if ((await hasSettings(server)) && (await accepts(url))) {
      options.log(`Postgres of an earlier run is still up (pid ${left.pid}); using it.`);
      return running(server, left, url, true);
    }
    options.log(`Postgres of an earlier run is still up (pid ${left.pid}); restarting it.`);
    await shutDown(left);
  }
  await assertPortFree('postgres', options.port);
  const identity = await startPostmaster(server, url, options.log);
  return running(server, identity, url, false);
}

/** What a data folder says of its Postgres: nothing begun, begun but stopped, or running. */
export type PostgresFound =
  | { readonly state: 'none' }
  | { readonly state: 'stopped'; readonly folder: string }
  | {
      readonly state: 'running';
      readonly folder: string;
      readonly port: number;
      /** Of the superuser, database `postgres`; holds the password. */
      readonly url: string;
    };

/** Looks for the Postgres of a data folder, wherever root's rules had put it and on whatever port. */
export async function findPostgres(dataDir: string): Promise<PostgresFound> {
  let begun: string | undefined;
  for (const folder of possibleDataFolders(dataDir)) {
    const password = await readFile(join(folder, PASSWORD_FILE), 'utf8').catch(() => undefined);
    if (password === undefined) continue;
    begun ??= folder;
    const port = (await livePostmaster(folder))?.port;
    if (port === undefined) continue;
    return { state: 'running', folder, port, url: superuserUrl(password.trim(), port) };
  }
  return begun === undefined ? { state: 'none' } : { state: 'stopped', folder: begun };
}

/** Shuts down what still runs on this data and deletes it, wherever root's rules had put it. */
export async function removePostgresData(dataDir: string): Promise<void> {
  for (const folder of possibleDataFolders(dataDir)) {
    const left = await livePostmaster(folder);
    if (left !== undefined) await shutDown(left);
    await rm(folder, { recursive: true, force: true });
  }
}

async function prepareServer({ dataDir, port, log, durable }: PostgresOptions): Promise<Server> {
  const account = await postgresAccount(dataDir);
  const binaries = await reachableBinaries(await embeddedPostgresFolder(), account, log);
  const folder = await openDataFolder(dataDir, account, log);
  const cluster = join(folder, 'cluster');
  const preload = join(binaries, 'lib', 'postgresql', 'pg_stat_statements.so');
  const statements = await access(preload).then(
    () => true,
    () => false,
  );
  const settings = serverSettings(port, durable ?? true, statements);
  const args = ['-D', cluster, ...settings.flatMap((setting) => ['-c', setting])];
  return { folder, cluster, logFile: join(folder, 'postgres.log'), binaries, account, args };
}

/** Given on the command line at every start, so that a changed setting needs no edited file. */
function serverSettings(port: number, durable: boolean, statements: boolean): string[] {
  const memoryMegabytes = Math.floor(totalmem() / 2 ** 20);
  const sharedMegabytes = Math.max(64, Math.min(512, Math.floor(memoryMegabytes / 16)));
  const safety = durable ? 'on' : 'off';
  return [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    // No socket file: its folder would have to be open to both accounts, and nothing needs it.
    'unix_socket_directories=',
    'max_connections=200',
    `fsync=${safety}`,
    `synchronous_commit=${safety}`,
    `full_page_writes=${safety}`,
    `shared_buffers=${sharedMegabytes}MB`,
    `effective_cache_size=${Math.floor(memoryMegabytes / 4)}MB`,
    'work_mem=16MB',
    'maintenance_work_mem=128MB',
    'wal_compression=on',
    'max_wal_size=4GB',
    'checkpoint_timeout=15min',
    'random_page_cost=1.1',
    // Our statements are short; compiling them costs more than it saves.
    'jit=off',
    // The hot tables grow by insertion and by updates of few rows: small, frequent rounds.
    'autovacuum_naptime=20s',
    'autovacuum_vacuum_scale_factor=0.05',
    'autovacuum_analyze_scale_factor=0.05',
    'timezone=UTC',
    'log_timezone=UTC',
    'lc_messages=C',
    'log_line_prefix=%m [%p] %d ',
    'log_lock_waits=on',
    ...(statements ? ['shared_preload_libraries=pg_stat_statements'] : []),
  ];
}

function superuserUrl(password: string, port: number): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}

/** Generated once per data folder; only the server's account and root can read the file. */
async function superuserPassword({ folder, account }: Server): Promise<string> {
  const file = join(folder, PASSWORD_FILE);
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const password = randomBytes(24).toString('hex');
  await writeFile(`${file}.new`, `${password}\n`, { mode: 0o600 });
  if (account !== undefined) await chown(`${file}.new`, account.uid, account.gid);
  await rename(`${file}.new`, file);
  return password;
}

/** Fills the cluster's folder under another name and renames it: it is there whole or not at all. */
async function initialise(server: Server): Promise<void> {
  const { cluster, folder, binaries } = server;
  if (await hasFile(join(cluster, 'PG_VERSION'))) return;
  const unfinished = `${cluster}.new`;
  await rm(unfinished, { recursive: true, force: true });
  await execFileAsync(
    join(binaries, 'bin', 'initdb'),
    [
      `--pgdata=${unfinished}`,
      '--username=postgres',
      `--pwfile=${join(folder, PASSWORD_FILE)}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Sorts the same on every machine, whatever locales it has.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ],
    processOptions(server),
  ).catch((error: Error & { stderr?: string }) => {
    throw new Error(`initdb failed: ${error.stderr ?? error.message}`, { cause: error });
  });
  await rename(unfinished, cluster);
}

function processOptions({ folder, account }: Server) {
  return {
    cwd: folder,
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC', HOME: folder },
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  };
}

async function startPostmaster(
  server: Server,
  url: string,
  log: StackLog,
): Promise<ProcessIdentity> {
  // Backends of a killed postmaster hold its shared memory until they notice, a moment later.
  for (let attempt = 1; ; attempt += 1) {
    await discardStrangersLock(server);
    const identity = await spawnDetached(join(server.binaries, 'bin', 'postgres'), server.args, {
      ...processOptions(server),
      logFile: server.logFile,
    });
    if (identity !== undefined && (await becomesReady(identity, url, log))) return identity;
    const end = await endOfLog(server.logFile);
    const held = /pre-existing shared memory block|lock file "postmaster\.pid" already exists/;
    if (attempt >= 20 || !held.test(end)) throw new Error(`Postgres did not start. ${end}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** False when the server has ended; after a crash it first recovers, which may take minutes. */
async function becomesReady(
  identity: ProcessIdentity,
  url: string,
  log: StackLog,
): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < RECOVERY_LIMIT_MS; waitedMs += 5_000) {
    if (waitedMs > 0) log(`Waiting for Postgres to recover (${waitedMs / 1000} s)`);
    const ready = async () => (await accepts(url)) || !(await isRunning(identity));
    if (await waitUntil(ready, 5_000, 50)) return isRunning(identity);
  }
  await shutDown(identity);
  return false;
}

/** The live postmaster of a folder; a stale or foreign pid in its lock file does not count. */
async function livePostmaster(
  folder: string,
): Promise<(ProcessIdentity & { readonly port: number }) | undefined> {
  const cluster = join(folder, 'cluster');
  const lock = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const [pidLine, , startLine, portLine] = lock.split('\n');
  const pid = Math.abs(Number(pidLine));
  if (!Number.isSafeInteger(pid) || pid < 2 || startLine === undefined) return undefined;
  const identity = await identifyProcess(pid);
  if (identity === undefined) return undefined;
  // The lock's start time has whole seconds of another clock; the command line names the folder.
  const command = await processCommandLine(pid);
  if (!command.includes(`-D ${cluster} `)) return undefined;
  return { ...identity, port: Number(portLine) };
}

/** After a crash another program may have got the pid in the lock; Postgres would then refuse. */
async function discardStrangersLock({ folder, cluster }: Server): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isSafeInteger(pid) || pid < 2) return;
  if ((await identifyProcess(pid)) === undefined) return;
  if ((await livePostmaster(folder)) === undefined) await rm(file, { force: true });
}

/** Whether the live server was started with exactly the settings wanted now. */
async function hasSettings({ cluster, args, binaries }: Server): Promise<boolean> {
  const options = await readFile(join(cluster, 'postmaster.opts'), 'utf8').catch(() => '');
  const wanted = [join(binaries, 'bin', 'postgres'), ...args.map((arg) => `"${arg}"`)].join(' ');
  return options.trim() === wanted;
}

async function accepts(url: string): Promise<boolean> {
  // As in the ledger's pool: nobody would hear that the driver's own first statement failed.
  const sql = postgres(url, {
    max: 1,
    connect_timeout: 2,
    fetch_types: false,
    onnotice: () => undefined,
  });
  try {
    await sql`SELECT 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function running(
  server: Server,
  identity: ProcessIdentity,
  url: string,
  adopted: boolean,
): LocalPostgres {
  return {
    url,
    pid: identity.pid,
    folder: server.folder,
    passwordFile: join(server.folder, PASSWORD_FILE),
    adopted,
    stop: (options) => shutDown(identity, options?.force ?? false),
  };
}

async function shutDown(identity: ProcessIdentity, force = false): Promise<void> {
  await stopProcess(identity, [
    ...(force ? [] : [{ signal: 'SIGINT', waitMs: 60_000 } as const]),
    { signal: 'SIGQUIT', waitMs: 10_000 },
    { signal: 'SIGKILL', waitMs: 5_000 },
  ]);
}

async function hasFile(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
