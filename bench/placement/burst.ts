import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import type { EmptyStack } from '../stack.ts';
import type { CallersProcess, Placed } from './callers.ts';
import type { RunningLoopline } from './loopline-processes.ts';
import { orderIdOf } from './shop.ts';

const LOOK_EVERY_MS = 20;
const DEADLINE_MS = 600_000;

/** Where orders are placed, and by whom. */
export interface Site {
  readonly empty: EmptyStack;
  readonly loopline: RunningLoopline;
  readonly callers: readonly CallersProcess[];
  /** The owner's connection to the ledger. */
  readonly owner: postgres.Sql;
}

/** Orders of one kind, placed at once. */
export interface BurstPlan {
  /** Begins their external ids; unique per run. */
  readonly name: string;
  readonly count: number;
  /** At once, over all processes of callers. */
  readonly callers: number;
  readonly lines: number;
  /** How long a caller rests after each answer. */
  readonly pauseMs: number;
}

/** What became of a burst: rates in orders a second from its first request on, times per order in milliseconds. */
export interface Burst {
  readonly acceptedPerSecond: number;
  readonly startedPerSecond: number;
  readonly endedPerSecond: number;
  readonly acceptedMs: readonly number[];
  /** From the request to the first step of the workflow. */
  readonly startedMs: readonly number[];
  /** Answers that asked to come again later. */
  readonly refused: number;
}

/**
 * Places the orders, waits until the workflow of each has released it, ships them all, and waits for
 * their ends. Throws unless every order was accepted once and is completed.
 */
export async function runBurst(site: Site, plan: BurstPlan): Promise<Burst> {
  const { owner } = site;
  const placed = await place(site, plan);
  const beganAt = Math.min(...placed.flatMap(({ sentAt }) => sentAt));
  const answeredAt = Math.max(...placed.flatMap((one) => one.answeredAt));
  const pattern = `${orderIdOf(plan.name)}-%`;
  await until(
    plan,
    async () => {
      const [row] = await owner<{ open: number }[]>`
        select count(*)::int as open from ledger.orders where order_id like ${pattern} and state = 'accepted'`;
      return row?.open ?? 0;
    },
    'are not released',
  );
  const shipped = shipAll(site);
  await until(
    plan,
    async () => {
      const [row] = await owner<{ open: number }[]>`
        select count(*)::int as open from ledger.process where state in ('pending', 'running')`;
      return row?.open ?? 0;
    },
    'have not ended',
  );
  await shipped;
  const processes = await readProcesses(owner, pattern);
  assertWhole(plan, processes);
  const seconds = (at: number) => (at - beganAt) / 1_000;
  const sentAt = sentById(plan, placed);
  return {
    acceptedPerSecond: plan.count / seconds(answeredAt),
    startedPerSecond: plan.count / seconds(Math.max(...processes.map((one) => one.startedAt))),
    endedPerSecond: plan.count / seconds(Math.max(...processes.map((one) => one.endedAt))),
    acceptedMs: placed.flatMap(({ milliseconds }) => milliseconds),
    startedMs: processes.map(({ id, startedAt }) => startedAt - (sentAt.get(id) ?? Number.NaN)),
    refused: placed.reduce((sum, { refused }) => sum + refused, 0),
  };
}

/** Every process of callers takes its share; payments are authorized before anything is measured. */
async function place({ empty, loopline, callers }: Site, plan: BurstPlan): Promise<Placed[]> {
  const taken = callers.slice(0, plan.callers);
  const share = (whole: number) => whole / taken.length;
  const ask = (step: 'authorize' | 'place') =>
    Promise.all(
      taken.map((process, number) =>
        process.ask({
          step,
          name: `${plan.name}-${number}`,
          count: share(plan.count),
          callers: share(plan.callers),
          lines: plan.lines,
          pauseMs: plan.pauseMs,
          apiUrls: loopline.apiUrls,
          apiKey: empty.stack.apiKey,
          gatewayUrl: empty.stack.simulators.gateway,
        }),
      ),
    );
  await ask('authorize');
  return ask('place');
}

/** When the request of each order went out, by its process. */
function sentById({ name }: BurstPlan, placed: readonly Placed[]): Map<string, number> {
  return new Map(
    placed.flatMap(({ sentAt }, number) =>
      sentAt.map((at, index): [string, number] => [orderIdOf(`${name}-${number}-${index}`), at]),
    ),
  );
}

/** The warehouse sends off everything that is released. */
async function shipAll({ empty }: Site): Promise<void> {
  const response = await fetch(`${empty.stack.simulators.warehouse}/_sim/advance`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ until: new Date().toISOString() }),
  });
  const answer = await response.text();
  const isDone = response.ok && (JSON.parse(answer) as { left: number }).left === 0;
  if (!isDone) throw new Error(`the warehouse did not ship everything: ${answer}`);
}

async function until(
  { name }: BurstPlan,
  open: () => Promise<number>,
  what: string,
): Promise<void> {
  const giveUpAt = performance.now() + DEADLINE_MS;
  for (let left = await open(); left > 0; left = await open()) {
    if (performance.now() > giveUpAt) throw new Error(`${left} orders of ${name} ${what}`);
    await sleep(LOOK_EVERY_MS);
  }
}

interface OrderProcess {
  readonly id: string;
  readonly orderState: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

function readProcesses(owner: postgres.Sql, pattern: string): Promise<OrderProcess[]> {
  return owner<OrderProcess[]>`
    select p.process_id as id, o.state as "orderState",
      (extract(epoch from p.started_at) * 1000)::float as "startedAt",
      (extract(epoch from p.ended_at) * 1000)::float as "endedAt"
    from ledger.process p join ledger.orders o on o.order_id = p.process_id
    where p.process_id like ${pattern}`;
}

function assertWhole({ name, count }: BurstPlan, processes: readonly OrderProcess[]): void {
  if (processes.length !== count)
    throw new Error(`${count} orders of ${name} were accepted, the ledger has ${processes.length}`);
  const unfinished = processes.find(({ orderState }) => orderState !== 'completed');
  if (unfinished !== undefined)
    throw new Error(`${unfinished.id} ended as ${unfinished.orderState}`);
}
