-- Balances against moves, availability against balances, reservations against reserved units.
create or replace function ledger.check_stock()
returns table (kind text, id text, expected text, actual text, detail jsonb) language sql stable as $$
  with moved as (
    select d.sku, d.node, d.bucket, d.lot, sum(d.quantity)::bigint as quantity
    -- Summed up before they are told apart: there are far more moves than ways between buckets.
    from (
      select n.sku, n.node, n.lot, n.from_bucket, n.to_bucket, sum(n.quantity) as quantity
      from ledger.stock_move n group by 1, 2, 3, 4, 5) m
    cross join lateral (values
      (m.sku, m.node, m.from_bucket, m.lot, -m.quantity),
      (m.sku, m.node, m.to_bucket, m.lot, m.quantity)) d(sku, node, bucket, lot, quantity)
    where d.bucket not in ('supplier', 'customer', 'adjustment')
    group by 1, 2, 3, 4
  )
  select 'stock-balance', concat_ws(' ', sku, node, bucket, nullif(lot, '')), coalesce(m.quantity, 0)::text,
    coalesce(b.quantity, 0)::text, jsonb_build_object('sku', sku, 'node', node, 'bucket', bucket, 'lot', lot)
  from moved m full join ledger.stock_balance b using (sku, node, bucket, lot)
  where coalesce(m.quantity, 0) <> coalesce(b.quantity, 0)

  union all
  select 'availability', concat_ws(' ', i.sku, i.node), coalesce(b.quantity, 0)::text, i.available::text,
    jsonb_build_object('sku', i.sku, 'node', i.node)
  from ledger.stock_item i
  left join (select s.sku, s.node, sum(s.quantity)::bigint as quantity from ledger.stock_balance s
             where s.bucket = 'on-hand' group by 1, 2) b on b.sku = i.sku and b.node = i.node
  where i.available <> coalesce(b.quantity, 0)

  union all
  select 'reservation', concat_ws(' ', sku, node, nullif(lot, '')), coalesce(b.quantity, 0)::text,
    coalesce(r.quantity, 0)::text, jsonb_build_object('sku', sku, 'node', node, 'lot', lot)
  from (select s.sku, s.node, s.lot, s.quantity from ledger.stock_balance s where s.bucket = 'reserved') b
  full join (select n.sku, n.node, n.lot, sum(n.quantity)::bigint as quantity from ledger.reservation n
             where n.quantity > 0 group by 1, 2, 3) r using (sku, node, lot)
  where coalesce(b.quantity, 0) <> coalesce(r.quantity, 0)

  union all
  -- Whatever is reserved is reserved for somebody who still wants it.
  select 'reservation-owner', concat_ws(' ', r.owner_id, r.line_no, r.sku, r.node), '0', r.quantity::text,
    jsonb_build_object('ownerId', r.owner_id, 'lineNo', r.line_no, 'state', coalesce(o.state, h.state))
  from ledger.reservation r
  left join ledger.orders o on o.order_id = r.owner_id
  left join ledger.stock_hold h on 'hold:' || h.hold_id = r.owner_id
  where r.quantity > 0 and coalesce(o.state, '') not in ('accepted', 'released') and coalesce(h.state, '') <> 'held'

  union all
  select 'reservation-shipment', concat_ws(' ', owner_id, line_no, node, nullif(lot, '')),
    coalesce(s.quantity, 0)::text, coalesce(r.quantity, 0)::text,
    jsonb_build_object('ownerId', owner_id, 'lineNo', line_no, 'node', node, 'lot', lot)
  from (select n.owner_id, n.line_no, n.node, n.lot, n.on_shipment as quantity from ledger.reservation n
        where n.quantity > 0 and n.on_shipment > 0) r
  full join (
    select p.order_id as owner_id, l.line_no, p.node, l.lot, sum(l.quantity - l.dispatched)::bigint as quantity
    from ledger.shipment p join ledger.shipment_line l using (shipment_id)
    where p.state = 'released' group by 1, 2, 3, 4) s using (owner_id, line_no, node, lot)
  where coalesce(s.quantity, 0) <> coalesce(r.quantity, 0)
$$;
