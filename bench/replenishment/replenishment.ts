import { createHash } from 'node:crypto';
import postgres from 'postgres';
import { createStopList } from '../../worker/stack/stop-list.ts';
import {
  summarize,
  type Bench,
  type BenchOptions,
  type Figure,
  type Findings,
} from '../measure.ts';
import { putSettings } from '../put-settings.ts';
import { spawnLoopline, startEmptyStack, type EmptyStack } from '../stack.ts';
import {
  forgetStatements,
  giveUpOrders,
  outcomeOf,
  planCycle,
  statementsOf,
  untilSent,
  type Outcome,
  type Site,
} from './cycles.ts';
import { memoryOf, watchMemory, type Peak } from './memory.ts';
import { dateOfCycle, loadYear, sizesOf, type Size } from './year-of-demand.ts';

const SEED = 7;
const SKUS = [5_000, 10_000, 20_000];
const SKUS_QUICK = [500, 1_000, 2_000];
const MEGABYTE = 1e6;

/** A cycle over a merchant's whole assortment, at three sizes. */
export const replenishment: Bench = {
  name: 'replenishment',
  summary: 'a cycle over three nodes with a year of demand: time, growth, memory',
  run,
};

async function run({ dataDir, quick, rounds, log }: BenchOptions): Promise<Findings> {
  const parts = createStopList(log);
  try {
    const empty = await startEmptyStack({ dataDir, seed: SEED, parts, log });
    const owner = postgres(empty.ownerUrl, { max: 3, onnotice: () => undefined });
    parts.add({ name: 'Owner', quiet: true, stop: () => owner.end() });
    // Suppliers take orders and send nothing.
    await putSettings(empty.stack.simulators.supplier, { auto: false });
    const sizes = sizesOf(quick ? SKUS_QUICK : SKUS);
    const { demandRows, receipts } = await loadYear(owner, sizes, { seed: SEED, log });
    const measured: Measured[] = [];
    for (const size of sizes) {
      measured.push(await measureSize(size, { empty, owner, rounds, dataDir, log }));
    }
    const rows = (size: Size) => size.nodes.reduce((sum, node) => sum + (demandRows[node] ?? 0), 0);
    return {
      figures: measured.flatMap(figuresOf),
      notes: [
        ...measured.map(
          (one) => `${named(one.size)}: ${rows(one.size)} rows of demand, ${outcomes(one.rounds)}.`,
        ),
        ...measured.map(
          (one) => `${named(one.size)}, last round: ${one.rounds.at(-1)?.statements ?? ''}.`,
        ),
        `Rows of demand in all: ${sizes.reduce((sum, size) => sum + rows(size), 0)}; receipts: ${receipts}.`,
        ...READING,
      ],
    };
  } finally {
    await parts.stop();
  }
}

const READING = [
  'Proposals recorded: from the first request to the end of the last answer of the three nodes; the purchase orders are written with them. One node after the other, then, for another day, all at once.',
  'Sent: until each purchase order is with its supplier, or waits for its approval.',
  'The floor of the time sums up the year of demand rows of the same nodes; that of the memory is the process before its first cycle.',
];

/** One size's rounds. */
interface Measured {
  readonly size: Size;
  readonly rounds: Round[];
}

interface Round extends Planned {
  readonly scanMs: number;
  readonly restBytes: number;
  readonly atOnceMs: number;
}

interface Stage {
  readonly empty: EmptyStack;
  readonly owner: postgres.Sql;
  readonly rounds: number;
  readonly dataDir: string;
  readonly log: (line: string) => void;
}

/** Each round plans another day's cycle; what the one before ordered is forgotten. A fresh Loopline for each size. */
async function measureSize(size: Size, stage: Stage): Promise<Measured> {
  const { empty, owner, rounds, dataDir, log } = stage;
  const parts = createStopList(log);
  const found: Round[] = [];
  try {
    const port = empty.env.API_PORT;
    const name = `loopline-${size.skus}`;
    const roles = 'api,worker,dispatcher';
    const loopline = await spawnLoopline(empty, { dataDir, name, roles, port });
    const { pid } = loopline;
    parts.add({ name: 'Loopline', quiet: true, stop: () => loopline.stop() });
    const site = { apiUrl: `http://127.0.0.1:${port}`, apiKey: empty.stack.apiKey, owner };
    await planDay(site, size.nodes.slice(0, 1), { day: 0, pid, atOnce: false });
    const restBytes = await memoryOf(pid, 'VmRSS');
    for (let round = 1; round <= rounds; round += 1) {
      const scanMs = await scan(owner, size);
      const planned = await planDay(site, size.nodes, { day: round, pid, atOnce: false });
      const again = await planDay(site, size.nodes, { day: rounds + round, pid, atOnce: true });
      found.push({ ...planned, scanMs, restBytes, atOnceMs: again.recordedMs });
      const { recordedMs, sentMs, outcome } = planned;
      log(
        `${named(size)}, round ${round}: ${outcome.proposals} proposals in ${inSeconds(recordedMs)}, ` +
          `at once ${inSeconds(again.recordedMs)}, sent after ${inSeconds(sentMs)}; ${outcome.hash}`,
      );
    }
    return { size, rounds: found };
  } finally {
    await parts.stop();
  }
}

