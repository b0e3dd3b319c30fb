-- For migrations from here on: what is written to a table once is never changed, by whoever asks. It stays when the
-- functions are renewed (migrate.ts), as a migration has no other function to call.
create function ledger.keep_append_only(p_table text) returns void language plpgsql as $$
begin
  execute format('create trigger append_only before update or delete on ledger.%I
                  for each row execute function ledger.refuse_change()', p_table);
  execute format('create trigger append_only_whole before truncate on ledger.%I
                  for each statement execute function ledger.refuse_change()', p_table);
end $$;
