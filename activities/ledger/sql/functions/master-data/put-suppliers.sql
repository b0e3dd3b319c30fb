-- Creates and updates suppliers, at most 500, each with a result of its own in the order given.
create or replace function loopline.put_suppliers(request jsonb) returns jsonb language plpgsql as $$
declare
  v_faults jsonb := ledger.repeated_faults(request -> 'suppliers', array['supplier']);
  v_created text[];
  v_updated text[];
begin
  with given as (
    select e.value as v from jsonb_array_elements(request -> 'suppliers') with ordinality e(value, position)
    where not v_faults ? (e.position - 1)::text
  ), written as (
    insert into ledger.supplier as s (supplier, name, currency, lead_time_days, email)
    select g.v ->> 'supplier', g.v ->> 'name', g.v ->> 'currency', (g.v ->> 'leadTimeDays')::integer, g.v ->> 'email'
    from given g order by 1
    on conflict (supplier) do update
    set name = excluded.name, currency = excluded.currency, lead_time_days = excluded.lead_time_days,
      email = excluded.email
    where (s.name, s.currency, s.lead_time_days, s.email)
      is distinct from (excluded.name, excluded.currency, excluded.lead_time_days, excluded.email)
    returning s.supplier, s.xmax = 0 as created
  )
  select array_agg(w.supplier) filter (where w.created), array_agg(w.supplier) filter (where not w.created)
  into v_created, v_updated from written w;
  return ledger.put_results(request -> 'suppliers', array['supplier'], v_faults, to_jsonb(v_created), to_jsonb(v_updated));
end $$;
