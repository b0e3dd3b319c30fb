import { execFile, spawn, type SpawnOptions } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const execFileAsync = promisify(execFile);

/** Receives one finished line for the person at the terminal. */
export type StackLog = (line: string) => void;

/** A process, told apart from a later one that got the same pid by the moment it began. */
export type ProcessIdentity = { readonly pid: number; readonly startedAt: string };

/**
 * When a process began, as the system tells it: an opaque text to be compared, never parsed.
 * Linux: boot id and start tick (`/proc/<pid>/stat` field 22); elsewhere `ps -o lstart=`.
 * Undefined when there is no such process, or only its unreaped remains.
 */
export async function processStartedAt(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    return (await psField(pid, 'stat'))?.startsWith('Z') ? undefined : psField(pid, 'lstart');
  }
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold blanks and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${await bootId()}:${fields[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

/** The identity of a live process; undefined when it has ended. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  const startedAt = await processStartedAt(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether this very process still runs; a stranger with a reused pid does not count. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await processStartedAt(identity.pid)) === identity.startedAt;
}

/** A process's command and arguments joined by blanks; empty when it cannot be read. */
export async function processCommandLine(pid: number): Promise<string> {
  if (process.platform !== 'linux') return (await psField(pid, 'command')) ?? '';
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/**
 * Ends a process: each signal in turn, with time to obey before the next one.
 * Returns the signal that ended it, or undefined when it had ended before.
 */
export async function stopProcess(
  identity: ProcessIdentity,
  steps: readonly { readonly signal: NodeJS.Signals; readonly waitMs: number }[],
): Promise<NodeJS.Signals | undefined> {
  for (const { signal, waitMs } of steps) {
    if (!(await isRunning(identity))) return undefined;
    try {
      process.kill(identity.pid, signal);
    } catch (error) {
      if (errorCode(error) !== 'ESRCH') throw error;
    }
    if (await waitUntil(async () => !(await isRunning(identity)), waitMs)) return signal;
  }
  throw new Error(`process ${identity.pid} did not end, not even by the last signal`);
}

/** Asks again and again until the answer is yes (true) or the time is up (false). */
export async function waitUntil(
  condition: () => Promise<boolean>,
  limitMs: number,
  pauseMs = 20,
): Promise<boolean> {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() >= giveUpAt) return false;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/**
 * Starts a program in a session of its own, so that a terminal's Ctrl-C reaches only us; its
 * output is appended to the log file. Throws when the program cannot be started at all.
 * Undefined when it has ended already.
 */
export async function spawnDetached(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'> & { readonly logFile: string },
): Promise<ProcessIdentity | undefined> {
  const { logFile, ...spawnOptions } = options;
  const log = await open(logFile, 'a', 0o600);
  try {
    const child = spawn(command, [...args], {
      ...spawnOptions,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('spawn', resolve);
    });
    child.unref();
    return child.pid === undefined ? undefined : await identifyProcess(child.pid);
  } finally {
    await log.close();
  }
}

/** What an error says, for a line at the terminal. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system's code of an error, such as `ENOENT`; undefined when it has none. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

let cachedBootId: string | undefined;

/** Start ticks count from boot, so the same tick after a reboot is another process. */
async function bootId(): Promise<string> {
  cachedBootId ??= await readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
  return cachedBootId;
}

async function psField(pid: number, field: string): Promise<string | undefined> {
  try {
    const { stdout } = await execFileAsync('ps', ['-o', `${field}=`, '-p', String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
