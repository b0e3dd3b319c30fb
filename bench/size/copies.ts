import type postgres from 'postgres';
import { SAMPLES, type Sample } from './samples.ts';

const MARK = '~copy~';
const CHUNK = 12_000;
/** Over so many days before today the copies were placed. */
const DAYS = 90;
/** Copies share so many customers. */
export const CUSTOMERS_PER_ORDERS = 20;

/** What the copying wrote: rows by table. */
export type RowCounts = ReadonlyMap<string, number>;

/**
 * Fills the ledger with `count` copies of finished lives (a multiple of {@link SAMPLES}): every row of every
 * table that names a sample, under names and customers of the copy's own and earlier by days. What the copies
 * took from stock and from its cost is taken off the projections by calculation, so that the ledger's check
 * tells whether all of it fits. Needs the owner of the database, with nobody else at work.
 */
export async function copyLives(
  owner: postgres.Sql,
  samples: readonly Sample[],
  count: number,
  log: (line: string) => void,
): Promise<RowCounts> {
  const { tables, marked } = await seedTables(owner, samples);
  const [firstCustomer, customers] = await putCustomers(owner, count);
  const statements = await Promise.all(
    tables.map(async (table) => ({ table, sql: await copyStatement(owner, table, marked) })),
  );
  const written = new Map<string, number>();
  const chunks = Array.from({ length: Math.ceil(count / CHUNK) }, (_, index) => index);
  const startedAt = performance.now();
  let done = 0;
  const copyChunk = async (session: postgres.ReservedSql, chunk: number): Promise<void> => {
    const from = chunk * CHUNK;
    const to = Math.min(from + CHUNK, count) - 1;
    for (const { table, sql } of statements) {
      const result = await session.unsafe(sql, [from, to, count, firstCustomer, customers]);
      written.set(table, (written.get(table) ?? 0) + result.count);
    }
    const before = Math.floor((done * 10) / count);
    done += to - from + 1;
    if (Math.floor((done * 10) / count) === before) return;
    const seconds = (performance.now() - startedAt) / 1_000;
    log(`${done} of ${count} orders are copied, ${(done / seconds).toFixed(0)}/s`);
  };
  const work = async (): Promise<void> => {
    const session = await owner.reserve();
    try {
      // The copies refer to copies, table by table in any order; samples were checked when they were written.
      await session`set session_replication_role = replica`;
      for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift())
        await copyChunk(session, chunk);
    } finally {
      await session`reset session_replication_role`;
      session.release();
    }
  };
  await Promise.all([work(), work(), work()]);
  await moveProjections(owner, count);
  await owner`drop schema size_seed cascade`;
  return written;
}

