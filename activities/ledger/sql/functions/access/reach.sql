-- Reach on the wire: { nodes, channels, regions, amountMinor }, each place '*' or an array, the amount a
-- string of minor units or null. In a row, null is every place and no limit.
create or replace function ledger.reach_json(
  p_nodes text[], p_channels text[], p_regions text[], p_amount_minor bigint
) returns jsonb language sql immutable as $$
  select jsonb_build_object('nodes', coalesce(to_jsonb(p_nodes), '"*"'), 'channels', coalesce(to_jsonb(p_channels), '"*"'),
    'regions', coalesce(to_jsonb(p_regions), '"*"'), 'amountMinor', p_amount_minor::text)
$$;

-- Names from the wire, each once and sorted, so that equal content is equal; null for '*'.
create or replace function ledger.names_of(p_names jsonb) returns text[] language sql immutable as $$
  select case when jsonb_typeof(p_names) = 'array'
    then array(select distinct n from jsonb_array_elements_text(p_names) n order by n) end
$$;

-- What is wrong with a reach: [{ path, message }]. What is left out would be everywhere, so all of it is said;
-- a node or channel that does not exist would be a slip that nobody notices.
create or replace function ledger.reach_faults(p_reach jsonb) returns jsonb language sql stable as $$
  with fault (path, message) as (
    select 'reach.' || d, 'must be "*" or a list'
    from unnest(array['nodes', 'channels', 'regions']) d
    where coalesce(p_reach -> d <> '"*"' and jsonb_typeof(p_reach -> d) <> 'array', true)
    union all
    select 'reach.amountMinor', 'must be minor units or null'
    where not coalesce(p_reach -> 'amountMinor' = 'null' or p_reach ->> 'amountMinor' ~ '^\d{1,18}$', false)
    union all
    select 'reach.nodes', format('%s is not a known node', n)
    from unnest(ledger.names_of(p_reach -> 'nodes')) n where not exists (select from ledger.node k where k.node = n)
    union all
    select 'reach.channels', format('%s is not a known channel', c)
    from unnest(ledger.names_of(p_reach -> 'channels')) c where not exists (select from ledger.channel k where k.channel = c)
    union all
    select 'reach.regions', format('%s is no country code of two letters', r)
    from unnest(ledger.names_of(p_reach -> 'regions')) r where r !~ '^[A-Z]{2}$'
  )
  select coalesce(jsonb_agg(jsonb_build_object('path', f.path, 'message', f.message)), '[]') from fault f
$$;

-- Tells every process that listens to drop what it remembers of somebody: `person:<name>`, `key:<id>` or
-- `session:<digest>`. It is heard when the change is committed.
create or replace function ledger.tell_access_changed(p_what text) returns void language sql as $$
  select pg_notify('loopline_access', p_what)
$$;
