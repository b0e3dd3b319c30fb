/** Buyers of one process: each line of its input is a rush, each line of its output what was sold in it. */
import postgres from 'postgres';
import { connectLedger } from '../../activities/ledger/connect.ts';
import { orderIntake } from '../../api/order-intake.ts';
import type { OrderRequest } from '../../api/order-schemas.ts';
import { callersAtOnce } from '../measure.ts';
import { answerAll } from '../talking-process.ts';
import type { Addresses, Rush, Sales } from './buyers.ts';

/** As many as the ledger's own pool has. */
const CONNECTIONS = 12;

let counter: Counter | undefined;
await answerAll<Addresses & Rush>(({ appUrl, ownerUrl, ...rush }) => {
  counter ??= openCounter({ appUrl, ownerUrl });
  return run(counter, rush);
});
await counter?.close();

/** The two ways to get a unit; each answers whether it was there. */
interface Counter {
  readonly order: (sku: string, externalId: string) => Promise<boolean>;
  readonly update: (sku: string) => Promise<boolean>;
  close(): Promise<void>;
}

function openCounter({ appUrl, ownerUrl }: Addresses): Counter {
  const ledger = connectLedger(appUrl).as({ actor: 'bench' });
  const takeIn = orderIntake(ledger);
  const plain = postgres(ownerUrl, { max: CONNECTIONS });
  return {
    order: (sku, externalId) => order(takeIn, sku, externalId),
    update: (sku) => update(plain, sku),
    close: async () => {
      await plain.end();
      await ledger.close();
    },
  };
}

async function run(at: Counter, { way, name, skus, count, callers }: Rush): Promise<Sales> {
  const buy = way === 'orders' ? at.order : at.update;
  const startedAt = Date.now();
  let granted = 0;
  let lastGrantedAt = startedAt;
  await callersAtOnce(callers, count, async (index) => {
    const sku = skus[index % skus.length] ?? '';
    if (!(await buy(sku, `${name}-${index}`))) return;
    granted += 1;
    lastGrantedAt = Date.now();
  });
  return { granted, refused: count - granted, startedAt, lastGrantedAt };
}

/** As the API takes an order in, but for HTTP; whether the unit was reserved. */
async function order(
  takeIn: ReturnType<typeof orderIntake>,
  sku: string,
  externalId: string,
): Promise<boolean> {
  const { outcome } = await takeIn({
    order: orderOf(sku, externalId),
    actor: 'bench',
    receivedAt: new Date().toISOString(),
  });
  if (outcome !== 'accepted' && outcome !== 'rejected')
    throw new Error(`${externalId}: ${outcome}`);
  return outcome === 'accepted';
}

function orderOf(sku: string, externalId: string): OrderRequest {
  return {
    channel: 'web',
    externalId,
    class: 'standard',
    currency: 'GBP',
    shipTo: { country: 'GB', postalCode: 'N1 1AA' },
    lines: [
      {
        externalLineId: '1',
        sku,
        quantity: 1,
        unitPrice: '2.55',
        taxMinor: '0',
        discountMinor: '0',
      },
    ],
    charges: [],
  };
}

/** What nobody who sends a statement per request can beat. */
async function update(plain: postgres.Sql, sku: string): Promise<boolean> {
  const { count } = await plain`
    update bench.shelf set available = available - 1 where sku = ${sku} and available >= 1`;
  return count === 1;
}
