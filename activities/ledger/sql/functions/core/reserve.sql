-- Turns units on hand into reserved ones, lot by lot in the order of their names, for allocations
-- that are known to fit. The caller holds the items' locks. Allocations are served in array order.
create or replace function ledger.reserve(
  p_allocations ledger.allocation[], p_event text, p_key text, p_occurred_at timestamptz
) returns void language plpgsql as $$
declare v_moves ledger.movement[];
begin
  with wanted as (
    select a.*, sum(a.quantity) over w - a.quantity as low, sum(a.quantity) over w as high
    from unnest(p_allocations) with ordinality
      a(owner_id, line_no, sku, node, quantity, source_ref, position)
    window w as (partition by a.sku, a.node order by a.position)
  ), lots as (
    select b.sku, b.node, b.lot, sum(b.quantity) over w - b.quantity as low, sum(b.quantity) over w as high
    from ledger.stock_balance b
    where b.bucket = 'on-hand' and b.quantity > 0
      and (b.sku, b.node) in (select a.sku, a.node from unnest(p_allocations) a)
    window w as (partition by b.sku, b.node order by b.lot)
  )
  select array_agg((w.sku, w.node, l.lot, 'on-hand', 'reserved',
           least(w.high, l.high) - greatest(w.low, l.low), w.owner_id, w.line_no, w.source_ref)::ledger.movement
           order by w.position, l.lot)
  into v_moves
  from wanted w join lots l on l.sku = w.sku and l.node = w.node and w.low < l.high and l.low < w.high;

  perform ledger.move_stock(v_moves, p_event, p_key, p_occurred_at);

  insert into ledger.reservation as r (owner_id, line_no, sku, node, lot, quantity)
  select m.subject_id, m.line_no, m.sku, m.node, m.lot, sum(m.quantity)
  from unnest(v_moves) m group by 1, 2, 3, 4, 5 order by 1, 2, 4, 5
  on conflict (owner_id, line_no, node, lot) do update set quantity = r.quantity + excluded.quantity;
end $$;

-- Gives what is on hand to the orders that wait for it, and tells their processes. Everybody who
-- brings units on hand calls this in the same statement, with the items' locks held.
create or replace function ledger.allocate_backorders(
  p_skus text[], p_nodes text[], p_key text, p_occurred_at timestamptz
) returns bigint language plpgsql as $$
declare v_given ledger.allocation[]; v_units bigint;
begin
  with queue as (
    select b.order_id, b.line_no, b.sku, b.node, b.quantity, b.source_ref, i.available,
      sum(b.quantity) over (partition by b.sku, b.node order by b.priority, b.queued_at, b.sequence) - b.quantity as before
    from ledger.backorder b join ledger.stock_item i using (sku, node)
    where b.quantity > 0 and i.available > 0
      and (b.sku, b.node) in (select distinct u.sku, u.node from unnest(p_skus, p_nodes) u(sku, node))
  )
  select array_agg((q.order_id, q.line_no, q.sku, q.node, least(q.quantity, q.available - q.before),
           q.source_ref)::ledger.allocation order by q.sku, q.node, q.before), sum(least(q.quantity, q.available - q.before))
  into v_given, v_units
  from queue q where q.before < q.available;
  if v_given is null then return 0; end if;

  perform ledger.reserve(v_given, 'backorder-allocated', p_key, p_occurred_at);
  update ledger.backorder b set quantity = b.quantity - g.quantity
  from unnest(v_given) g where b.order_id = g.owner_id and b.line_no = g.line_no and b.node = g.node;
  update ledger.order_line l set reserved = l.reserved + g.quantity, backordered = l.backordered - g.quantity
  from (select owner_id, line_no, sum(quantity)::bigint as quantity from unnest(v_given) group by 1, 2) g
  where l.order_id = g.owner_id and l.line_no = g.line_no;
  perform ledger.note(o.owner_id, 'backorder-allocated', 'loopline', p_occurred_at, p_key, null,
      jsonb_build_object('quantity', o.quantity)),
    ledger.signal(o.owner_id, p_key)
  from (select owner_id, sum(quantity) as quantity from unnest(v_given) group by 1 order by 1) o;
  return v_units;
end $$;
