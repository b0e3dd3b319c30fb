-- One order; null when there is none. request { orderId }
create or replace function loopline.read_order(request jsonb) returns jsonb language sql stable as $$
  select ledger.order_json(request ->> 'orderId')
$$;

-- Orders, newest first. request { limit, cursor?, state?, channel?, customer?, within? }; customer is the
-- external id.
create or replace function loopline.list_orders(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_at timestamptz := ledger.cursor_time(request ->> 'cursor');
  v_id text := ledger.cursor_id(request ->> 'cursor');
  v_customers bigint[] := ledger.customers_named(request ->> 'customer', request ->> 'channel');
  v_channels text[] := ledger.within(request, 'channels');
  v_regions text[] := ledger.within(request, 'regions');
  v_rows jsonb;
begin
  select jsonb_agg(jsonb_build_object('id', o.order_id, 'channel', o.channel, 'externalId', o.external_id,
      'state', o.state, 'process', p.state, 'customer', c.external_id, 'currency', o.currency,
      'totalMinor', o.total_minor::text, 'placedAt', ledger.instant_text(o.placed_at),
      'recordedAt', ledger.instant_text(o.recorded_at), 'cursor', ledger.cursor(o.recorded_at, o.order_id))
      order by o.recorded_at desc, o.order_id desc)
  into v_rows
  from (
    select * from ledger.orders n
    where (v_at is null or (n.recorded_at, n.order_id) < (v_at, v_id))
      and (request ->> 'state' is null or n.state = request ->> 'state')
      and (request ->> 'channel' is null or n.channel = request ->> 'channel')
      and (v_customers is null or n.customer_id = any (v_customers))
      and (v_channels is null or n.channel = any (v_channels))
      and (v_regions is null or n.ship_to ->> 'country' = any (v_regions))
    order by n.recorded_at desc, n.order_id desc
    limit v_limit + 1) o
  left join ledger.process p on p.process_id = o.order_id
  left join ledger.customer c on c.customer_id = o.customer_id;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- Shipments at the warehouse, oldest first, so that the queue is worked in order.
-- request { limit, cursor?, state?, node?, orderId?, within? }
create or replace function loopline.list_shipments(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_at timestamptz := ledger.cursor_time(request ->> 'cursor');
  v_id text := ledger.cursor_id(request ->> 'cursor');
  v_nodes text[] := ledger.within(request, 'nodes');
  v_channels text[] := ledger.within(request, 'channels');
  v_regions text[] := ledger.within(request, 'regions');
  v_rows jsonb;
begin
  select jsonb_agg(jsonb_build_object('id', s.shipment_id, 'orderId', s.order_id, 'node', s.node, 'state', s.state,
      'releasedAt', ledger.instant_text(s.released_at), 'recordedAt', ledger.instant_text(s.recorded_at),
      'promisedDispatchAt', (select ledger.instant_text(o.promised_dispatch_at) from ledger.orders o
        where o.order_id = s.order_id),
      'lines', (
        select jsonb_agg(jsonb_build_object('orderLineId', s.order_id || '#' || l.line_no, 'sku', l.sku,
          'lot', l.lot, 'quantity', l.quantity, 'dispatchedQuantity', l.dispatched) order by l.line_no, l.lot)
        from ledger.shipment_line l where l.shipment_id = s.shipment_id and l.quantity > 0),
      'cursor', ledger.cursor(s.recorded_at, s.shipment_id)) order by s.recorded_at, s.shipment_id)
  into v_rows
  from (
    select * from ledger.shipment n
    where (v_at is null or (n.recorded_at, n.shipment_id) > (v_at, v_id))
      and (request ->> 'state' is null or n.state = request ->> 'state')
      and (request ->> 'node' is null or n.node = request ->> 'node')
      and (request ->> 'orderId' is null or n.order_id = request ->> 'orderId')
      and (v_nodes is null or n.node = any (v_nodes))
      and (v_channels is null and v_regions is null or exists (
        select from ledger.orders o where o.order_id = n.order_id
          and (v_channels is null or o.channel = any (v_channels))
          and (v_regions is null or o.ship_to ->> 'country' = any (v_regions)) offset 0))
    order by n.recorded_at, n.shipment_id
    limit v_limit + 1) s;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- Everything that happened to a subject and why, oldest first. request { subjectId, limit, cursor? }
create or replace function loopline.read_timeline(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after bigint := ledger.cursor_number(request ->> 'cursor');
  v_rows jsonb;
begin
  select jsonb_agg(jsonb_build_object('event', t.event, 'actor', t.actor, 'cause', t.cause, 'reason', t.reason,
      'detail', t.detail, 'occurredAt', ledger.instant_text(t.occurred_at),
      'recordedAt', ledger.instant_text(t.recorded_at),
      'cursor', ledger.cursor(t.recorded_at, t.timeline_id::text)) order by t.timeline_id)
  into v_rows
  from (
    select * from ledger.timeline n
    where n.subject_id = request ->> 'subjectId' and (v_after is null or n.timeline_id > v_after)
    order by n.timeline_id
    limit v_limit + 1) t;
  return ledger.page_of(v_rows, v_limit);
end $$;
