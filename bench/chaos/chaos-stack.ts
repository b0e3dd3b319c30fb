import { randomBytes, randomInt } from 'node:crypto';
import { join } from 'node:path';
import { migrateLedger } from '../../activities/ledger/migrate.ts';
import { identitySecret } from '../../worker/api-access.ts';
import { seedSampleShop } from '../../worker/sample-shop.ts';
import { endOfLog, spawnChild, stopLeftovers } from '../../worker/stack/children.ts';
import { PROJECT_FOLDER } from '../../worker/stack/paths.ts';
import { assertPortFree, PORT_VARIABLES } from '../../worker/stack/ports.ts';
import { removePostgresData, startPostgres } from '../../worker/stack/postgres.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from '../../worker/stack/processes.ts';
import { startTemporal } from '../../worker/stack/temporal.ts';
import { enterDeciders } from '../deciders/enter-deciders.ts';

const LOOK_MS = 500;
/** Lines of the log of a part that has ended by itself. */
const LAST_WORDS = 8;
const LOWEST_PORT = 12_000;
const HIGHEST_PORT = 32_000;

export type PartKind = 'api' | 'worker' | 'postgres' | 'temporal' | 'simulators';

/** One process of the stack (Postgres: its first one), which may be killed and started again. */
export interface Part {
  readonly name: string;
  readonly kind: PartKind;
  /** Undefined while it is down. */
  pid(): number | undefined;
  /** Starts it, or starts it again over what a kill has left. */
  start(): Promise<void>;
  /** Says that it is killed on purpose, and not to be started again before `start`. */
  expectEnd(): void;
}

export interface ChaosStack {
  readonly parts: readonly Part[];
  /** Of every API process; a caller whose one is away takes another. */
  readonly apiUrls: readonly string[];
  readonly apiKey: string;
  /** What those who decide log in with. */
  readonly password: string;
  readonly simulators: Readonly<Record<Simulator, string>>;
  readonly temporalAddress: string;
  /** Of the ledger's database and its owner, for the comparison. */
  readonly ownerUrl: string;
  /** How often a part ended without being killed, and was started again, by name. */
  readonly ended: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

type Simulator = 'gateway' | 'carrier' | 'supplier' | 'warehouse' | 'mail' | 'identity';

export interface ChaosStackOptions {
  readonly dataDir: string;
  readonly seed: number;
  readonly apis: number;
  readonly workers: number;
  readonly log: (line: string) => void;
}

/**
 * Starts a durable stack of several API and worker processes, each one a child that can be killed
 * alone, with the sample shop. A part of Loopline that ends by itself is started again, as a
 * container's `restart: always` does.
 */
export async function startChaosStack(options: ChaosStackOptions): Promise<ChaosStack> {
  try {
    return await startParts(options);
  } catch (error) {
    await stopLeftovers(options.dataDir, () => undefined);
    await removePostgresData(join(options.dataDir, 'postgres'));
    throw error;
  }
}

async function startParts(options: ChaosStackOptions): Promise<ChaosStack> {
  const { dataDir, log } = options;
  const { ports, apiPorts } = await steadyPorts(options.apis);
  const apiUrls = apiPorts.map((port) => local(port));
  const apiKey = `chaos-${randomBytes(16).toString('hex')}`;
  const ended = new Map<string, number>();

  const postgres = postgresPart(dataDir, Number(ports['POSTGRES_PORT']), log);
  const temporal = temporalPart(dataDir, Number(ports['TEMPORAL_PORT']), log);
  await Promise.all([postgres.start(), temporal.start()]);
  const { appUrl, ownerUrl } = await migrateLedger({ url: postgres.url(), log });
  const simulators = simulatorsPart(options, ports, { apiUrl: apiUrls[0] ?? '', apiKey });
  const simulatorUrls = addressesOf(ports);
  const temporalAddress = `127.0.0.1:${ports['TEMPORAL_PORT']}`;
  const loopline = looplineParts(options, apiPorts, {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    DATABASE_URL: appUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    GATEWAY_URL: simulatorUrls.gateway,
    CARRIER_URL: simulatorUrls.carrier,
    SUPPLIER_URL: simulatorUrls.supplier,
    MAIL_SMTP_URL: `smtp://127.0.0.1:${ports['MAIL_SMTP_PORT']}`,
    LOOPLINE_API_KEY: apiKey,
    OIDC_ISSUER: simulatorUrls.identity,
    OIDC_CLIENT_SECRET: identitySecret(apiKey),
  });
  await Promise.all([simulators, ...loopline].map((part) => part.start()));
  await seedSampleShop({ apiUrl: apiUrls[0] ?? '', apiKey, log });
  const password = await enterDeciders({
    apiUrl: apiUrls[0] ?? '',
    apiKey,
    identityUrl: simulatorUrls.identity,
    client: {
      secret: identitySecret(apiKey),
      redirectUris: apiUrls.map((url) => `${url}/login/callback`),
    },
  });
  const parts = [...loopline, postgres, temporal, simulators];
  const supervision = supervise(parts, ended, log);
  return {
    parts,
    apiUrls,
    apiKey,
    password,
    simulators: simulatorUrls,
    temporalAddress,
    ownerUrl,
    ended,
    stop: async () => {
      await supervision.stop();
      await Promise.all(parts.map((part) => part.retire()));
      await stopLeftovers(dataDir, () => undefined);
      await postgres.stop();
    },
  };
}

function addressesOf(ports: Readonly<Record<string, string>>): Record<Simulator, string> {
  return {
    gateway: local(ports['GATEWAY_PORT']),
    carrier: local(ports['CARRIER_PORT']),
    supplier: local(ports['SUPPLIER_PORT']),
    warehouse: local(ports['WAREHOUSE_PORT']),
    mail: local(ports['MAIL_PORT']),
    identity: local(ports['IDENTITY_PORT']),
  };
}

function local(port: number | string | undefined): string {
  return `http://127.0.0.1:${port}`;
}

/**
 * Free ports below those that the system gives to outgoing connections: one of these could take a
 * killed part's port before the part is up again.
 */
async function steadyPorts(apis: number) {
  const found: number[] = [];
  const variables = Object.values(PORT_VARIABLES);
  while (found.length < variables.length + apis) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    const isFree = await assertPortFree('api', port).then(
      () => true,
      () => false,
    );
    if (isFree && !found.includes(port)) found.push(port);
  }
  const named = variables.map((variable, index) => [variable, String(found[index])] as const);
  const ports: Readonly<Record<string, string>> = Object.fromEntries(named);
  return { ports, apiPorts: found.slice(variables.length) };
}

