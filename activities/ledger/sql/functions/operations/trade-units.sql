-- Units that crossed the border of the house. Inside are on hand, reserved, picked, returned,
-- quarantined and damaged; what a supplier has sent but nobody has received is still outside.
create or replace function ledger.trade_units(p_sources text[]) returns jsonb language sql stable as $$
  with crossing as (
    select case
        when m.from_bucket in ('supplier', 'inbound') then 'received'
        when m.from_bucket = 'customer' then 'returned'
        when m.from_bucket = 'adjustment' then 'found'
        when m.to_bucket in ('supplier', 'inbound') then 'returnedToSupplier'
        when m.to_bucket = 'customer' then 'shipped'
        when m.from_bucket in ('on-hand', 'reserved', 'picked') then 'writtenOff'
        else 'scrapped' end as kind,
      m.source_ref is not null and split_part(m.source_ref, ':', 1) = any (p_sources) as own,
      sum(m.quantity)::bigint as units
    from ledger.stock_move m
    where (m.from_bucket in ('supplier', 'inbound', 'customer', 'adjustment'))
      <> (m.to_bucket in ('supplier', 'inbound', 'customer', 'adjustment'))
    group by 1, 2
  ), units as (
    select c.kind, sum(c.units)::bigint as all_units, coalesce(sum(c.units) filter (where c.own), 0)::bigint as own_units
    from crossing c group by 1
  ), figure as (
    select jsonb_object_agg(u.kind, jsonb_build_object('all', u.all_units, 'own', u.own_units)) as of from units u
  )
  select jsonb_build_object(
    'unitsReceived', coalesce((f.of -> 'received' ->> 'all')::bigint, 0),
    'unitsShipped', coalesce((f.of -> 'shipped' ->> 'own')::bigint, 0),
    'unitsCancelledBeforeShipment', (
      select coalesce(sum(l.cancelled), 0)::bigint from ledger.order_line l
      where l.kind = 'goods' and l.source_ref is not null and split_part(l.source_ref, ':', 1) = any (p_sources)),
    'unitsReturned', coalesce((f.of -> 'returned' ->> 'own')::bigint, 0),
    'unitsFound', coalesce((f.of -> 'found' ->> 'own')::bigint, 0),
    'unitsWrittenOff', coalesce((f.of -> 'writtenOff' ->> 'own')::bigint, 0),
    'unitsWriteOffShort', (
      select coalesce(sum(a.short), 0)::bigint from ledger.stock_adjustment a
      where ledger.of_sources(a.source_ref, p_sources)),
    'unitsScrapped', coalesce((f.of -> 'scrapped' ->> 'all')::bigint, 0),
    'unitsReturnedToSupplier', coalesce((f.of -> 'returnedToSupplier' ->> 'all')::bigint, 0),
    'unitsLeft', (
      select coalesce(sum(b.quantity), 0)::bigint from ledger.stock_balance b where b.bucket <> 'inbound'),
    'unitsCarriedIn', (
      select coalesce(sum((u.all_units - u.own_units) * case when u.kind in ('returned', 'found') then 1 else -1 end), 0)::bigint
      from units u where u.kind in ('returned', 'found', 'shipped', 'writtenOff')))
  from figure f
$$;

-- Orders with a row of the sources, and everything else by state over the whole ledger.
create or replace function ledger.trade_states(p_sources text[]) returns jsonb language sql stable as $$
  with own as (
    select o.state, count(*) as count from ledger.orders o
    where o.order_id in (
      select l.order_id from ledger.order_line l
      where l.source_ref is not null and split_part(l.source_ref, ':', 1) = any (p_sources))
    group by 1
  )
  select jsonb_build_object(
    'orders', (select jsonb_build_object(
      'accepted', coalesce(sum(o.count) filter (where o.state <> 'rejected'), 0),
      'completed', coalesce(sum(o.count) filter (where o.state = 'completed'), 0),
      'cancelled', coalesce(sum(o.count) filter (where o.state = 'cancelled'), 0),
      'waiting', coalesce(sum(o.count) filter (where o.state in ('accepted', 'released')), 0)) from own o),
    'returns', (select coalesce(jsonb_object_agg(s.state, s.count), '{}')
      from (select r.state, count(*) as count from ledger.returns r group by 1) s),
    'purchaseOrders', (select coalesce(jsonb_object_agg(s.state, s.count), '{}')
      from (select p.state, count(*) as count from ledger.purchase_order p group by 1) s),
    'approvals', (select coalesce(jsonb_object_agg(s.state, s.count), '{}')
      from (select a.state, count(*) as count from ledger.approval a group by 1) s),
    'exceptions', (select coalesce(jsonb_object_agg(s.state, s.count), '{}')
      from (select e.state, count(*) as count from ledger.exception e group by 1) s))
$$;
