import { createHash, createHmac } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import Postgrator from 'postgrator';
import { ACCOUNTS } from '../../rules/finance/accounts.ts';
import { DEFAULT_POLICIES } from '../../rules/policy/defaults.ts';
import { REASON_CODES } from '../../rules/policy/reason-codes.ts';
import { AUDIT_ACTS } from './audited-functions.ts';

const SQL_FOLDER = fileURLToPath(new URL('./sql/', import.meta.url));
const DEFAULT_DATABASE = 'loopline';

/**
 * Brings a database to this version: roles, numbered migrations, functions, reference data.
 * `url` is a role that may create roles and databases; answers the URL of the application's role,
 * which may only execute the ledger's functions. Safe to repeat.
 */
export async function migrateLedger(options: {
  url: string;
  database?: string;
  /** Of the application's role; else it follows from the administrator's, so that nothing is stored. */
  appPassword?: string | undefined;
  log?: (line: string) => void;
}): Promise<{ appUrl: string; ownerUrl: string }> {
  const database = options.database ?? DEFAULT_DATABASE;
  const appPassword = options.appPassword ?? applicationPassword(options.url);
  await createDatabase(options.url, database, appPassword);
  const ownerUrl = withDatabase(options.url, database);
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    await sql.unsafe(
      `create schema if not exists ledger authorization loopline_owner;
       create schema if not exists loopline authorization loopline_owner;
       create extension if not exists pg_stat_statements;`,
    );
    await sql.unsafe('set role loopline_owner; set check_function_bodies = off;');
    const applied = await runNumbered(sql, database);
    const refreshed = await runRepeatable(sql);
    await seedReference(sql);
    options.log?.(
      `ledger: ${applied} migrations applied, functions ${refreshed ? 'renewed' : 'unchanged'}`,
    );
  } finally {
    await sql.end({ timeout: 5 });
  }
  const appUrl = new URL(ownerUrl);
  appUrl.username = 'loopline_app';
  appUrl.password = appPassword;
  return { appUrl: appUrl.toString(), ownerUrl };
}

function applicationPassword(adminUrl: string): string {
  return createHmac('sha256', new URL(adminUrl).password || 'loopline')
    .update('loopline_app')
    .digest('hex');
}

function withDatabase(url: string, database: string): string {
  const named = new URL(url);
  named.pathname = `/${database}`;
  return named.toString();
}

async function createDatabase(url: string, database: string, appPassword: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    // Two processes may migrate at once: the lock makes the second wait and find it done.
    await sql.unsafe(
      `select pg_advisory_lock(4517);
       do $$ begin
         if not exists (select from pg_roles where rolname = 'loopline_owner') then
           create role loopline_owner nologin;
         end if;
         if not exists (select from pg_roles where rolname = 'loopline_app') then
           create role loopline_app login;
         end if;
       end $$;
       alter role loopline_app password '${appPassword.replaceAll("'", "''")}';`,
    );
    const [known] = await sql`select 1 from pg_database where datname = ${database}`;
    if (!known) await sql.unsafe(`create database "${database}"`);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function runNumbered(sql: postgres.Sql, database: string): Promise<number> {
  const postgrator = new Postgrator({
    migrationPattern: `${SQL_FOLDER}migrations/*`,
    driver: 'pg',
    database,
    schemaTable: 'schema_migration',
    currentSchema: 'ledger',
    execQuery: async (query) => ({ rows: await sql.unsafe(query) }),
    execSqlScript: async (script) => {
      await sql.unsafe(script);
    },
  });
  return (await postgrator.migrate()).length;
}

/** Renews all functions in one transaction when any file of them has changed. */
async function runRepeatable(sql: postgres.Sql): Promise<boolean> {
  const scripts = [...(await readScripts()), AUDIT_ACTS];
  const hash = createHash('sha256').update(scripts.join('\n')).digest('hex');
  await sql.unsafe('create table if not exists ledger.repeatable (hash text not null)');
  const [current] = await sql<{ hash: string }[]>`select hash from ledger.repeatable`;
  if (current?.hash === hash) return false;
  await sql.unsafe(
    [
      'begin; reset role;',
      DROP_REPEATABLE,
      'set local role loopline_owner;',
      ...scripts,
      SECURE_REPEATABLE,
      `delete from ledger.repeatable; insert into ledger.repeatable values ('${hash}'); commit; set role loopline_owner;`,
    ].join('\n'),
  );
  return true;
}

async function readScripts(): Promise<string[]> {
  const folder = `${SQL_FOLDER}functions`;
  const files = (await readdir(folder, { recursive: true })).filter((file) =>
    file.endsWith('.sql'),
  );
  // core/ declares the types that the others' signatures use.
  files.sort(
    (a, b) => Number(b.startsWith('core')) - Number(a.startsWith('core')) || (a < b ? -1 : 1),
  );
  return Promise.all(files.map((file) => readFile(`${folder}/${file}`, 'utf8')));
}

/** What triggers call stays, as dropping it would drop them, and what migrations call. */
const DROP_REPEATABLE = `
  drop schema if exists loopline cascade;
  create schema loopline authorization loopline_owner;
  do $$ declare f record; begin
    for f in select p.oid::regprocedure as name from pg_proc p
      where p.pronamespace = 'ledger'::regnamespace and p.prorettype <> 'trigger'::regtype
        and p.proname <> 'keep_append_only'
    loop execute 'drop function ' || f.name || ' cascade'; end loop;
  end $$;`;

/** Functions run as their owner with a fixed search path; the application role gets them and no table. */
const SECURE_REPEATABLE = `
  do $$ declare f record; begin
    for f in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'loopline'::regnamespace
    loop execute 'alter function ' || f.name || ' security definer set search_path = pg_catalog, pg_temp'; end loop;
  end $$;
  revoke all on all functions in schema ledger from public;
  revoke all on all functions in schema loopline from public;
  grant usage on schema loopline to loopline_app;
  grant execute on all functions in schema loopline to loopline_app;`;

async function seedReference(sql: postgres.Sql): Promise<void> {
  await sql`insert into ledger.account ${sql([...ACCOUNTS])} on conflict do nothing`;
  await sql`insert into ledger.reason_code ${sql([...REASON_CODES])} on conflict do nothing`;
  for (const [policy, document] of Object.entries(DEFAULT_POLICIES)) {
    // What we ship holds from the beginning of time; a newer release's document is its next version,
    // unless the merchant has put a version of their own into force.
    await sql`
      insert into ledger.policy_version (policy, version, channel, effective_from, document)
      select ${policy}, coalesce(max(version), 0) + 1, '*', '-infinity', ${sql.json(document as postgres.JSONValue)}
      from ledger.policy_version where policy = ${policy}
      having not coalesce(bool_or(effective_from > '-infinity' or channel <> '*'), false)
        and not exists (select from ledger.policy_version where policy = ${policy}
          and document = ${sql.json(document as postgres.JSONValue)})`;
  }
}
