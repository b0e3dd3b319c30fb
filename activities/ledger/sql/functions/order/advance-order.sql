-- Carries an order as far as the ledger alone can: releases what is reserved to the nodes, posts charges
-- that no shipment will bring, sets the next deadline, ends the order when nothing is left. Converges:
-- doing it again changes nothing. The caller holds the order's lock.
create or replace function ledger.advance_order(p_order text, p_occurrence text) returns jsonb
language plpgsql as $$
declare v_order ledger.orders; v_at timestamptz;
begin
  select * into v_order from ledger.orders where order_id = p_order;
  if v_order.state = 'rejected' then perform ledger.advance_rejected_order(p_order, p_occurrence); end if;
  if v_order.state not in ('accepted', 'released') then return ledger.order_progress(p_order); end if;
  v_at := ledger.business_time(p_order);
  perform ledger.apply_order_resolutions(p_order, v_at);
  if ledger.order_is_clear(p_order) then
    perform ledger.release_shipments(p_order, v_at);
  end if;
  if not exists (select from ledger.order_line l where l.order_id = p_order and l.kind = 'goods'
                   and l.shipped + l.cancelled + l.short < l.quantity)
     and (ledger.order_is_clear(p_order)) then
    perform ledger.invoice_charges(p_order, p_order || ':charges', v_at);
  end if;
  if ledger.order_at_rest(p_order) and ledger.order_give_back(p_order) is null then
    perform ledger.end_order(p_order, v_at);
  else
    perform ledger.set_order_dues(p_order, p_occurrence, v_at);
  end if;
  return ledger.order_progress(p_order);
end $$;

-- A refused order stays as it is, but its process lives until what was paid for it is given back.
create or replace function ledger.advance_rejected_order(p_order text, p_occurrence text) returns void
language plpgsql as $$
begin
  perform ledger.apply_order_resolutions(p_order, ledger.business_time(p_order));
  if ledger.order_give_back(p_order) is null then
    perform ledger.meet_due(p_order);
    perform ledger.end_process(p_order);
  else
    perform ledger.set_order_dues(p_order, p_occurrence, ledger.business_time(p_order));
  end if;
end $$;

-- Nothing holds the order back any more: screened, paid or promised, no open hold.
create or replace function ledger.order_is_clear(p_order text) returns boolean language sql stable as $$
  select (o.screening = '{}' or o.state = 'released')
    and not exists (select from ledger.order_hold h where h.order_id = o.order_id and h.cleared_at is null)
    and not exists (select from ledger.payment p where p.order_id = o.order_id and p.state <> 'authorized')
  from ledger.orders o where o.order_id = p_order
$$;

-- One shipment per node for what is reserved there and stands on none yet. The order's lock keeps
-- cancellations and dispatches away; a receipt may add to a reservation meanwhile, so what goes on the
-- shipment is read off the very update that marks it.
create or replace function ledger.release_shipments(p_order text, p_at timestamptz) returns void
language plpgsql as $$
declare v_node text; v_id text; v_count integer;
begin
  perform from ledger.reservation where owner_id = p_order and quantity > on_shipment
  order by owner_id, line_no, node, lot for no key update;
  select count(*) into v_count from ledger.shipment where order_id = p_order;
  for v_node in select distinct node from ledger.reservation
    where owner_id = p_order and quantity > on_shipment order by node
  loop
    v_count := v_count + 1;
    v_id := 'shipment:' || substr(p_order, length('order:') + 1) || ':' || v_count;
    insert into ledger.shipment (shipment_id, order_id, node, state, released_at)
    values (v_id, p_order, v_node, 'released', p_at);
    with marked as (
      update ledger.reservation r set on_shipment = r.quantity
      where r.owner_id = p_order and r.node = v_node and r.quantity > r.on_shipment
      returning new.line_no, new.lot, new.sku, new.on_shipment - old.on_shipment as units
    )
    insert into ledger.shipment_line (shipment_id, line_no, lot, sku, quantity)
    select v_id, m.line_no, m.lot, m.sku, m.units from marked m;
    perform ledger.note(p_order, 'shipment-released', 'loopline', p_at, v_id, null, jsonb_build_object('node', v_node));
  end loop;
  update ledger.orders set state = 'released' where order_id = p_order and state = 'accepted';
end $$;

