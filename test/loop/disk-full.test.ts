import { execFile } from 'node:child_process';
import { chmod, mkdtemp, open, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import type { Loopline } from '../../worker/compose.ts';
import { errorCode } from '../../worker/stack/processes.ts';
import { openShop, stockUp } from '../ledger/order-shop.ts';
import { eventually } from '../support/loopline.ts';
import { openOwnStack, type OwnStack } from './own-stack.ts';
import { orderOf, send } from './serve-process.ts';

vi.setConfig({ testTimeout: 240_000 });

const run = promisify(execFile);
const DISK = '320m';
const MEGABYTE = 2 ** 20;
const LINES = 20;

let disk: string;
let stack: OwnStack;
let api: Loopline;

beforeAll(async () => {
  disk = await mkdtemp(join(tmpdir(), 'loopline-disk-'));
  await mountDisk(disk);
  stack = await openOwnStack({ postgresDir: join(disk, 'postgres') });
  await openShop(stack.ledger, ['MUG']);
  await stockUp(stack.owner, { sku: 'MUG', node: 'north', quantity: 99_999, unitCost: '4' });
  api = await stack.run({ api: true, worker: true, dispatcher: true });
});

afterAll(async () => {
  await stack?.close();
  await asRoot('umount', disk);
  await rmdir(disk);
});

/** A small disk of its own, which only the administrator can make. */
async function mountDisk(folder: string): Promise<void> {
  const owner = `uid=${process.getuid?.() ?? 0},gid=${process.getgid?.() ?? 0}`;
  const options = `size=${DISK},mode=0711,${owner}`;
  await asRoot('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder);
  await chmod(folder, 0o711);
}

async function asRoot(command: string, ...args: readonly string[]): Promise<void> {
  if (process.getuid?.() === 0) await run(command, [...args]);
  else await run('sudo', ['--non-interactive', command, ...args]);
}

/** Writes until nothing more fits. */
async function fillDisk(file: string): Promise<void> {
  const ballast = await open(file, 'a');
  try {
    for (let size = MEGABYTE; size >= 1;) {
      try {
        await ballast.appendFile(Buffer.alloc(size, 1));
      } catch (error) {
        if (errorCode(error) !== 'ENOSPC') throw error;
        size = Math.floor(size / 2);
      }
    }
  } finally {
    await ballast.close();
  }
}

const place = (externalId: string) =>
  send(api.apiUrl, 'POST', '/v1/orders', orderOf(externalId, 'MUG', LINES));

test('a full disk is named in the answer, nothing is half-written, and with space again everything goes on by itself', async () => {
  const ids = Array.from({ length: 40 }, (_, index) => `full-${index}`);
  expect((await place('full-0')).status).toBe(201);
  const ballast = join(disk, 'ballast');
  await fillDisk(ballast);
  const titles: unknown[] = [];
  for (const id of ids) {
    const { status, body, headers } = await place(id);
    if (status === 201) continue;
    titles.push(body['title']);
    expect(status, JSON.stringify(body)).toBe(503);
    expect(headers.get('Retry-After')).toBe('1');
    expect(headers.get('Content-Type')).toContain('application/problem+json');
  }
  expect(new Set(titles)).toEqual(new Set(['LedgerDiskFull']));
  expect((await send(api.apiUrl, 'GET', '/v1/orders')).status).toBe(200);

  await rm(ballast);
  for (const id of ids) {
    await eventually(
      async () => {
        const { status, body } = await place(id);
        expect(status, JSON.stringify(body)).toBe(201);
      },
      { deadlineMs: 60_000, everyMs: 500 },
    );
  }
  const reserved = await stack.owner`
    select sum(r.quantity)::int as units, count(distinct r.owner_id)::int as orders from ledger.reservation r`;
  expect(reserved).toEqual([{ units: ids.length * LINES, orders: ids.length }]);
  await eventually(
    async () => {
      const states = await stack.owner`
        select o.state, count(*)::int as orders from ledger.orders o group by 1`;
      expect(states).toEqual([{ state: 'released', orders: ids.length }]);
    },
    { deadlineMs: 180_000, everyMs: 500 },
  );
  expect(await checkLedger(stack.ledger)).toMatchObject({ ok: true, drift: [] });
});
