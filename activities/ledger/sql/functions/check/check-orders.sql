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
  ), line as (
    select order_id, line_no, l.reserved, l.backordered, l.shipped, l.returned,
      coalesce(r.quantity, 0) as r, coalesce(w.quantity, 0) as w, coalesce(s.quantity, 0) as s, coalesce(b.quantity, 0) as b
    from ledger.order_line l
    left join reserved r using (order_id, line_no)
    left join waiting w using (order_id, line_no)
    left join shipped s using (order_id, line_no)
    left join brought_back b using (order_id, line_no)
    where l.kind = 'goods'
  )
  select d.kind, concat(d.order_id, ' line ', d.line_no), d.expected::text, d.actual::text,
    jsonb_build_object('orderId', d.order_id, 'lineNo', d.line_no)
  from line l
  cross join lateral (values
    ('order-reserved', l.order_id, l.line_no, l.r, l.reserved),
    ('order-backordered', l.order_id, l.line_no, l.w, l.backordered),
    ('order-shipped', l.order_id, l.line_no, l.s, l.shipped),
    ('order-returned', l.order_id, l.line_no, l.b, l.returned)) d(kind, order_id, line_no, expected, actual)
  where d.expected <> d.actual

  union all
  -- What waits, is held or has left must belong to a line.
  select 'order-line-missing', concat(o.order_id, ' line ', o.line_no), '0', o.quantity::text,
    jsonb_build_object('orderId', o.order_id, 'lineNo', o.line_no, 'found', o.found)
  from (
    select w.order_id, w.line_no, w.quantity, 'backorder' as found from waiting w
    union all select s.order_id, s.line_no, s.quantity, 'shipped' from shipped s where s.order_id like 'order:%'
    union all select r.order_id, r.line_no, r.quantity, 'reservation' from reserved r where r.order_id like 'order:%') o
  where not exists (
    select from ledger.order_line l where l.order_id = o.order_id and l.line_no = o.line_no and l.kind = 'goods')

  union all
  select 'backorder-owner', concat(b.order_id, ' line ', b.line_no), '0', b.quantity::text,
    jsonb_build_object('orderId', b.order_id, 'lineNo', b.line_no, 'state', o.state)
  from ledger.backorder b left join ledger.orders o using (order_id)
  where b.quantity > 0 and coalesce(o.state, '') not in ('accepted', 'released')
$$;
