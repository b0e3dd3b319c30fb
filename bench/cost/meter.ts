import type { Client } from '@temporalio/client';
import type { Merchant } from '../trade/merchant.ts';
import { billableActions } from './billable-actions.ts';

/** What one business fact took, on average over all of one measurement. */
export interface Cost {
  /** By the ledger's function, most often called first. */
  readonly statements: ReadonlyMap<string, number>;
  readonly walBytes: number;
  readonly actions: number;
  readonly events: number;
  readonly historyBytes: number;
}

/** Measures what `live` costs; it answers the processes that came to their end. */
export async function costOf(
  { owner, temporal }: Merchant,
  live: () => Promise<readonly string[]>,
): Promise<Cost> {
  await owner`select pg_stat_statements_reset()`;
  const ids = await live();
  const calls = await readCalls(owner);
  return {
    statements: new Map(calls.map(({ name, count }) => [name, count / ids.length])),
    walBytes: calls.reduce((sum, { walBytes }) => sum + walBytes, 0) / ids.length,
    ...(await readHistories(temporal, ids)),
  };
}

/** Loopline calls the ledger by its functions only, so each call is a statement and has its name. */
function readCalls(owner: Merchant['owner']) {
  return owner<{ name: string; count: number; walBytes: number }[]>`
    select substring(query from 'loopline\\.(\\w+)\\(') as name, sum(calls)::int as count,
      sum(wal_bytes)::float as "walBytes"
    from pg_stat_statements where toplevel and query like 'select loopline.%' group by 1 order by 2 desc, 1`;
}

async function readHistories(
  temporal: Client,
  ids: readonly string[],
): Promise<Pick<Cost, 'actions' | 'events' | 'historyBytes'>> {
  const sums = { actions: 0, events: 0, historyBytes: 0 };
  for (const id of ids) {
    const handle = temporal.workflow.getHandle(id);
    // The ledger's last step ends the process; its workflow ends a moment later.
    await handle.result();
    const { historyLength, historySize } = await handle.describe();
    sums.events += historyLength;
    sums.historyBytes += historySize ?? 0;
    sums.actions += billableActions(await handle.fetchHistory());
  }
  const each = (sum: number) => sum / ids.length;
  return {
    actions: each(sums.actions),
    events: each(sums.events),
    historyBytes: each(sums.historyBytes),
  };
}
