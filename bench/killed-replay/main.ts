/**
 * `npm run replay:killed -- FILE… [--kills N] [--seed N] [--expect REPORT]`: replays months of trade
 * while the whole stack and the driver are killed with SIGKILL again and again, and compares what came
 * out with an unbroken replay. Exit code 0 when nothing that has to stay differs.
 */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { stopLeftovers } from '../../worker/stack/children.ts';
import { dataFolder, prepareDataFolder } from '../../worker/stack/paths.ts';
import { removePostgresData } from '../../worker/stack/postgres.ts';
import type { ReplayReport } from '../replay/report.ts';
import { classifyRows } from '../replay/source/classify.ts';
import { readSourceFiles } from '../replay/source/read-file.ts';
import { tradeDays } from '../replay/source/trade-day.ts';
import { killedReplay, whatStays } from './killed-replay.ts';
import { startProgram } from './program.ts';

const log = (line: string) => console.log(line);

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals: files } = parseArgs({
    allowPositionals: true,
    options: {
      kills: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      expect: { type: 'string' },
    },
  });
  const kills = Number(values.kills);
  const seed = Number(values.seed);
  if (files.length === 0 || !Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
    console.error('npm run replay:killed -- FILE… [--kills N] [--seed N] [--expect REPORT]');
    return 2;
  }
  const days = tradeDays(classifyRows(await readSourceFiles(files))).length;
  const root = dataFolder();
  await prepareDataFolder(root);
  const dataDir = await mkdtemp(join(root, 'killed-'));
  // As root, Postgres runs under another account, which has to pass through this folder.
  await chmod(dataDir, 0o711);
  let differences = Number.POSITIVE_INFINITY;
  try {
    await prepareDataFolder(dataDir);
    const unbroken = await expected(files, values.expect, dataDir);
    const killed = await killedReplay({ files, kills, seed, days, dataDir, log });
    differences = compare(whatStays(unbroken), whatStays(killed));
  } finally {
    await stopLeftovers(dataDir, log);
    if (differences > 0) log(`The data stay for whoever looks for the cause: ${dataDir}`);
    else await remove(dataDir);
  }
  return differences === 0 ? 0 : 1;
}

async function remove(dataDir: string): Promise<void> {
  await removePostgresData(join(dataDir, 'postgres'));
  await rm(dataDir, { recursive: true, force: true });
}

/** The report of an unbroken replay: a file's, else that of a run of our own. */
async function expected(
  files: readonly string[],
  given: string | undefined,
  dataDir: string,
): Promise<ReplayReport> {
  const file = given ?? join(dataDir, 'unbroken.json');
  if (given === undefined) {
    log('First without a kill.');
    const { ended } = startProgram({
      script: 'bench/replay/main.ts',
      args: [...files, '--json', file],
      env: { ...process.env, LOOPLINE_DATA: join(dataDir, 'unbroken') },
      onLine: log,
    });
    const exitCode = await ended;
    if (exitCode !== 0) throw new Error(`the unbroken replay ended with exit code ${exitCode}`);
  }
  return JSON.parse(await readFile(file, 'utf8')) as ReplayReport;
}

function compare(unbroken: object, killed: object): number {
  const left = Object.entries(unbroken);
  let differences = 0;
  for (const [name, value] of left) {
    const other = Object.entries(killed).find(([key]) => key === name)?.[1];
    const same = isDeepStrictEqual(value, other);
    if (!same) differences += 1;
    const shown = same ? '' : `  ${JSON.stringify(value)} / ${JSON.stringify(other)}`;
    log(`  ${same ? 'same     ' : 'DIFFERENT'}  ${name}${shown}`);
  }
  log(
    differences === 0 ? 'Unbroken and killed agree.' : `${differences} of ${left.length} differ.`,
  );
  return differences;
}
