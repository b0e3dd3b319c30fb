import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, chown, cp, lstat, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { errorCode, type StackLog } from './processes.ts';

const execFileAsync = promisify(execFile);

/** The account that Postgres runs as; undefined means the one we run as ourselves. */
export type Account = { readonly uid: number; readonly gid: number; readonly name: string };

/** Where relocated data goes when root's own folders are closed to the account. */
const RELOCATED_DATA = ['/var/lib/loopline', '/var/tmp/loopline'];
const SHARED_BINARIES = '/var/tmp/loopline';

/**
 * Postgres refuses to run as root: then an unprivileged account is chosen. In this order: the
 * owner of data that exists, `postgres`, `loopline`, a new system account `loopline`, `nobody`.
 */
export async function postgresAccount(dataDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const folder of [dataDir, relocatedFolders(dataDir)].flat()) {
    const owner = await stat(folder).catch(() => undefined);
    if (owner !== undefined && owner.uid !== 0) {
      const { stdout } = await execFileAsync('id', ['-nu', String(owner.uid)]).catch(() => ({
        stdout: `uid ${owner.uid}`,
      }));
      return { uid: owner.uid, gid: owner.gid, name: stdout.trim() };
    }
  }
  const known = (await findAccount('postgres')) ?? (await findAccount('loopline'));
  if (known !== undefined) return known;
  const home = ['--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin'];
  await execFileAsync('useradd', ['--system', '--user-group', ...home, 'loopline']).catch(
    () => undefined,
  );
  const chosen = (await findAccount('loopline')) ?? (await findAccount('nobody'));
  if (chosen !== undefined) return chosen;
  throw new Error(
    'Postgres does not run as root, and no other account could be found or made. ' +
      'Add one (useradd --system loopline), run as another user, or set DATABASE_URL.',
  );
}

/**
 * The folder for this Postgres: the one asked for, or, where a folder above it is closed to the
 * account, one of its own below /var/lib/loopline. Created, and owned by the account.
 */
export async function openDataFolder(
  wanted: string,
  account: Account | undefined,
  log: StackLog,
): Promise<string> {
  if (account === undefined) {
    await mkdir(wanted, { recursive: true, mode: 0o700 });
    return wanted;
  }
  const closed = await closedFolderAbove(wanted, account);
  const occupied = await occupiedFolder(wanted);
  if (closed === undefined && (occupied ?? wanted) === wanted) return ownedFolder(wanted, account);
  if (occupied === wanted) {
    throw new Error(
      `Postgres runs as ${account.name}, which may not enter ${closed ?? wanted} any more, but ` +
        `its data is in ${wanted}. Open the way (chmod a+x ${closed ?? wanted}).`,
    );
  }
  for (const folder of occupied === undefined ? relocatedFolders(wanted) : [occupied]) {
    try {
      const opened = await ownedFolder(folder, account);
      const why = closed === undefined ? 'began elsewhere' : `may not enter ${closed}`;
      log(`Postgres runs as ${account.name} and ${why}; its data: ${opened}`);
      return opened;
    } catch (error) {
      if (errorCode(error) !== 'EROFS' && errorCode(error) !== 'EACCES') throw error;
    }
  }
  throw new Error(`No folder for Postgres' data: ${closed} is closed to ${account.name}.`);
}

/** Every folder in which `openDataFolder` may have put the data of this folder. */
export function possibleDataFolders(wanted: string): string[] {
  return [resolve(wanted), ...relocatedFolders(wanted)];
}

/** Where data has been begun; it is never left behind for a new, empty folder. */
async function occupiedFolder(wanted: string): Promise<string | undefined> {
  for (const folder of [wanted, ...relocatedFolders(wanted)]) {
    const cluster = await stat(join(folder, 'cluster')).catch(() => undefined);
    if (cluster !== undefined) return folder;
  }
  return undefined;
}

