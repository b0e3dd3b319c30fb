import type postgres from 'postgres';

const SCHEMAS = ['ledger', 'loopline'];

const HEADING = `-- What a freshly migrated ledger consists of, read from its own catalogue. For reading and for
-- seeing what a migration changes; the database is made by activities/ledger/sql/.
-- Written by \`npm run schema\`, compared by test/ledger/schema.test.ts.`;

/**
 * Tables, columns, constraints, indexes, triggers, sequences, types and function signatures of the
 * ledger as text that looks like SQL; the same for every database of the same migrations.
 * `sql` is a connection that may read the catalogue.
 */
export async function schemaText(sql: postgres.Sql): Promise<string> {
  const parts = [
    HEADING,
    ...(await describeTypes(sql)),
    ...(await describeSequences(sql)),
    ...(await describeTables(sql)),
    ...(await describeFunctions(sql)),
  ];
  return `${parts.join('\n\n')}\n`;
}

async function describeTypes(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ name: string; columns: string[] }[]>`
    select format('%I.%I', n.nspname, c.relname) as name,
      array_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)) order by a.attnum) as columns
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where n.nspname in ${sql(SCHEMAS)} and c.relkind = 'c'
    group by 1 order by min(format('%I.%I', n.nspname, c.relname)) collate "C"`;
  return rows.map(({ name, columns }) => `create type ${name} as (\n${indented(columns)}\n);`);
}

/** Sequences by themselves; those of identity columns belong to their column. */
async function describeSequences(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ${sql(SCHEMAS)} and c.relkind = 'S'
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'i')
    order by format('%I.%I', n.nspname, c.relname) collate "C"`;
  return rows.length === 0 ? [] : [rows.map(({ name }) => `create sequence ${name};`).join('\n')];
}

async function describeTables(sql: postgres.Sql): Promise<string[]> {
  const tables = await sql<
    { oid: number; name: string; columns: string[]; constraints: string[] }[]
  >`
    select c.oid::integer, format('%I.%I', n.nspname, c.relname) as name,
      (select array_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
          case when a.attnotnull then 'not null' end,
          case when a.attidentity <> '' then 'generated always as identity' end,
          'default ' || pg_get_expr(d.adbin, d.adrelid)) order by a.attnum)
        from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
      -- Constraints of kind n say "not null" again.
      array(select pg_get_constraintdef(k.oid) from pg_constraint k
        where k.conrelid = c.oid and k.contype in ('p', 'u', 'f', 'c', 'x')
        order by strpos('pufcx', k.contype::text), pg_get_constraintdef(k.oid) collate "C") as constraints
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ${sql(SCHEMAS)} and c.relkind = 'r'
    order by format('%I.%I', n.nspname, c.relname) collate "C"`;
  const extras = await describeTableExtras(sql);
  return tables.map(({ oid, name, columns, constraints }) =>
    [
      `create table ${name} (\n${indented([...columns, ...constraints])}\n);`,
      ...(extras.get(oid) ?? []),
    ].join('\n'),
  );
}

/** Indexes that no constraint made, and triggers that no foreign key made, by table. */
async function describeTableExtras(sql: postgres.Sql): Promise<Map<number, string[]>> {
  const rows = await sql<{ oid: number; lines: string[] }[]>`
    select c.oid::integer, array(
        select lower(left(pg_get_indexdef(i.indexrelid), 13)) || substr(pg_get_indexdef(i.indexrelid), 14) || ';'
        from pg_index i join pg_class x on x.oid = i.indexrelid
        where i.indrelid = c.oid and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
        order by x.relname)
      || array(
        select pg_get_triggerdef(t.oid) || ';' from pg_trigger t
        where t.tgrelid = c.oid and not t.tgisinternal order by t.tgname) as lines
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ${sql(SCHEMAS)} and c.relkind = 'r'`;
  return new Map(rows.map(({ oid, lines }) => [oid, lines]));
}

/** Signatures only: the bodies are the files in activities/ledger/sql/functions/. */
async function describeFunctions(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ schema: string; signature: string }[]>`
    select n.nspname as schema, format('function %I.%I(%s) returns %s language %s %s%s', n.nspname, p.proname,
      pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), l.lanname,
      case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
      case when p.prosecdef then ' security definer ' || coalesce(array_to_string(p.proconfig, ' '), '') else '' end)
      as signature
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    join pg_language l on l.oid = p.prolang
    where n.nspname in ${sql(SCHEMAS)}
    order by n.nspname, p.proname, pg_get_function_identity_arguments(p.oid) collate "C"`;
  return SCHEMAS.map((schema) =>
    rows
      .filter((row) => row.schema === schema)
      .map(({ signature }) => `-- ${signature}`)
      .join('\n'),
  );
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join(',\n');
}
