import { execFile } from 'node:child_process';
import { access, constants, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { tryLock } from './lock.ts';
import { cacheFolder } from './paths.ts';
import type { StackLog } from './processes.ts';
import { buildTemporal } from './temporal-build.ts';
import { downloadTemporal } from './temporal-download.ts';

const execFileAsync = promisify(execFile);

/** Older servers cannot skip time, and keep their SQLite file in an older form. */
const LEAST_SERVER = '1.32.0';

/** A Temporal CLI with a server inside, and the version of that server, such as `1.32.0`. */
export type TemporalBinary = { readonly path: string; readonly serverVersion: string };

/**
 * Finds a Temporal CLI whose server is at least 1.32.0, or gets one, in this order: the path in
 * TEMPORAL_CLI, `temporal` on PATH, the user's cache folder, the official download, a build with
 * Go from the module pinned beside this file. What was got is kept in the cache folder.
 */
export async function ensureTemporalBinary(options: {
  readonly log: StackLog;
  readonly source?: NodeJS.ProcessEnv;
}): Promise<TemporalBinary> {
  const source = options.source ?? process.env;
  const named = source['TEMPORAL_CLI'];
  if (named !== undefined && named !== '') return namedBinary(named);
  return (
    (await onPath(source, options.log)) ??
    (await inCache(source)) ??
    (await getOnce(source, options.log))
  );
}

async function namedBinary(path: string): Promise<TemporalBinary> {
  const serverVersion = await serverVersionOf(path);
  if (serverVersion === undefined) {
    throw new Error(`TEMPORAL_CLI is ${path}, which is not a Temporal CLI that runs here.`);
  }
  if (!isRecent(serverVersion)) {
    throw new Error(
      `TEMPORAL_CLI is ${path} with Temporal Server ${serverVersion}; ${LEAST_SERVER} is needed.`,
    );
  }
  return { path, serverVersion };
}

async function onPath(
  source: NodeJS.ProcessEnv,
  log: StackLog,
): Promise<TemporalBinary | undefined> {
  for (const folder of (source['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, 'temporal');
    if (!(await isExecutable(path))) continue;
    const serverVersion = await serverVersionOf(path);
    if (serverVersion !== undefined && isRecent(serverVersion)) return { path, serverVersion };
    log(
      `${path} has Temporal Server ${serverVersion ?? 'of unknown version'}; ` +
        `at least ${LEAST_SERVER} is needed, so it is not used.`,
    );
  }
  return undefined;
}

/** The newest one in the cache folder; each lies in a folder named by its server's version. */
async function inCache(source: NodeJS.ProcessEnv): Promise<TemporalBinary | undefined> {
  const cache = cacheFolder(source);
  const folders = await readdir(cache).catch(() => []);
  const versions = folders
    .filter((folder) => /^temporal-\d+\.\d+\.\d+$/.test(folder))
    .map((folder) => folder.slice('temporal-'.length))
    .filter(isRecent)
    .toSorted((left, right) => compareVersions(right, left));
  for (const version of versions) {
    const path = join(cache, `temporal-${version}`, 'temporal');
    const serverVersion = await serverVersionOf(path);
    if (serverVersion !== undefined && isRecent(serverVersion)) return { path, serverVersion };
  }
  return undefined;
}

/** Downloads or builds under a lock: a second process waits for the first and uses its result. */
async function getOnce(source: NodeJS.ProcessEnv, log: StackLog): Promise<TemporalBinary> {
  const cache = cacheFolder(source);
  await mkdir(cache, { recursive: true });
  for (let waits = 0; ; waits += 1) {
    const lock = await tryLock(join(cache, 'temporal.lock'));
    if (!lock.held) {
      if (waits % 10 === 0) log(`Process ${lock.owner.pid} is getting Temporal; waiting for it.`);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      continue;
    }
    try {
      return (await inCache(source)) ?? (await getIntoCache(cache, log));
    } finally {
      await lock.release();
    }
  }
}

async function getIntoCache(cache: string, log: StackLog): Promise<TemporalBinary> {
  log(`No Temporal CLI with Server ${LEAST_SERVER} or newer on PATH or in ${cache}.`);
  const workshop = join(cache, 'temporal-new');
  await rm(workshop, { recursive: true, force: true });
  await mkdir(workshop, { recursive: true });
  const unfinished = join(workshop, 'temporal');
  try {
    if (await downloadTemporal(unfinished, log)) {
      const got = await keep(unfinished, cache);
      if (got !== undefined) return got;
      log('The downloaded Temporal CLI does not run here or is too old.');
    }
    await buildTemporal(unfinished, log);
    const built = await keep(unfinished, cache);
    if (built === undefined) throw new Error('The Temporal CLI was built but does not run here.');
    return built;
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/** Moves a finished binary to its place in one step, so that the cache never holds half of one. */
async function keep(unfinished: string, cache: string): Promise<TemporalBinary | undefined> {
  const serverVersion = await serverVersionOf(unfinished);
  if (serverVersion === undefined || !isRecent(serverVersion)) return undefined;
  const folder = join(cache, `temporal-${serverVersion}`);
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'temporal');
  await rename(unfinished, path);
  return { path, serverVersion };
}

/** `temporal version 1.9.1 (Server 1.32.0, UI 2.50.1)` → `1.32.0`. */
async function serverVersionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await execFileAsync(path, ['--version'], { timeout: 20_000 });
    return /\(Server (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

function isRecent(version: string): boolean {
  return compareVersions(version, LEAST_SERVER) >= 0;
}

function compareVersions(left: string, right: string): number {
  const [ours, theirs] = [left.split('.').map(Number), right.split('.').map(Number)];
  for (const [index, part] of ours.entries()) {
    const difference = part - (theirs[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
