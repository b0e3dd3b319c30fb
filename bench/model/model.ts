import { join } from 'node:path';
import { freePort } from '../../worker/stack/ports.ts';
import { startPostgres } from '../../worker/stack/postgres.ts';
import { createStopList } from '../../worker/stack/stop-list.ts';
import type { Bench, BenchOptions, Findings } from '../measure.ts';
import { allDone } from './all-done.ts';
import { MOST_UNANSWERED } from './explore.ts';
import { startExplorer, type ShareDone } from './explorer.ts';

const OPERATIONS = 1_000_000;
const OPERATIONS_QUICK = 10_000;
const ALONE = { lanes: 1, compareEvery: 10, caseLength: 300 } as const;
const TWO_AT_ONCE = { lanes: 2, compareEvery: 1, caseLength: 200 } as const;
const FOUR_AT_ONCE = { lanes: 4, compareEvery: 1, caseLength: 200 } as const;
/** Each explores a database of its own, in a process of its own, all at the same time. */
const EXPLORERS = [ALONE, ALONE, ALONE, TWO_AT_ONCE, FOUR_AT_ONCE, FOUR_AT_ONCE] as const;

/** Random operations until something differs: nothing may. */
export const model: Bench = {
  name: 'model',
  summary: "random operations on the ledger's functions beside a plain model, and what differs",
  run,
};

async function run({ dataDir, quick, rounds, log }: BenchOptions): Promise<Findings> {
  const parts = createStopList(log);
  try {
    const server = await startPostgres({
      dataDir: join(dataDir, 'postgres'),
      port: await freePort(),
      log,
    });
    parts.add({ name: 'Postgres', stop: () => server.stop() });
    const explorers = EXPLORERS.map((how) => ({ how, process: startExplorer() }));
    for (const { process } of explorers)
      parts.add({ name: 'explorer', quiet: true, stop: () => process.stop() });
    const operationsEach = Math.ceil(
      (quick ? OPERATIONS_QUICK : OPERATIONS) / rounds / EXPLORERS.length,
    );
    const perSecond: number[] = [];
    const all: ShareDone[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const startedAt = performance.now();
      const shares = await allDone(
        explorers.map(({ how, process }, index) =>
          process.ask({
            ...how,
            url: server.url,
            database: `model_${round}_${index}`,
            seed: round * 1_000_000 + index * 100_000,
            operations: operationsEach,
          }),
        ),
      );
      for (const [index, { difference }] of shares.entries())
        if (difference !== null)
          throw new Error(`${EXPLORERS[index]?.lanes} calls at once differ ${difference}`);
      const { operations } = totalOf(shares);
      perSecond.push((operations * 1_000) / (performance.now() - startedAt));
      all.push(...shares);
      log(`round ${round}: ${operations} operations, no difference`);
    }
    const { operations, cases, unanswered } = totalOf(all);
    if (unanswered > cases / MOST_UNANSWERED)
      throw new Error(`${unanswered} of ${cases} cases were given up: the machine is too busy`);
    return {
      figures: [{ measure: 'operations beside the model', unit: '/s', rounds: perSecond }],
      notes: [
        `${operations} operations in ${cases} cases, ${[...new Set(EXPLORERS.map(({ lanes }) => lanes))].join(', ')} calls at once; differences: 0; ledger check clean, trial balance 0. Cases given up because a call was not answered in time: ${unanswered}.`,
        'One operation is one call of a function of the ledger. The figure counts the comparison of the whole state too.',
      ],
    };
  } finally {
    await parts.stop();
  }
}

function totalOf(shares: readonly ShareDone[]) {
  const sum = (count: (share: ShareDone) => number) =>
    shares.reduce((total, share) => total + count(share), 0);
  return {
    operations: sum((share) => share.operations),
    cases: sum((share) => share.cases),
    unanswered: sum((share) => share.unanswered),
  };
}
