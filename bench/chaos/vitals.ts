import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChaosStack } from './chaos-stack.ts';

const MEGABYTE = 2 ** 20;

/** Megabytes; memory 0 where the system does not tell. */
export interface Vitals {
  /** Of the stack's processes, what they share counted once. */
  readonly stackMb: number;
  /** Of this process. */
  readonly ownMb: number;
  readonly diskMb: number;
}

/** What the stack takes of memory and disk at this moment. */
export async function measureVitals(stack: ChaosStack, dataDir: string): Promise<Vitals> {
  const pids = stack.parts.map((part) => part.pid()).filter((pid) => pid !== undefined);
  const memory = await Promise.all(pids.map((pid) => memoryWithChildren(pid)));
  return {
    stackMb: Math.round(memory.reduce((sum, bytes) => sum + bytes, 0) / MEGABYTE),
    ownMb: Math.round(process.memoryUsage.rss() / MEGABYTE),
    diskMb: Math.round((await bytesIn(dataDir)) / MEGABYTE),
  };
}

/** Linux: `Pss` counts a shared page in parts, so that Postgres' sessions do not count it again and again. */
async function memoryWithChildren(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const kilobytes = Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = list.trim().split(' ').filter(Boolean).map(Number);
  const below = await Promise.all(children.map((child) => memoryWithChildren(child)));
  return below.reduce((sum, bytes) => sum + bytes, kilobytes * 1_024);
}

/** Files come and go meanwhile. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return bytesIn(path);
      return (await stat(path).catch(() => undefined))?.size ?? 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
