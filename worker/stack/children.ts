import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { acceptsConnections } from './ports.ts';
import {
  errorCode,
  isRunning,
  spawnDetached,
  stopProcess,
  waitUntil,
  type ProcessIdentity,
  type StackLog,
} from './processes.ts';

const childSchema = z.object({
  name: z.string(),
  pid: z.number().int().positive(),
  startedAt: z.string(),
  /** Command and arguments, to see whether a child left over is the one now wanted. */
  commandLine: z.array(z.string()),
});
type ChildRecord = z.infer<typeof childSchema>;

/** What to run as a child of the stack, and how to see that it is ready. */
export type ChildSpecification = {
  /** Unique within a data folder, such as `temporal`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Its whole environment; ours when left out. */
  readonly env?: NodeJS.ProcessEnv;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  /** Ready when each of these ports of 127.0.0.1 accepts connections. */
  readonly readyPorts: readonly number[];
  readonly readyWithinMs?: number;
  /** How long it may take to obey TERM before it is killed. */
  readonly stopWithinMs?: number;
};

/** A running child. `stop` is idempotent; `stop({ force: true })` does not wait for manners. */
export type Child = {
  readonly name: string;
  readonly pid: number;
  readonly adopted: boolean;
  stop(options?: { readonly force?: boolean }): Promise<void>;
};

/**
 * Starts a child in a session of its own, so that a terminal's Ctrl-C reaches only us, and
 * records its pid and start time in `<dataDir>/children.json` before waiting for it to be ready.
 * Throws with the end of the child's log when it ends first or is not ready in time.
 */
export async function spawnChild(
  dataDir: string,
  specification: ChildSpecification,
): Promise<Child> {
  await mkdir(dirname(specification.logFile), { recursive: true });
  const identity = await spawnDetached(specification.command, specification.args, {
    cwd: specification.cwd,
    env: specification.env ?? process.env,
    logFile: specification.logFile,
  });
  if (identity === undefined) throw await endedEarly(specification);
  await record(dataDir, toRecord(specification, identity));
  const ready = await waitUntil(
    async () => (await isReady(specification)) || !(await isRunning(identity)),
    specification.readyWithinMs ?? 30_000,
    50,
  );
  if (!(await isRunning(identity))) throw await endedEarly(specification);
  if (!ready) {
    await stopRecorded(dataDir, toRecord(specification, identity), specification.stopWithinMs);
    throw new Error(
      `${specification.name} was not ready in time. ${await endOfLog(specification.logFile)}`,
    );
  }
  return handle(dataDir, specification, identity, false);
}

/**
 * The child of this name that an earlier run left alive, if it was started by the same command
 * line and answers; any other child of this name is stopped. Undefined when there is none to use.
 */
export async function adoptChild(
  dataDir: string,
  specification: ChildSpecification,
): Promise<Child | undefined> {
  const left = (await readRecords(dataDir)).find((child) => child.name === specification.name);
  if (left === undefined || !(await isRunning(left))) return undefined;
  const wanted = [specification.command, ...specification.args];
  const same = JSON.stringify(left.commandLine) === JSON.stringify(wanted);
  if (same && (await isReady(specification))) {
    return handle(dataDir, specification, left, true);
  }
  await stopRecorded(dataDir, left, specification.stopWithinMs);
  return undefined;
}

/** Command and arguments of the child of this name that an earlier run left alive; else undefined. */
export async function commandLeftAlive(
  dataDir: string,
  name: string,
): Promise<readonly string[] | undefined> {
  const left = (await readRecords(dataDir)).find((child) => child.name === name);
  return left !== undefined && (await isRunning(left)) ? left.commandLine : undefined;
}

/** Stops every child that an earlier run of this data folder left alive, but for those kept. */
export async function stopLeftovers(
  dataDir: string,
  log: StackLog,
  keep: readonly string[] = [],
): Promise<void> {
  for (const child of await readRecords(dataDir)) {
    if (keep.includes(child.name)) continue;
    if (await isRunning(child)) log(`Stopping ${child.name} (pid ${child.pid}) of an earlier run.`);
    await stopRecorded(dataDir, child);
  }
}

/** The last lines of a log, for an error message. */
export async function endOfLog(logFile: string, lines = 12): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  const end = text.trimEnd().split('\n').slice(-lines).join('\n');
  return `The end of ${logFile}:\n${end}`;
}

function handle(
  dataDir: string,
  specification: ChildSpecification,
  identity: ProcessIdentity,
  adopted: boolean,
): Child {
  const child = toRecord(specification, identity);
  return {
    name: specification.name,
    pid: identity.pid,
    adopted,
    stop: (options) =>
      stopRecorded(dataDir, child, options?.force === true ? 0 : specification.stopWithinMs),
  };
}

async function stopRecorded(
  dataDir: string,
  child: ChildRecord,
  stopWithinMs = 10_000,
): Promise<void> {
  await stopProcess(child, [
    ...(stopWithinMs > 0 ? [{ signal: 'SIGTERM', waitMs: stopWithinMs } as const] : []),
    { signal: 'SIGKILL', waitMs: 5_000 },
  ]);
  await changeRecords(dataDir, (records) => records.filter((other) => other.pid !== child.pid));
}

async function isReady({ readyPorts }: ChildSpecification): Promise<boolean> {
  const answers = await Promise.all(readyPorts.map((port) => acceptsConnections(port)));
  return answers.every(Boolean);
}

async function endedEarly(specification: ChildSpecification): Promise<Error> {
  return new Error(
    `${specification.name} ended before it was ready. ${await endOfLog(specification.logFile)}`,
  );
}

function toRecord(specification: ChildSpecification, identity: ProcessIdentity): ChildRecord {
  return {
    name: specification.name,
    pid: identity.pid,
    startedAt: identity.startedAt,
    commandLine: [specification.command, ...specification.args],
  };
}

async function record(dataDir: string, child: ChildRecord): Promise<void> {
  await changeRecords(dataDir, (records) => [
    ...records.filter((other) => other.name !== child.name),
    child,
  ]);
}

async function readRecords(dataDir: string): Promise<ChildRecord[]> {
  try {
    return z.array(childSchema).parse(JSON.parse(await readFile(recordsFile(dataDir), 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw new Error(`${recordsFile(dataDir)} cannot be read; remove it once nothing runs.`, {
      cause: error,
    });
  }
}

let pendingChange: Promise<void> = Promise.resolve();

/** One change at a time, since parts start and stop side by side; written whole, then renamed. */
async function changeRecords(
  dataDir: string,
  change: (records: ChildRecord[]) => ChildRecord[],
): Promise<void> {
  const previous = pendingChange;
  const current = applyChange(previous, dataDir, change);
  pendingChange = current.catch(() => undefined);
  await current;
}

async function applyChange(
  previous: Promise<void>,
  dataDir: string,
  change: (records: ChildRecord[]) => ChildRecord[],
): Promise<void> {
  await previous;
  const changed = change(await readRecords(dataDir));
  const temporary = `${recordsFile(dataDir)}.new`;
  await writeFile(temporary, `${JSON.stringify(changed, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, recordsFile(dataDir));
}

function recordsFile(dataDir: string): string {
  return join(dataDir, 'children.json');
}
