import type postgres from 'postgres';
import type { Ledger } from '../../activities/ledger/connect.ts';
import type { AcceptanceResult } from '../../activities/ledger/intake/accept-orders.ts';
import {
  putChannels,
  putNodes,
  putSkus,
  putSuppliers,
} from '../../activities/ledger/intake/master-data.ts';
import type { OrderView } from '../../activities/ledger/read/order.ts';
import { orderIntake } from '../../api/order-intake.ts';
import { orderRequest } from '../../api/order-schemas.ts';

export const PLACED_AT = '2026-03-02T10:00:00Z';

/** A channel that refuses what is short (`web`), one that waits (`b2b`), two nodes and some SKUs. */
export async function openShop(ledger: Ledger, skus: readonly string[]): Promise<void> {
  await putChannels(ledger, [
    { channel: 'web', name: 'Web shop', kind: 'web-shop', backorder: 'refuse', trustsFile: true },
    {
      channel: 'b2b',
      name: 'B2B portal',
      kind: 'b2b-portal',
      backorder: 'allow',
      trustsFile: true,
    },
  ]);
  await putNodes(ledger, [
    { node: 'north', name: 'North', country: 'GB', priority: 1 },
    { node: 'south', name: 'South', country: 'GB', priority: 2 },
  ]);
  await putSuppliers(ledger, [
    { supplier: 'acme', name: 'Acme', currency: 'GBP', leadTimeDays: 3 },
  ]);
  await putSkus(
    ledger,
    skus.map((sku) => ({
      sku,
      description: sku,
      unitOfMeasure: 'each',
      class: 'B',
      costMethod: 'fifo' as const,
      supplier: 'acme',
      supplierPrice: '1.5',
    })),
  );
}

/** Puts units on hand at a cost, and lets waiting orders have them, as a receipt does. */
export async function stockUp(
  owner: postgres.Sql,
  stock: { sku: string; node: string; quantity: number; unitCost: string; lot?: string },
): Promise<void> {
  const { sku, node, quantity, unitCost, lot = '' } = stock;
  const key = `receipt:test:${sku}:${node}:${lot}:${Math.random()}`;
  await owner.begin(async (sql) => {
    await sql`select ledger.lock_items(array[${sku}], array[${node}])`;
    await sql`select ledger.move_stock(array[(${sku}, ${node}, ${lot}, 'supplier', 'on-hand', ${quantity}::bigint, ${key},
      null, null)::ledger.movement], 'received', ${key}, ${PLACED_AT})`;
    await sql`select ledger.post(${key}, 'received', 'inventory', 'opening-equity', 'GBP',
        (ledger.add_cost(${sku}, ${node}, 'stock', ${quantity}::bigint, ${quantity}::bigint * ${unitCost}::numeric,
          'received', ${key}, ${key}, null, null, ${PLACED_AT})).amount_minor, ${key}, ${PLACED_AT})`;
    await sql`select ledger.allocate_backorders(array[${sku}], array[${node}], ${key}, ${PLACED_AT})`;
  });
}

/** Takes orders in through the same intake as the API's; fields that do not matter get defaults. */
export function shopDesk(ledger: Ledger) {
  const takeIn = orderIntake(ledger);
  const place = (order: Record<string, unknown>): Promise<AcceptanceResult> =>
    takeIn({
      order: orderRequest.parse({
        channel: 'web',
        placedAt: PLACED_AT,
        currency: 'GBP',
        shipTo: { country: 'GB', postalCode: 'N1 1AA' },
        ...order,
      }),
      actor: 'test',
      receivedAt: PLACED_AT,
    });
  return {
    place,
    /** Places an order that must be taken in. */
    accepted: async (order: Record<string, unknown>): Promise<OrderView> => {
      const result = await place(order);
      if (result.outcome !== 'accepted') throw new Error(`the order was ${JSON.stringify(result)}`);
      return result.order;
    },
  };
}

/** One goods line; 2.55 each unless told otherwise. */
export function goods(sku: string, quantity: number, unitPrice = '2.55') {
  return { externalLineId: sku, sku, quantity, unitPrice, sourceRef: `test:goods:${sku}` };
}

/** Debit minus credit of an account in minor units. */
export async function balanceOf(owner: postgres.Sql, account: string): Promise<bigint> {
  const [row] = await owner<{ balance: string }[]>`
    select coalesce(sum(case when debit = ${account} then amount_minor else -amount_minor end), 0)::text as balance
    from ledger.posting where ${account} in (debit, credit)`;
  return BigInt(row?.balance ?? '0');
}
