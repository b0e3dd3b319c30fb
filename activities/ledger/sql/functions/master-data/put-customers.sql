-- Creates and updates customers of channels, at most 500, each with a result of its own in the order
-- given.
create or replace function loopline.put_customers(request jsonb) returns jsonb language plpgsql as $$
declare
  v_faults jsonb;
  v_created text[];
  v_updated text[];
  v_subjects text[];
  v_afters jsonb[];
begin
  select ledger.repeated_faults(request -> 'customers', array['channel', 'externalId'])
    || coalesce(jsonb_object_agg((e.position - 1)::text, jsonb_build_array(
         jsonb_build_object('path', 'channel', 'message', 'is no known channel'))), '{}')
  into v_faults
  from jsonb_array_elements(request -> 'customers') with ordinality e(value, position)
  where not exists (select from ledger.channel c where c.channel = e.value ->> 'channel');

  with given as (
    select e.value as v from jsonb_array_elements(request -> 'customers') with ordinality e(value, position)
    where not v_faults ? (e.position - 1)::text
  ), written as (
    insert into ledger.customer as s (channel, external_id, name, email)
    select g.v ->> 'channel', g.v ->> 'externalId', g.v ->> 'name', g.v ->> 'email'
    from given g order by 1, 2
    on conflict (channel, external_id) do update set name = excluded.name, email = excluded.email
    where (s.name, s.email) is distinct from (excluded.name, excluded.email)
    -- Which fields changed, and not what they say.
    returning s.channel || E'\n' || s.external_id as key, s.xmax = 0 as created, s.customer_id as id,
      jsonb_build_object('changed', array_remove(array[case when old.name is distinct from new.name then 'name' end,
        case when old.email is distinct from new.email then 'email' end], null)) as after
  )
  select array_agg(w.key) filter (where w.created), array_agg(w.key) filter (where not w.created),
    array_agg('customer:' || w.id order by w.id), array_agg(w.after order by w.id)
  into v_created, v_updated, v_subjects, v_afters from written w;
  perform ledger.audit_each(ledger.acting(), 'put_customers', 'customer', clock_timestamp(), v_subjects, null, v_afters);
  return ledger.put_results(request -> 'customers', array['channel', 'externalId'], v_faults, to_jsonb(v_created),
    to_jsonb(v_updated));
end $$;
