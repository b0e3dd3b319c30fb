-- What the rules need to decide a batch of orders: availability of every named SKU at every node, the
-- channels, the policies in force, and which of some orders are known.
-- request { skus, channels, regions?, at, orderIds? }
create or replace function loopline.read_order_snapshot(request jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'skus', coalesce((select jsonb_agg(k.sku) from ledger.sku k
      where k.sku in (select jsonb_array_elements_text(request -> 'skus'))), '[]'),
    'nodes', coalesce((select jsonb_agg(jsonb_build_object('node', n.node, 'country', n.country) order by n.priority, n.node)
      from ledger.node n), '[]'),
    'available', coalesce((select jsonb_agg(jsonb_build_array(i.sku, i.node, i.available)) from ledger.stock_item i
      where i.sku in (select jsonb_array_elements_text(request -> 'skus')) and i.available > 0), '[]'),
    'channels', coalesce((select jsonb_agg(jsonb_build_object('channel', c.channel, 'kind', c.kind, 'backorder', c.backorder,
        'trusted', c.trusted, 'nodes', to_jsonb(c.nodes))) from ledger.channel c
      where c.channel in (select jsonb_array_elements_text(request -> 'channels'))), '[]'),
    'policies', ledger.policies_in_force(ledger.order_policies(), request -> 'channels', (request ->> 'at')::timestamptz),
    'regionalPolicies', ledger.regional_policies(ledger.order_policies(), request -> 'channels', request -> 'regions',
      (request ->> 'at')::timestamptz),
    'knownOrders', coalesce((select jsonb_agg(o.order_id) from ledger.orders o
      where o.order_id in (select jsonb_array_elements_text(request -> 'orderIds'))), '[]'))
$$;

-- The policies whose versions an order keeps from its placing.
create or replace function ledger.order_policies() returns text[] language sql immutable as $$
  select array['sourcing', 'cutoffs', 'screening', 'return']
$$;

-- The version of each policy that is in force for each channel, whatever the region:
-- { "<channel>": { "<policy>": { version, document } } }.
create or replace function ledger.policies_in_force(p_policies text[], p_channels jsonb, p_at timestamptz)
returns jsonb language sql stable as $$
  select coalesce(jsonb_object_agg(channel, policies), '{}') from (
    select c.channel, jsonb_object_agg(v.policy, jsonb_build_object('version', v.version, 'document', v.document)) as policies
    from (select distinct jsonb_array_elements_text(p_channels) as channel) c
    cross join unnest(p_policies) wanted
    cross join lateral ledger.policy_in_force(wanted, c.channel, '*', p_at) v
    group by c.channel) by_channel
$$;

-- What is in force for each channel in those of the regions that have versions of their own, mostly none:
-- [{ channel, region, policy, version, document }].
create or replace function ledger.regional_policies(p_policies text[], p_channels jsonb, p_regions jsonb, p_at timestamptz)
returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('channel', c.channel, 'region', r.region, 'policy', v.policy,
    'version', v.version, 'document', v.document)), '[]')
  from (select distinct p.policy, p.region from ledger.policy_version p
        where p.region <> '*' and p.policy = any (p_policies)
          and p.region in (select jsonb_array_elements_text(p_regions))) r
  cross join (select distinct jsonb_array_elements_text(p_channels) as channel) c
  cross join lateral ledger.policy_in_force(r.policy, c.channel, r.region, p_at) v
$$;

-- What screening looks at; no personal data leaves the ledger in a history. request { orderId }
create or replace function loopline.read_screening_facts(request jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('totalMinor', o.total_minor::text, 'currency', o.currency, 'checks', to_jsonb(o.screening),
    'country', o.ship_to ->> 'country', 'postalCode', o.ship_to ->> 'postalCode', 'placedAt', o.placed_at,
    'earlierOrders', (select count(*) from ledger.orders e where e.customer_id = o.customer_id and e.state = 'completed'),
    'policy', ledger.order_policy(o.order_id, 'screening'))
  from ledger.orders o where o.order_id = request ->> 'orderId'
$$;
