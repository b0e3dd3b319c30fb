import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { PROJECT_FOLDER } from '../../worker/stack/paths.ts';

/** What `npm run ledger -- check` took. */
export interface CheckRun {
  readonly seconds: number;
  /** The most that the command itself held, and what Postgres wrote into temporary files meanwhile. */
  readonly peakMegabytes: number;
  readonly temporaryMegabytes: number;
}

/** Runs the command as an operator does; throws with what it printed unless every projection equals its entries. */
export async function runLedgerCheck(owner: postgres.Sql, appUrl: string): Promise<CheckRun> {
  const before = await temporaryMegabytes(owner);
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(PROJECT_FOLDER, 'worker', 'ledger-command.ts'), 'check'],
    { cwd: PROJECT_FOLDER, env: { ...process.env, DATABASE_URL: appUrl } },
  );
  const printed: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => printed.push(part));
  child.stderr.on('data', (part: Buffer) => printed.push(part));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let peakMegabytes = 0;
  let code: number | null | 'running' = 'running';
  while (code === 'running') {
    peakMegabytes = Math.max(peakMegabytes, await peakOf(child.pid));
    code = await Promise.race([ended, sleep(50).then(() => 'running' as const)]);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  if (code !== 0) throw new Error(`ledger check: ${Buffer.concat(printed).toString('utf8')}`);
  return {
    seconds,
    peakMegabytes,
    temporaryMegabytes: (await temporaryMegabytes(owner)) - before,
  };
}

/** The most memory that the process has held so far; 0 once it has ended. */
async function peakOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1_024;
}

async function temporaryMegabytes(owner: postgres.Sql): Promise<number> {
  await owner`select pg_stat_force_next_flush()`;
  const [row] = await owner<{ bytes: number }[]>`
    select temp_bytes::float as bytes from pg_stat_database where datname = current_database()`;
  return (row?.bytes ?? 0) / 2 ** 20;
}
