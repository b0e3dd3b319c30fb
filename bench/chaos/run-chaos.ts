import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { startChaosStack, type ChaosStack } from './chaos-stack.ts';
import { chaosClient, clientsOfDeciders, type ClientCounts } from './client.ts';
import { compareEngine } from './compare-engine.ts';
import { compareFacts } from './compare-facts.ts';
import { compareLedger } from './compare-ledger.ts';
import { compareProviders } from './compare-providers.ts';
import type { Comparison } from './comparison.ts';
import { drain } from './drain.ts';
import { countPromises, factBook, type FactBook } from './facts.ts';
import { startLoad } from './load.ts';
import { startPeople } from './people.ts';
import { letProvidersFail } from './provider-faults.ts';
import { striker, strikeSchedule, type Striker } from './strikes.ts';
import { measureVitals, type Vitals } from './vitals.ts';

export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  /** How long the strikes take together; about two and a half seconds each when left out. */
  readonly minutes?: number | undefined;
  /** An empty folder for the stack's data; the caller removes it. */
  readonly dataDir: string;
  readonly apis?: number;
  readonly workers?: number;
  /** Connectors and staff that call at once. */
  readonly callers?: number;
  readonly log: (line: string) => void;
  /** Breaks the run off: the stack is stopped, nothing is compared, `runChaos` throws the reason. */
  readonly signal?: AbortSignal;
}

export interface ChaosReport {
  readonly strikes: number;
  readonly seed: number;
  readonly comparisons: readonly Comparison[];
  /** No comparison found a difference. */
  readonly clean: boolean;
  /** Everything that Loopline said it had taken in. */
  readonly acknowledged: number;
  /** Answers by status; 0 is none at all. */
  readonly answers: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
  /** Parts that ended without being killed. */
  readonly endedByThemselves: Readonly<Record<string, number>>;
  /** The most that was seen at once. */
  readonly most: Vitals;
  readonly seconds: number;
}

const GAP_MS = 2_500;
/** Mean pause of a caller between two requests. */
const CALLER_PAUSE_MS = 500;
/** Orders that strikes can hit have to be under way first. */
const WARM_UP_MS = 5_000;
const SAY_MS = 8_000;

interface Run {
  readonly options: ChaosOptions;
  readonly stack: ChaosStack;
  readonly book: FactBook;
  readonly counts: ClientCounts;
  readonly striking: Striker;
  /** What happens at this moment, for whoever watches. */
  stage: string;
}

/**
 * Runs a stack of several API and worker processes under mixed load, kills and stops its parts by a
 * seeded schedule while its providers fail, lets it come to rest, and compares all books.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { log, seed, dataDir, signal } = options;
  const startedAt = performance.now();
  const stack = await startChaosStack({
    dataDir,
    seed,
    apis: options.apis ?? 2,
    workers: options.workers ?? 2,
    log,
  });
  const run: Run = {
    options,
    stack,
    book: factBook(),
    counts: { byStatus: new Map(), broken: [] },
    striking: striker(stack, log),
    stage: 'starting',
  };
  const watch = watchVitals(run);
  try {
    const comparisons = await Promise.race([strikeAndCompare(run), brokenOff(signal)]);
    return {
      strikes: options.kills,
      seed,
      comparisons,
      clean: comparisons.every(({ differences }) => differences.length === 0),
      acknowledged: countPromises(run.book),
      answers: Object.fromEntries(run.counts.byStatus),
      refusals: Object.fromEntries(run.book.refusals),
      endedByThemselves: Object.fromEntries(stack.ended),
      most: await watch.stop(),
      seconds: Math.round((performance.now() - startedAt) / 1_000),
    };
  } finally {
    await watch.stop();
    run.striking.release();
    await stack.stop();
  }
}

/** Never resolves. */
function brokenOff(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const giveUp = () => reject(signal?.reason as Error);
    if (signal?.aborted === true) giveUp();
    signal?.addEventListener('abort', giveUp);
  });
}

async function strikeAndCompare(run: Run): Promise<Comparison[]> {
  const { options, stack, book, counts } = run;
  const { seed, log } = options;
  await letProvidersFail(stack, seed);
  const { apiUrls: urls, password } = stack;
  const deciders = clientsOfDeciders({ urls, password, counts });
  const people = startPeople({ stack, book, counts, deciders, seed, log });
  const pauseMs = CALLER_PAUSE_MS;
  const callers = options.callers ?? 4;
  const load = startLoad({ stack, book, counts, deciders, seed, callers, pauseMs });
  await strikeAll(run);
  options.signal?.throwIfAborted();
  log('The last strike is over; letting what is under way end.');
  run.stage = 'draining';
  await load.stop();
  const client = chaosClient({ urls: stack.apiUrls, key: stack.apiKey, start: 0, counts });
  const unfinished = await drain(client, log);
  run.stage = 'comparing';
  await people.stop();
  return [
    { name: 'at rest', count: 0, differences: unfinished },
    { name: 'no answer 500', count: total(counts), differences: counts.broken },
    ...(await compareBooks(stack, book)),
  ];
}

function total({ byStatus }: ClientCounts): number {
  return [...byStatus.values()].reduce((sum, count) => sum + count, 0);
}

async function strikeAll(run: Run): Promise<void> {
  const { kills, seed, minutes, signal } = run.options;
  const gapMs = minutes === undefined ? GAP_MS : (minutes * 60_000) / Math.max(1, kills);
  await sleep(WARM_UP_MS);
  const startedAt = performance.now();
  for (const [index, blow] of strikeSchedule({ kills, seed, gapMs }).entries()) {
    await sleep(Math.max(0, startedAt + blow.atMs - performance.now()));
    if (signal?.aborted === true) return;
    run.stage = `strike ${index + 1} of ${kills}`;
    await run.striking.strike(blow, index + 1);
  }
  await run.striking.settled();
}

/** Says every ten seconds how far it is and what it takes; `stop` answers the most that was seen. */
function watchVitals(run: Run): { stop(): Promise<Vitals> } {
  const { options, stack, book, counts } = run;
  const startedAt = performance.now();
  let most: Vitals = { stackMb: 0, ownMb: 0, diskMb: 0 };
  const look = async () => {
    const vitals = await measureVitals(stack, options.dataDir);
    most = {
      stackMb: Math.max(most.stackMb, vitals.stackMb),
      ownMb: Math.max(most.ownMb, vitals.ownMb),
      diskMb: Math.max(most.diskMb, vitals.diskMb),
    };
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const { stackMb, ownMb, diskMb } = vitals;
    options.log(
      `${seconds} s, ${run.stage}: ${countPromises(book)} facts acknowledged, ${total(counts)} answers; ` +
        `stack ${stackMb} MB, this process ${ownMb} MB, disk ${diskMb} MB`,
    );
  };
  const timer = setInterval(() => void look(), SAY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      return most;
    },
  };
}

async function compareBooks(stack: ChaosStack, book: FactBook): Promise<Comparison[]> {
  const sql = postgres(stack.ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    return [
      ...(await compareFacts(sql, book)),
      await compareEngine(sql, stack.temporalAddress),
      ...(await compareLedger(sql)),
      ...(await compareProviders(sql, stack)),
    ];
  } finally {
    await sql.end({ timeout: 5 });
  }
}
