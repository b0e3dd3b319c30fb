import type postgres from 'postgres';

/** By what a table names an order or what belongs to it; the first that a table has. */
const NAMED_BY = ['subject_id', 'order_id', 'owner_id', 'process_id', 'shipment_id', 'payment_id'];

/** Rows per table that an order's life has left, counted by what the tables name. */
export async function rowsOfLife(
  owner: postgres.Sql,
  orderId: string,
): Promise<ReadonlyMap<string, number>> {
  const tables = await owner<{ table: string; columns: string[] }[]>`
    select table_name as table, array_agg(column_name::text) as columns
    from information_schema.columns where table_schema = 'ledger' group by 1 order by 1`;
  const own = await owner<{ id: string }[]>`
    select ${orderId} as id
    union all select shipment_id from ledger.shipment where order_id = ${orderId}
    union all select payment_id from ledger.payment where order_id = ${orderId}`;
  const ids = own.map(({ id }) => id);
  const rows = new Map<string, number>();
  for (const { table, columns } of tables) {
    const column = NAMED_BY.find((name) => columns.includes(name));
    if (column === undefined) continue;
    const [counted] = await owner<{ n: number }[]>`
      select count(*)::int as n from ledger.${owner(table)} where ${owner(column)} = any(${ids})`;
    if ((counted?.n ?? 0) > 0) rows.set(table, counted?.n ?? 0);
  }
  return rows;
}

/** Throws, naming the tables, unless the copy left as many rows as the real life. */
export function assertSameRows(
  real: ReadonlyMap<string, number>,
  copied: ReadonlyMap<string, number>,
): void {
  const tables = [...new Set([...real.keys(), ...copied.keys()])];
  const different = tables.filter((table) => real.get(table) !== copied.get(table));
  if (different.length > 0)
    throw new Error(
      `a copied life differs from a real one: ${different
        .map((table) => `${table} ${copied.get(table) ?? 0} instead of ${real.get(table) ?? 0}`)
        .join(', ')}`,
    );
}
