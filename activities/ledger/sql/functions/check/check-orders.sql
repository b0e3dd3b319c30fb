-- What order lines say of their units against reservations, backorders and moves.
create or replace function ledger.check_orders()
returns table (kind text, id text, expected text, actual text, detail jsonb) language sql stable as $$
  with reserved as (
    select r.owner_id as order_id, r.line_no, sum(r.quantity)::bigint as quantity
    from ledger.reservation r where r.quantity > 0 group by 1, 2
  ), waiting as (
    select b.order_id, b.line_no, sum(b.quantity)::bigint as quantity
    from ledger.backorder b where b.quantity > 0 group by 1, 2
  ), shipped as (
    select m.subject_id as order_id, m.line_no, sum(m.quantity)::bigint as quantity
    from ledger.stock_move m where m.to_bucket = 'customer' group by 1, 2
  ), brought_back as (
    select r.order_id, r.order_line_no as line_no, sum(r.received)::bigint as quantity
    from ledger.return_line r where r.cover = 'sale' and r.kind = 'goods' group by 1, 2
  ), unit as (
    -- What waits, is held or has left, by line; nearly every line has something of one kind.
    select order_id, line_no, coalesce(s.quantity, 0) as s, coalesce(r.quantity, 0) as r, coalesce(w.quantity, 0) as w
    from shipped s
    full join reserved r using (order_id, line_no)
    full join waiting w using (order_id, line_no)
  ), line as (
    select order_id, line_no, l.order_id is not null as known, coalesce(l.reserved, 0) as reserved,
      coalesce(l.backordered, 0) as backordered, coalesce(l.shipped, 0) as shipped, coalesce(l.returned, 0) as returned,
      coalesce(u.r, 0) as r, coalesce(u.w, 0) as w, coalesce(u.s, 0) as s, coalesce(b.quantity, 0) as b
    from (select n.order_id, n.line_no, n.reserved, n.backordered, n.shipped, n.returned
          from ledger.order_line n where n.kind = 'goods') l
    full join unit u using (order_id, line_no)
    left join brought_back b using (order_id, line_no)
  ), different as materialized (
    select * from line l where not l.known or (l.r, l.w, l.s, l.b) <> (l.reserved, l.backordered, l.shipped, l.returned)
  )
  select d.kind, concat(l.order_id, ' line ', l.line_no), d.expected::text, d.actual::text,
    jsonb_build_object('orderId', l.order_id, 'lineNo', l.line_no)
  from different l
  cross join lateral (values
    ('order-reserved', l.r, l.reserved),
    ('order-backordered', l.w, l.backordered),
    ('order-shipped', l.s, l.shipped),
    ('order-returned', l.b, l.returned)) d(kind, expected, actual)
  where l.known and d.expected <> d.actual

  union all
  -- What waits, is held or has left must belong to a line.
  select 'order-line-missing', concat(l.order_id, ' line ', l.line_no), '0', o.quantity::text,
    jsonb_build_object('orderId', l.order_id, 'lineNo', l.line_no, 'found', o.found)
  from different l
  cross join lateral (values ('backorder', l.w), ('shipped', l.s), ('reservation', l.r)) o(found, quantity)
  where not l.known and o.quantity > 0 and (o.found = 'backorder' or l.order_id like 'order:%')

  union all
  select 'backorder-owner', concat(b.order_id, ' line ', b.line_no), '0', b.quantity::text,
    jsonb_build_object('orderId', b.order_id, 'lineNo', b.line_no, 'state', o.state)
  from ledger.backorder b left join ledger.orders o using (order_id)
  where b.quantity > 0 and coalesce(o.state, '') not in ('accepted', 'released')
$$;