/** A part whose process is known by pid and start time, so that no stranger's pid is ever signalled. */
function partOf(
  { name, kind, logFile }: { name: string; kind: PartKind; logFile: string },
  startProcess: () => Promise<number>,
) {
  let identity: ProcessIdentity | undefined;
  let isEndExpected = false;
  let starting: Promise<void> | undefined;
  const isUp = async () => identity !== undefined && (await isRunning(identity));
  let isRetired = false;
  const begin = async () => {
    if (isRetired) throw new Error(`${name} is not started any more`);
    if (!(await isUp())) identity = await identifyProcess(await startProcess());
    isEndExpected = false;
  };
  return {
    name,
    kind,
    /** What it said last. */
    lastWords: () => endOfLog(logFile, LAST_WORDS),
    pid: () => identity?.pid,
    /** Whoever asks for it while it is being started waits for the same start. */
    start: () => {
      starting ??= begin().finally(() => {
        starting = undefined;
      });
      return starting;
    },
    expectEnd: () => {
      isEndExpected = true;
    },
    /** For good: whatever is being started is up afterwards, and nothing begins. */
    retire: async () => {
      isRetired = true;
      await starting?.catch(() => undefined);
    },
    hasEndedByItself: async () => {
      const seen = identity;
      const isDown = seen !== undefined && !(await isRunning(seen));
      // Asked last: it may have been killed on purpose meanwhile, or killed and started again.
      return isDown && identity === seen && !isEndExpected && starting === undefined;
    },
  };
}

type SupervisedPart = ReturnType<typeof partOf>;

