import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../worker/stack/ports.ts';
import { findPostgres, removePostgresData, startPostgres } from '../../worker/stack/postgres.ts';
import { processStartedAt } from '../../worker/stack/processes.ts';

const log = () => undefined;
let parent: string;
let dataDir: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'loopline-postgres-'));
  await chmod(parent, 0o711);
  dataDir = join(parent, 'postgres');
});
afterEach(async () => {
  await removePostgresData(dataDir);
  await rm(parent, { recursive: true, force: true });
});

async function query(url: string, statement: string) {
  const sql = postgres(url, { max: 1, onnotice: log });
  try {
    return await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

test('what was committed survives kill -9 of the postmaster', async () => {
  const port = await freePort();
  const first = await startPostgres({ dataDir, port, log });
  await query(first.url, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)');
  process.kill(first.pid, 'SIGKILL');
  await expect.poll(() => processStartedAt(first.pid)).toBeUndefined();

  const second = await startPostgres({ dataDir, port, log });

  expect(second.adopted).toBe(false);
  expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
});

test('a server left alive is adopted on the same port, and replaced for another', async () => {
  const port = await freePort();
  const first = await startPostgres({ dataDir, port, log });

  const same = await startPostgres({ dataDir, port, log });
  expect(same).toMatchObject({ pid: first.pid, adopted: true, url: first.url });

  const moved = await startPostgres({ dataDir, port: await freePort(), log });
  expect(moved.adopted).toBe(false);
  expect(await processStartedAt(first.pid)).toBeUndefined();
  await moved.stop();
  expect(await processStartedAt(moved.pid)).toBeUndefined();
});

test('a data folder tells whether its server runs, and on which port it was started last', async () => {
  expect(await findPostgres(dataDir)).toEqual({ state: 'none' });
  const port = await freePort();
  const server = await startPostgres({ dataDir, port, log });

  const found = await findPostgres(dataDir);
  expect(found).toEqual({ state: 'running', folder: server.folder, port, url: server.url });

  await server.stop();
  expect(await findPostgres(dataDir)).toEqual({ state: 'stopped', folder: server.folder });
});

test('a lock file whose pid belongs to another program by now does not stop the start', async () => {
  const port = await freePort();
  const first = await startPostgres({ dataDir, port, log });
  const lockFile = join(first.folder, 'cluster', 'postmaster.pid');
  const lock = await readFile(lockFile, 'utf8');
  await first.stop();
  await writeFile(lockFile, lock.replace(/^\d+/, String(process.pid)));

  const second = await startPostgres({ dataDir, port, log });

  expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test.runIf(process.getuid?.() === 0)(
  'as root below a folder closed to others, the data is kept elsewhere and found again',
  async () => {
    await chmod(parent, 0o700);
    const lines: string[] = [];
    const options = { dataDir, log: (line: string) => lines.push(line) };
    const first = await startPostgres({ ...options, port: await freePort() });
    await query(first.url, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)');
    await first.stop();
    expect(first.folder).not.toContain(parent);
    expect(lines.join()).toContain(`may not enter ${parent}; its data: ${first.folder}`);

    await chmod(parent, 0o711);
    const second = await startPostgres({ ...options, port: await freePort() });

    expect(second.folder).toBe(first.folder);
    expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 42 }]);
  },
);

test('only its own account reads the data, a password is asked for, and commits are durable', async () => {
  const server = await startPostgres({ dataDir, port: await freePort(), log });
  expect((await stat(server.folder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(server.folder, 'superuser-password'))).mode & 0o777).toBe(0o600);
  const stranger = new URL(server.url);
  stranger.password = 'guess';
  await expect(query(stranger.href, 'SELECT 1')).rejects.toThrow(/password/);
  const settings = `SELECT current_setting('fsync') AS fsync,
    current_setting('synchronous_commit') AS commit, current_setting('listen_addresses') AS address`;
  expect(await query(server.url, settings)).toEqual([
    { fsync: 'on', commit: 'on', address: '127.0.0.1' },
  ]);
});
