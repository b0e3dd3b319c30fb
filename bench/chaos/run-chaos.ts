import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { startChaosStack, type ChaosStack } from './chaos-stack.ts';
import { chaosClient, type ClientCounts } from './client.ts';
import { compareEngine } from './compare-engine.ts';
import { compareFacts } from './compare-facts.ts';
import { compareLedger } from './compare-ledger.ts';
import { compareProviders } from './compare-providers.ts';
import type { Comparison } from './comparison.ts';
import { drain } from './drain.ts';
import { factBook, type FactBook } from './facts.ts';
import { startLoad } from './load.ts';
import { startPeople } from './people.ts';
import { letProvidersFail } from './provider-faults.ts';
import { striker, strikeSchedule } from './strikes.ts';

export interface ChaosOptions {
  readonly kills: number;
  readonly seed: number;
  /** How long the strikes take together; about five seconds each when left out. */
  readonly minutes?: number | undefined;
  /** An empty folder for the stack's data; the caller removes it. */
  readonly dataDir: string;
  readonly apis?: number;
  readonly workers?: number;
  /** Connectors and staff that call at once. */
  readonly callers?: number;
  readonly log: (line: string) => void;
}

export interface ChaosReport {
  readonly strikes: number;
  readonly seed: number;
  readonly comparisons: readonly Comparison[];
  /** No comparison found a difference. */
  readonly clean: boolean;
  /** Answers by status; 0 is none at all. */
  readonly answers: Readonly<Record<string, number>>;
  readonly refusals: Readonly<Record<string, number>>;
  /** Parts that ended without being killed. */
  readonly endedByThemselves: Readonly<Record<string, number>>;
}

const GAP_MS = 5_000;
/** Mean pause of a caller between two requests. */
const CALLER_PAUSE_MS = 300;
/** Orders that strikes can hit have to be under way first. */
const WARM_UP_MS = 5_000;

/**
 * Runs a stack of several API and worker processes under mixed load, kills and stops its parts by a
 * seeded schedule while its providers fail, lets it come to rest, and compares all books.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { log, seed, dataDir } = options;
  const stack = await startChaosStack({
    dataDir,
    seed,
    apis: options.apis ?? 2,
    workers: options.workers ?? 2,
    log,
  });
  try {
    await letProvidersFail(stack, seed);
    const book = factBook();
    const counts: ClientCounts = { byStatus: new Map(), broken: [] };
    const people = startPeople({ stack, book, counts, seed, log });
    const pauseMs = CALLER_PAUSE_MS;
    const callers = options.callers ?? 4;
    const load = startLoad({ stack, book, counts, seed, callers, pauseMs });
    await strikeAll(options, stack);
    log('The last strike is over; letting what is under way end.');
    await load.stop();
    const client = chaosClient({ urls: stack.apiUrls, key: stack.apiKey, start: 0, counts });
    const unfinished = await drain(client, log);
    await people.stop();
    const comparisons = [
      { name: 'at rest', count: 0, differences: unfinished },
      { name: 'no answer 500', count: total(counts), differences: counts.broken },
      ...(await compareBooks(stack, book)),
    ];
    return {
      strikes: options.kills,
      seed,
      comparisons,
      clean: comparisons.every(({ differences }) => differences.length === 0),
      answers: Object.fromEntries(counts.byStatus),
      refusals: Object.fromEntries(book.refusals),
      endedByThemselves: Object.fromEntries(stack.ended),
    };
  } finally {
    await stack.stop();
  }
}

function total({ byStatus }: ClientCounts): number {
  return [...byStatus.values()].reduce((sum, count) => sum + count, 0);
}

async function strikeAll(options: ChaosOptions, stack: ChaosStack): Promise<void> {
  const { kills, seed, minutes, log } = options;
  const gapMs = minutes === undefined ? GAP_MS : (minutes * 60_000) / Math.max(1, kills);
  const { strike, settled } = striker(stack, log);
  await sleep(WARM_UP_MS);
  const startedAt = performance.now();
  for (const [index, blow] of strikeSchedule({ kills, seed, gapMs }).entries()) {
    await sleep(Math.max(0, startedAt + blow.atMs - performance.now()));
    await strike(blow, index + 1);
  }
  await settled();
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
