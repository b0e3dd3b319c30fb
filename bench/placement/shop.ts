import type { Ledger } from '../../activities/ledger/connect.ts';
import { putChannels, putNodes, putSuppliers } from '../../activities/ledger/intake/master-data.ts';
import type { OrderRequest } from '../../api/order-schemas.ts';
import { stockGoods } from '../goods.ts';

const CHANNEL = 'bench';
const SKUS = 2_000;
const PART = 250;
/** More than any bench sells, so that nothing is short. */
const UNITS_PER_SKU = 1_000_000;
/** Of one unit, in minor units: 21 of them stay below what fraud screening asks for. */
const UNIT_MINOR = 100;

/** `SKU-0000` to `SKU-1999`. */
function skuName(index: number): string {
  return `SKU-${String(index % SKUS).padStart(4, '0')}`;
}

/** The process of an order of the bench. */
export function orderIdOf(externalId: string): string {
  return `order:${CHANNEL}:${externalId}`;
}

/** What an order of so many lines costs, in minor units, as text. */
export function totalMinorOf(lines: number): string {
  return String(lines * UNIT_MINOR);
}

/**
 * The `index`-th order of a burst: so many lines of one unit each, of SKUs that its neighbours do not
 * ask for; authorized at the gateway under `reference`.
 */
export function orderOf(order: {
  readonly externalId: string;
  readonly index: number;
  readonly lines: number;
  readonly reference: string;
}): OrderRequest {
  const { externalId, index, lines, reference } = order;
  return {
    channel: CHANNEL,
    externalId,
    class: 'standard',
    currency: 'GBP',
    shipTo: { country: 'GB', postalCode: 'N1 1AA' },
    lines: Array.from({ length: lines }, (_, line) => ({
      externalLineId: String(line + 1),
      sku: skuName(index * lines + line),
      quantity: 1,
      unitPrice: (UNIT_MINOR / 100).toFixed(2),
      taxMinor: '0',
      discountMinor: '0',
    })),
    charges: [],
    payment: {
      provider: 'gateway',
      reference,
      status: 'authorized',
      amountMinor: totalMinorOf(lines),
    },
  };
}

/** One channel, one node, and stock that lasts. */
export async function openShop(ledger: Ledger): Promise<void> {
  await putChannels(ledger, [{ channel: CHANNEL, name: 'Bench', kind: 'web-shop' }]);
  await putNodes(ledger, [{ node: 'north', name: 'North', country: 'GB', priority: 1 }]);
  await putSuppliers(ledger, [
    { supplier: 'acme', name: 'Acme', currency: 'GBP', leadTimeDays: 3 },
  ]);
  for (let from = 0; from < SKUS; from += PART) {
    const skus = Array.from({ length: PART }, (_, index) => skuName(from + index));
    const receiptId = `opening-${from}`;
    await stockGoods(ledger, { receiptId, skus, quantity: UNITS_PER_SKU, unitCost: '0.5' });
  }
}
