import type postgres from 'postgres';
import type { Ledger } from '../../activities/ledger/connect.ts';
import { adjustStock } from '../../activities/ledger/intake/adjust-stock.ts';
import {
  readAdjustmentSnapshot,
  type AdjustmentKind,
} from '../../activities/ledger/read/adjustment.ts';
import { decideWithApproval } from '../../rules/stock/approve-adjustment.ts';
import { seedPeople } from '../support/people.ts';

export const NOON = '2010-12-01T12:00:00Z';

/** One node, one channel, and one SKU of each cost method, bought at 2.50 each. */
export async function seedAdjustmentShop(owner: postgres.Sql): Promise<void> {
  await owner.unsafe(`
    insert into ledger.node (node, name, country) values ('main', 'Main warehouse', 'GB');
    insert into ledger.channel (channel, name, kind) values ('web', 'Web shop', 'web-shop');
    insert into ledger.supplier (supplier, name, currency, lead_time_days) values ('acme', 'Acme', 'GBP', 3);
    insert into ledger.sku (sku, cost_method, standard_cost, supplier) values
      ('MUG', 'fifo', null, 'acme'), ('TEA', 'average', null, 'acme'), ('PEN', 'standard', 2.5, 'acme');
    insert into ledger.supplier_sku (supplier, sku, unit_price)
      values ('acme', 'MUG', 2.5), ('acme', 'TEA', 2.5), ('acme', 'PEN', 2.5);`);
  await seedPeople(owner);
}

interface Adjustment {
  readonly externalRef: string;
  readonly kind: AdjustmentKind;
  readonly quantity: number;
  readonly sku?: string;
  readonly lot?: string | undefined;
  readonly reasonCode?: string;
  readonly actor?: string;
  readonly occurredAt?: string;
}

/** Adjusts stock as the API does: read, let the rule decide, store. */
export async function adjust(ledger: Ledger, adjustment: Adjustment) {
  const { externalRef, kind, quantity, lot, sku = 'MUG', reasonCode = 'counted' } = adjustment;
  const { actor = 'warehouse', occurredAt = NOON } = adjustment;
  const place = { sku, node: 'main', reasonCode, occurredAt };
  const snapshot = await readAdjustmentSnapshot(ledger, place);
  return adjustStock(ledger, {
    externalRef,
    kind,
    quantity,
    ...place,
    lot,
    sourceRef: `count:${externalRef}`,
    actor,
    decision: decideWithApproval(snapshot, {
      kind,
      quantity,
      ...place,
      atMs: Date.parse(occurredAt),
      actor,
    }),
  });
}

/** Reserves units for an owner as far as they are available; answers how many. */
export async function reserveUnits(
  owner: postgres.Sql,
  name: string,
  units: number,
  sku = 'MUG',
): Promise<number> {
  return owner.begin(async (sql) => {
    await sql`select ledger.lock_items(array[${sku}], array['main'])`;
    const [item] = await sql<{ available: string }[]>`
      select available from ledger.stock_item where sku = ${sku} and node = 'main'`;
    const given = Math.min(units, Number(item?.available ?? 0));
    if (given > 0) {
      await sql`select ledger.reserve(
        array[(${name}::text, 1, ${sku}::text, 'main', ${given}::bigint, null)::ledger.allocation],
        'reserved', ${`${name}:reserve:1`}, ${NOON})`;
    }
    return given;
  });
}

/** On hand, reserved and available of one SKU. */
export async function stockOf(owner: postgres.Sql, sku = 'MUG') {
  const [row] = await owner<{ onHand: number; reserved: number; available: number }[]>`
    select
      coalesce(sum(b.quantity) filter (where b.bucket = 'on-hand'), 0)::int as "onHand",
      coalesce(sum(b.quantity) filter (where b.bucket = 'reserved'), 0)::int as reserved,
      coalesce((select i.available::int from ledger.stock_item i where i.sku = ${sku} and i.node = 'main'), 0)
        as available
    from ledger.stock_balance b where b.sku = ${sku} and b.node = 'main'`;
  return row;
}

/** Credits less debits of an account in minor units. */
export async function balanceOf(owner: postgres.Sql, account: string): Promise<number> {
  const [row] = await owner<{ balance: number }[]>`
    select coalesce(sum(case when credit = ${account} then amount_minor else -amount_minor end), 0)::int as balance
    from ledger.posting where ${account} in (debit, credit)`;
  return row?.balance ?? 0;
}
