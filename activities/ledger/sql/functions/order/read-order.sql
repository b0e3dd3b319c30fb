-- One order; null when there is none. request { orderId }
create or replace function loopline.read_order(request jsonb) returns jsonb language sql stable as $$
  select ledger.order_json(request ->> 'orderId')
$$;

-- Orders, newest first. request { limit, cursor?, state?, channel?, customer? }
create or replace function loopline.list_orders(request jsonb) returns jsonb language sql stable as $$
  with page as (
    select o.*, p.state as process, c.external_id as customer from ledger.orders o
    left join ledger.process p on p.process_id = o.order_id
    left join ledger.customer c on c.customer_id = o.customer_id
    where (request ->> 'cursor' is null or (o.recorded_at, o.order_id) <
             (ledger.cursor_time(request ->> 'cursor'), ledger.cursor_id(request ->> 'cursor')))
      and (request ->> 'state' is null or o.state = request ->> 'state')
      and (request ->> 'channel' is null or o.channel = request ->> 'channel')
      and (request ->> 'customer' is null or c.external_id = request ->> 'customer')
    order by o.recorded_at desc, o.order_id desc limit (request ->> 'limit')::integer + 1
  ), shown as (select * from page order by recorded_at desc, order_id desc limit (request ->> 'limit')::integer)
  select jsonb_build_object('data', coalesce((select jsonb_agg(jsonb_build_object('id', order_id, 'channel', channel,
      'externalId', external_id, 'state', state, 'process', process, 'customer', customer, 'currency', currency,
      'totalMinor', total_minor::text, 'placedAt', ledger.instant_text(placed_at), 'recordedAt', ledger.instant_text(recorded_at))
      order by recorded_at desc, order_id desc) from shown), '[]'),
    'nextCursor', case when (select count(*) from page) > (request ->> 'limit')::integer
      then (select ledger.cursor(recorded_at, order_id) from shown order by recorded_at, order_id limit 1) end)
$$;

-- Shipments at the warehouse, oldest first, so that the queue is worked in order.
-- request { limit, cursor?, state?, node?, orderId? }
create or replace function loopline.list_shipments(request jsonb) returns jsonb language sql stable as $$
  with page as (
    select s.* from ledger.shipment s
    where (request ->> 'cursor' is null or (s.recorded_at, s.shipment_id) >
             (ledger.cursor_time(request ->> 'cursor'), ledger.cursor_id(request ->> 'cursor')))
      and (request ->> 'state' is null or s.state = request ->> 'state')
      and (request ->> 'node' is null or s.node = request ->> 'node')
      and (request ->> 'orderId' is null or s.order_id = request ->> 'orderId')
    order by s.recorded_at, s.shipment_id limit (request ->> 'limit')::integer + 1
  ), shown as (select * from page order by recorded_at, shipment_id limit (request ->> 'limit')::integer)
  select jsonb_build_object('data', coalesce((select jsonb_agg(jsonb_build_object('id', shipment_id, 'orderId', order_id,
      'node', node, 'state', state, 'releasedAt', ledger.instant_text(released_at), 'recordedAt', ledger.instant_text(recorded_at),
      'lines', (select jsonb_agg(jsonb_build_object('orderLineId', shown.order_id || '#' || l.line_no, 'sku', l.sku,
          'lot', l.lot, 'quantity', l.quantity, 'dispatchedQuantity', l.dispatched) order by l.line_no, l.lot)
        from ledger.shipment_line l where l.shipment_id = shown.shipment_id and l.quantity > 0))
      order by recorded_at, shipment_id) from shown), '[]'),
    'nextCursor', case when (select count(*) from page) > (request ->> 'limit')::integer
      then (select ledger.cursor(recorded_at, shipment_id) from shown order by recorded_at desc, shipment_id desc limit 1) end)
$$;

-- Everything that happened to a subject and why, oldest first. request { subjectId, limit, cursor? }
create or replace function loopline.read_timeline(request jsonb) returns jsonb language sql stable as $$
  with page as (
    select * from ledger.timeline
    where subject_id = request ->> 'subjectId'
      and (request ->> 'cursor' is null or timeline_id > ledger.cursor_number(request ->> 'cursor'))
    order by timeline_id limit (request ->> 'limit')::integer + 1
  ), shown as (select * from page order by timeline_id limit (request ->> 'limit')::integer)
  select jsonb_build_object('data', coalesce((select jsonb_agg(jsonb_build_object('event', event, 'actor', actor, 'cause', cause,
      'reason', reason, 'detail', detail, 'occurredAt', ledger.instant_text(occurred_at),
      'recordedAt', ledger.instant_text(recorded_at)) order by timeline_id) from shown), '[]'),
    'nextCursor', case when (select count(*) from page) > (request ->> 'limit')::integer
      then (select ledger.cursor(recorded_at, timeline_id::text) from shown order by timeline_id desc limit 1) end)
$$;
