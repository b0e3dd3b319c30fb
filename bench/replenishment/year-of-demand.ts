import type postgres from 'postgres';

/** The last day that has demand is the one before this. */
const FIRST_CYCLE = '2026-09-01';
const SKUS_OF_A_SUPPLIER = 250;

/** Warehouses of one size: so many SKUs each at three nodes. */
export interface Size {
  readonly skus: number;
  readonly nodes: readonly string[];
}

/** Three nodes for every number of SKUs; a larger size sells the smaller ones' SKUs as well. */
export function sizesOf(skuCounts: readonly number[]): Size[] {
  return skuCounts.map((skus) => ({ skus, nodes: [1, 2, 3].map((node) => `n${skus}-${node}`) }));
}

/** YYYY-MM-DD of the n-th cycle, from 0. */
export function dateOfCycle(number: number): string {
  const date = new Date(`${FIRST_CYCLE}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + number);
  return date.toISOString().slice(0, 10);
}

/** How much the ledger then holds. */
export interface Loaded {
  readonly demandRows: Readonly<Record<string, number>>;
  readonly receipts: number;
}

/**
 * Fills an empty ledger in sets: suppliers with prices, pack sizes and lead times; a year of sales, of
 * which a part was cancelled or came back; stock, backorders, half a year of receipts, and open orders.
 * Every value is a hash of the row that it is for, so a seed gives the same ledger everywhere.
 */
export async function loadYear(
  owner: postgres.Sql,
  sizes: readonly Size[],
  options: { readonly seed: number; readonly log: (line: string) => void },
): Promise<Loaded> {
  const { seed, log } = options;
  const most = Math.max(...sizes.map(({ skus }) => skus));
  const nodes = sizes.flatMap(({ skus, nodes: names }) =>
    names.map((node) => ({ node, skus, number: 0 })),
  );
  const connection = await owner.reserve();
  try {
    // What is loaded is consistent by construction; checking millions of references takes minutes.
    await connection`set session_replication_role = replica`;
    await connection`set work_mem = '256MB'`;
    await connection.unsafe(PREPARE(seed));
    await connection`insert into bench.node select row_number() over (), n.node, n.skus
      from jsonb_to_recordset(${connection.json(nodes)}) n(node text, skus integer)`;
    // Indexes are built faster than they are kept up.
    const indexes = await connection<{ name: string; definition: string }[]>`
      select indexname as name, indexdef as definition from pg_indexes
      where schemaname = 'ledger' and tablename = 'order_line' and indexname <> 'order_line_pkey'`;
    for (const { name } of indexes) await connection`drop index ledger.${connection(name)}`;
    const statements = {
      ...statementsFor(most),
      'indexes of order lines': indexes.map(({ definition }) => definition).join('; '),
    };
    for (const [name, statement] of Object.entries(statements)) {
      const startedAt = performance.now();
      const { count } = await connection.unsafe(statement);
      log(`${count ?? ''} ${name}, ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
    }
    await connection`set session_replication_role = origin`;
    await connection`vacuum analyze`;
    const rows = await connection<{ node: string; rows: number }[]>`
      select node, count(*)::int as rows from ledger.order_line group by 1`;
    const [receipts] = await connection<{ count: number }[]>`
      select count(*)::int as count from ledger.receipt`;
    return {
      demandRows: Object.fromEntries(rows.map((row) => [row.node, row.rows])),
      receipts: receipts?.count ?? 0,
    };
  } finally {
    connection.release();
  }
}

/** bench.fraction(n, salt): 0 ≤ x < 1, the same for the same n, salt and seed. */
const PREPARE = (seed: number) => `
  create schema bench;
  create table bench.node (number integer, node text, skus integer);
  create function bench.fraction(n bigint, salt integer) returns double precision
  language sql immutable parallel safe as
  $$ select ((hashint8extended(n, ${seed} * 1000 + salt) >> 8) & 4294967295)::double precision / 4294967296 $$`;

/**
 * One SKU at one node is an item: a fifth sell on most days, half now and then, a fifth around one
 * time of the year, a tenth almost never. `lines` are its sales of the year, `units` of one sale at most.
 */
