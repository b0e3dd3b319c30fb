import type postgres from 'postgres';

/** Answers what has changed since it was asked last: `<table> insert|update|delete`, one for each row, in order. */
export type Changes = () => Promise<string[]>;

/**
 * Triggers note every changed row of the ledger in the same transaction, so what was undone leaves no note. An
 * update that writes what was there before changes nothing.
 */
export async function watchChanges(owner: postgres.Sql): Promise<Changes> {
  await owner.unsafe(`
    create schema watched;
    create unlogged table watched.change (id bigint generated always as identity primary key, what text not null);
    create function watched.note() returns trigger language plpgsql security definer as $do$
    begin
      insert into watched.change (what) values (tg_table_name || ' ' || lower(tg_op));
      return null;
    end $do$;
    do $do$ declare v_table regclass; begin
      for v_table in select c.oid from pg_class c
        where c.relnamespace = 'ledger'::regnamespace and c.relkind in ('r', 'p') loop
        execute format('create trigger zz_came_or_went after insert or delete on %s for each row execute function watched.note()', v_table);
        execute format('create trigger zz_changed after update on %s for each row when (old is distinct from new) execute function watched.note()', v_table);
      end loop;
    end $do$`);
  let seen = 0;
  return async () => {
    const rows = await owner<{ id: number; what: string }[]>`
      select id::int, what from watched.change where id > ${seen} order by id`;
    seen = rows.at(-1)?.id ?? seen;
    return rows.map(({ what }) => what);
  };
}
