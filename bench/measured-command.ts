import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { PROJECT_FOLDER } from '../worker/stack/paths.ts';

/** What a command over the ledger took. */
export interface CommandRun {
  readonly seconds: number;
  /** The most that the command itself held, what the server's processes held for it, and what they wrote into files. */
  readonly peakMegabytes: number;
  readonly serverPeakMegabytes: number;
  readonly temporaryMegabytes: number;
  readonly printed: string;
}

/** Runs `worker/<script> <word>` as an operator does; throws with what it printed unless its exit code is 0. */
export async function runMeasured(
  owner: postgres.Sql,
  {
    script,
    word,
    appUrl,
  }: { readonly script: string; readonly word: string; readonly appUrl: string },
): Promise<CommandRun> {
  const before = await temporaryMegabytes(owner);
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(PROJECT_FOLDER, 'worker', script), word],
    { cwd: PROJECT_FOLDER, env: { ...process.env, DATABASE_URL: appUrl } },
  );
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stderr.on('data', (part: Buffer) => parts.push(part));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let peakMegabytes = 0;
  let serverPeakMegabytes = 0;
  let code: number | null | 'running' = 'running';
  while (code === 'running') {
    peakMegabytes = Math.max(peakMegabytes, await megabytesOf(child.pid, 'VmHWM'));
    serverPeakMegabytes = Math.max(serverPeakMegabytes, await serverMegabytes(owner));
    code = await Promise.race([ended, sleep(50).then(() => 'running' as const)]);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const printed = Buffer.concat(parts).toString('utf8');
  if (code !== 0) throw new Error(`${script} ${word}: ${printed}`);
  const temporary = (await temporaryMegabytes(owner)) - before;
  return { seconds, peakMegabytes, serverPeakMegabytes, temporaryMegabytes: temporary, printed };
}

/** Memory of a process as its system tells it; 0 once it has ended, and where it is not told. */
async function megabytesOf(pid: number | undefined, what: 'VmHWM' | 'RssAnon'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1_024;
}

/** What the processes of the application's connections hold of their own, the buffers that all share left out. */
async function serverMegabytes(owner: postgres.Sql): Promise<number> {
  const backends = await owner<{ pid: number }[]>`
    select pid from pg_stat_activity where datname = current_database() and application_name = 'loopline'`;
  const held = await Promise.all(backends.map(({ pid }) => megabytesOf(pid, 'RssAnon')));
  return held.reduce((sum, each) => sum + each, 0);
}

async function temporaryMegabytes(owner: postgres.Sql): Promise<number> {
  await owner`select pg_stat_force_next_flush()`;
  const [row] = await owner<{ bytes: number }[]>`
    select temp_bytes::float as bytes from pg_stat_database where datname = current_database()`;
  return (row?.bytes ?? 0) / 2 ** 20;
}
