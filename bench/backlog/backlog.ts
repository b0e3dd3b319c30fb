import { setTimeout as sleep } from 'node:timers/promises';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { createStopList } from '../../worker/stack/stop-list.ts';
import { watchMemory } from '../day/memory.ts';
import { percentile, type Bench, type BenchOptions, type Findings } from '../measure.ts';
import { startEngineFloor, STARTS_IN_FLIGHT } from '../placement/engine-floor.ts';
import { figuresOf, startedPerSecond, type Round } from './figures.ts';
import { type House, openHouse, startLoopline } from './house.ts';
import { type Intake, placeMeanwhile, placeOrders } from './intake.ts';
import { pendingOf, readTurns, untilReleased, untilStarted } from './turns.ts';

/** No worker keeps more workflows in memory than 2,000; with those beside it no backlog has more. */
const FULL = { orders: 1_600, workflows: 800 };
const QUICK = { orders: 200, workflows: 128 };
const CALLERS = 8;
const WARM_UP = { count: 64, callers: 16 };
/** Long enough to be looked at twice. */
const MEMORY_MS = 1_200;
/** Batches are started at once and in any order within: a few of them shuffled stay above it. */
const OLDEST_FIRST = 0.8;

/** Orders that wait for Temporal's return, and how they are started when it is back. */
export const backlog: Bench = {
  name: 'backlog',
  summary: 'orders while Temporal is away, and how fast they are started when it is back',
  run,
};

async function run(options: BenchOptions): Promise<Findings> {
  const parts = createStopList(options.log);
  const found: Round[] = [];
  try {
    const house = await openHouse(options, parts);
    for (let round = 1; round <= options.rounds; round += 1)
      found.push(await runRound(house, options, round));
    const check = await checkLedger(house.ledger);
    if (!check.ok) throw new Error(`the ledger's check found ${JSON.stringify(check.drift)}`);
  } finally {
    await parts.stop();
  }
  const { orders } = options.quick ? QUICK : FULL;
  return {
    figures: figuresOf(found),
    notes: [
      `A backlog of ${orders} orders by ${CALLERS} callers in two processes, and as many with Temporal before; API, worker and dispatcher in one process. Every order was accepted at its first request and released once, and the ledger's check is clean.`,
      'Rates of the backlog are from its first start to its last, those of empty workflows from the first request to the last run.',
    ],
  };
}

/** The floor, the orders with Temporal, then those without it and what becomes of them. */
async function runRound(house: House, options: BenchOptions, round: number): Promise<Round> {
  const { log, quick } = options;
  const { orders, workflows } = quick ? QUICK : FULL;
  const emptyPerSecond = await measureFloor(house, `r${round}`, workflows);
  log(`round ${round}: ${emptyPerSecond.toFixed(0)} empty workflows/s`);
  const up = await measureUp(house, options, { name: `r${round}-up`, count: orders });
  log(`round ${round}, Temporal is there: ${inWords(up)}`);
  const result = {
    emptyPerSecond,
    up,
    ...(await measureAway(house, options, { name: `r${round}-away`, count: orders })),
  };
  log(
    `round ${round}, Temporal is back: ${startedPerSecond(result).toFixed(0)} started/s, ` +
      `beside it ${inWords(result.beside)}`,
  );
  return result;
}

/** Empty workflows a second, while Loopline does not run. */
async function measureFloor({ empty }: House, name: string, count: number): Promise<number> {
  const { stack, env } = empty;
  const floor = await startEngineFloor(stack.temporalAddress, env.TEMPORAL_NAMESPACE);
  try {
    const plan = { workflow: 'empty', callers: STARTS_IN_FLIGHT, pauseMs: 0 } as const;
    await floor.ask({ ...plan, name: `${name}-warm`, count: WARM_UP.count });
    const { seconds } = await floor.ask({ ...plan, name: `${name}-empty`, count });
    return count / seconds;
  } finally {
    await floor.stop();
  }
}

interface Part {
  readonly name: string;
  readonly count: number;
}

/** In a process of its own, as each process keeps what it has worked on in memory. */
async function measureUp(
  house: House,
  { dataDir, log }: BenchOptions,
  { name, count }: Part,
): Promise<Intake> {
  const loopline = await startLoopline(house, dataDir);
  try {
    await warmUp(house, name, log);
    const intake = await placeOrders(house, { name, count, callers: CALLERS });
    await untilReleased(house.owner, name, log);
    await readTurns(house.owner, name, count);
    return intake;
  } finally {
    await loopline.stop();
  }
}

/** Every order of the part has to wait for Temporal's return, and then be started as its turn is. */
async function measureAway(
  house: House,
  { dataDir, log }: BenchOptions,
  { name, count }: Part,
): Promise<Pick<Round, 'away' | 'memory' | 'returnedAt' | keyof Drained>> {
  const { owner, temporal } = house;
  const loopline = await startLoopline(house, dataDir);
  try {
    await warmUp(house, name, log);
    await temporal.stop();
    const half = (which: string) =>
      placeOrders(house, { name: `${name}-${which}`, count: count / 2, callers: CALLERS });
    const memoryEmpty = await megabytesOf(loopline.pid);
    const first = await half('first');
    const memoryHalf = await megabytesOf(loopline.pid);
    const second = await half('second');
    const memoryWhole = await megabytesOf(loopline.pid);
    log(`${name}: ${inWords(first)}, then ${inWords(second)}`);
    const pending = await pendingOf(owner, name);
    if (pending !== count) throw new Error(`${pending} of ${count} orders wait for Temporal`);
    await temporal.start();
    const returnedAt = Date.now();
    const drained = await drain(house, { name, count }, log);
    const memory = [memoryEmpty, memoryHalf, memoryWhole] as const;
    return { away: [first, second], memory, returnedAt, ...drained };
  } finally {
    await loopline.stop();
  }
}

type Drained = Pick<Round, 'releasedAt' | 'turns' | 'beside'>;

/** Takes new orders in until the backlog is started; throws unless the oldest were started first. */
async function drain(
  house: House,
  { name, count }: Part,
  log: (line: string) => void,
): Promise<Drained> {
  const { owner } = house;
  let isOver = false;
  const late = `late-${name}`;
  const [beside] = await Promise.all([
    placeMeanwhile(house, late, () => !isOver),
    untilStarted(owner, name, log).finally(() => {
      isOver = true;
    }),
  ]);
  await untilReleased(owner, name, log);
  const releasedAt = Date.now();
  await untilReleased(owner, late, log);
  await readTurns(owner, late, beside.milliseconds.length);
  const turns = await readTurns(owner, name, count);
  if (!(turns.rankCorrelation >= OLDEST_FIRST))
    throw new Error(`${name} was not started oldest first: ${JSON.stringify(turns)}`);
  return { releasedAt, turns, beside };
}

async function warmUp(house: House, name: string, log: (line: string) => void): Promise<void> {
  const warm = `warm-${name}`;
  await placeOrders(house, { ...WARM_UP, name: warm });
  await untilReleased(house.owner, warm, log);
}

async function megabytesOf(pid: number): Promise<number> {
  const memory = watchMemory(new Map([['loopline', pid]]));
  await sleep(MEMORY_MS);
  await memory.stop();
  return memory.peaks.get('loopline') ?? Number.NaN;
}

function inWords({ milliseconds, perSecond }: Intake): string {
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(milliseconds, share).toFixed(1));
  return `${perSecond.toFixed(0)} accepted/s (p50 ${p50}, p99 ${p99} ms)`;
}