-- One deadline each for stock that is waited for and for shipments that stand at the warehouse.
create or replace function ledger.set_order_dues(p_order text, p_occurrence text, p_at timestamptz) returns void
language plpgsql as $$
declare v_policy jsonb := ledger.order_policy(p_order, 'sourcing');
begin
  if exists (select from ledger.order_line where order_id = p_order and backordered > 0) then
    if not exists (select from ledger.due where subject_id = p_order and kind = 'stock' and state in ('open', 'reached')) then
      perform ledger.set_due(p_order, p_order, 'stock', 'escalate',
        p_at + ledger.policy_hours(v_policy, 'backorderHours'), p_occurrence);
    end if;
  else
    perform ledger.meet_due(p_order, 'stock');
    perform ledger.heal_exception('stock-short', p_order, '', p_at);
  end if;
  if exists (select from ledger.shipment where order_id = p_order and state = 'released') then
    if not exists (select from ledger.due where subject_id = p_order and kind = 'dispatch' and state in ('open', 'reached')) then
      perform ledger.set_due(p_order, p_order, 'dispatch', 'escalate',
        p_at + ledger.policy_hours(v_policy, 'dispatchHours'), p_occurrence);
    end if;
  else
    perform ledger.meet_due(p_order, 'dispatch');
    perform ledger.heal_exception('carrier', p_order, 'dispatch', p_at);
  end if;
  -- Whatever else an order waits for (a person, a provider), it is looked at again and never forgotten.
  if not exists (select from ledger.due where subject_id = p_order and state in ('open', 'reached')) then
    perform ledger.set_due(p_order, p_order, 'attention', 'remind',
      p_at + ledger.policy_hours(v_policy, 'dispatchHours'), p_occurrence);
  end if;
end $$;

create or replace function ledger.end_order(p_order text, p_at timestamptz) returns void language plpgsql as $$
declare v_state text;
begin
  v_state := case when exists (select from ledger.order_line where order_id = p_order and shipped > 0)
    then 'completed' else 'cancelled' end;
  update ledger.orders set state = v_state, ended_at = p_at where order_id = p_order;
  update ledger.order_hold set cleared_at = p_at where order_id = p_order and cleared_at is null;
  perform ledger.meet_due(p_order);
  perform ledger.heal_exception('stock-short', p_order, '', p_at);
  perform ledger.heal_exception('carrier', p_order, 'dispatch', p_at);
  perform ledger.heal_exception('fraud', p_order, '', p_at);
  perform ledger.heal_exception('address', p_order, '', p_at);
  perform ledger.heal_exception('payment', p_order, 'authorization', p_at);
  perform ledger.note(p_order, 'order-' || v_state, 'loopline', p_at);
  perform ledger.end_process(p_order);
end $$;

-- Carries out what people decided on this order's exceptions, each once.
create or replace function ledger.apply_order_resolutions(p_order text, p_at timestamptz) returns void
language plpgsql as $$
declare v_row ledger.exception; v_order ledger.orders;
begin
  for v_row in
    select e.* from ledger.exception e
    where e.subject_id = p_order and e.state = 'resolved'
      and (e.resolution in ('release', 'retry', 'cancel-order', 'accept-short')
        or (e.resolution = 'accept' and e.kind = 'compensation-failed'))
      and not exists (select from ledger.step s where s.key = p_order || ':resolution:' || ledger.occurrence_of(e))
    order by e.recorded_at
  loop
    if v_row.resolution = 'release' then
      update ledger.order_hold set cleared_at = p_at where order_id = p_order and hold = v_row.kind and cleared_at is null;
      perform ledger.meet_due(p_order, v_row.kind);
    elsif v_row.resolution = 'retry' and v_row.kind in ('payment', 'capture-failed') then
      -- A capture that never had an authorization needs one first.
      update ledger.payment set state = 'due', attempt = ledger.occurrence_of(v_row)
      where order_id = p_order and state = 'declined';
      if found then
        update ledger.order_hold set cleared_at = p_at where order_id = p_order and hold = 'payment' and cleared_at is null;
        perform ledger.meet_due(p_order, 'payment');
      else
        -- The buyer can still pass the challenge, and has the whole time for it again.
        perform ledger.set_payment_due(p_order, p_at, ledger.occurrence_of(v_row))
        from ledger.payment where order_id = p_order and state = 'challenged';
      end if;
      update ledger.capture c set state = 'due', failure = null
      where c.capture_id = v_row.evidence ->> 'captureId' and c.state = 'failed' and v_row.evidence ->> 'outcome' = 'unknown';
      insert into ledger.capture (capture_id, payment_id, order_id, amount_minor, state, occurred_at)
      select regexp_replace(capture_id, ':retry:.*$', '') || ':retry:' || ledger.occurrence_of(v_row), payment_id, order_id, amount_minor, 'due', p_at
      from ledger.capture where capture_id = v_row.evidence ->> 'captureId' and state = 'failed'
      on conflict do nothing;
    elsif v_row.resolution in ('cancel-order', 'accept-short') then
      select * into v_order from ledger.orders where order_id = p_order;
      perform ledger.cancel_lines(v_order,
        case v_row.resolution when 'accept-short' then ledger.backordered_lines(p_order) end,
        p_order || ':cancel:' || ledger.occurrence_of(v_row), p_at, coalesce(v_row.resolved_by, 'loopline'), v_row.kind);
    elsif v_row.kind = 'compensation-failed' then
      perform ledger.resume_give_back(v_row);
    end if;
    perform ledger.trace(p_order, p_at);
    perform ledger.store_step(p_order || ':resolution:' || ledger.occurrence_of(v_row), p_order, '{}', '{}');
  end loop;
end $$;

-- What the order still waits for, as cancel_lines takes it.
create or replace function ledger.backordered_lines(p_order text) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('lineNo', line_no, 'quantity', backordered)), '[]')
  from ledger.order_line where order_id = p_order and backordered > 0
$$;
