-- Counts of everything that is not at rest, so that a caller can see when the house has come to rest.
-- Ages are wall-clock seconds since the row was written: they tell how far the engine is behind. A message that
-- was planned for later, such as a digest, is at rest until its time.
create or replace function loopline.read_backlog(request jsonb) returns jsonb language sql stable as $$
  with counted (area, name, count) as (
    select 'processesPending', p.kind, count(*) from ledger.process p where p.state = 'pending' group by 2
    union all select 'processesRunning', p.kind, count(*) from ledger.process p where p.state = 'running' group by 2
    union all select 'outbox', o.kind, count(*) from ledger.outbox o
      where o.done_at is null
      and not (o.kind in ('mail', 'digest') and o.attempts = 0 and o.available_at > now()) group by 2
    union all select 'returns', r.state, count(*) from ledger.returns r
      where r.state not in ('closed', 'refused', 'expired') group by 2
    union all select 'purchaseOrders', p.state, count(*) from ledger.purchase_order p
      where p.state not in ('closed', 'rejected') group by 2
    union all select 'exceptions', e.kind, count(*) from ledger.exception e where e.state = 'open' group by 2
  ), grouped as (
    select area, jsonb_object_agg(name, count) as counts from counted group by area
  )
  select jsonb_build_object(
    'processesPending', coalesce((select counts from grouped where area = 'processesPending'), '{}'),
    'processesRunning', coalesce((select counts from grouped where area = 'processesRunning'), '{}'),
    'outbox', coalesce((select counts from grouped where area = 'outbox'), '{}'),
    'returns', coalesce((select counts from grouped where area = 'returns'), '{}'),
    'purchaseOrders', coalesce((select counts from grouped where area = 'purchaseOrders'), '{}'),
    'exceptions', coalesce((select counts from grouped where area = 'exceptions'), '{}'),
    'ordersOpen', (select count(*) from ledger.orders o where o.state in ('accepted', 'released')),
    'ordersWaitingForStock', (select count(distinct b.order_id) from ledger.backorder b where b.quantity > 0),
    'backorderedUnits', (select coalesce(sum(b.quantity), 0) from ledger.backorder b where b.quantity > 0),
    'shipmentsReleased', (select count(*) from ledger.shipment s where s.state = 'released'),
    'capturesDue', (select count(*) from ledger.capture c where c.state = 'due'),
    'refundsDue', (select count(*) from ledger.refund r where r.state = 'due'),
    'approvalsOpen', (select count(*) from ledger.approval a where a.state = 'open'),
    'shippingNoticesOpen', (select count(*) from ledger.shipping_notice n where n.state = 'open'),
    'duesOpen', (select count(*) from ledger.due d where d.state = 'open'),
    'ordersHeld', (select count(distinct h.order_id) from ledger.order_hold h where h.cleared_at is null),
    'stockHoldsOpen', (select count(*) from ledger.stock_hold h where h.state = 'held'),
    'oldestPendingSeconds', (select coalesce(extract(epoch from clock_timestamp() - min(p.recorded_at))::bigint, 0)
      from ledger.process p where p.state = 'pending'),
    'oldestOutboxSeconds', (select coalesce(extract(epoch from clock_timestamp() - min(o.recorded_at))::bigint, 0)
      from ledger.outbox o
      where o.done_at is null
      and not (o.kind in ('mail', 'digest') and o.attempts = 0 and o.available_at > now())))
$$;
