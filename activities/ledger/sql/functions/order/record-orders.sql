-- Writes what place_orders decided: orders, lines, reservations, backorders, payments, processes.
create or replace function ledger.record_orders(
  p_orders jsonb[], p_new integer[], p_outcomes text[],
  p_allocations ledger.allocation[], p_backorders ledger.allocation[]
) returns void language plpgsql as $$
begin
  insert into ledger.orders (order_id, channel, external_id, class, customer_id, currency, ship_to, state,
    screening, total_minor, charges_due, policy_versions, priority, placed_at)
  select o ->> 'orderId', o ->> 'channel', o ->> 'externalId', o ->> 'class', c.customer_id, o ->> 'currency',
    o -> 'shipTo', p_outcomes[n], array(select jsonb_array_elements_text(o -> 'screening')),
    (o ->> 'totalMinor')::bigint,
    p_outcomes[n] = 'accepted' and jsonb_path_exists(o, '$.lines[*] ? (@.kind != "goods")'),
    o -> 'policyVersions', (o ->> 'priority')::integer, (o ->> 'placedAt')::timestamptz
  from (select n, p_orders[n] as o from unnest(p_new) n) x
  left join ledger.customer c on c.channel = o ->> 'channel' and c.external_id = o #>> '{customer,externalId}'
  order by n;

  insert into ledger.order_line (order_id, line_no, external_line_id, kind, code, node, quantity, unit_price,
    amount_minor, below_minor, tax_minor, discount_minor, source_ref, customer_id, placed_at, reserved, backordered, short)
  select r.order_id, l.line_no, l.external_line_id, l.kind, l.code, coalesce(a.node, b.node), l.quantity,
    l.unit_price, l.amount_minor, l.below_minor, l.tax_minor, l.discount_minor, l.source_ref, r.customer_id,
    r.placed_at, coalesce(a.quantity, 0), coalesce(b.quantity, 0),
    case when p_outcomes[n] = 'rejected' then l.quantity else 0 end
  from unnest(p_new) n
  join ledger.orders r on r.order_id = p_orders[n] ->> 'orderId'
  cross join lateral (
    select (l ->> 'lineNo')::integer as line_no, l ->> 'externalLineId' as external_line_id, l ->> 'kind' as kind,
      l ->> 'code' as code, (l ->> 'quantity')::bigint as quantity, (l ->> 'unitPrice')::numeric as unit_price,
      (l ->> 'amountMinor')::bigint as amount_minor, (l ->> 'belowMinor')::numeric as below_minor,
      (l ->> 'taxMinor')::bigint as tax_minor, (l ->> 'discountMinor')::bigint as discount_minor,
      l ->> 'sourceRef' as source_ref
    from jsonb_array_elements(p_orders[n] -> 'lines') l) l
  left join (select owner_id, line_no, min(node) as node, sum(quantity)::bigint as quantity
             from unnest(p_allocations) group by 1, 2) a on a.owner_id = r.order_id and a.line_no = l.line_no
  left join unnest(p_backorders) b on b.owner_id = r.order_id and b.line_no = l.line_no;

  if cardinality(p_allocations) > 0 then
    perform ledger.reserve(p_allocations, 'order-accepted', ':accept',
      (select max((p_orders[n] ->> 'placedAt')::timestamptz) from unnest(p_new) n));
  end if;
  insert into ledger.backorder (order_id, line_no, sku, node, quantity, priority, queued_at, source_ref)
  select b.owner_id, b.line_no, b.sku, b.node, b.quantity, o.priority, o.placed_at, b.source_ref
  from unnest(p_backorders) with ordinality b(owner_id, line_no, sku, node, quantity, source_ref, pos)
  join ledger.orders o on o.order_id = b.owner_id
  order by b.pos;

  perform ledger.record_payments(p_orders, p_new, p_outcomes);
  insert into ledger.process (process_id, kind, state, attributes)
  select r.order_id, 'order', 'pending', jsonb_strip_nulls(jsonb_build_object('Channel', r.channel,
    'OrderStatus', 'accepted', 'Node', (select min(l.node) from ledger.order_line l where l.order_id = r.order_id)))
  from ledger.orders r
  where r.order_id in (select p_orders[n] ->> 'orderId' from unnest(p_new) n) and r.state = 'accepted'
  order by r.order_id;
  insert into ledger.timeline (subject_id, event, actor, reason, detail, occurred_at)
  select r.order_id, 'order-' || r.state, p_orders[n] ->> 'actor',
    case when r.state = 'rejected' then 'not enough stock, and this channel does not wait' end,
    jsonb_build_object('totalMinor', r.total_minor::text, 'currency', r.currency,
      'reserved', (select sum(reserved) from ledger.order_line l where l.order_id = r.order_id),
      'backordered', (select sum(backordered) from ledger.order_line l where l.order_id = r.order_id)), r.placed_at
  from unnest(p_new) n join ledger.orders r on r.order_id = p_orders[n] ->> 'orderId';
  insert into ledger.step (key, subject_id, request_hash, result)
  select r.order_id || ':accept', r.order_id, decode(p_orders[n] ->> 'payloadHash', 'hex'),
    jsonb_build_object('outcome', r.state, 'order', ledger.order_json(r.order_id))
  from unnest(p_new) n join ledger.orders r on r.order_id = p_orders[n] ->> 'orderId';
