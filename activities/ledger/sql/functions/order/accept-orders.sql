-- Takes in many orders with one call: intake, reservation, lines, payment and process, each order with
-- a result of its own in the order of the request. Idempotency key: channel + external id + payload hash.
-- request { orders: [{ channel, externalId, payloadHash, orderId, class, currency, placedAt, priority,
--   customer, shipTo, screening, policyVersions, totalMinor, lines, plans, backorderNodes, payment,
--   promisedDispatchAt?, at, actor, by? }] }
-- Outcomes: accepted, rejected (short), mismatch, invalid. What was placed, now or before, comes as
-- { outcome, orderId, replayed, placedAt, promisedDispatchAt, recordedAt, allocations, backorders, givesBack? }; givesBack: it is
-- rejected, and a process gives back the payment that came with it.
create or replace function loopline.accept_orders(request jsonb) returns jsonb language plpgsql as $$
declare
  v_orders ledger.incoming_order[] := ledger.incoming_orders(request -> 'orders');
  v_lines ledger.incoming_line[] := ledger.incoming_lines(request -> 'orders');
  v_errors jsonb := ledger.invalid_orders(v_orders, v_lines);
  v_new integer[] := ledger.take_in(v_orders, v_errors);
  v_results jsonb;
begin
  if v_new is not null then
    v_results := ledger.place_orders(
      ledger.with_customers(array(select o from unnest(v_orders) o where o.pos = any (v_new))),
      array(select l from unnest(v_lines) l where l.pos = any (v_new)));
    perform ledger.audit_placed(request -> 'orders', v_orders, v_new, v_results);
    perform ledger.report_oversold(array(select o from unnest(v_orders) o where o.pos = any (v_new)), v_lines, v_results);
  end if;
  if cardinality(v_orders) > coalesce(cardinality(v_new), 0) then
    perform ledger.keep_changed_intake(request -> 'orders', v_errors, v_new);
  end if;
  return (
    select jsonb_agg(case
        when v_errors ? o.pos::text then jsonb_build_object('outcome', 'invalid', 'errors', v_errors -> o.pos::text)
        when o.pos = any (v_new) then (v_results -> o.order_id) || jsonb_build_object('orderId', o.order_id, 'replayed', false)
        else ledger.known_result(o) end order by o.pos)
    from unnest(v_orders) o);
end $$;

