import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { killedReplay, killPoints, whatStays } from '../../bench/killed-replay/killed-replay.ts';
import { startProgram } from '../../bench/killed-replay/program.ts';
import type { ReplayReport } from '../../bench/replay/report.ts';
import { stopLeftovers } from '../../worker/stack/children.ts';
import { removePostgresData } from '../../worker/stack/postgres.ts';
import { monthFile, onlineRetailPresent, whySkipped } from '../replay/online-retail.ts';

const DAY = '2010-12-01';
const LIMIT_MS = 600_000;
const FOLDERS = ['unbroken/replay', 'killed'];
const lines: string[] = [];
const log = (line: string) => lines.push(line);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loopline-killed-'));
  // As root, Postgres runs under another account, which has to pass through this folder.
  await chmod(folder, 0o711);
});
afterEach(async () => {
  for (const name of FOLDERS) {
    await stopLeftovers(join(folder, name), log);
    await removePostgresData(join(folder, name, 'postgres'));
  }
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(!onlineRetailPresent)(`a real day of trade${whySkipped}`, () => {
  test(
    'killed with everything twice and begun again comes out as the unbroken one',
    async () => {
      const file = await writeDay(join(folder, `online_retail_${DAY}.csv`));
      const unbroken = await replay(file);
      const killed = await killedReplay({
        files: [file],
        kills: 2,
        seed: 1,
        days: 1,
        dataDir: join(folder, 'killed'),
        log,
      }).catch((cause: unknown) => {
        throw new Error(lines.slice(-40).join('\n'), { cause });
      });
      expect(whatStays(killed)).toEqual(whatStays(unbroken));
      expect(lines.filter((line) => line.includes('everything is dead'))).toHaveLength(2);
      expect(killed.orders).toMatchObject({ accepted: 127, waiting: 0 });
    },
    LIMIT_MS,
  );
});

test('the same seed kills at the same moments, spread over the days', () => {
  const points = killPoints({ kills: 4, seed: 7, days: 8 });
  expect(points).toEqual(killPoints({ kills: 4, seed: 7, days: 8 }));
  expect(points.map(({ afterDay }) => afterDay)).toEqual([0, 2, 4, 6]);
  expect(new Set(points.map(({ delayMs }) => delayMs)).size).toBe(4);
});

/** The rows of one day, as the month's file has them. */
async function writeDay(file: string): Promise<string> {
  const month = gunzipSync(readFileSync(monthFile('2010-12'))).toString('utf8');
  const [header = '', ...rows] = month.split('\n');
  const ofDay = rows.filter((row) => row.includes(`,${DAY} `));
  await writeFile(file, `${[header, ...ofDay].join('\n')}\n`);
  return file;
}

async function replay(file: string): Promise<ReplayReport> {
  const json = join(folder, 'unbroken.json');
  const { ended } = startProgram({
    script: 'bench/replay/main.ts',
    args: [file, '--json', json],
    env: { ...process.env, LOOPLINE_DATA: join(folder, 'unbroken') },
    onLine: log,
  });
  expect(await ended, lines.slice(-40).join('\n')).toBe(0);
  return JSON.parse(readFileSync(json, 'utf8')) as ReplayReport;
}
