import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const EVERY_MS = 500;

/** The most that each of several programs has held, in megabytes; a program is one process or a family. */
export interface MemoryWatch {
  readonly peaks: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/** Looks twice a second at what a program's processes hold; what several of them share counts once. */
export function watchMemory(programs: ReadonlyMap<string, number>): MemoryWatch {
  const peaks = new Map<string, number>();
  const ending = new AbortController();
  const look = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      for (const [name, pid] of programs)
        peaks.set(name, Math.max(peaks.get(name) ?? 0, await megabytesOf(pid)));
      await sleep(EVERY_MS);
    }
  };
  const looking = look();
  return {
    peaks,
    stop: () => {
      ending.abort();
      return looking;
    },
  };
}

async function megabytesOf(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const family = [pid, ...children.trim().split(' ').filter(Boolean).map(Number)];
  const held = await Promise.all(family.map(proportionalMegabytes));
  return held.reduce((sum, megabytes) => sum + megabytes, 0);
}

/** A process may end while it is looked at. */
async function proportionalMegabytes(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) / 1_024;
}

/** The process that a process was started by. */
export async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
}
