import { join } from 'node:path';
import postgres from 'postgres';
import { connectLedger, type Ledger } from '../../activities/ledger/connect.ts';
import { putChannels, putNodes, putSuppliers } from '../../activities/ledger/intake/master-data.ts';
import { migrateLedger } from '../../activities/ledger/migrate.ts';
import { checkLedger } from '../../activities/ledger/read/check.ts';
import { readStock } from '../../activities/ledger/read/stock.ts';
import { freePort } from '../../worker/stack/ports.ts';
import { startPostgres } from '../../worker/stack/postgres.ts';
import { stockGoods } from '../goods.ts';
import type { Bench, BenchOptions, Figure, Findings } from '../measure.ts';
import { startBuyers, type BuyersProcess, type Rush } from './buyers.ts';

const PROCESSES = 4;
const CALLERS = 256;
/** Of what is asked for, every eleventh unit is not there. */
const ASKED_PER_UNIT = 1.1;
const TARGET = '≥ 8,000/s, exactly what is there';

/** Many buyers, few things: what can be reserved a second when everybody wants the same. */
export const hotSku: Bench = {
  name: 'hot-sku',
  summary: `reservations on one SKU and on five by ${PROCESSES} processes × ${CALLERS} callers`,
  run,
};

async function run({ dataDir, quick, rounds, log }: BenchOptions): Promise<Findings> {
  const server = await startPostgres({
    dataDir: join(dataDir, 'postgres'),
    port: await freePort(),
    log,
  });
  const addresses = await migrateLedger({ url: server.url, log });
  const ledger = connectLedger(addresses.appUrl).as({ actor: 'bench' });
  const owner = postgres(addresses.ownerUrl, { max: 1, onnotice: () => undefined });
  const buyers = Array.from({ length: PROCESSES }, () => startBuyers(addresses));
  const shop = { ledger, owner, buyers, log };
  try {
    await open(shop);
    await sell(shop, { name: 'warm-up', skuCount: 1, units: 500 });
    await sellPlainly(shop, { name: 'warm-up', skuCount: 1, units: 500 });
    // Plans follow the statistics, which a ledger in use has and a new one has not yet.
    await owner`analyze`;
    const units = quick ? 2_000 : 10_000;
    const figures = [
      await measure(shop, { skuCount: 1, units, rounds }),
      await measure(shop, { skuCount: 5, units, rounds }),
    ];
    const check = await checkLedger(ledger);
    if (!check.ok) throw new Error(`the ledger's check found ${JSON.stringify(check.drift)}`);
    return { figures, notes: notesOn(units) };
  } finally {
    await Promise.all(buyers.map((process) => process.stop()));
    await owner.end();
    await ledger.close();
    await server.stop();
  }
}

interface Shop {
  readonly ledger: Ledger;
  readonly owner: postgres.Sql;
  readonly buyers: readonly BuyersProcess[];
  readonly log: (line: string) => void;
}

interface Sale {
  /** Names the SKUs and the requests. */
  readonly name: string;
  readonly skuCount: number;
  /** Of all SKUs together. */
  readonly units: number;
}

async function measure(
  shop: Shop,
  { skuCount, units, rounds }: { skuCount: number; units: number; rounds: number },
): Promise<Figure> {
  const orders: number[] = [];
  const updates: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const name = `${skuCount}-${round}`;
    orders.push(await sell(shop, { name, skuCount, units }));
    // A tenth of the work, as a tenth of the speed is all that can be hoped for.
    updates.push(await sellPlainly(shop, { name, skuCount, units: units / 10 }));
    shop.log(
      `${skuCount} SKU, round ${round}: ${orders.at(-1)?.toFixed(0)} reservations/s, ` +
        `${updates.at(-1)?.toFixed(0)} conditional updates/s`,
    );
  }
  return {
    measure: `reserved on ${skuCount === 1 ? 'one SKU' : `${skuCount} SKUs`}`,
    unit: '/s',
    rounds: orders,
    floor: { name: 'one UPDATE per request', rounds: updates },
    target: TARGET,
  };
}

