import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  adoptChild,
  spawnChild,
  stopLeftovers,
  type ChildSpecification,
} from '../../worker/stack/children.ts';
import { tryLock } from '../../worker/stack/lock.ts';
import { freePort } from '../../worker/stack/ports.ts';
import { identifyProcess, isRunning, processStartedAt } from '../../worker/stack/processes.ts';

const silent = () => undefined;
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'loopline-children-'));
});
afterEach(async () => {
  await stopLeftovers(dataDir, silent);
  await rm(dataDir, { recursive: true, force: true });
});

async function listener(program = ''): Promise<ChildSpecification> {
  const port = await freePort();
  return {
    name: 'listener',
    command: process.execPath,
    args: ['-e', `${program}; require('net').createServer().listen(${port}, '127.0.0.1')`],
    logFile: join(dataDir, 'logs', 'listener.log'),
    readyPorts: [port],
    stopWithinMs: 300,
  };
}

async function alive(pid: number): Promise<boolean> {
  return (await processStartedAt(pid)) !== undefined;
}

test('a child left alive by an earlier run is adopted when it is the one now wanted', async () => {
  const wanted = await listener();
  const first = await spawnChild(dataDir, wanted);

  const second = await adoptChild(dataDir, wanted);

  expect(second).toMatchObject({ pid: first.pid, adopted: true });
  await second?.stop();
  expect(await alive(first.pid)).toBe(false);
});

test('a child left alive with another command line is stopped, not adopted', async () => {
  const first = await spawnChild(dataDir, await listener());

  expect(await adoptChild(dataDir, await listener())).toBeUndefined();

  expect(await alive(first.pid)).toBe(false);
});

test('a child that ignores TERM is killed', async () => {
  const stubborn = await spawnChild(dataDir, await listener("process.on('SIGTERM', () => {})"));
  await stubborn.stop();
  expect(await alive(stubborn.pid)).toBe(false);
});

test('a stranger that got the pid of a former child is left alone', async () => {
  const stranger = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
  const pid = stranger.pid ?? 0;
  const record = { name: 'listener', pid, startedAt: 'another boot:1', commandLine: [] };
  await writeFile(join(dataDir, 'children.json'), JSON.stringify([record]));

  await stopLeftovers(dataDir, silent);

  expect(await alive(pid)).toBe(true);
  expect(await readFile(join(dataDir, 'children.json'), 'utf8')).toBe('[]\n');
  stranger.kill('SIGKILL');
});

test('a child that ends before it is ready is reported with the end of its log', async () => {
  const broken = await listener("console.error('the disk is full'); process.exit(1)");
  await expect(spawnChild(dataDir, broken)).rejects.toThrow(/ended before.*\n.*the disk is full/);
});

test('a lock is void once its owner has ended, and only then', async () => {
  const file = join(dataDir, 'owner.lock');
  const owner = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
  const identity = await identifyProcess(owner.pid ?? 0);
  if (identity === undefined) throw new Error('the owner did not start');
  await writeFile(file, JSON.stringify(identity));

  expect(await tryLock(file)).toMatchObject({ held: false, owner: identity });

  owner.kill('SIGKILL');
  await expect.poll(() => isRunning(identity)).toBe(false);
  const lock = await tryLock(file);
  expect(lock.held).toBe(true);
  expect((await tryLock(file)).held).toBe(false);
  if (lock.held) await lock.release();
});
