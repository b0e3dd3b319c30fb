/**
 * `npm run chaos -- [--kills N] [--seed S] [--minutes M]`: kills and stops the parts of a stack under
 * load, lets it come to rest, and compares all books. Exit code 1 when any two differ; the data folder
 * then stays. Ctrl-C stops the stack and leaves nothing behind.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dataFolder, prepareDataFolder } from '../../worker/stack/paths.ts';
import { removePostgresData } from '../../worker/stack/postgres.ts';
import { tableOf } from './comparison.ts';
import { runChaos, type ChaosReport } from './run-chaos.ts';

/** Differences of each comparison. */
const MOST_SHOWN = 20;

const log = (line: string) => console.log(`${new Date().toISOString().slice(11, 23)}  ${line}`);

process.exitCode = await main();

/** 2 when the command line cannot be read. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string' },
    },
  });
  const kills = Number(values.kills);
  const seed = Number(values.seed);
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
  const isWrong =
    !Number.isInteger(kills) ||
    kills < 0 ||
    !Number.isInteger(seed) ||
    (minutes !== undefined && !(minutes > 0));
  if (isWrong) {
    console.error('npm run chaos -- [--kills N] [--seed S] [--minutes M]');
    return 2;
  }
  const root = dataFolder(process.env['LOOPLINE_DATA']);
  await prepareDataFolder(root);
  const dataDir = await mkdtemp(join(root, 'chaos-'));
  // As root, Postgres runs under another account, which has to pass through this folder.
  await chmod(dataDir, 0o711);
  const breaking = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      log(`${signal}: stopping the stack; nothing is compared.`);
      breaking.abort(new Error(`broken off by ${signal}`));
    });
  }
  try {
    const report = await runChaos({ kills, seed, minutes, dataDir, log, signal: breaking.signal });
    print(report);
    if (report.clean) await remove(dataDir);
    else log(`The data stay for whoever looks for the cause: ${dataDir}`);
    return report.clean ? 0 : 1;
  } catch (error) {
    if (!breaking.signal.aborted) throw error;
    await remove(dataDir);
    // Callers and people of the run still wait for the stack that is gone.
    process.exit(130);
  }
}

function print(report: ChaosReport): void {
  const { answers, refusals, endedByThemselves, most, seconds } = report;
  console.log(`\n${report.strikes} strikes, seed ${report.seed}, ${seconds} s`);
  console.log(`${report.acknowledged} facts acknowledged\n`);
  console.log(tableOf(report.comparisons));
  for (const { name, differences } of report.comparisons) {
    if (differences.length === 0) continue;
    console.log(`\n  ${name}:`);
    for (const difference of differences.slice(0, MOST_SHOWN)) console.log(`    ${difference}`);
  }
  console.log(`\n  answers by status   ${JSON.stringify(answers)}`);
  console.log(`  refused             ${JSON.stringify(refusals)}`);
  console.log(`  ended by themselves ${JSON.stringify(endedByThemselves)}`);
  console.log(
    `  at most             stack ${most.stackMb} MB, this process ${most.ownMb} MB, disk ${most.diskMb} MB`,
  );
  console.log(report.clean ? '\nAll books agree.' : '\nThe books differ.');
}

async function remove(dataDir: string): Promise<void> {
  await removePostgresData(join(dataDir, 'postgres'));
  await rm(dataDir, { recursive: true, force: true });
}