end $$;

-- The payment that an order came with: asked for, authorized, or captured before the invoice (a deposit).
create or replace function ledger.record_payments(p_orders jsonb[], p_new integer[], p_outcomes text[]) returns void
language plpgsql as $$
declare v_payment record;
begin
  for v_payment in
    insert into ledger.payment (payment_id, order_id, provider, token, reference, currency, state, requested_minor,
      authorized_minor, captured_minor, deposit_minor)
    select 'payment:' || (o ->> 'orderId') || ':1', o ->> 'orderId', p ->> 'provider', p ->> 'token', p ->> 'reference',
      o ->> 'currency', case p ->> 'status' when 'none' then 'due' else 'authorized' end,
      (p ->> 'requestedMinor')::bigint,
      case when p ->> 'status' <> 'none' then (p ->> 'requestedMinor')::bigint else 0 end,
      case when p ->> 'status' = 'captured' then (p ->> 'requestedMinor')::bigint else 0 end,
      case when p ->> 'status' = 'captured' then (p ->> 'requestedMinor')::bigint else 0 end
    from (select p_orders[n] as o, p_orders[n] -> 'payment' as p from unnest(p_new) n
          where p_outcomes[n] = 'accepted' and p_orders[n] -> 'payment' <> 'null') x
    returning *
  loop
    perform ledger.post(v_payment.payment_id || ':deposit', 'captured-before-invoice', 'payment-clearing',
      'customer-deposits', v_payment.currency, v_payment.deposit_minor, v_payment.order_id,
      (select placed_at from ledger.orders where order_id = v_payment.order_id),
      p_payment_id => v_payment.payment_id);
  end loop;
end $$;

-- The answer for one element. A repeat gets the first answer, whatever has happened since.
create or replace function ledger.acceptance_result(p_order jsonb, p_errors jsonb, p_new boolean) returns jsonb
language plpgsql stable as $$
declare v_intake ledger.intake; v_step ledger.step;
begin
  if p_errors is not null then return jsonb_build_object('outcome', 'invalid', 'errors', p_errors); end if;
  select * into v_intake from ledger.intake
  where channel = p_order ->> 'channel' and external_id = p_order ->> 'externalId';
  if v_intake.payload_hash <> decode(p_order ->> 'payloadHash', 'hex') then
    return jsonb_build_object('outcome', 'mismatch', 'orderId', v_intake.order_id);
  end if;
  select * into v_step from ledger.step where key = v_intake.order_id || ':accept';
  return v_step.result || jsonb_build_object('orderId', v_intake.order_id, 'replayed', not coalesce(p_new, false));
end $$;
