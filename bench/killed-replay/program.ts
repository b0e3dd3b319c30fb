import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT_FOLDER } from '../../worker/stack/paths.ts';

/** A program of the project in a process of its own; every line it writes is handed on. */
export interface Program {
  readonly pid: number;
  /** Its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

export function startProgram(options: {
  readonly script: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly onLine: (line: string) => void;
}): Program {
  const { script, args, env, onLine } = options;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(PROJECT_FOLDER, script), ...args],
    { cwd: PROJECT_FOLDER, env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', onLine);
  return { pid: pidOf(child, script), ended: endOf(child) };
}

function pidOf({ pid }: ChildProcess, script: string): number {
  if (pid === undefined) throw new Error(`${script} did not start`);
  return pid;
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

/** Ends these processes and all that descend from them with SIGKILL, at once. Linux. */
export async function killTrees(roots: readonly number[]): Promise<number> {
  const doomed = new Set(roots);
  const parents = await parentsByPid();
  for (let grown = true; grown;) {
    const before = doomed.size;
    for (const [pid, parent] of parents) if (doomed.has(parent)) doomed.add(pid);
    grown = doomed.size > before;
  }
  // Nothing may go on when its parent is gone: whoever starts others comes first.
  for (const pid of doomed) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself meanwhile.
    }
  }
  return doomed.size;
}

async function parentsByPid(): Promise<Map<number, number>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const pairs = await Promise.all(
    pids.map(async (pid): Promise<[number, number] | undefined> => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
      // The command in parentheses may hold blanks; state and parent follow it.
      const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
      return parent === undefined ? undefined : [Number(pid), Number(parent)];
    }),
  );
  return new Map(pairs.filter((pair) => pair !== undefined));
}
