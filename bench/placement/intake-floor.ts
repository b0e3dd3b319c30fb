import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Ledger } from '../../activities/ledger/connect.ts';
import { orderIntake } from '../../api/order-intake.ts';
import { callersAtOnce } from '../measure.ts';
import { orderOf } from './shop.ts';

const execFileAsync = promisify(execFile);

/** Orders that are taken in without HTTP and without an engine. */
export interface IntakePlan {
  /** Begins their external ids; unique per run. */
  readonly name: string;
  readonly count: number;
  readonly callers: number;
  readonly lines: number;
}

/** The API's intake with its batching, called in this process. */
export async function runIntake(
  ledger: Ledger,
  { name, count, callers, lines }: IntakePlan,
): Promise<{ readonly perSecond: number; readonly milliseconds: readonly number[] }> {
  const takeIn = orderIntake(ledger);
  const startedAt = performance.now();
  const milliseconds = await callersAtOnce(callers, count, async (index) => {
    const externalId = `${name}-${index}`;
    const order = orderOf({ externalId, index, lines, reference: externalId });
    const { outcome } = await takeIn({ order, actor: 'bench', receivedAt: now() });
    if (outcome !== 'accepted') throw new Error(`${externalId}: ${outcome}`);
  });
  return { perSecond: (count * 1_000) / (performance.now() - startedAt), milliseconds };
}

/** What pgbench is to do: so many orders of one line in each call of the acceptance function. */
export interface PgbenchPlan {
  readonly ordersPerCall: number;
  readonly clients: number;
  readonly seconds: number;
  /** Where its script is put. */
  readonly scriptFile: string;
}

/** Orders a second by pgbench with the very requests of the intake; undefined where there is no pgbench. */
export async function runPgbench(
  ledger: Ledger,
  appUrl: string,
  plan: PgbenchPlan,
): Promise<number | undefined> {
  const { ordersPerCall, clients, seconds, scriptFile } = plan;
  await writeFile(scriptFile, await pgbenchScript(ledger, ordersPerCall));
  const { hostname, port, username, password, pathname } = new URL(appUrl);
  try {
    const { stdout } = await execFileAsync(
      'pgbench',
      ['--no-vacuum', '-f', scriptFile, '-c', String(clients), '-T', String(seconds)],
      {
        env: {
          PATH: process.env['PATH'],
          PGHOST: hostname,
          PGPORT: port,
          PGUSER: username,
          PGPASSWORD: password,
          PGDATABASE: pathname.slice(1),
        },
      },
    );
    const calls = /^tps = ([\d.]+)/m.exec(stdout)?.[1];
    const failed = /^number of failed transactions: (\d+)/m.exec(stdout)?.[1];
    if (calls === undefined || (failed ?? '0') !== '0')
      throw new Error(`pgbench answered ${stdout}`);
    return Number(calls) * ordersPerCall;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * An order of one line as the intake hands it to the ledger, with places for what has to differ. The
 * calls at the same time mostly ask for different SKUs, as the bench's other orders do.
 */
async function pgbenchScript(ledger: Ledger, ordersPerCall: number): Promise<string> {
  const externalId = `template-${ordersPerCall}-${now()}`.replaceAll(':', '');
  const taken: unknown[] = [];
  const watched: Ledger = {
    ...ledger,
    call: (name, request) => {
      if (name === 'accept_orders') taken.push((request as { orders: unknown[] }).orders[0]);
      return ledger.call(name, request);
    },
  };
  const order = orderOf({ externalId, index: 0, lines: 1, reference: externalId });
  await orderIntake(watched)({ order, actor: 'bench', receivedAt: now() });
  const template = JSON.stringify(taken[0]);
  const orders = Array.from({ length: ordersPerCall }, (_, index) => {
    const hundred = ordersPerCall === 1 ? ':hundred' : String(index).padStart(2, '0');
    return template
      .replaceAll(externalId, `pgbench-:id-${index}`)
      .replaceAll('SKU-0000', `SKU-${hundred}:unit`);
  });
  return [
    '\\set id random(1, 1000000000000000)',
    '\\set hundred random(10, 19)',
    '\\set unit random(10, 99)',
    `select loopline.accept_orders('{"orders":[${orders.join(',').replaceAll("'", "''")}]}'::jsonb);`,
    '',
  ].join('\n');
}

function now(): string {
  return new Date().toISOString();
}
