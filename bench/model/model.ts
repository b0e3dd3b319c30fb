import { join } from 'node:path';
import postgres from 'postgres';
import { connectLedger } from '../../activities/ledger/connect.ts';
import { migrateLedger } from '../../activities/ledger/migrate.ts';
import { freePort } from '../../worker/stack/ports.ts';
import { startPostgres } from '../../worker/stack/postgres.ts';
import type { Bench, BenchOptions, Findings } from '../measure.ts';
import { allDone } from './all-done.ts';
import { expectSoundBooks, explore, MOST_UNANSWERED, openGround } from './explore.ts';

const OPERATIONS = 1_000_000;
const OPERATIONS_QUICK = 10_000;
const ALONE = { lanes: 1, compareEvery: 10, caseLength: 300 } as const;
const TWO_AT_ONCE = { lanes: 2, compareEvery: 1, caseLength: 200 } as const;
const FOUR_AT_ONCE = { lanes: 4, compareEvery: 1, caseLength: 200 } as const;
/** Each explores a database of its own, all at the same time: they are mostly waits for Postgres. */
const EXPLORERS = [ALONE, ALONE, ALONE, TWO_AT_ONCE, FOUR_AT_ONCE, FOUR_AT_ONCE] as const;

/** Random operations until something differs: nothing may. */
export const model: Bench = {
  name: 'model',
  summary: "random operations on the ledger's functions beside a plain model, and what differs",
  run,
};

async function run({ dataDir, quick, rounds, log }: BenchOptions): Promise<Findings> {
  const server = await startPostgres({
    dataDir: join(dataDir, 'postgres'),
    port: await freePort(),
    log,
  });
  try {
    const total = quick ? OPERATIONS_QUICK : OPERATIONS;
    const perSecond: number[] = [];
    let done = 0;
    let cases = 0;
    let unanswered = 0;
    for (let round = 1; round <= rounds; round += 1) {
      const startedAt = performance.now();
      const explored = await allDone(
        EXPLORERS.map((_, explorer) =>
          exploreOne(server.url, { explorer, round, operations: total / rounds, log }),
        ),
      );
      const operations = explored.reduce((sum, each) => sum + each.operations, 0);
      perSecond.push((operations * 1_000) / (performance.now() - startedAt));
      done += operations;
      cases += explored.reduce((sum, each) => sum + each.cases, 0);
      unanswered += explored.reduce((sum, each) => sum + each.unanswered, 0);
      log(`round ${round}: ${operations} operations, no difference`);
    }
    if (unanswered > cases / MOST_UNANSWERED)
      throw new Error(`${unanswered} of ${cases} cases were given up: the machine is too busy`);
    return {
      figures: [{ measure: 'operations beside the model', unit: '/s', rounds: perSecond }],
      notes: [
        `${done} operations in ${cases} cases, ${[...new Set(EXPLORERS.map(({ lanes }) => lanes))].join(', ')} calls at once; differences: 0; ledger check clean, trial balance 0. Cases given up because a call was not answered in time: ${unanswered}.`,
        'One operation is one call of a function of the ledger. The figure counts the comparison of the whole state too.',
      ],
    };
  } finally {
    await server.stop();
  }
}

/** One explorer's share of a round. Errors: what differs, with the seed that shows it. */
async function exploreOne(
  url: string,
  work: {
    readonly explorer: number;
    readonly round: number;
    readonly operations: number;
    readonly log: BenchOptions['log'];
  },
) {
  const { explorer, round, operations, log } = work;
  const how = EXPLORERS[explorer] ?? ALONE;
  const addresses = await migrateLedger({ url, database: `model_${round}_${explorer}` });
  const ledger = connectLedger(addresses.appUrl, { connections: how.lanes }).as({ actor: 'bench' });
  const owner = postgres(addresses.ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    const ground = await openGround(ledger, owner);
    const explored = await explore(ground, {
      ...how,
      seed: round * 1_000_000 + explorer * 100_000,
      operations: Math.ceil(operations / EXPLORERS.length),
      faults: [],
      log: (line) => log(`${how.lanes} at once: ${line}`),
    });
    if (explored.failure !== null) {
      const { seed, error } = explored.failure;
      throw new Error(`${how.lanes} calls at once differ with seed ${seed}`, { cause: error });
    }
    await expectSoundBooks(ledger);
    return explored;
  } finally {
    await ledger.close();
    await owner.end();
  }
}