/** Sells all there is as orders; units a second. Throws unless exactly that was sold. */
async function sell(shop: Shop, sale: Sale): Promise<number> {
  const { ledger, owner, log } = shop;
  const { name, units } = sale;
  const skus = skusOf(sale);
  const quantity = units / skus.length;
  await stockGoods(ledger, { receiptId: `opening-${name}`, skus, quantity, unitCost: '1.5' });
  await owner`select pg_stat_statements_reset()`;
  const speed = await rushAll(shop, sale, 'orders');
  const [calls] = await owner<{ calls: number; ms: number; busy: number }[]>`
    select sum(calls)::int as calls, avg(mean_exec_time)::float as ms from pg_stat_statements
    where toplevel and query like 'select loopline.accept_orders(%'`;
  const asked = Math.ceil(units * ASKED_PER_UNIT);
  log(
    `  ${calls?.calls} calls, ${(asked / (calls?.calls ?? 1)).toFixed(0)} orders and ${calls?.ms.toFixed(1)} ms each`,
  );
  for (const sku of skus) {
    const [shelf] = (await readStock(ledger, sku)).nodes;
    if (shelf?.available !== 0 || shelf.reserved !== units / skus.length)
      throw new Error(`${sku} was not sold exactly: ${JSON.stringify(shelf)}`);
  }
  return speed;
}

/** The floor: the same buyers send one conditional UPDATE per request to a table of its own. */
async function sellPlainly(shop: Shop, sale: Sale): Promise<number> {
  const skus = skusOf(sale);
  const rows = skus.map((sku) => ({ sku, available: sale.units / skus.length }));
  await shop.owner`insert into bench.shelf ${shop.owner(rows)}`;
  return rushAll(shop, sale, 'updates');
}

/** All buyers at once ask for more than there is; units sold a second until the last one was. */
async function rushAll(shop: Shop, sale: Sale, way: Rush['way']): Promise<number> {
  const count = Math.ceil((sale.units * ASKED_PER_UNIT) / PROCESSES);
  const skus = skusOf(sale);
  const sales = await Promise.all(
    shop.buyers.map((process, number) =>
      process.rush({ way, name: `${sale.name}-${number}`, skus, count, callers: CALLERS }),
    ),
  );
  const granted = sales.reduce((sum, { granted: own }) => sum + own, 0);
  if (granted !== sale.units)
    throw new Error(`${granted} of ${sale.units} units were sold as ${way}`);
  const startedAt = Math.min(...sales.map((own) => own.startedAt));
  const endedAt = Math.max(...sales.map((own) => own.lastGrantedAt));
  return (granted * 1_000) / (endedAt - startedAt);
}

function skusOf({ name, skuCount }: Sale): string[] {
  return Array.from({ length: skuCount }, (_, index) => `HOT-${name}-${index}`);
}

/** One channel that refuses what is short, one node, one supplier; and the floor's table. */
async function open({ ledger, owner }: Shop): Promise<void> {
  await putChannels(ledger, [
    { channel: 'web', name: 'Web shop', kind: 'web-shop', backorder: 'refuse' },
  ]);
  await putNodes(ledger, [{ node: 'north', name: 'North', country: 'GB', priority: 1 }]);
  await putSuppliers(ledger, [
    { supplier: 'acme', name: 'Acme', currency: 'GBP', leadTimeDays: 3 },
  ]);
  await owner.unsafe(
    'create schema bench; create table bench.shelf (sku text primary key, available bigint not null)',
  );
}

function notesOn(units: number): string[] {
  return [
    `A reservation is a whole order of one unit taken in: intake, order, line, reservation, audit row and process, through the API's intake without HTTP.`,
    `${units} units a round, ${ASKED_PER_UNIT} times as many asked for; measured until the last unit is sold, the refused ones among them included.`,
    `${PROCESSES} processes × ${CALLERS} callers; the floor sends its statements over the same number of connections. Checked: sold and reserved is exactly what was there, and the ledger's check is clean.`,
  ];
}
