-- What is append-only refuses every change, whoever asks: the application's role has no right to
-- these tables at all, and this trigger stops owners and administrators too.

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: correct it with a new entry', tg_table_name
    using errcode = 'LL409';
end $$;

do $$
declare name text;
begin
  foreach name in array array['stock_move', 'cost_entry', 'posting', 'intake_refusal', 'return_receipt',
    'inspection', 'credit_note', 'receipt', 'replenishment_proposal', 'step', 'decision', 'timeline',
    'inbox', 'policy_version']
  loop
    execute format('create trigger append_only before update or delete on ledger.%I
                    for each row execute function ledger.refuse_change()', name);
    execute format('create trigger append_only_whole before truncate on ledger.%I
                    for each statement execute function ledger.refuse_change()', name);
  end loop;
end $$;