/** The binaries' folder as given, or a copy of it that the account can reach and execute. */
export async function reachableBinaries(
  folder: string,
  account: Account | undefined,
  log: StackLog,
): Promise<string> {
  const version = await serverVersion(folder, undefined);
  if (account === undefined || (await isUsable(folder, account))) return folder;
  const copy = join(SHARED_BINARIES, `postgres-${version}`);
  if (
    !(await isTrusted(SHARED_BINARIES)) ||
    !(await isTrusted(copy)) ||
    !(await isUsable(copy, account))
  ) {
    await openSharedFolder(SHARED_BINARIES);
    await rm(copy, { recursive: true, force: true });
    const temporary = `${copy}.${process.pid}`;
    await cp(folder, temporary, { recursive: true, verbatimSymlinks: true });
    await execFileAsync('chmod', ['-R', 'u+rwX,go+rX,go-w', temporary]);
    await rename(temporary, copy).catch(async (error: unknown) => {
      // Another start made the same copy first; it serves as well.
      await rm(temporary, { recursive: true, force: true });
      if (!(await isUsable(copy, account))) throw error;
    });
  }
  log(`Postgres runs as ${account.name}, which may not enter ${folder}; it uses a copy: ${copy}`);
  return copy;
}

/** `18.4` from `postgres --version`; throws with the system's reason when it does not run. */
async function serverVersion(folder: string, account: Account | undefined): Promise<string> {
  const { stdout } = await execFileAsync(join(folder, 'bin', 'postgres'), ['--version'], {
    cwd: '/',
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? 'unknown';
}

async function isUsable(folder: string, account: Account): Promise<boolean> {
  const share = join(folder, 'share', 'postgresql');
  if ((await closedFolderAbove(join(share, 'postgres.bki'), account)) !== undefined) return false;
  return serverVersion(folder, account).then(
    () => true,
    () => false,
  );
}

/** /var/tmp is open to everybody: a folder that another account laid there is not used. */
async function openSharedFolder(folder: string): Promise<void> {
  if ((await mkdir(folder, { recursive: true })) !== undefined) await chmod(folder, 0o755);
  if (!(await isTrusted(folder))) {
    throw new Error(`${folder} does not belong to root alone; remove it and start again.`);
  }
}

async function isTrusted(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  return found !== undefined && found.isDirectory() && found.uid === 0 && !(found.mode & 0o022);
}

/** The highest existing folder above `path` that the account may not pass through. */
async function closedFolderAbove(path: string, account: Account): Promise<string | undefined> {
  const parent = dirname(resolve(path));
  if (parent !== dirname(parent)) {
    const higher = await closedFolderAbove(parent, account);
    if (higher !== undefined) return higher;
  }
  const found = await stat(parent).catch(() => undefined);
  if (found === undefined) return undefined;
  const pass = found.uid === account.uid ? 0o100 : found.gid === account.gid ? 0o010 : 0o001;
  return (found.mode & pass) === 0 ? parent : undefined;
}

/** Creates the folder with parents that others may pass through, whatever the umask says. */
async function ownedFolder(folder: string, account: Account): Promise<string> {
  const first = await mkdir(dirname(folder), { recursive: true });
  for (const made of first === undefined ? [] : foldersBetween(first, dirname(folder))) {
    await chmod(made, 0o755);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chown(folder, account.uid, account.gid);
  await chmod(folder, 0o700);
  return folder;
}

/** The folders from the upper to the lower one, both included. */
function foldersBetween(upper: string, lower: string): string[] {
  return lower === upper ? [upper] : [...foldersBetween(upper, dirname(lower)), lower];
}

function relocatedFolders(wanted: string): string[] {
  const full = resolve(wanted);
  const mark = createHash('sha256').update(full).digest('hex').slice(0, 12);
  return RELOCATED_DATA.map((base) => join(base, `${basename(full)}-${mark}`));
}

async function findAccount(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await execFileAsync('id', [flag, name])).stdout)),
    );
    return uid === undefined || gid === undefined || uid === 0 ? undefined : { uid, gid, name };
  } catch {
    return undefined;
  }
}
