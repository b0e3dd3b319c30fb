import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { ensureNamespace } from '../temporal-namespace.ts';
import {
  adoptChild,
  commandLeftAlive,
  endOfLog,
  spawnChild,
  type Child,
  type ChildSpecification,
} from './children.ts';
import { prepareDataFolder } from './paths.ts';
import { assertPortFree, freePort } from './ports.ts';
import type { StackLog } from './processes.ts';
import { ensureTemporalBinary, type TemporalBinary } from './temporal-binary.ts';

/** A running Temporal development server of ours. */
export type LocalTemporal = {
  /** host:port of its gRPC frontend. */
  readonly address: string;
  /** Undefined when it runs without its web UI. */
  readonly uiUrl: string | undefined;
  readonly pid: number;
  readonly adopted: boolean;
  stop(options?: { readonly force?: boolean }): Promise<void>;
};

export type TemporalOptions = {
  /** The stack's data folder; the server's file is `temporal-<major.minor>.db` in it. */
  readonly dataDir: string;
  /** Any free port when left out. */
  readonly port?: number;
  /** Without its web UI when left out. */
  readonly uiPort?: number;
  readonly log: StackLog;
  /** Lets clients switch on time skipping for single workflows; for tests only. */
  readonly timeSkipping?: boolean;
  /** Nothing is kept; for tests only. */
  readonly inMemory?: boolean;
  /** Further dynamic configuration of the server; for tests only. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Found, fetched or built when left out. */
  readonly binary?: TemporalBinary;
};

const NAMESPACE = 'default';
const PORT_OPTION = '--port=';
const UI_PORT_OPTION = '--ui-port';

/** The frontend's defaults stop a namespace at 2,400 requests a second, which a replay exceeds. */
const LIMITS = {
  'frontend.rps': 100_000,
  'frontend.namespaceRPS': 100_000,
  'frontend.namespaceRPS.visibility': 10_000,
  'frontend.namespaceCount': 10_000,
  'frontend.persistenceMaxQPS': 100_000,
  'history.rps': 100_000,
  'history.persistenceMaxQPS': 100_000,
  'matching.rps': 100_000,
  'matching.persistenceMaxQPS': 100_000,
} as const;

/**
 * Starts `temporal server start-dev` on 127.0.0.1, safe against power loss (WAL, synchronous
 * FULL), with our retention and search attributes. A server that an earlier run left on the same
 * data folder is adopted when it was started with the same command line, else replaced.
 * Throws PortTakenError, or an error with the end of the server's log.
 */
export async function startTemporal(options: TemporalOptions): Promise<LocalTemporal> {
  await prepareDataFolder(options.dataDir);
  const binary = options.binary ?? (await ensureTemporalBinary({ log: options.log }));
  const port = options.port ?? (await freePort());
  const specification = describeServer(options, binary, port);
  const address = `127.0.0.1:${port}`;
  const adopted = await adoptHealthy(options, specification, address);
  const child = adopted ?? (await spawnHealthy(options, specification, address, port));
  return {
    address,
    uiUrl: options.uiPort === undefined ? undefined : `http://127.0.0.1:${options.uiPort}`,
    pid: child.pid,
    adopted: child.adopted,
    stop: (stopOptions) => child.stop(stopOptions),
  };
}

/** The ports of the server that an earlier run left alive on this data folder; none without one. */
export async function portsOfTemporalLeft(
  dataDir: string,
): Promise<{ readonly port?: number; readonly uiPort?: number }> {
  const command = (await commandLeftAlive(dataDir, 'temporal')) ?? [];
  const port = command.find((argument) => argument.startsWith(PORT_OPTION));
  const ui = command.indexOf(UI_PORT_OPTION);
  return {
    ...(port === undefined ? {} : { port: Number(port.slice(PORT_OPTION.length)) }),
    ...(ui < 0 ? {} : { uiPort: Number(command[ui + 1]) }),
  };
}

function describeServer(
  options: TemporalOptions,
  binary: TemporalBinary,
  port: number,
): ChildSpecification {
  // The file's form changes between minor versions; a new server begins a new file, and every
  // open process is then started again from the ledger.
  const minor = binary.serverVersion.split('.').slice(0, 2).join('.');
  const file = join(options.dataDir, `temporal-${minor}.db`);
  const storage = ['--db-filename', file, ...pragmas('journal_mode=WAL', 'synchronous=FULL')];
  const ui =
    options.uiPort === undefined ? ['--headless'] : [UI_PORT_OPTION, String(options.uiPort)];
  const dynamic: Record<string, unknown> = {
    ...LIMITS,
    ...options.settings,
    ...(options.timeSkipping === true
      ? {
          'frontend.WorkflowTimeSkippingEnabled': true,
          'frontend.WorkflowTimeSkippingMaxSkipPerSession': 10_000,
        }
      : {}),
  };
  return {
    name: 'temporal',
    command: binary.path,
    args: [
      'server',
      'start-dev',
      '--ip=127.0.0.1',
      `${PORT_OPTION}${port}`,
      '--log-level=error',
      '--log-format=json',
      ...ui,
      ...(options.inMemory === true ? [] : storage),
      ...Object.entries(dynamic).flatMap(([key, value]) => [
        '--dynamic-config-value',
        `${key}=${JSON.stringify(value)}`,
      ]),
    ],
    cwd: options.dataDir,
    logFile: join(options.dataDir, 'logs', 'temporal.log'),
    readyPorts: [port],
    readyWithinMs: 60_000,
  };
}

function pragmas(...settings: readonly string[]): string[] {
  return settings.flatMap((setting) => ['--sqlite-pragma', setting]);
}

async function adoptHealthy(
  { dataDir, log }: TemporalOptions,
  specification: ChildSpecification,
  address: string,
): Promise<Child | undefined> {
  const child = await adoptChild(dataDir, specification);
  if (child === undefined) return undefined;
  try {
    await makeReady(address, 10_000);
    log(`Temporal of an earlier run is still up (pid ${child.pid}); using it.`);
    return child;
  } catch {
    log(`Temporal of an earlier run does not answer (pid ${child.pid}); restarting it.`);
    await child.stop();
    return undefined;
  }
}

async function spawnHealthy(
  options: TemporalOptions,
  specification: ChildSpecification,
  address: string,
  port: number,
): Promise<Child> {
  await assertPortFree('temporal', port);
  if (options.uiPort !== undefined) await assertPortFree('temporal-ui', options.uiPort);
  const child = await spawnChild(options.dataDir, specification);
  try {
    await makeReady(address, 60_000);
    return child;
  } catch (error) {
    await child.stop();
    const end = await endOfLog(specification.logFile);
    throw new Error(`Temporal started but did not become healthy. ${end}`, { cause: error });
  }
}

/** Asks until the namespace is served, then gives it our retention and search attributes. */
async function makeReady(address: string, limitMs: number): Promise<void> {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: '5s' });
      try {
        await connection.withDeadline(Date.now() + 10_000, () =>
          ensureNamespace(connection, NAMESPACE),
        );
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (performance.now() >= giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
