import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type postgres from 'postgres';
import type { Comparison } from './comparison.ts';

const LOOK_MS = 2_000;
/** The engine's list follows its histories after a moment. */
const LOOKS = 15;

/** Every process that runs has a workflow that runs, and every workflow that ended did so in order. */
export async function compareEngine(
  sql: postgres.Sql,
  temporalAddress: string,
): Promise<Comparison> {
  const connection = await Connection.connect({ address: temporalAddress });
  try {
    const client = new Client({ connection });
    for (let look = 1; ; look += 1) {
      const comparison = await compareOnce(sql, client);
      if (comparison.differences.length === 0 || look >= LOOKS) return comparison;
      await sleep(LOOK_MS);
    }
  } finally {
    await connection.close();
  }
}

async function compareOnce(sql: postgres.Sql, client: Client): Promise<Comparison> {
  const statuses = new Map<string, string>();
  for await (const { workflowId, status } of client.workflow.list({ pageSize: 500 })) {
    if (statuses.get(workflowId) !== 'RUNNING') statuses.set(workflowId, status.name);
  }
  const processes = await sql<{ id: string; state: string; started: boolean }[]>`
    select process_id as id, state, started_at is not null as started from ledger.process`;
  const differences: string[] = [];
  for (const { id, state, started } of processes) {
    const status = statuses.get(id);
    statuses.delete(id);
    const wanted = state === 'ended' ? 'COMPLETED' : 'RUNNING';
    if (status === wanted || (status === undefined && state === 'ended' && !started)) continue;
    differences.push(`${id}: process ${state}, workflow ${status ?? 'missing'}`);
  }
  for (const [id, status] of statuses) differences.push(`${id}: workflow ${status}, no process`);
  return { name: 'processes = workflows', count: processes.length, differences };
}
