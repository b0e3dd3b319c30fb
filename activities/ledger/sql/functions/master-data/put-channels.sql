-- Creates and updates channels, at most 500, each with a result of its own in the order given; what people are asked
-- about waits (ledger.put_records). request { channels, at? }
create or replace function loopline.put_channels(request jsonb) returns jsonb language sql as $$
  select ledger.put_records('channel', request -> 'channels', coalesce((request ->> 'at')::timestamptz, clock_timestamp()))
$$;

create or replace function ledger.write_channels(p_channels jsonb, p_by jsonb) returns jsonb language plpgsql as $$
declare
  v_faults jsonb := ledger.repeated_faults(p_channels, array['channel']) || ledger.change_faults('channel', p_channels)
    || ledger.channel_faults(ledger.as_asked(p_channels));
  v_created text[];
  v_updated text[];
  v_subjects text[];
  v_befores jsonb[];
  v_afters jsonb[];
begin
  with given as (
    select e.value as v from jsonb_array_elements(p_channels) with ordinality e(value, position)
    where not v_faults ? (e.position - 1)::text
  ), written as (
    insert into ledger.channel as s (channel, name, kind, backorder, trusted, nodes)
    select g.v ->> 'channel', g.v ->> 'name', g.v ->> 'kind', g.v ->> 'backorder',
      coalesce((g.v ->> 'trustsFile')::boolean, false),
      (select array_agg(n) from jsonb_array_elements_text(nullif(g.v -> 'nodes', 'null')) n)
    from given g order by 1
    on conflict (channel) do update
    set name = excluded.name, kind = excluded.kind, backorder = excluded.backorder, trusted = excluded.trusted,
      nodes = excluded.nodes
    where (s.name, s.kind, s.backorder, s.trusted, s.nodes)
      is distinct from (excluded.name, excluded.kind, excluded.backorder, excluded.trusted, excluded.nodes)
    returning s.channel, s.xmax = 0 as created, to_jsonb(old) - 'recorded_at' as before, to_jsonb(new) - 'recorded_at' as after
  )
  select array_agg(w.channel) filter (where w.created), array_agg(w.channel) filter (where not w.created),
    array_agg('channel:' || w.channel order by w.channel), array_agg(w.before order by w.channel), array_agg(w.after order by w.channel)
  into v_created, v_updated, v_subjects, v_befores, v_afters from written w;
  perform ledger.audit_each(p_by, 'put_channels', 'channel', clock_timestamp(), v_subjects, v_befores, v_afters);
  return ledger.put_results(p_channels, array['channel'], v_faults, to_jsonb(v_created), to_jsonb(v_updated));
end $$;

-- Channels that name a node which is not known: { "3": [{ path, message }] }.
create or replace function ledger.channel_faults(p_channels jsonb) returns jsonb language sql stable as $$
  select coalesce(jsonb_object_agg((f.position - 1)::text, f.errors), '{}') from (
    select e.position, jsonb_agg(jsonb_build_object('path', format('nodes[%s]', n.position - 1),
      'message', format('%s is not a known node', n.node)) order by n.position) as errors
    from jsonb_array_elements(p_channels) with ordinality e(value, position)
    cross join jsonb_array_elements_text(nullif(e.value -> 'nodes', 'null')) with ordinality n(node, position)
    where not exists (select from ledger.node k where k.node = n.node)
    group by e.position) f
$$;
