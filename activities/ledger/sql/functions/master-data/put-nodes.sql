-- Creates and updates nodes (warehouses), at most 500, each with a result of its own in the order given; what people
-- are asked about waits (ledger.put_records). request { nodes, at? }
create or replace function loopline.put_nodes(request jsonb) returns jsonb language sql as $$
  select ledger.put_records('node', request -> 'nodes', coalesce((request ->> 'at')::timestamptz, clock_timestamp()))
$$;

create or replace function ledger.write_nodes(p_nodes jsonb, p_by jsonb) returns jsonb language plpgsql as $$
declare
  v_faults jsonb := ledger.repeated_faults(p_nodes, array['node']) || ledger.change_faults('node', p_nodes);
  v_created text[];
  v_updated text[];
  v_subjects text[];
  v_befores jsonb[];
  v_afters jsonb[];
begin
  with given as (
    select e.value as v from jsonb_array_elements(p_nodes) with ordinality e(value, position)
    where not v_faults ? (e.position - 1)::text
  ), written as (
    insert into ledger.node as s (node, name, country, priority)
    select g.v ->> 'node', g.v ->> 'name', g.v ->> 'country', coalesce((g.v ->> 'priority')::integer, 100)
    from given g order by 1
    on conflict (node) do update
    set name = excluded.name, country = excluded.country, priority = excluded.priority
    where (s.name, s.country, s.priority) is distinct from (excluded.name, excluded.country, excluded.priority)
    returning s.node, s.xmax = 0 as created, to_jsonb(old) - 'recorded_at' as before, to_jsonb(new) - 'recorded_at' as after
  )
  select array_agg(w.node) filter (where w.created), array_agg(w.node) filter (where not w.created),
    array_agg('node:' || w.node order by w.node), array_agg(w.before order by w.node), array_agg(w.after order by w.node)
  into v_created, v_updated, v_subjects, v_befores, v_afters from written w;
  perform ledger.audit_each(p_by, 'put_nodes', 'node', clock_timestamp(), v_subjects, v_befores, v_afters);
  return ledger.put_results(p_nodes, array['node'], v_faults, to_jsonb(v_created), to_jsonb(v_updated));
end $$;