-- One row for each order that is new. Many requests share a call, so each order says by whom it was sent.
create or replace function ledger.audit_placed(
  p_elements jsonb, p_orders ledger.incoming_order[], p_new integer[], p_results jsonb
) returns void language plpgsql as $$
begin
  insert into ledger.audit (actor, on_behalf_of, credential, act, subject_kind, subject_id, after, request_id,
    source_address, occurred_at)
  select coalesce(e.by ->> 'actor', o.actor), e.by ->> 'onBehalfOf', e.by ->> 'credential', 'accept_orders', 'order',
    o.order_id, jsonb_build_object('state', p_results #> array[o.order_id, 'outcome']), e.by ->> 'requestId',
    e.by ->> 'sourceAddress', o.placed_at
  from unnest(p_orders) o
  cross join lateral (select p_elements -> (o.pos - 1) -> 'by' as by) e
  where o.pos = any (p_new)
  order by o.pos;
  perform set_config('loopline.trace', 'own', true);
end $$;

create or replace function ledger.incoming_orders(p_orders jsonb) returns ledger.incoming_order[] language sql immutable as $$
  select array_agg((pos, order_id, channel, external_id, decode(payload_hash, 'hex'), class, currency, placed_at, priority,
    null, customer ->> 'externalId', customer ->> 'name', customer ->> 'email', ship_to, screening, policy_versions,
    total_minor, plans, backorder_nodes, nullif(payment, 'null'), actor, promised_dispatch_at)::ledger.incoming_order order by pos)
  from rows from (jsonb_to_recordset(p_orders) as ("orderId" text, channel text, "externalId" text, "payloadHash" text,
      class text, currency text, "placedAt" timestamptz, priority integer, customer jsonb, "shipTo" jsonb,
      screening text[], "policyVersions" jsonb, "totalMinor" bigint, plans jsonb, "backorderNodes" text[],
      payment jsonb, actor text, "promisedDispatchAt" timestamptz)) with ordinality
    x(order_id, channel, external_id, payload_hash, class, currency, placed_at, priority, customer, ship_to,
      screening, policy_versions, total_minor, plans, backorder_nodes, payment, actor, promised_dispatch_at, pos)
$$;

create or replace function ledger.incoming_lines(p_orders jsonb) returns ledger.incoming_line[] language sql immutable as $$
  select array_agg((o.pos, "lineNo", "externalLineId", kind, code, quantity, "unitPrice", "amountMinor", "belowMinor",
    "taxMinor", "discountMinor", "sourceRef")::ledger.incoming_line order by o.pos, "lineNo")
  from jsonb_array_elements(p_orders) with ordinality o(entry, pos)
  cross join jsonb_to_recordset(o.entry -> 'lines') as l("lineNo" integer, "externalLineId" text, kind text, code text,
    quantity bigint, "unitPrice" numeric, "amountMinor" bigint, "belowMinor" numeric, "taxMinor" bigint,
    "discountMinor" bigint, "sourceRef" text)
$$;

-- What is wrong with which element, by its position: { "3": [{ path, message }] }.
create or replace function ledger.invalid_orders(p_orders ledger.incoming_order[], p_lines ledger.incoming_line[]) returns jsonb
language sql stable as $$
  select coalesce(jsonb_object_agg(pos, errors), '{}') from (
    select pos, jsonb_agg(jsonb_build_object('path', path, 'message', message)) as errors from (
      select l.pos, format('lines[%s].sku', l.line_no - 1) as path, format('%s is not a known SKU', l.code) as message
      from unnest(p_lines) l
      where l.kind = 'goods' and not exists (select from ledger.sku s where s.sku = l.code)
      union all
      select o.pos, 'channel', format('%s is not a known channel', o.channel)
      from unnest(p_orders) o
      where not exists (select from ledger.channel c where c.channel = o.channel)
    ) wrong group by pos
  ) by_position
$$;

-- Inserts the intake of what is new; answers the positions that are new. An element whose key is known is a
-- repeat, or another payload under a known key.
create or replace function ledger.take_in(p_orders ledger.incoming_order[], p_errors jsonb) returns integer[]
language plpgsql as $$
declare v_new integer[];
begin
  with candidate as (
    select distinct on (channel, external_id) pos, channel, external_id, payload_hash, order_id
    from unnest(p_orders)
    where not p_errors ? pos::text
    order by channel, external_id, pos
  ), inserted as (
    insert into ledger.intake (channel, external_id, payload_hash, order_id)
    select channel, external_id, payload_hash, order_id from candidate order by 1, 2
    on conflict do nothing
    returning channel, external_id
  )
  select array_agg(c.pos order by c.pos) into v_new
  from candidate c join inserted using (channel, external_id);
  return v_new;
end $$;

-- The new orders with their customers, who are known from now on. Their rows are held as a reference holds
-- them: whoever erases one of them comes before, or sees the order.
create or replace function ledger.with_customers(p_orders ledger.incoming_order[]) returns ledger.incoming_order[]
language plpgsql as $$
declare v_known ledger.incoming_order[];
begin
  if not exists (select from unnest(p_orders) where customer_ref is not null) then return p_orders; end if;
  insert into ledger.customer (channel, external_id, name, email)
  select distinct on (1, 2) channel, customer_ref, customer_name, customer_email
  from unnest(p_orders)
  where customer_ref is not null
  order by 1, 2
  on conflict do nothing;
  v_known := array(
    select (o.pos, o.order_id, o.channel, o.external_id, o.payload_hash, o.class, o.currency, o.placed_at, o.priority,
      (select c.customer_id from ledger.customer c where c.channel = o.channel and c.external_id = o.customer_ref
       for key share),
      o.customer_ref, o.customer_name, o.customer_email, o.ship_to, o.screening, o.policy_versions, o.total_minor, o.plans,
      o.backorder_nodes, o.payment, o.actor, o.promised_dispatch_at)::ledger.incoming_order
    from unnest(p_orders) o order by o.pos);
  if exists (select from unnest(v_known) where customer_ref is not null and customer_id is null) then
    raise exception 'a customer was erased at this very moment' using errcode = '40001';
  end if;
  return v_known;
end $$;

-- The answer for an element whose key is known. A repeat gets the first answer, whatever has happened since.
create or replace function ledger.known_result(p_order ledger.incoming_order) returns jsonb language sql stable as $$
  select case when i.payload_hash <> p_order.payload_hash
    then jsonb_build_object('outcome', 'mismatch', 'orderId', i.order_id)
    else s.result || jsonb_build_object('orderId', i.order_id, 'replayed', true) end
  from ledger.intake i left join ledger.step s on s.key = i.order_id || ':accept'
  where i.channel = p_order.channel and i.external_id = p_order.external_id
$$;
