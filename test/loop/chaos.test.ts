import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runChaos } from '../../bench/chaos/run-chaos.ts';
import { stopLeftovers } from '../../worker/stack/children.ts';
import { removePostgresData } from '../../worker/stack/postgres.ts';

const KILLS = 20;
const SEED = 11;
const LIMIT_MS = 900_000;

const lines: string[] = [];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loopline-chaos-'));
  // As root, Postgres runs under another account, which has to pass through this folder.
  await chmod(folder, 0o711);
});
afterEach(async () => {
  await stopLeftovers(folder, () => undefined);
  await removePostgresData(join(folder, 'postgres'));
  await rm(folder, { recursive: true, force: true });
});

test(
  `${KILLS} kills and stops of every part under load: nothing is lost, nothing is done twice, all books agree`,
  async () => {
    const report = await runChaos({
      kills: KILLS,
      seed: SEED,
      dataDir: folder,
      log: (line) => lines.push(line),
    }).catch((cause: unknown) => {
      throw new Error(lines.slice(-40).join('\n'), { cause });
    });
    const differences = report.comparisons.filter((one) => one.differences.length > 0);
    expect(differences, lines.join('\n')).toEqual([]);
    expect(lines.filter((line) => /^strike \d+: /.test(line))).toHaveLength(KILLS);
    const kinds = report.comparisons.filter(({ name, count }) => named(name) && count > 0);
    expect(kinds.length, 'of most kinds something was taken in').toBeGreaterThanOrEqual(10);
  },
  LIMIT_MS,
);

function named(name: string): boolean {
  return name.startsWith('acknowledged: ');
}
