-- Creates and updates suppliers, at most 500, each with a result of its own in the order given; what people are
-- asked about waits (ledger.put_records). LL500 where the policy separates a change from what the actor did before
-- (read_duties says so first). request { suppliers, at? }
create or replace function loopline.put_suppliers(request jsonb) returns jsonb language sql as $$
  select ledger.put_records('supplier', request -> 'suppliers', coalesce((request ->> 'at')::timestamptz, clock_timestamp()))
$$;

create or replace function ledger.write_suppliers(p_suppliers jsonb, p_by jsonb) returns jsonb language plpgsql as $$
declare
  v_faults jsonb := ledger.repeated_faults(p_suppliers, array['supplier']) || ledger.change_faults('supplier', p_suppliers);
  v_created text[];
  v_updated text[];
  v_subjects text[];
  v_befores jsonb[];
  v_afters jsonb[];
begin
  with given as (
    select e.value as v from jsonb_array_elements(p_suppliers) with ordinality e(value, position)
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
    -- That an address changed, and not which: it may be somebody's own.
    returning s.supplier, s.xmax = 0 as created, to_jsonb(old) - '{recorded_at,email}'::text[] as before,
      to_jsonb(new) - '{recorded_at,email}'::text[]
        || case when old.email is distinct from new.email then '{"email": "changed"}' else '{}' end::jsonb as after
  )
  select array_agg(w.supplier) filter (where w.created), array_agg(w.supplier) filter (where not w.created),
    array_agg('supplier:' || w.supplier order by w.supplier), array_agg(w.before order by w.supplier), array_agg(w.after order by w.supplier)
  into v_created, v_updated, v_subjects, v_befores, v_afters from written w;
  perform ledger.audit_each(p_by, 'put_suppliers', 'supplier', clock_timestamp(), v_subjects, v_befores, v_afters);
  return ledger.put_results(p_suppliers, array['supplier'], v_faults, to_jsonb(v_created), to_jsonb(v_updated));
end $$;
