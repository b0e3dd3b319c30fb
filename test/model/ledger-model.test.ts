import { expect, it } from 'vitest';
import {
  expectSoundBooks,
  explore,
  MOST_UNANSWERED,
  openGround,
  type Explored,
  type Exploration,
} from '../../bench/model/explore.ts';
import { openLedger } from '../support/ledger.ts';

/** Both can be given to look longer, or to see a failure again. */
const SEED = Number(process.env['MODEL_SEED'] ?? 20_261_121);
const OPERATIONS = Number(process.env['MODEL_OPERATIONS'] ?? 100_000);
/** Operations are waits for Postgres: each explores so many databases of its own, all at the same time. */
const EXPLORATIONS = [
  {
    name: 'one call at a time',
    share: 0.5,
    ledgers: 3,
    how: { lanes: 1, compareEvery: 10, caseLength: 300 },
  },
  {
    name: 'two calls at once',
    share: 0.17,
    ledgers: 2,
    how: { lanes: 2, compareEvery: 1, caseLength: 200 },
  },
  {
    name: 'four calls at once',
    share: 0.33,
    ledgers: 2,
    how: { lanes: 4, compareEvery: 1, caseLength: 200 },
  },
] as const;
const LIMIT_MS = 40 * 60_000;

it.concurrent.each(EXPLORATIONS.map((exploration, index) => ({ ...exploration, index })))(
  'the ledger answers and keeps what a plain model does over random operations, $name',
  async ({ index, name, share, ledgers, how }) => {
    const operations = Math.ceil((OPERATIONS * share) / ledgers);
    const runs = Array.from({ length: ledgers }, (_, number) =>
      run(ledgers > 1 ? `${name}, ${number + 1}` : name, {
        ...how,
        operations,
        seed: SEED + index * 1e6 + number * 1e5,
      }),
    );
    // All come to their end before one of them is told of: each has a ledger to close.
    for (const explored of await Promise.allSettled(runs)) {
      if (explored.status === 'rejected') throw explored.reason;
      expect(explored.value.operations).toBeGreaterThanOrEqual(operations);
    }
  },
  LIMIT_MS,
);

async function run(
  name: string,
  exploration: Omit<Exploration, 'faults' | 'log'>,
): Promise<Explored> {
  const shop = await openLedger({ connections: exploration.lanes });
  try {
    const ground = await openGround(shop.ledger, shop.owner);
    const log = (line: string) => console.log(`${name}: ${line}`);
    const explored = await explore(ground, { ...exploration, faults: [], log });
    const { operations, seconds, cases, unanswered, failure } = explored;
    log(`${operations} operations in ${cases} cases, ${(operations / seconds).toFixed(0)}/s`);
    if (failure !== null) {
      log(`differs; MODEL_SEED=${failure.seed - exploration.seed + SEED} shows it again`);
      throw failure.error;
    }
    expect(unanswered).toBeLessThanOrEqual(cases / MOST_UNANSWERED);
    await expectSoundBooks(shop.ledger);
    return explored;
  } finally {
    await shop.close();
  }
}
