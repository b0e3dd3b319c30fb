import type postgres from 'postgres';
import {
  putChannels,
  putCustomers,
  putNodes,
  putSkus,
  putSuppliers,
} from '../../activities/ledger/intake/master-data.ts';
import type { TestLedger } from '../support/ledger.ts';

export const DAY = '2026-11-02T09:00:00.000Z';

/** A shop of two warehouses, one channel, one customer and three SKUs, one of each cost method. */
export async function openSmallShop({ ledger }: Pick<TestLedger, 'ledger'>): Promise<void> {
  await putSuppliers(ledger, [
    { supplier: 'acme', name: 'Acme', currency: 'GBP', leadTimeDays: 5 },
  ]);
  await putNodes(ledger, [
    { node: 'north', name: 'North', country: 'GB', priority: 1 },
    { node: 'south', name: 'South', country: 'GB', priority: 2 },
  ]);
  await putChannels(ledger, [{ channel: 'web', name: 'Web shop', kind: 'web-shop' }]);
  await putCustomers(ledger, [{ channel: 'web', externalId: 'c-1', name: 'Ada' }]);
  const base = {
    description: 'A thing',
    unitOfMeasure: 'each',
    class: 'B',
    supplier: 'acme',
    supplierPrice: '4',
  };
  await putSkus(ledger, [
    { ...base, sku: 'MUG', costMethod: 'fifo' },
    { ...base, sku: 'JAR', costMethod: 'average' },
    { ...base, sku: 'TIN', costMethod: 'standard', standardCost: '10' },
  ]);
}

/** Goods in, as a receipt posts them: units on hand, their cost layer, and the inventory account. */
export async function stockIn(
  owner: postgres.Sql,
  goods: {
    sku: string;
    node?: string;
    quantity: number;
    unitCost: string;
    key: string;
    lot?: string;
  },
): Promise<void> {
  const { sku, node = 'north', quantity, unitCost, key, lot = '' } = goods;
  await owner.unsafe(
    `do $do$
     declare v_minor bigint;
     begin
       perform ledger.lock_items(array['${sku}'], array['${node}']);
       perform ledger.move_stock(array[('${sku}', '${node}', '${lot}', 'supplier', 'on-hand', ${quantity},
         '${key}', 1, null)::ledger.movement], 'goods-receipt', '${key}', '${DAY}');
       select c.amount_minor into v_minor from ledger.add_cost('${sku}', '${node}', 'stock', ${quantity},
         ${quantity} * ${unitCost}, 'goods-receipt', '${key}', '${key}', 1, null, '${DAY}') c;
       perform ledger.post('${key}', 'goods-receipt', 'inventory', 'goods-received-not-invoiced', 'GBP', v_minor,
         '${key}', '${DAY}');
     end $do$`,
  );
}

/** An accepted order of one goods line, written as its intake does, without stock behind it. */
export async function writeOrder(
  owner: postgres.Sql,
  order: {
    orderId: string;
    sku: string;
    quantity: number;
    sourceRef?: string;
    amountMinor?: number;
    belowMinor?: string;
  },
): Promise<void> {
  const { orderId, sku, quantity, sourceRef = null, amountMinor = 1000, belowMinor = '0' } = order;
  await owner`
    insert into ledger.orders (order_id, channel, external_id, customer_id, currency, ship_to, state, total_minor, placed_at)
    values (${orderId}, 'web', ${orderId}, (select min(customer_id) from ledger.customer), 'GBP', '{}', 'accepted',
      ${amountMinor}, ${DAY})`;
  await owner`
    insert into ledger.order_line (order_id, line_no, external_line_id, kind, code, node, quantity, unit_price,
      amount_minor, below_minor, source_ref, placed_at)
    values (${orderId}, 1, '1', 'goods', ${sku}, 'north', ${quantity}, 1, ${amountMinor}, ${belowMinor}, ${sourceRef}, ${DAY})`;
  await owner`
    insert into ledger.process (process_id, kind, state) values (${orderId}, 'order', 'running')`;
}

/** Puts an order at the end of the queue for stock. */
export async function writeBackorder(
  owner: postgres.Sql,
  wait: { orderId: string; sku: string; node?: string; quantity: number },
): Promise<void> {
  await owner`
    insert into ledger.backorder (order_id, line_no, sku, node, quantity, queued_at)
    values (${wait.orderId}, 1, ${wait.sku}, ${wait.node ?? 'north'}, ${wait.quantity}, ${DAY})`;
  await owner`
    update ledger.order_line set backordered = ${wait.quantity} where order_id = ${wait.orderId} and line_no = 1`;
}
