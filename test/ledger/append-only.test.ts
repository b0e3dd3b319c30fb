import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedger, type TestLedger } from '../support/ledger.ts';

/** Everything that is written once and never changed. */
const APPEND_ONLY = [
  'act',
  'approval_event',
  'audit',
  'audit_seal',
  'cost_entry',
  'credit_note',
  'decision',
  'delegation',
  'exception_event',
  'inbox',
  'inspection',
  'intake_refusal',
  'notice',
  'notice_attempt',
  'policy_draft_event',
  'policy_version',
  'posting',
  'receipt',
  'replenishment_proposal',
  'return_receipt',
  'risk_rating',
  'step',
  'stock_move',
  'timeline',
];

const PERMISSION_DENIED = '42501';
const REFUSED = 'LL409';

describe('append-only tables', () => {
  let test: TestLedger;
  let app: postgres.Sql;
  beforeAll(async () => {
    test = await openLedger();
    app = postgres(test.appUrl, { max: 1, onnotice: () => undefined });
  });
  afterAll(async () => {
    await app?.end();
    await test?.close();
  });

  const triggers = async () =>
    test.owner<{ table: string; triggers: string[] }[]>`
      select c.relname as table, array_agg(t.tgname::text order by t.tgname) as triggers
      from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where t.tgfoid = 'ledger.refuse_change'::regproc and t.tgenabled = 'O'
      group by 1 order by 1`;

  it('are exactly these, each guarded row by row and as a whole', async () => {
    expect((await triggers()).map((row) => ({ ...row }))).toEqual(
      APPEND_ONLY.map((table) => ({ table, triggers: ['append_only', 'append_only_whole'] })),
    );
  });

  it('refuse update, delete and truncate even by an administrator and by their owner', async () => {
    const [note] = await test.owner<{ id: string }[]>`
      insert into ledger.timeline (subject_id, event, actor, occurred_at) values ('x', 'x', 'x', now())
      returning timeline_id as id`;
    expect(note).toBeDefined();
    for (const role of ['reset role', 'set role loopline_owner']) {
      const as = (statement: string) => test.owner.unsafe(`${role}; ${statement}`);
      await expect(as(`update ledger.timeline set event = 'y'`)).rejects.toMatchObject({
        code: REFUSED,
      });
      await expect(as(`delete from ledger.timeline`)).rejects.toMatchObject({ code: REFUSED });
      await expect(as(`delete from ledger.policy_version`)).rejects.toMatchObject({
        code: REFUSED,
      });
    }
    for (const table of APPEND_ONLY) {
      await expect(test.owner.unsafe(`truncate ledger.${table} cascade`)).rejects.toMatchObject({
        code: REFUSED,
      });
    }
    await test.owner.unsafe('reset role');
    expect(await test.owner`select event from ledger.timeline`).toEqual([{ event: 'x' }]);
  });

  it('of a migration to come are guarded by one call, also after the functions were renewed', async () => {
    await test.owner.unsafe(`
      create table ledger.later (note text); insert into ledger.later values ('x');
      select ledger.keep_append_only('later')`);
    for (const change of [
      `update ledger.later set note = 'y'`,
      'delete from ledger.later',
      'truncate ledger.later',
    ])
      await expect(test.owner.unsafe(change)).rejects.toMatchObject({ code: REFUSED });
    expect((await triggers()).find(({ table }) => table === 'later')).toMatchObject({
      triggers: ['append_only', 'append_only_whole'],
    });
    await test.owner.unsafe('drop table ledger.later');
  });

  it('refuse a change of a single row, table by table', async () => {
    for (const table of APPEND_ONLY) {
      const [row] = await test.owner<{ type: number }[]>`
        select tgtype::int as type from pg_trigger
        where tgrelid = ${`ledger.${table}`}::regclass and tgname = 'append_only'`;
      // Bits of pg_trigger.tgtype: 1 for each row, 2 before, 8 delete, 16 update.
      expect({ table, type: row?.type }).toEqual({ table, type: 1 + 2 + 8 + 16 });
    }
  });

  it('are out of the application’s reach, as every other table is', async () => {
    const tables = await test.owner<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('ledger', 'loopline')`;
    expect(tables.length).toBeGreaterThan(APPEND_ONLY.length);
    for (const { name } of tables) {
      for (const statement of [
        `select from ${name}`,
        `delete from ${name}`,
        `insert into ${name} default values`,
      ]) {
        await expect(app.unsafe(statement)).rejects.toMatchObject({ code: PERMISSION_DENIED });
      }
      await expect(app.unsafe(`truncate ${name}`)).rejects.toMatchObject({
        code: PERMISSION_DENIED,
      });
    }
    const updatable = await test.owner`
      select table_name, privilege_type from information_schema.table_privileges
      where grantee in ('loopline_app', 'PUBLIC') and table_schema = 'ledger'`;
    expect(updatable).toEqual([]);
  });

  it('leave the application no way around its functions', async () => {
    await expect(app.unsafe(`select ledger.base_currency()`)).rejects.toMatchObject({
      code: PERMISSION_DENIED,
    });
    await expect(app.unsafe(`set role loopline_owner`)).rejects.toMatchObject({
      code: PERMISSION_DENIED,
    });
    await expect(app.unsafe(`create table loopline.mine ()`)).rejects.toMatchObject({
      code: PERMISSION_DENIED,
    });
    const [role] = await test.owner`
      select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls from pg_roles where rolname = 'loopline_app'`;
    expect(role).toEqual({
      rolsuper: false,
      rolcreatedb: false,
      rolcreaterole: false,
      rolbypassrls: false,
    });
  });

  it('are written by functions that run as an owner who cannot log in, with a fixed search path', async () => {
    const loose = await test.owner`
      select p.proname from pg_proc p join pg_roles r on r.oid = p.proowner
      where p.pronamespace = 'loopline'::regnamespace
        and (not p.prosecdef or r.rolcanlogin or not coalesce(p.proconfig, '{}') @> array['search_path=pg_catalog, pg_temp'])`;
    expect(loose).toEqual([]);
  });
});
