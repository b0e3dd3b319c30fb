import {
  percentile,
  summarize,
  type Bench,
  type BenchOptions,
  type Figure,
  type Findings,
} from '../measure.ts';
import { runMeasured } from '../measured-command.ts';
import { openMerchant, type Merchant } from '../trade/merchant.ts';
import { copyLives, CUSTOMERS_PER_ORDERS } from './copies.ts';
import { readsOf, tenthPage, type Sights } from './reads.ts';
import { liveOrder, liveSamples, placeSale, SAMPLES, type Sample } from './samples.ts';
import { bytesInWords, countIndexUse, indexUseInWords, volumesOf } from './volume.ts';
import { assertSameRows, rowsOfLife } from './whole-life.ts';

const ORDERS = 1_000_000;
const ORDERS_QUICK = 20_000;
/** Real orders in the small ledger, so that its lists have pages as well. */
const WARM_UP = 120;
const LEDGER_CHECK = { script: 'ledger-command.ts', word: 'check' };
const CALLS = 15;
const CALLS_QUICK = 5;

/** What grows with the ledger: the same measures before and after a million finished orders. */
export const size: Bench = {
  name: 'size',
  summary: 'placement, lists and the check before and after a million orders',
  run,
};

/** By measure, one value per round, small ledger and large. */
type Values = Map<string, { unit: string; small: number[]; large: number[] }>;

async function run({ dataDir, quick, rounds, log }: BenchOptions): Promise<Findings> {
  const merchant = await openMerchant({ dataDir, log });
  const { owner } = merchant;
  try {
    const samples = await liveSamples(merchant);
    const orders = quick ? ORDERS_QUICK - (ORDERS_QUICK % SAMPLES) : ORDERS - (ORDERS % SAMPLES);
    const extent = { rounds, calls: quick ? CALLS_QUICK : CALLS, log };
    for (let number = 0; number < WARM_UP; number += 1)
      await placeSale(merchant, {
        name: `warm-${number}`,
        buyer: 'warm',
        lines: 1,
        firstGoods: number,
      });
    await settle(merchant);
    const values: Values = new Map();
    await measure(
      merchant,
      { orderId: samples[1]?.orderId ?? '', buyer: 'regular-1' },
      values,
      'small',
      extent,
    );
    const before = await sumOfVolumes(merchant);
    const startedAt = performance.now();
    const written = await copyLives(owner, samples, orders, log);
    const seconds = (performance.now() - startedAt) / 1_000;
    await settle(merchant);
    log(
      `${orders} orders are in the ledger after ${seconds.toFixed(0)} s; statistics are up to date`,
    );
    await countIndexUse(owner);
    await assertLikeReal(merchant, samples, orders);
    const far = `${samples[1]?.orderId}-${orders - SAMPLES * 1_000 + 1}`;
    await measure(merchant, { orderId: far, buyer: 'buyer-77' }, values, 'large', extent);
    const volumes = await volumesOf(owner);
    const rows = [...written.values()].reduce((sum, count) => sum + count, 0);
    return {
      figures: [...figuresOf(values), bytesFigure((await sumOfVolumes(merchant)) - before, orders)],
      notes: [
        `${orders} orders with ${(rows / orders).toFixed(1)} rows each, copied from ${SAMPLES} that were lived (1.75 lines on average, one of ${SAMPLES} returned), ${CUSTOMERS_PER_ORDERS} of each customer, over 90 days; written in ${seconds.toFixed(0)} s. The floor is the same call before, with ${SAMPLES + WARM_UP} orders.`,
        bytesInWords(volumes, orders),
        ...(await indexUseInWords(owner)),
      ],
    };
  } finally {
    await merchant.close();
  }
}

interface Extent {
  readonly rounds: number;
  readonly calls: number;
  readonly log: (line: string) => void;
}

async function measure(
  merchant: Merchant,
  sights: Sights,
  values: Values,
  ledger: 'small' | 'large',
  { rounds, calls, log }: Extent,
): Promise<void> {
  const add = (measureName: string, unit: string, value: number) => {
    const known = values.get(measureName) ?? { unit, small: [], large: [] };
    known[ledger].push(value);
    values.set(measureName, known);
  };
  const timed = async (name: string, work: (call: number) => Promise<unknown>) => {
    const taken: number[] = [];
    for (let call = 0; call < calls; call += 1) {
      const startedAt = performance.now();
      await work(call);
      taken.push(performance.now() - startedAt);
    }
    add(name, 'ms', percentile(taken, 0.5));
  };
  const reads = readsOf(sights);
  for (let round = 1; round <= rounds; round += 1) {
    await timed('one order placed', (call) =>
      placeSale(merchant, {
        name: `${ledger}-${round}-${call}`,
        buyer: sights.buyer,
        lines: 1,
        firstGoods: call,
      }),
    );
    for (const { name, path, isList } of reads) {
      await timed(name, () => merchant.call('GET', path));
      if (!isList) continue;
      const far = await tenthPage(merchant, path);
      await timed(`${name}, tenth page`, () => merchant.call('GET', far));
    }
    const check = await runMeasured(merchant.owner, { ...LEDGER_CHECK, appUrl: merchant.appUrl });
    add('ledger check', 's', check.seconds);
    add('ledger check, the command at its peak', 'MB', check.peakMegabytes);
    add('ledger check, temporary files', 'MB', check.temporaryMegabytes);
    log(`${ledger} ledger, round ${round}: check ${check.seconds.toFixed(1)} s`);
  }
}

/** A real order of the same kind leaves as many rows in every table as its copy. */
async function assertLikeReal(
  merchant: Merchant,
  samples: readonly Sample[],
  orders: number,
): Promise<void> {
  // Not the first, which was returned as well.
  for (const [index, { orderId, lines }] of samples.slice(0, 4).entries()) {
    if (index === 0) continue;
    const sale = { name: `real-${index}`, buyer: `buyer-${index}`, lines, firstGoods: index };
    const real = await rowsOfLife(merchant.owner, await liveOrder(merchant, sale));
    const copy = orders - SAMPLES + index;
    assertSameRows(real, await rowsOfLife(merchant.owner, `${orderId}-${copy}`));
  }
}

async function settle({ owner }: Merchant): Promise<void> {
  await owner`vacuum analyze`;
}

async function sumOfVolumes({ owner }: Merchant): Promise<number> {
  const volumes = await volumesOf(owner);
  return volumes.reduce((sum, { tableBytes, indexBytes }) => sum + tableBytes + indexBytes, 0);
}

function figuresOf(values: Values): Figure[] {
  return [...values].map(([name, { unit, small, large }]) => ({
    measure: unit === 'ms' ? `${name}, p50` : name,
    unit,
    rounds: large,
    ...(summarize(small).max > 0 ? { floor: { name: 'before', rounds: small } } : {}),
  }));
}

function bytesFigure(bytes: number, orders: number): Figure {
  return {
    measure: 'ledger per order, tables and indexes',
    unit: 'kB',
    rounds: [bytes / orders / 1_000],
  };
}
