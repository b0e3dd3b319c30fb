import { readFile } from 'node:fs/promises';
import type postgres from 'postgres';

const EVERY_MS = 20;

/** The most that was seen, in bytes. */
export interface Peak {
  /** Loopline's process, all that it has resident. */
  readonly loopline: number;
  /** The largest of its backends, without the buffers that all of them share. */
  readonly backend: number;
}

/** Looks at the memory of Loopline and of its backends until it is stopped. */
export interface MemoryWatch {
  stop(): Promise<Peak>;
}

/** Needs /proc; elsewhere it sees nothing. */
export function watchMemory(owner: postgres.Sql, looplinePid: number): MemoryWatch {
  const peak = { loopline: 0, backend: 0 };
  const stopped = new AbortController();
  const look = async (): Promise<void> => {
    const backends = await owner<{ pid: number }[]>`
      select pid from pg_stat_activity where application_name = 'loopline' and usename = 'loopline_app'`;
    peak.loopline = Math.max(peak.loopline, await memoryOf(looplinePid, 'VmRSS'));
    for (const { pid } of backends)
      peak.backend = Math.max(peak.backend, await memoryOf(pid, 'RssAnon'));
  };
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      await look();
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await watching;
      return peak;
    },
  };
}

/** A line of a process's status in bytes; 0 when it has ended. */
export async function memoryOf(pid: number, line: 'VmRSS' | 'RssAnon'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(new RegExp(`^${line}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1_024;
}