function postgresPart(dataDir: string, port: number, log: (line: string) => void) {
  const folder = join(dataDir, 'postgres');
  let server: Awaited<ReturnType<typeof startPostgres>> | undefined;
  const logFile = join(folder, 'postgres.log');
  const part = partOf({ name: 'postgres', kind: 'postgres', logFile }, async () => {
    server = await startPostgres({ dataDir: folder, port, log });
    return server.pid;
  });
  return {
    ...part,
    url: () => {
      if (server === undefined) throw new Error('Postgres has not been started');
      return server.url;
    },
    stop: async () => server?.stop(),
  };
}

function temporalPart(dataDir: string, port: number, log: (line: string) => void): SupervisedPart {
  const logFile = logOf(dataDir, 'temporal');
  return partOf({ name: 'temporal', kind: 'temporal', logFile }, async () => {
    const server = await startTemporal({ dataDir, port, log });
    return server.pid;
  });
}

function simulatorsPart(
  { dataDir, seed }: ChaosStackOptions,
  ports: Readonly<Record<string, string>>,
  loopline: { readonly apiUrl: string; readonly apiKey: string },
): SupervisedPart {
  const own = Object.entries(ports).filter(([name]) =>
    /^(GATEWAY|CARRIER|SUPPLIER|WAREHOUSE|MAIL|IDENTITY)_/.test(name),
  );
  return childPart(dataDir, 'simulators', 'simulators', {
    script: 'simulators/main.ts',
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...Object.fromEntries(own),
      SIM_DATA: join(dataDir, 'simulators'),
      SIM_SEED: String(seed),
      SIM_MODE: 'live',
      LOOPLINE_API_URL: loopline.apiUrl,
      LOOPLINE_API_KEY: loopline.apiKey,
    },
    readyPorts: own.map(([, port]) => Number(port)),
  });
}

function looplineParts(
  { dataDir, workers }: ChaosStackOptions,
  apiPorts: readonly number[],
  env: NodeJS.ProcessEnv,
): SupervisedPart[] {
  const script = 'worker/serve.ts';
  const apis = apiPorts.map((port, index) =>
    childPart(dataDir, `api-${index + 1}`, 'api', {
      script,
      env: { ...env, LOOPLINE_ROLES: 'api', API_PORT: String(port) },
      readyPorts: [port],
    }),
  );
  const others = Array.from({ length: workers }, (_, index) =>
    childPart(dataDir, `worker-${index + 1}`, 'worker', {
      script,
      env: { ...env, LOOPLINE_ROLES: 'worker,dispatcher' },
      readyPorts: [],
    }),
  );
  return [...apis, ...others];
}

function childPart(
  dataDir: string,
  name: string,
  kind: PartKind,
  program: {
    readonly script: string;
    readonly env: NodeJS.ProcessEnv;
    readonly readyPorts: readonly number[];
  },
): SupervisedPart {
  const logFile = logOf(dataDir, name);
  return partOf({ name, kind, logFile }, async () => {
    const child = await spawnChild(dataDir, {
      name,
      command: process.execPath,
      args: ['--import', 'tsx', join(PROJECT_FOLDER, program.script)],
      cwd: PROJECT_FOLDER,
      env: program.env,
      logFile,
      readyPorts: program.readyPorts,
      readyWithinMs: 60_000,
    });
    return child.pid;
  });
}

const logOf = (dataDir: string, name: string) => join(dataDir, 'logs', `${name}.log`);

/** Starts again what has ended by itself; a start that fails is tried again at the next look. */
function supervise(
  parts: readonly SupervisedPart[],
  ended: Map<string, number>,
  log: (line: string) => void,
) {
  const starting = new Map<string, Promise<void>>();
  let stopping = false;
  const look = async (part: SupervisedPart): Promise<void> => {
    if (!(await part.hasEndedByItself()) || starting.has(part.name) || stopping) return;
    ended.set(part.name, (ended.get(part.name) ?? 0) + 1);
    const start = startAgain(part).catch((error: unknown) => log(`${part.name}: ${String(error)}`));
    starting.set(part.name, start);
    await start;
    starting.delete(part.name);
  };
  const startAgain = async (part: SupervisedPart): Promise<void> => {
    log(`${part.name} has ended by itself; starting it again. ${await part.lastWords()}`);
    await part.start();
  };
  const timer = setInterval(() => {
    for (const part of parts) void look(part);
  }, LOOK_MS);
  return {
    stop: async () => {
      stopping = true;
      clearInterval(timer);
      await Promise.all(starting.values());
    },
  };
}
