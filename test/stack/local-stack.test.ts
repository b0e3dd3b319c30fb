import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { stopLeftovers } from '../../worker/stack/children.ts';
import { freePort, PORT_VARIABLES } from '../../worker/stack/ports.ts';
import { removePostgresData } from '../../worker/stack/postgres.ts';

// Each starts Postgres and Temporal several times, beside whatever else the machine does.
vi.setConfig({ testTimeout: 240_000 });

const PROGRAM = join(import.meta.dirname, 'local-stack-process.ts');
let dataDir: string;
let ports: Record<string, string>;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'loopline-stack-'));
  await chmod(dataDir, 0o711);
  const names = Object.values(PORT_VARIABLES);
  ports = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, String(await freePort())] as const)),
  );
});
afterEach(async () => {
  await stopLeftovers(dataDir, () => undefined);
  await removePostgresData(join(dataDir, 'postgres'));
  await rm(dataDir, { recursive: true, force: true });
});

type Run = {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly ended: Promise<number | null>;
};

function run(...args: string[]): Run {
  const { DATABASE_URL: _database, TEMPORAL_ADDRESS: _temporal, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, ...args], {
    env: { ...inherited, ...ports, LOOPLINE_DATA: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return { child, lines, ended };
}

async function whenUp({ lines, child }: Run): Promise<string> {
  await expect
    .poll(() => lines.some((line) => line.startsWith('UP ')) || child.exitCode !== null, {
      timeout: 50_000,
    })
    .toBe(true);
  const up = lines.find((line) => line.startsWith('UP '));
  if (up === undefined) throw new Error(`the stack did not start:\n${lines.join('\n')}`);
  return z.object({ databaseUrl: z.string() }).parse(JSON.parse(up.slice(3))).databaseUrl;
}

async function query(url: string, statement: string) {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

test('data survives kill -9 of the program; the next start takes over what it left alive and stops it in order', async () => {
  const first = run();
  const url = await whenUp(first);
  await query(url, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)');
  first.child.kill('SIGKILL');
  await first.ended;

  const second = run();
  expect(await query(await whenUp(second), 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  expect(second.lines).toEqual([
    expect.stringMatching(/^Stopping simulators .* of an earlier run/),
    expect.stringMatching(/^Postgres of an earlier run .* using it/),
    expect.stringMatching(/^Temporal of an earlier run .* using it/),
    expect.stringMatching(/^UP /),
  ]);

  second.child.kill('SIGINT');
  expect(await second.ended).toBe(0);
  expect(second.lines.slice(-5)).toEqual([
    'API drained.',
    'API stopped.',
    'Simulators stopped.',
    'Temporal stopped.',
    'Postgres stopped.',
  ]);
});

test('a second program on the same data is refused and does not disturb the first; --fresh starts over', async () => {
  const first = run();
  const url = await whenUp(first);
  await query(url, 'CREATE TABLE kept (n int)');

  const second = run();
  expect(await second.ended).toBe(1);
  expect(second.lines.join('\n')).toMatch(
    `already runs on ${dataDir} (process ${first.child.pid})`,
  );
  expect(await query(url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 0 }]);

  first.child.kill('SIGTERM');
  await first.ended;
  const third = run('--fresh');
  const table = await query(await whenUp(third), `SELECT to_regclass('kept') AS name`);
  expect(table).toEqual([{ name: null }]);
  third.child.kill('SIGTERM');
  expect(await third.ended).toBe(0);
});

test('taken ports are named before anything is started or deleted', async () => {
  await writeFile(join(dataDir, 'api-key'), 'a key that --fresh would delete');
  const strangers = await Promise.all(
    ['TEMPORAL_PORT', 'CARRIER_PORT'].map(async (name) => {
      const server = createServer();
      await new Promise<void>((resolve) => {
        server.listen(Number(ports[name]), '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  try {
    const refused = run('--fresh');
    expect(await refused.ended).toBe(1);
    expect(refused.lines).toEqual([
      expect.stringContaining('--ports temporal=<port> (or TEMPORAL_PORT=<port>)'),
      expect.stringContaining('--ports carrier=<port> (or CARRIER_PORT=<port>)'),
    ]);
    expect((await readdir(dataDir)).toSorted()).toEqual(['api-key', 'logs']);
  } finally {
    for (const server of strangers) server.close();
  }
});