/** The samples' rows by table in a schema of their own, their names marked; answers the tables that have any, and the columns that were marked. */
async function seedTables(
  owner: postgres.Sql,
  samples: readonly Sample[],
): Promise<{ tables: readonly string[]; marked: ReadonlySet<string> }> {
  const words = samples.flatMap(({ words: own }, sample) =>
    own.map((word) => ({ sample, word: String(word) })),
  );
  await owner`create schema size_seed`;
  await owner`create table size_seed."words" (sample integer, word text)`;
  await owner`insert into size_seed."words" ${owner(words)}`;
  const tables = await owner<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'ledger' order by 1`;
  const filled: string[] = [];
  for (const { name } of tables) {
    await owner.unsafe(`
      create table size_seed.${name} as
      select s.sample, t.* from ledger.${name} t cross join (select distinct sample from size_seed."words") s
      where exists (select from size_seed."words" w where w.sample = s.sample and position(w.word in t::text) > 0)`);
    const [rows] = await owner.unsafe<{ n: number }[]>(
      `select count(*)::int as n from size_seed.${name}`,
    );
    if ((rows?.n ?? 0) > 0) filled.push(name);
  }
  // The layer of all returns of an item is shared; one that a return brought is the copy's own.
  await owner`delete from size_seed.cost_layer where method <> 'fifo'`;
  await owner`update size_seed.cost_entry set layer_id = -layer_id
    where layer_id in (select layer_id from size_seed.cost_layer)`;
  await owner`update size_seed.cost_layer set layer_id = -layer_id`;
  return { tables: filled, marked: await markWords(owner, filled) };
}

/** Marks every word of a sample, where its copies will have their number; answers the columns that hold any. */
async function markWords(
  owner: postgres.Sql,
  tables: readonly string[],
): Promise<ReadonlySet<string>> {
  const marked = new Set<string>();
  const columns = await columnsOf(owner, 'size_seed', tables);
  for (const { table, column } of columns.filter(({ type }) => NAMING.has(type))) {
    const [found] = await owner.unsafe<{ names: boolean }[]>(`
      select exists (select from size_seed.${table} t join size_seed."words" w on w.sample = t.sample
        where position(w.word in t."${column}"::text) > 0) as names`);
    if (found?.names !== true) continue;
    marked.add(`${table}.${column}`);
    await owner.unsafe(`
      alter table size_seed.${table} alter column "${column}" type text using "${column}"::text;
      do $$ declare w record; begin
        for w in select * from size_seed."words" loop
          update size_seed.${table} t set "${column}" = replace(t."${column}", w.word, w.word || '${MARK}')
          where t.sample = w.sample and position(w.word in t."${column}") > 0;
        end loop;
      end $$`);
  }
  return marked;
}

const NAMING = new Set(['text', 'jsonb', 'text[]']);

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly identity: string;
}

function columnsOf(
  owner: postgres.Sql,
  schema: string,
  tables: readonly string[],
): Promise<Column[]> {
  return owner<Column[]>`
    select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
      a.attidentity as identity
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = ${schema}::regnamespace and c.relname = any(${[...tables]})
      and a.attnum > 0 and not a.attisdropped
    order by c.relname, a.attnum`;
}

/** One insert of the copies $1 to $2 of $3; $4 is the first of $5 customers. */
async function copyStatement(
  owner: postgres.Sql,
  table: string,
  marked: ReadonlySet<string>,
): Promise<string> {
  const columns = (await columnsOf(owner, 'ledger', [table])).filter(
    ({ column, identity }) => identity === '' || column === 'layer_id',
  );
  const values = columns.map((column) => valueOf(column, marked.has(`${table}.${column.column}`)));
  return `
    insert into ledger.${table} (${columns.map(({ column }) => `"${column}"`).join(', ')})
    overriding system value
    select ${values.join(', ')}
    from (
      select n, n % ${SAMPLES} as sample, '-' || n as own, $4 + abs(hashint8(n)::bigint) % $5 as customer,
        make_interval(secs => ($3::bigint - n) * ${DAYS * 86_400}::float8 / $3) as earlier
      from generate_series($1::bigint, $2::bigint) n
      -- Once per order, not once per column.
      offset 0) c
    join size_seed.${table} s on s.sample = c.sample
    where $4::bigint > 0 and $5::bigint > 0`;
}

function valueOf({ column, type }: Column, isMarked: boolean): string {
  const value = `s."${column}"`;
  if (column === 'layer_id')
    return `case when ${value} < 0 then (c.n + 1) * 1000000 - ${value} else ${value} end`;
  if (column === 'customer_id') return `case when ${value} is not null then c.customer end`;
  if (type === 'timestamp with time zone') return `${value} - c.earlier`;
  if (type === 'date') return `(${value} - c.earlier)::date`;
  return isMarked ? `replace(${value}, '${MARK}', c.own)::${type}` : value;
}

async function putCustomers(owner: postgres.Sql, orders: number): Promise<[number, number]> {
  const count = Math.max(1, Math.floor(orders / CUSTOMERS_PER_ORDERS));
  const [first] = await owner<{ id: number }[]>`
    with put as (
      insert into ledger.customer (channel, external_id, name)
      select 'web', 'buyer-' || n, 'Buyer ' || n from generate_series(0, ${count - 1}::int) n
      returning customer_id)
    select min(customer_id)::int as id from put`;
  return [first?.id ?? 0, count];
}

/** Each sample has as many copies, so what all copies moved is what the samples moved, so many times. */
async function moveProjections(owner: postgres.Sql, count: number): Promise<void> {
  const copies = count / SAMPLES;
  await owner`
    update ledger.stock_balance b set quantity = b.quantity + d.quantity * ${copies}
    from (
      select x.sku, x.node, x.bucket, x.lot, sum(x.quantity)::bigint as quantity
      from size_seed.stock_move m
      cross join lateral (values (m.sku, m.node, m.from_bucket, m.lot, -m.quantity),
        (m.sku, m.node, m.to_bucket, m.lot, m.quantity)) x(sku, node, bucket, lot, quantity)
      group by 1, 2, 3, 4) d
    where (b.sku, b.node, b.bucket, b.lot) = (d.sku, d.node, d.bucket, d.lot)`;
  await owner`
    update ledger.stock_item i set available = i.available + d.quantity * ${copies}
    from (
      select m.sku, m.node,
        sum(case when m.to_bucket = 'on-hand' then m.quantity else -m.quantity end)::bigint as quantity
      from size_seed.stock_move m where 'on-hand' in (m.from_bucket, m.to_bucket) group by 1, 2) d
    where (i.sku, i.node) = (d.sku, d.node)`;
  await owner`
    update ledger.cost_layer l set remaining_quantity = l.remaining_quantity + d.quantity * ${copies},
      remaining_value = l.remaining_value + d.value * ${copies}
    from (select e.layer_id, sum(e.quantity)::bigint as quantity, sum(e.value) as value
          from size_seed.cost_entry e where e.layer_id > 0 group by 1) d
    where l.layer_id = d.layer_id`;
  await owner`
    select setval(pg_get_serial_sequence('ledger.cost_layer', 'layer_id'), max(layer_id)) from ledger.cost_layer`;
}
