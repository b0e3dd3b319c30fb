/**
 * `npm run bench [NAME…] [-- --json OUT] [--quick] [--rounds N] [--against FOLDER]`: measures Loopline, each
 * bench on a stack of its own with production's settings, and prints every figure beside its floor of the
 * same run, or beside the figure of another checkout in FOLDER.
 */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stopLeftovers } from '../worker/stack/children.ts';
import { dataFolder, prepareDataFolder } from '../worker/stack/paths.ts';
import { removePostgresData } from '../worker/stack/postgres.ts';
import { runAgainst } from './against.ts';
import { audit } from './audit/audit.ts';
import { backlog } from './backlog/backlog.ts';
import { cost } from './cost/cost.ts';
import { day } from './day/day.ts';
import { hotSku } from './hot-sku/hot-sku.ts';
import type { Bench, Findings } from './measure.ts';
import { model } from './model/model.ts';
import { placement } from './placement/placement.ts';
import { sourceOf, tableOf } from './report.ts';
import { replenishment } from './replenishment/replenishment.ts';
import { returns } from './returns/returns.ts';
import { size } from './size/size.ts';

const BENCHES: readonly Bench[] = [
  placement,
  hotSku,
  cost,
  returns,
  replenishment,
  day,
  backlog,
  size,
  audit,
  model,
];
const USAGE = `npm run bench [NAME…] [-- --json OUT] [--quick] [--rounds N] [--against FOLDER]

${BENCHES.map(({ name, summary }) => `  ${name.padEnd(14)} ${summary}`).join('\n')}`;

const log = (line: string) => console.log(line);

process.exitCode = await main();

/** 0 when every bench came to its end, 1 when one did not, 2 when the command line cannot be read. */
async function main(): Promise<number> {
  const asked = readArguments();
  if (asked === undefined) {
    console.error(USAGE);
    return 2;
  }
  const source = await sourceOf(new Date().toISOString());
  const found: Record<string, Findings | Failed> = {};
  for (const [position, bench] of asked.benches.entries()) {
    log(`\n=== ${position + 1}/${asked.benches.length} ${bench.name}: ${bench.summary}`);
    try {
      const findings =
        asked.against === undefined
          ? await runOne(bench, asked)
          : await runAgainst(bench.name, { ...asked, folder: asked.against, log });
      found[bench.name] = findings;
      log(`\n${tableOf(findings)}`);
    } catch (error) {
      // The others are measured all the same; the report says which one is missing, and why.
      found[bench.name] = { failed: error instanceof Error ? error.message : String(error) };
      console.error(`${bench.name} failed:`, error);
    }
    if (asked.json === undefined) continue;
    const report = { ...source, quick: asked.quick, benches: found };
    await writeFile(asked.json, `${JSON.stringify(report, null, 2)}\n`);
  }
  const failed = Object.entries(found).flatMap(([name, each]) => ('failed' in each ? name : []));
  if (failed.length > 0) console.error(`\nfailed: ${failed.join(', ')}`);
  return failed.length > 0 ? 1 : 0;
}

/** Stands where a bench's findings would. */
interface Failed {
  readonly failed: string;
}

interface Asked {
  readonly benches: readonly Bench[];
  readonly json: string | undefined;
  readonly quick: boolean;
  readonly rounds: number;
  readonly against: string | undefined;
}

function readArguments(): Asked | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      against: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  const benches = positionals.map((name) => BENCHES.find((bench) => bench.name === name));
  if (benches.includes(undefined) || !(rounds >= 1)) return undefined;
  const named = benches.filter((bench) => bench !== undefined);
  return {
    benches: named.length === 0 ? BENCHES : named,
    json: values.json,
    quick: values.quick,
    rounds,
    against: values.against,
  };
}

/** In a data folder of its own, which is deleted afterwards. */
async function runOne(bench: Bench, { quick, rounds }: Asked): Promise<Findings> {
  const root = dataFolder();
  await prepareDataFolder(root);
  const dataDir = await mkdtemp(join(root, `bench-${bench.name}-`));
  // As root, Postgres runs under another account, which has to pass through this folder.
  await chmod(dataDir, 0o711);
  try {
    return await bench.run({ quick, rounds, dataDir, log });
  } finally {
    await stopLeftovers(dataDir, log);
    await removePostgresData(join(dataDir, 'postgres'));
    await rm(dataDir, { recursive: true, force: true });
  }
}