const ITEMS = `
  create table bench.item as
  select n.number * 1000000::bigint + s as id, n.node, s, 'SKU-' || lpad(s::text, 6, '0') as sku, kind, season,
    (case kind when 'fast' then 80 + 150 * u when 'slow' then 2 * u else 8 + 30 * u end)::integer as lines,
    (case kind when 'fast' then 6 else 3 end)::integer as units
  from bench.node n cross join generate_series(1, n.skus) s
  cross join lateral (select bench.fraction(s, 1) as k, bench.fraction(n.number * 1000000::bigint + s, 2) as u,
    bench.fraction(s, 3) * 365 as season) f
  cross join lateral (select case when k < 0.2 then 'fast' when k < 0.7 then 'now and then'
    when k < 0.9 then 'seasonal' else 'slow' end as kind) c`;

/** A sale's day: anywhere in the year, or within some seven weeks around the item's season. */
const LINES = `
  create table bench.line as
  select id, node, sku, at, row_number() over (partition by node order by at, id) - 1 as position,
    1 + floor(units * bench.fraction(x, 12) * bench.fraction(x, 13))::bigint as quantity, bench.fraction(x, 14) as fate
  from bench.item
  cross join lateral generate_series(1, lines) n
  cross join lateral (select id * 1000 + n as x) named
  cross join lateral (select timestamptz '${FIRST_CYCLE}T00:00:00Z' - interval '1 day' * (case kind
    when 'seasonal' then (season + 50 * (bench.fraction(x, 10) + bench.fraction(x, 11) - 1) + 730)::numeric % 365
    else 365 * bench.fraction(x, 10) end)::double precision as at) day`;

/** The loading statements by what they load, in their order. */
function statementsFor(skus: number): Record<string, string> {
  return { ...offers(skus), ...sales(), ...stock(), ...purchases() };
}

function offers(skus: number): Record<string, string> {
  const suppliers = Math.ceil(skus / SKUS_OF_A_SUPPLIER);
  return {
    nodes: `insert into ledger.node (node, name, country) select node, node, 'GB' from bench.node`,
    channels: `insert into ledger.channel (channel, name, kind) values ('web', 'Web shop', 'web-shop')`,
    suppliers: `
      insert into ledger.supplier (supplier, name, currency, lead_time_days)
      select 'SUP-' || lpad(n::text, 3, '0'), 'Supplier ' || n, 'GBP', 2 + floor(19 * bench.fraction(n, 20))::integer
      from generate_series(1, ${suppliers}) n`,
    SKUs: `
      insert into ledger.sku (sku, description, class, cost_method, supplier, lead_time_days)
      select 'SKU-' || lpad(s::text, 6, '0'), 'Article ' || s, 'B', 'fifo',
        'SUP-' || lpad((1 + floor(${suppliers} * bench.fraction(s, 21) * bench.fraction(s, 22))::integer)::text, 3, '0'),
        case when bench.fraction(s, 23) < 0.1 then 1 + floor(40 * bench.fraction(s, 24))::integer end
      from generate_series(1, ${skus}) s`,
    'prices of the first supplier': `
      insert into ledger.supplier_sku (supplier, sku, unit_price, minimum_quantity, multiple_quantity)
      select supplier, sku, round((0.2 * exp(5 * bench.fraction(s, 25)))::numeric, 4),
        (array[1, 1, 1, 6, 12, 24, 48])[1 + floor(7 * bench.fraction(s, 26))::integer],
        (array[1, 1, 1, 1, 6, 10, 12])[1 + floor(7 * bench.fraction(s, 27))::integer]
      from ledger.sku cross join lateral (select substr(sku, 5)::bigint as s) n`,
    'prices of a second supplier': `
      insert into ledger.supplier_sku (supplier, sku, unit_price)
      select 'SUP-' || lpad((1 + floor(${suppliers} * bench.fraction(s, 28))::integer)::text, 3, '0'), sku,
        round((0.3 * exp(5 * bench.fraction(s, 25)))::numeric, 4)
      from ledger.sku cross join lateral (select substr(sku, 5)::bigint as s) n
      where bench.fraction(s, 29) < 0.3
      on conflict do nothing`,
  };
}

