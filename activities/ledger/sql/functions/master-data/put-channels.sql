-- Creates and updates channels, at most 500, each with a result of its own in the order given.
create or replace function loopline.put_channels(request jsonb) returns jsonb language plpgsql as $$
declare
  v_faults jsonb := ledger.repeated_faults(request -> 'channels', array['channel']);
  v_created text[];
  v_updated text[];
begin
  with given as (
    select e.value as v from jsonb_array_elements(request -> 'channels') with ordinality e(value, position)
    where not v_faults ? (e.position - 1)::text
  ), written as (
    insert into ledger.channel as s (channel, name, kind, backorder, trusted)
    select g.v ->> 'channel', g.v ->> 'name', g.v ->> 'kind', g.v ->> 'backorder',
      coalesce((g.v ->> 'trustsFile')::boolean, false)
    from given g order by 1
    on conflict (channel) do update
    set name = excluded.name, kind = excluded.kind, backorder = excluded.backorder, trusted = excluded.trusted
    where (s.name, s.kind, s.backorder, s.trusted)
      is distinct from (excluded.name, excluded.kind, excluded.backorder, excluded.trusted)
    returning s.channel, s.xmax = 0 as created
  )
  select array_agg(w.channel) filter (where w.created), array_agg(w.channel) filter (where not w.created)
  into v_created, v_updated from written w;
  return ledger.put_results(request -> 'channels', array['channel'], v_faults, to_jsonb(v_created), to_jsonb(v_updated));
end $$;
