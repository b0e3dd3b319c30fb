-- Takes units of one order line out of the order: what waits for stock first, then what is reserved,
-- then what stands on a released shipment. The caller holds the order's and the items' locks and has
-- checked that so many units are open. Freed units go to the orders that wait for them.
-- part_minor: the order's part of the amount, as a cumulative share.
create or replace function ledger.cancel_units(
  p_order text, p_line integer, p_quantity bigint, p_key text, p_occurred_at timestamptz,
  p_actor text, p_reason text, out part_minor bigint
) language plpgsql as $$
declare v_line ledger.order_line; v_left bigint := p_quantity; v_take bigint; v_row record; v_moves ledger.movement[] := '{}';
begin
  select * into v_line from ledger.order_line where order_id = p_order and line_no = p_line;
  if v_line.quantity - v_line.shipped - v_line.cancelled - v_line.short < p_quantity then
    raise exception '% of line % of % cannot be cancelled', p_quantity, p_line, p_order using errcode = 'LL500';
  end if;
  part_minor := round(v_line.amount_minor::numeric * (v_line.shipped + v_line.cancelled + p_quantity) / v_line.quantity)
    - v_line.invoiced_minor - v_line.cancelled_minor;
  if v_line.kind = 'goods' then
    for v_row in select * from ledger.backorder
      where order_id = p_order and line_no = p_line and quantity > 0 order by node
    loop
      v_take := least(v_left, v_row.quantity);
      update ledger.backorder set quantity = quantity - v_take
      where order_id = p_order and line_no = p_line and node = v_row.node;
      update ledger.order_line set backordered = backordered - v_take where order_id = p_order and line_no = p_line;
      v_left := v_left - v_take;
    end loop;
    for v_row in
      select r.sku, r.node, r.lot, part.units, part.stands_at_warehouse from ledger.reservation r
      cross join lateral (values (r.quantity - r.on_shipment, false), (r.on_shipment, true)) part(units, stands_at_warehouse)
      where r.owner_id = p_order and r.line_no = p_line and part.units > 0
      order by part.stands_at_warehouse, r.node, r.lot
    loop
      v_take := least(v_left, v_row.units);
      exit when v_take = 0;
      if v_row.stands_at_warehouse then
        perform ledger.take_off_shipments(p_order, p_line, v_row.node, v_row.lot, v_take);
      end if;
      update ledger.reservation r
      set quantity = quantity - v_take, on_shipment = on_shipment - case when v_row.stands_at_warehouse then v_take else 0 end
      where owner_id = p_order and line_no = p_line and node = v_row.node and lot = v_row.lot;
      v_moves := v_moves || (v_row.sku, v_row.node, v_row.lot, 'reserved', 'on-hand', v_take, p_order, p_line,
        v_line.source_ref)::ledger.movement;
      update ledger.order_line set reserved = reserved - v_take where order_id = p_order and line_no = p_line;
      v_left := v_left - v_take;
    end loop;
    if cardinality(v_moves) > 0 then
      perform ledger.move_stock(v_moves, 'reservation-released', p_key, p_occurred_at);
      perform ledger.allocate_backorders(array_agg(m.sku), array_agg(m.node), p_key, p_occurred_at)
      from unnest(v_moves) m;
    end if;
  end if;
  update ledger.order_line
  set cancelled = cancelled + p_quantity, cancelled_minor = cancelled_minor + part_minor
  where order_id = p_order and line_no = p_line;
  perform ledger.note(p_order, 'units-cancelled', p_actor, p_occurred_at, p_key, p_reason,
    jsonb_build_object('lineNo', p_line, 'quantity', p_quantity, 'partMinor', part_minor::text));
end $$;

-- Shrinks released shipments, newest first; one that is left empty is cancelled.
create or replace function ledger.take_off_shipments(
  p_order text, p_line integer, p_node text, p_lot text, p_quantity bigint
) returns void language plpgsql as $$
declare v_row record; v_left bigint := p_quantity; v_take bigint;
begin
  for v_row in
    select l.*, s.node from ledger.shipment_line l join ledger.shipment s using (shipment_id)
    where s.order_id = p_order and s.state = 'released' and s.node = p_node and l.line_no = p_line and l.lot = p_lot
      and l.quantity > l.dispatched
    order by s.recorded_at desc, s.shipment_id desc
  loop
    exit when v_left = 0;
    v_take := least(v_left, v_row.quantity - v_row.dispatched);
    update ledger.shipment_line set quantity = quantity - v_take
    where shipment_id = v_row.shipment_id and line_no = p_line and lot = p_lot;
    update ledger.shipment s set state = case when exists (select from ledger.dispatch d where d.shipment_id = s.shipment_id)
        then 'dispatched' else 'cancelled' end
    where s.shipment_id = v_row.shipment_id
      and not exists (select from ledger.shipment_line l where l.shipment_id = s.shipment_id and l.quantity > l.dispatched);
    v_left := v_left - v_take;
  end loop;
end $$;
