import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { errorCode, identifyProcess, isRunning, type ProcessIdentity } from './processes.ts';

const identitySchema = z.object({ pid: z.number().int().positive(), startedAt: z.string() });

/** Either ours until released, or held by another process that is alive. */
export type LockAttempt =
  | { readonly held: true; release(): Promise<void> }
  | { readonly held: false; readonly owner: ProcessIdentity };

/**
 * Takes a lock file for this process. A lock whose process has ended, even by kill -9, is void.
 * Taking it twice in one process fails like any other second taker.
 */
export async function tryLock(file: string): Promise<LockAttempt> {
  const ours = await identifyProcess(process.pid);
  if (ours === undefined) throw new Error('this process cannot see itself in the process table');
  const draft = `${file}.${process.pid}`;
  for (;;) {
    await writeFile(draft, JSON.stringify(ours), { mode: 0o600 });
    try {
      // A link appears whole or not at all, so nobody reads a lock without its owner.
      await link(draft, file);
      return { held: true, release: () => rm(file, { force: true }) };
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    } finally {
      await rm(draft, { force: true });
    }
    const owner = await readOwner(file);
    if (owner !== undefined && (await isRunning(owner))) return { held: false, owner };
    await discard(file, owner);
  }
}

/** Who holds a lock file and is alive. */
export async function lockOwner(file: string): Promise<ProcessIdentity | undefined> {
  const owner = await readOwner(file);
  return owner !== undefined && (await isRunning(owner)) ? owner : undefined;
}

/** Takes a void lock away, unless somebody else was quicker and the lock is theirs by now. */
async function discard(file: string, owner: ProcessIdentity | undefined): Promise<void> {
  const aside = `${file}.void.${process.pid}`;
  try {
    await rename(file, aside);
    const taken = await readOwner(aside);
    if (taken?.pid !== owner?.pid || taken?.startedAt !== owner?.startedAt) {
      await link(aside, file);
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function readOwner(file: string): Promise<ProcessIdentity | undefined> {
  try {
    return identitySchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}