/** Orders have 21 lines; three in a hundred lines were cancelled, six came back. */
function sales(): Record<string, string> {
  return {
    'items, one per SKU and node': ITEMS,
    'sales drawn': LINES,
    orders: `
      insert into ledger.orders (order_id, channel, external_id, currency, ship_to, state, total_minor, placed_at)
      select format('order:web:%s-%s', node, position / 21), 'web', format('%s-%s', node, position / 21), 'GBP',
        '{}', 'completed', 0, min(at)
      from bench.line group by node, position / 21 order by min(at)`,
    'order lines': `
      insert into ledger.order_line (order_id, line_no, external_line_id, kind, code, node, quantity, unit_price,
        amount_minor, placed_at, shipped, cancelled, returned)
      select format('order:web:%s-%s', node, position / 21), position % 21 + 1, (position % 21 + 1)::text, 'goods', sku,
        node, quantity, 9.5, 950 * quantity, at, case when fate < 0.03 then 0 else quantity end,
        case when fate < 0.03 then quantity else 0 end, case when fate > 0.94 then 1 else 0 end
      from bench.line order by at`,
    inspections: `
      insert into ledger.inspection (inspection_id, return_id, line_no, quantity, grade, disposition, inspector,
        occurred_at)
      select 'i-' || n, 'return:R-' || n, 1, 1, 'A', case when n % 7 = 0 then 'scrap' else 'restock' end, 'bench',
        timestamptz '${FIRST_CYCLE}T00:00:00Z' - interval '1 day'
      from generate_series(1, 5000) n`,
  };
}

/** Enough for up to about two months, so that a part of the items is due; some of what is out has buyers waiting. */
function stock(): Record<string, string> {
  return {
    'stock items': `
      insert into ledger.stock_item (sku, node, available)
      select sku, node, floor(bench.fraction(id, 30) * (2 + 55 * lines / 365.0))::bigint from bench.item`,
    'stock balances': `
      insert into ledger.stock_balance (sku, node, bucket, quantity)
      select sku, node, 'on-hand', available from ledger.stock_item where available > 0`,
    'reserved balances': `
      insert into ledger.stock_balance (sku, node, bucket, quantity)
      select sku, node, 'reserved', 1 + id % 3 from bench.item where bench.fraction(id, 31) < 0.3`,
    backorders: `
      insert into ledger.backorder (order_id, line_no, sku, node, quantity, queued_at)
      select 'order:web:waiting-' || i.id, 1, i.sku, i.node, 1 + i.id % 4, timestamptz '${FIRST_CYCLE}T00:00:00Z'
      from bench.item i join ledger.stock_item using (sku, node)
      where available = 0 and bench.fraction(i.id, 32) < 0.3`,
  };
}

/** Each supplier delivered six times to each node in half a year, and has one order open at each. */
function purchases(): Record<string, string> {
  const order = `format('purchase-order:PO-%s-%s-%s', n.number, p.supplier, time)`;
  const placed = `timestamptz '${FIRST_CYCLE}T09:00:00Z' - interval '1 day' * (28 * time - 10)`;
  return {
    'purchase orders': `
      insert into ledger.purchase_order (purchase_order_id, number, request_hash, supplier, node, currency, state,
        total_minor, ordered_at)
      select ${order}, ${order}, '\\x', p.supplier, n.node, 'GBP', case time when 0 then 'acknowledged' else 'closed' end,
        0, ${placed}
      from bench.node n cross join ledger.supplier p cross join generate_series(0, 6) time`,
    'purchase order lines': `
      insert into ledger.purchase_order_line (purchase_order_id, line_no, sku, quantity, unit_price, received)
      select ${order}, i.s, i.sku, 24, 1, case time when 0 then 0 else 24 end
      from bench.item i join ledger.sku p using (sku) join bench.node n using (node) cross join generate_series(0, 6) time
      where bench.fraction(i.id, 40 + time) < case time when 0 then 0.08 else 0.3 end`,
    receipts: `
      insert into ledger.receipt (receipt_id, purchase_order_id, line_no, sku, node, quantity, unit_cost, layer_id,
        occurred_at)
      select 'r-' || l.purchase_order_id, l.purchase_order_id, l.line_no, l.sku, o.node, 24, 1, 0,
        o.ordered_at + interval '1 hour' * (48 + floor(200 * bench.fraction(hashtext(o.purchase_order_id), 50)))
      from ledger.purchase_order_line l join ledger.purchase_order o using (purchase_order_id) where o.state = 'closed'`,
  };
}
