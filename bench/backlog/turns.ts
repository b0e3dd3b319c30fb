import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { orderIdOf } from '../placement/shop.ts';

const LOOK_EVERY_MS = 100;
const REPORT_EVERY_MS = 10_000;
const DEADLINE_MS = 600_000;

/** How the orders of a backlog were started: instants in milliseconds since 1970. */
export interface Turns {
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Of the order in which they came with that in which they were started; 1 when these are the same. */
  readonly rankCorrelation: number;
  /** By how many places an order was started before or after its turn, at most. */
  readonly furthest: number;
}

/** Waits until no process of the orders waits for its workflow any more. */
export async function untilStarted(
  owner: postgres.Sql,
  name: string,
  log: (line: string) => void,
): Promise<void> {
  await untilNone(name, 'wait to be started', log, () => pendingOf(owner, name));
}

/** Waits until the workflow of each of the orders has released it. */
export async function untilReleased(
  owner: postgres.Sql,
  name: string,
  log: (line: string) => void,
): Promise<void> {
  await untilNone(name, 'are not released', log, async () => {
    const [row] = await owner<{ left: number }[]>`
      select count(*)::int as left from ledger.orders
      where order_id like ${patternOf(name)} and state = 'accepted'`;
    return row?.left ?? 0;
  });
}

/** How many of the orders wait for their workflows. */
export async function pendingOf(owner: postgres.Sql, name: string): Promise<number> {
  const [row] = await owner<{ pending: number }[]>`
    select count(*)::int as pending from ledger.process
    where process_id like ${patternOf(name)} and state = 'pending'`;
  return row?.pending ?? 0;
}

/** Of orders that are all released; throws when one is not, or when there are more or fewer. */
export async function readTurns(
  owner: postgres.Sql,
  name: string,
  expected: number,
): Promise<Turns> {
  const [turns] = await owner<(Turns & { released: number })[]>`
    select count(*)::int as count, count(*) filter (where state = 'released')::int as released,
      (extract(epoch from min(started_at)) * 1000)::float as "firstAt",
      (extract(epoch from max(started_at)) * 1000)::float as "lastAt",
      corr(came, started)::float as "rankCorrelation", max(abs(came - started))::int as furthest
    from (
      select o.state, p.started_at,
        rank() over (order by p.recorded_at) as came, rank() over (order by p.started_at) as started
      from ledger.process p join ledger.orders o on o.order_id = p.process_id
      where p.process_id like ${patternOf(name)}) as turn`;
  if (turns === undefined || turns.count !== expected || turns.released !== expected)
    throw new Error(`${expected} orders of ${name} were placed, found ${JSON.stringify(turns)}`);
  return turns;
}

function patternOf(name: string): string {
  return `${orderIdOf(name)}-%`;
}

async function untilNone(
  name: string,
  what: string,
  log: (line: string) => void,
  count: () => Promise<number>,
): Promise<void> {
  const startedAt = performance.now();
  let reportedAt = startedAt;
  for (let left = await count(); left > 0; left = await count()) {
    if (performance.now() - startedAt > DEADLINE_MS)
      throw new Error(`${left} orders of ${name} ${what}`);
    if (performance.now() - reportedAt > REPORT_EVERY_MS) {
      reportedAt = performance.now();
      log(`${left} orders of ${name} ${what}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}