/** What a day's cycles came to. */
interface Planned {
  readonly recordedMs: number;
  readonly sentMs: number;
  readonly peak: Peak;
  readonly outcome: Outcome;
  /** What the ledger was asked while they were planned. */
  readonly statements: string;
}

async function planDay(
  site: Site,
  nodes: readonly string[],
  { day, pid, atOnce }: { day: number; pid: number; atOnce: boolean },
): Promise<Planned> {
  await forgetStatements(site);
  const watch = watchMemory(site.owner, pid);
  try {
    const startedAt = performance.now();
    const plan = (node: string) => planCycle(site, node, dateOfCycle(day));
    const cycles = atOnce ? await Promise.all(nodes.map(plan)) : await inTurn(nodes, plan);
    const recordedMs = performance.now() - startedAt;
    const statements = await statementsOf(site);
    await untilSent(site, cycles);
    const sentMs = performance.now() - startedAt;
    const outcome = await outcomeOf(site, cycles);
    await giveUpOrders(site, cycles);
    return { recordedMs, sentMs, outcome, statements, peak: await watch.stop() };
  } finally {
    // Also when a cycle is refused: the watch must not outlive the stack.
    await watch.stop();
  }
}

async function inTurn(
  nodes: readonly string[],
  plan: (node: string) => Promise<string>,
): Promise<string[]> {
  const cycles: string[] = [];
  for (const node of nodes) cycles.push(await plan(node));
  return cycles;
}

/** Milliseconds to sum up the demand rows of the nodes, as nobody can do without. */
async function scan(owner: postgres.Sql, { nodes }: Size): Promise<number> {
  const startedAt = performance.now();
  await owner`
    select count(*) from (
      select node, code, sum(quantity), sum(quantity * quantity) from ledger.order_line
      where node = any(${[...nodes]}) group by 1, 2) demand`;
  return performance.now() - startedAt;
}

function figuresOf({ size, rounds }: Measured): Figure[] {
  const name = named(size);
  const items = size.skus * size.nodes.length;
  const values = (valueOf: (round: Round) => number) => rounds.map(valueOf);
  const summing = {
    name: 'sum of the demand rows',
    rounds: values(({ scanMs }) => scanMs / 1_000),
  };
  const rest = {
    name: 'before the cycle',
    rounds: values(({ restBytes }) => restBytes / MEGABYTE),
  };
  const target = size.skus === SKUS.at(-1) ? { target: '< 10 s' } : {};
  const figure = (measure: string, unit: string, valueOf: (round: Round) => number): Figure => ({
    measure: `${name}: ${measure}`,
    unit,
    rounds: values(valueOf),
  });
  return [
    {
      ...figure('proposals recorded', 's', ({ recordedMs }) => recordedMs / 1_000),
      floor: summing,
      ...target,
    },
    {
      ...figure('recorded, nodes at once', 's', ({ atOnceMs }) => atOnceMs / 1_000),
      floor: summing,
    },
    {
      ...figure('one item', 'µs', ({ recordedMs }) => (recordedMs * 1_000) / items),
      target: 'the same at every size',
    },
    figure('purchase orders sent', 's', ({ sentMs }) => sentMs / 1_000),
    {
      ...figure('peak of API and worker', 'MB', ({ peak }) => peak.loopline / MEGABYTE),
      floor: rest,
      target: 'bounded',
    },
    {
      ...figure('peak of a backend', 'MB', ({ peak }) => peak.backend / MEGABYTE),
      target: 'bounded',
    },
  ];
}

function named({ skus, nodes }: Size): string {
  return `${skus} SKUs × ${nodes.length}`;
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(2)} s`;
}

/** Every round plans another day, so each has a hash of its own; this one stands for all of them. */
function outcomes(rounds: readonly Round[]): string {
  const middle = (valueOf: (outcome: Outcome) => number) =>
    summarize(rounds.map(({ outcome }) => valueOf(outcome))).median;
  const hash = createHash('md5').update(rounds.map(({ outcome }) => outcome.hash).join());
  return (
    `${middle(({ proposals }) => proposals)} proposals on ` +
    `${middle(({ purchaseOrders }) => purchaseOrders)} purchase orders a round, hash ${hash.digest('hex')}`
  );
}
