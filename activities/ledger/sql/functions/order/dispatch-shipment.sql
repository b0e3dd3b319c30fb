-- The warehouse has sent goods: stock leaves, the invoice is posted with cost of goods sold, and what is to
-- be captured becomes due. Idempotency key: <shipment id>:dispatch:<dispatchId>.
-- request { shipmentId, dispatchId, occurredAt, lines: [{ lineNo, quantity, lot? }], carrier?, trackingNumber?, actor }
-- Answers { applied, state, invoiceNumber, amountMinor } or applied false with the reason.
create or replace function loopline.dispatch_shipment(request jsonb) returns jsonb language plpgsql as $$
declare
  v_order text; v_shipment ledger.shipment; v_key text; v_content jsonb := request - 'actor' - 'at'; v_stored jsonb;
  v_moves ledger.movement[]; v_reason text;
begin
  select order_id into v_order from ledger.shipment where shipment_id = request ->> 'shipmentId';
  if not found then perform ledger.fail_not_found('Shipment', request ->> 'shipmentId'); end if;
  perform from ledger.orders where order_id = v_order for no key update;
  select * into v_shipment from ledger.shipment where shipment_id = request ->> 'shipmentId';
  v_key := v_shipment.shipment_id || ':dispatch:' || (request ->> 'dispatchId');
  v_stored := ledger.stored_step(v_key, v_content);
  if v_stored is not null then return v_stored || '{"replayed": true}'; end if;
  if (request ->> 'occurredAt')::timestamptz < (select placed_at from ledger.orders where order_id = v_order) then
    perform ledger.fail_invalid('occurredAt', format('lies before %s was placed', v_order));
  end if;
  v_reason := ledger.dispatch_refusal(v_shipment, request -> 'lines');
  if v_reason is not null then
    return jsonb_build_object('applied', false, 'state', v_shipment.state, 'reason', v_reason);
  end if;
  perform ledger.lock_items(array_agg(l.sku), array_agg(v_shipment.node)) from ledger.shipment_line l
  where l.shipment_id = v_shipment.shipment_id
    and l.line_no in (select (n ->> 'lineNo')::integer from jsonb_array_elements(request -> 'lines') n);
  v_moves := ledger.dispatch_moves(v_shipment, request -> 'lines');
  perform ledger.move_stock(v_moves, 'dispatched', v_key, ledger.fact_time(request, v_order));
  return ledger.store_step(v_key, v_order, v_content, ledger.invoice_dispatch(v_shipment, v_moves, v_key, request));
end $$;

-- Why the goods named cannot have left on this shipment; null when they can.
create or replace function ledger.dispatch_refusal(p_shipment ledger.shipment, p_lines jsonb) returns text
language sql stable as $$
  select case when p_shipment.state <> 'released' then 'the shipment is ' || p_shipment.state
    else (select format('line %s has %s open units on this shipment', n.line_no, coalesce(o.open, 0))
      from (select (l ->> 'lineNo')::integer as line_no, l ->> 'lot' as lot, sum((l ->> 'quantity')::bigint) as quantity
            from jsonb_array_elements(p_lines) l group by 1, 2) n
      left join lateral (select sum(s.quantity - s.dispatched) as open from ledger.shipment_line s
        where s.shipment_id = p_shipment.shipment_id and s.line_no = n.line_no and (n.lot is null or s.lot = n.lot)) o on true
      where coalesce(o.open, 0) < n.quantity limit 1) end
$$;

-- Takes the named units off the shipment's lots and the reservations; answers the moves to the customer.
create or replace function ledger.dispatch_moves(p_shipment ledger.shipment, p_lines jsonb) returns ledger.movement[]
language plpgsql as $$
declare v_moves ledger.movement[];
begin
  with wanted as (
    select (l ->> 'lineNo')::integer as line_no, l ->> 'lot' as lot, sum((l ->> 'quantity')::bigint) as quantity
    from jsonb_array_elements(p_lines) l group by 1, 2
  ), open as (
    select s.*, s.quantity - s.dispatched as open, w.quantity as wanted,
      sum(s.quantity - s.dispatched) over (partition by s.line_no, w.lot order by s.lot) - (s.quantity - s.dispatched) as before
    from ledger.shipment_line s join wanted w on w.line_no = s.line_no and (w.lot is null or w.lot = s.lot)
    where s.shipment_id = p_shipment.shipment_id and s.quantity > s.dispatched
  )
  select array_agg((o.sku, p_shipment.node, o.lot, 'reserved', 'customer', least(o.open, o.wanted - o.before),
      p_shipment.order_id, o.line_no, l.source_ref)::ledger.movement order by o.line_no, o.lot)
  into v_moves
  from open o join ledger.order_line l on l.order_id = p_shipment.order_id and l.line_no = o.line_no
  where o.before < o.wanted;

  update ledger.shipment_line s set dispatched = s.dispatched + m.quantity
  from unnest(v_moves) m where s.shipment_id = p_shipment.shipment_id and s.line_no = m.line_no and s.lot = m.lot;
  update ledger.reservation r set quantity = r.quantity - m.quantity, on_shipment = r.on_shipment - m.quantity
  from unnest(v_moves) m
  where r.owner_id = p_shipment.order_id and r.line_no = m.line_no and r.node = p_shipment.node and r.lot = m.lot;
  update ledger.shipment s set state = 'dispatched'
  where s.shipment_id = p_shipment.shipment_id
    and not exists (select from ledger.shipment_line l where l.shipment_id = s.shipment_id and l.quantity > l.dispatched);
  return v_moves;
end $$;
