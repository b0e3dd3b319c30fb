-- Writes orders as they are placed, but for the stock: lines, backorders, payments, processes. Answers each
-- order's first answer, by its id. Only arrays are joined here, and never row by row.
create or replace function ledger.record_orders(
  p_orders ledger.incoming_order[], p_lines ledger.incoming_line[],
  p_allocations ledger.allocation[], p_backorders ledger.allocation[]
) returns jsonb language plpgsql set enable_nestloop = off as $$
declare
  v_placed ledger.placed_order[] := ledger.placed_orders(p_orders, p_lines, p_allocations, p_backorders);
  v_now timestamptz := clock_timestamp();
  v_recorded_at text := ledger.instant_text(v_now);
  v_results jsonb;
begin
  insert into ledger.orders (order_id, channel, external_id, class, customer_id, currency, ship_to, state,
    screening, total_minor, charges_due, policy_versions, priority, placed_at, recorded_at, promised_dispatch_at)
  select o.order_id, o.channel, o.external_id, o.class, o.customer_id, o.currency, o.ship_to, p.outcome,
    o.screening, o.total_minor,
    p.outcome = 'accepted' and o.pos in (select l.pos from unnest(p_lines) l where l.kind <> 'goods'),
    o.policy_versions, o.priority, o.placed_at, v_now, ledger.kept_promise(p, o)
  from unnest(v_placed) p join unnest(p_orders) o using (pos)
  order by o.pos;

  insert into ledger.order_line (order_id, line_no, external_line_id, kind, code, node, quantity, unit_price,
    amount_minor, below_minor, tax_minor, discount_minor, source_ref, customer_id, placed_at, reserved, backordered, short)
  select p.order_id, l.line_no, l.external_line_id, l.kind, l.code, coalesce(a.node, b.node), l.quantity,
    l.unit_price, l.amount_minor, l.below_minor, l.tax_minor, l.discount_minor, l.source_ref, o.customer_id,
    o.placed_at, coalesce(a.quantity, 0), coalesce(b.quantity, 0),
    case when p.outcome = 'rejected' then l.quantity else 0 end
  from unnest(v_placed) p
  join unnest(p_orders) o using (pos)
  join unnest(p_lines) l using (pos)
  left join (select owner_id, line_no, min(node) as node, sum(quantity)::bigint as quantity
             from unnest(p_allocations) group by 1, 2) a on a.owner_id = p.order_id and a.line_no = l.line_no
  left join unnest(p_backorders) b on b.owner_id = p.order_id and b.line_no = l.line_no;

  insert into ledger.backorder (order_id, line_no, sku, node, quantity, priority, queued_at, source_ref)
  select b.owner_id, b.line_no, b.sku, b.node, b.quantity, o.priority, o.placed_at, b.source_ref
  from unnest(p_backorders) with ordinality b(owner_id, line_no, sku, node, quantity, source_ref, position)
  join unnest(p_orders) o on o.order_id = b.owner_id
  order by b.position;

  perform ledger.record_payments(p_orders, v_placed);
  insert into ledger.process (process_id, kind, state, attributes)
  select p.order_id, 'order', 'pending', jsonb_strip_nulls(jsonb_build_object(
    'Channel', o.channel, 'OrderStatus', p.outcome, 'Node', p.node))
  from unnest(v_placed) p join unnest(p_orders) o using (pos)
  where p.outcome = 'accepted' or ledger.gives_back(p.outcome, o.payment)
  order by p.order_id;
  insert into ledger.timeline (subject_id, event, actor, reason, detail, occurred_at)
  select p.order_id, 'order-' || p.outcome, o.actor,
    case when p.outcome = 'rejected' then 'not enough stock, and this channel does not wait' end,
    jsonb_build_object('totalMinor', o.total_minor::text, 'currency', o.currency, 'reserved', p.reserved,
      'backordered', p.backordered), o.placed_at
  from unnest(v_placed) p join unnest(p_orders) o using (pos);
  with answered as (
    insert into ledger.step (key, subject_id, request_hash, result)
    select p.order_id || ':accept', p.order_id, o.payload_hash, jsonb_build_object('outcome', p.outcome,
        'placedAt', ledger.instant_text(o.placed_at), 'recordedAt', v_recorded_at,
        'promisedDispatchAt', ledger.instant_text(ledger.kept_promise(p, o)),
        'allocations', p.allocations, 'backorders', p.backorders)
      || case when ledger.gives_back(p.outcome, o.payment) then '{"givesBack": true}' else '{}' end::jsonb
    from unnest(v_placed) p join unnest(p_orders) o using (pos)
    returning subject_id, result
  )
  select jsonb_object_agg(subject_id, result) into v_results from answered;
  return v_results;
end $$;

-- By when an order leaves for which everything is there; of goods that are waited for nobody can say.
create or replace function ledger.kept_promise(p_placed ledger.placed_order, p_order ledger.incoming_order)
returns timestamptz language sql immutable as $$
  select case when p_placed.outcome = 'accepted' and p_placed.backordered = 0 then p_order.promised_dispatch_at end
$$;

-- Whether an order is refused that its channel had taken money for: its process gives that back.
create or replace function ledger.gives_back(p_outcome text, p_payment jsonb) returns boolean language sql immutable as $$
  select p_outcome = 'rejected' and coalesce(p_payment ->> 'status', 'none') <> 'none'
$$;

-- The payments that orders came with: asked for, authorized, or captured before the invoice (a deposit).
-- A refused order is not asked to pay; what was taken for it already is here until it is given back.
create or replace function ledger.record_payments(p_orders ledger.incoming_order[], p_placed ledger.placed_order[])
returns void language plpgsql as $$
begin
  insert into ledger.payment (payment_id, order_id, provider, token, reference, currency, state, requested_minor,
    authorized_minor, captured_minor, deposit_minor)
  select 'payment:' || p.order_id || ':1', p.order_id, o.payment ->> 'provider', o.payment ->> 'token',
    o.payment ->> 'reference', o.currency, case s.status when 'none' then 'due' else 'authorized' end, s.minor,
    case when s.status <> 'none' then s.minor else 0 end,
    case when s.status = 'captured' then s.minor else 0 end,
    case when s.status = 'captured' then s.minor else 0 end
  from unnest(p_placed) p join unnest(p_orders) o using (pos)
  cross join lateral (select o.payment ->> 'status' as status, (o.payment ->> 'requestedMinor')::bigint as minor) s
  where o.payment is not null and (p.outcome = 'accepted' or ledger.gives_back(p.outcome, o.payment));

  perform ledger.post('payment:' || p.order_id || ':1:deposit', 'captured-before-invoice', 'payment-clearing',
    'customer-deposits', o.currency, (o.payment ->> 'requestedMinor')::bigint, p.order_id, o.placed_at,
    p_payment_id => 'payment:' || p.order_id || ':1')
  from unnest(p_placed) p join unnest(p_orders) o using (pos)
  where o.payment ->> 'status' = 'captured';
end $$;
