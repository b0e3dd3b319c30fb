import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { connectLedger, type Ledger } from '../../activities/ledger/connect.ts';
import { putChannels, putNodes, putSuppliers } from '../../activities/ledger/intake/master-data.ts';
import { createStopList, type StopList } from '../../worker/stack/stop-list.ts';
import { stockGoods } from '../goods.ts';
import type { BenchOptions } from '../measure.ts';
import { putSettings } from '../put-settings.ts';
import { CHANNEL } from '../replay/requests.ts';
import { spawnLoopline, startEmptyStack } from '../stack.ts';
import { parentOf } from './memory.ts';
import { unitsBySku, type RetailMonth } from './retail-day.ts';

const SEED = 1;
const PART = 250;
/** More than days and promotions of the bench sell of anything. */
const UNITS_EACH = 10_000_000;

/** Loopline in two processes, API and worker, over a stack of its own; warehouse, gateway and carrier do their part. */
export interface House {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly ledger: Ledger;
  readonly owner: postgres.Sql;
  /** What memory is watched of, by name. */
  readonly programs: ReadonlyMap<string, number>;
  /** Units that were received before anything was sold. */
  readonly openingEach: number;
}

/** Starts it with stock of everything that the month sells. Whatever was started is in `parts`. */
export async function openHouse(
  { dataDir, log }: BenchOptions,
  month: RetailMonth,
  parts: StopList,
): Promise<House> {
  const empty = await startEmptyStack({ dataDir, seed: SEED, parts, log });
  const { env, stack, appUrl, ownerUrl } = empty;
  const ledger = connectLedger(appUrl).as({ actor: 'bench' });
  const owner = postgres(ownerUrl, { max: 2, onnotice: () => undefined });
  parts.add({
    name: 'ledger',
    quiet: true,
    stop: async () => {
      await Promise.all([ledger.close(), owner.end()]);
    },
  });
  const openingEach = await stockShop(ledger, month);
  await owner`vacuum analyze`;
  const loopline = createStopList(log);
  parts.add({ name: 'Loopline', quiet: true, stop: (how) => loopline.stop(how) });
  const programs = new Map<string, number>();
  for (const [name, roles] of [
    ['API', 'api'],
    ['worker', 'worker,dispatcher'],
  ] as const) {
    const child = await spawnLoopline(empty, { dataDir, name, roles, port: env.API_PORT });
    loopline.add({ name, quiet: true, stop: (how) => child.stop(how) });
    programs.set(name, child.pid);
  }
  const [backend] = await owner<{ pid: number }[]>`select pg_backend_pid() as pid`;
  programs.set('Postgres', await parentOf(backend?.pid ?? 0));
  programs.set('Temporal', await temporalPid(dataDir));
  await setWarehouse(stack.simulators.warehouse);
  const apiUrl = `http://127.0.0.1:${env.API_PORT}`;
  return { apiUrl, apiKey: stack.apiKey, ledger, owner, programs, openingEach };
}

async function stockShop(ledger: Ledger, month: RetailMonth): Promise<number> {
  // Old trade's amounts would have people look at them; its channel is believed, as in the replay.
  await putChannels(ledger, [
    { channel: CHANNEL, name: 'Online Retail', kind: 'web-shop', trustsFile: true },
  ]);
  await putNodes(ledger, [{ node: 'north', name: 'North', country: 'GB', priority: 1 }]);
  await putSuppliers(ledger, [
    { supplier: 'acme', name: 'Acme', currency: 'GBP', leadTimeDays: 3 },
  ]);
  const skus = [...unitsBySku(month).keys()].toSorted();
  for (let from = 0; from < skus.length; from += PART) {
    await stockGoods(ledger, {
      receiptId: `opening-${from}`,
      skus: skus.slice(from, from + PART),
      quantity: UNITS_EACH,
      unitCost: '0.5',
    });
  }
  return skus.length * UNITS_EACH;
}

/** It sends off what is released as soon as it sees it, and takes returns in as sellable. */
async function setWarehouse(url: string): Promise<void> {
  const settings = {
    auto: true,
    pollMs: 100,
    handlingMs: 0,
    clock: 'wall',
    concurrency: 16,
    dispositions: {
      restock: 1,
      repack: 0,
      refurbish: 0,
      'vendor-return': 0,
      quarantine: 0,
      scrap: 0,
    },
  };
  await putSettings(url, settings);
}

async function temporalPid(dataDir: string): Promise<number> {
  const children = JSON.parse(await readFile(join(dataDir, 'children.json'), 'utf8')) as readonly {
    name: string;
    pid: number;
  }[];
  const pid = children.find(({ name }) => name === 'temporal')?.pid;
  if (pid === undefined) throw new Error('Temporal is not among the children of the stack');
  return pid;
}
