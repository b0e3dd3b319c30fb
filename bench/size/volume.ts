import type postgres from 'postgres';

const MOST_LISTED = 12;

/** What a table takes, its large values included, and what its indexes take, in bytes. */
export interface Volume {
  readonly table: string;
  readonly tableBytes: number;
  readonly indexBytes: number;
}

/** The largest tables first. */
export function volumesOf(owner: postgres.Sql): Promise<Volume[]> {
  return owner<Volume[]>`
    select c.relname as table, pg_table_size(c.oid)::float as "tableBytes",
      pg_indexes_size(c.oid)::float as "indexBytes"
    from pg_class c where c.relnamespace = 'ledger'::regnamespace and c.relkind in ('r', 'p')
    order by pg_total_relation_size(c.oid) desc`;
}

/** The tables' share in the bytes of an order, in words. */
export function bytesInWords(volumes: readonly Volume[], orders: number): string {
  const parts = volumes
    .slice(0, MOST_LISTED)
    .map(
      ({ table, tableBytes, indexBytes }) =>
        `${table} ${(tableBytes / orders).toFixed(0)} + ${(indexBytes / orders).toFixed(0)}`,
    );
  return `Bytes of an order, table + indexes: ${parts.join(', ')}.`;
}

/** An index, what it takes, and how often it was used since the statistics were reset. */
interface IndexUse {
  readonly index: string;
  readonly megabytes: number;
  readonly scans: number;
}

/** From now on it is counted which indexes are used. */
export async function countIndexUse(owner: postgres.Sql): Promise<void> {
  await owner`select pg_stat_reset()`;
}

/** Which indexes carried what was done since, and which large ones nothing asked, in words. */
export async function indexUseInWords(owner: postgres.Sql): Promise<string[]> {
  const uses = await owner<IndexUse[]>`
    select s.indexrelname as index, pg_relation_size(s.indexrelid)::float / 1048576 as megabytes,
      s.idx_scan::float as scans
    from pg_stat_user_indexes s where s.schemaname = 'ledger'
    order by s.idx_scan desc, pg_relation_size(s.indexrelid) desc`;
  const used = uses.filter(({ scans }) => scans > 0).slice(0, 2 * MOST_LISTED);
  const idle = uses
    .filter(({ scans, megabytes }) => scans === 0 && megabytes >= 1)
    .toSorted((a, b) => b.megabytes - a.megabytes)
    .slice(0, MOST_LISTED);
  const sizes = (some: readonly IndexUse[]) =>
    some.map(({ index, megabytes }) => `${index} ${megabytes.toFixed(0)} MB`).join(', ');
  return [
    `Indexes that carried it, the most used first: ${sizes(used)}.`,
    `Indexes that nothing measured here asked: ${idle.length === 0 ? 'none' : sizes(idle)}.`,
  ];
}
