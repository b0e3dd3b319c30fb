-- Stores a return with the decision on it and its effects. Idempotency key: channel + external
-- reference + content. request { request: content, decision: { requestedAt, outcome, rule, reasons,
-- policyVersion, amountMinor, approval: null | what ask_approval takes, refundTiming?: { release, rule, version },
-- parts }, actor }; without refundTiming the inspection is waited for.
-- parts: [{ externalLineId, kind, code, cover, orderId?, orderLineNo?, quantity, unitPrice, amountMinor,
-- taxMinor, belowMinor, reasonCode, sourceRef? }]; a cancelled part without amountMinor is worth what
-- the order gives up for it. Outcome `stale`: the sales changed since they were read, decide again.
create or replace function loopline.request_return(request jsonb) returns jsonb language plpgsql as $$
declare
  v_content jsonb := request -> 'request';
  v_decision jsonb := request -> 'decision';
  v_scope record;
  v_known jsonb;
  v_return ledger.returns;
  v_result jsonb;
begin
  v_scope := ledger.return_scope(v_content);
  -- Two requests under one reference come here one after the other.
  perform pg_advisory_xact_lock(hashtextextended(
    'return:' || coalesce(v_scope.channel, '') || ':' || (v_content ->> 'externalRef'), 0));
  v_known := ledger.known_return(v_scope.channel, v_content);
  if v_known is not null then return v_known; end if;

  perform ledger.lock_return_parts(v_decision -> 'parts');
  if v_decision ->> 'outcome' <> 'refused' and not ledger.return_parts_hold(v_decision -> 'parts') then
    return jsonb_build_object('outcome', 'stale');
  end if;
  v_return := ledger.insert_return(v_content, v_decision, v_scope.channel, v_scope.customer_id, v_scope.currency,
    v_scope.trusted);
  perform ledger.note(v_return.return_id, 'return-requested', request ->> 'actor', v_return.requested_at,
    v_content ->> 'externalRef', v_decision ->> 'rule',
    jsonb_build_object('outcome', v_decision ->> 'outcome', 'reasons', v_decision -> 'reasons'));
  if v_return.state <> 'refused' then
    perform ledger.cancel_return_parts(v_return, v_decision -> 'parts', request ->> 'actor');
    perform ledger.claim_return_parts(v_return);
    perform ledger.open_return(v_return, v_decision, request ->> 'actor');
  end if;
  v_result := jsonb_build_object('outcome', v_decision ->> 'outcome', 'replayed', false,
    'processId', (select p.process_id from ledger.process p where p.process_id = v_return.return_id),
    'return', ledger.return_json(v_return.return_id));
  insert into ledger.step (key, subject_id, request_hash, result)
  values (v_return.return_id || ':request:1', v_return.return_id, v_return.request_hash, ledger.without_customer(v_result));
  return v_result;
end $$;

-- Orders first, then the items of the units that will be cancelled: the order that everybody keeps.
create or replace function ledger.lock_return_parts(p_parts jsonb) returns void language plpgsql as $$
declare v_skus text[]; v_nodes text[];
begin
  perform from ledger.orders o
  where o.order_id in (select p ->> 'orderId' from jsonb_array_elements(p_parts) p where p ->> 'cover' <> 'blind')
  order by o.order_id for no key update;
  select array_agg(sku), array_agg(node) into v_skus, v_nodes from (
    select i.sku, i.node
    from jsonb_array_elements(p_parts) p
    cross join lateral (
      select r.sku, r.node from ledger.reservation r
      where r.owner_id = p ->> 'orderId' and r.line_no = (p ->> 'orderLineNo')::integer and r.quantity > 0
      union select b.sku, b.node from ledger.backorder b
      where b.order_id = p ->> 'orderId' and b.line_no = (p ->> 'orderLineNo')::integer and b.quantity > 0) i
    where p ->> 'cover' = 'cancelled') items;
  if v_skus is not null then perform ledger.lock_items(v_skus, v_nodes); end if;
end $$;

-- Whether every sale still has the units that the parts take from it.
create or replace function ledger.return_parts_hold(p_parts jsonb) returns boolean language sql stable as $$
  select not exists (
    select from (
      select p ->> 'orderId' as order_id, (p ->> 'orderLineNo')::integer as line_no,
        coalesce(sum((p ->> 'quantity')::bigint) filter (where p ->> 'cover' = 'cancelled'), 0) as cancelled,
        coalesce(sum((p ->> 'quantity')::bigint) filter (where p ->> 'cover' = 'sale'), 0) as returned
      from jsonb_array_elements(p_parts) p where p ->> 'cover' <> 'blind' group by 1, 2) taken
    join ledger.order_line l using (order_id, line_no)
    join ledger.orders o using (order_id)
    where taken.returned > l.shipped - l."returning"
      or taken.cancelled > l.quantity - l.shipped - l.cancelled - l.short
      or (taken.cancelled > 0 and o.state not in ('accepted', 'released')))
$$;

create or replace function ledger.insert_return(
  p_content jsonb, p_decision jsonb, p_channel text, p_customer_id bigint, p_currency text, p_trusted boolean
) returns ledger.returns language plpgsql as $$
declare v_return ledger.returns; v_at timestamptz := (p_decision ->> 'requestedAt')::timestamptz; v_to_do boolean;
begin
  -- A customer that nobody has told us of yet can bring something back, and may be owed for it.
  if p_customer_id is null and p_content #>> '{customer,externalId}' is not null then
    insert into ledger.customer (channel, external_id) values (p_channel, p_content #>> '{customer,externalId}')
    on conflict do nothing;
    select c.customer_id into p_customer_id from ledger.customer c
    where c.channel = p_channel and c.external_id = p_content #>> '{customer,externalId}';
  end if;
  v_to_do := jsonb_path_exists(p_decision -> 'parts', '$[*] ? (@.cover != "cancelled")');
  insert into ledger.returns (return_id, channel, external_ref, request_hash, customer_id, currency, state,
    resolution, rule, reasons, policy_version, trusted, requested_at, authorized_at, ended_at, refund_release,
    refund_rule, refund_policy_version)
  select 'return:R-' || lpad(n::text, greatest(6, length(n::text)), '0'), p_channel, p_content ->> 'externalRef',
    ledger.content_hash(p_content), p_customer_id, p_currency,
    case when p_decision ->> 'outcome' = 'refused' then 'refused'
      when not v_to_do then 'closed'
      when p_decision ->> 'outcome' = 'in-review' then 'in-review'
      else ledger.state_after_authorization(p_decision -> 'parts') end,
    coalesce(p_content ->> 'resolution', 'refund'), p_decision ->> 'rule', p_decision -> 'reasons',
    'return@' || (p_decision ->> 'policyVersion'), p_trusted, v_at,
    case when p_decision ->> 'outcome' = 'authorized' then v_at end,
    case when p_decision ->> 'outcome' = 'refused' or not v_to_do then v_at end,
    coalesce(p_decision #>> '{refundTiming,release}', 'inspection'), p_decision #>> '{refundTiming,rule}',
    p_decision #>> '{refundTiming,version}'
  from nextval('ledger.return_number') n
  returning * into v_return;

  insert into ledger.return_line (return_id, line_no, external_line_id, kind, code, cover, order_id, order_line_no,
    quantity, unit_price, amount_minor, tax_minor, below_minor, reason_code, source_ref)
  select v_return.return_id, n, p ->> 'externalLineId', p ->> 'kind', p ->> 'code', p ->> 'cover', p ->> 'orderId',
    (p ->> 'orderLineNo')::integer, (p ->> 'quantity')::bigint, (p ->> 'unitPrice')::numeric,
    coalesce((p ->> 'amountMinor')::bigint, 0), (p ->> 'taxMinor')::bigint, (p ->> 'belowMinor')::numeric,
    p ->> 'reasonCode', p ->> 'sourceRef'
  from jsonb_array_elements(p_decision -> 'parts') with ordinality x(p, n);
  return v_return;
end $$;

-- Goods have to come back first; what is not goods is refunded at once.
create or replace function ledger.state_after_authorization(p_parts jsonb) returns text language sql immutable as $$
  select case when jsonb_path_exists(p_parts, '$[*] ? (@.cover != "cancelled" && @.kind == "goods")')
    then 'awaiting-receipt' else 'refunding' end
$$;

-- Units promised to this return, so that no other return takes them too.
create or replace function ledger.claim_return_parts(p_return ledger.returns) returns void language sql as $$
  update ledger.order_line l set "returning" = l."returning" + t.quantity
  from (select order_id, order_line_no, sum(quantity)::bigint as quantity from ledger.return_line
        where return_id = p_return.return_id and cover = 'sale' group by 1, 2) t
  where l.order_id = t.order_id and l.line_no = t.order_line_no
$$;

create or replace function ledger.open_return(p_return ledger.returns, p_decision jsonb, p_actor text) returns void
language plpgsql as $$
begin
  if p_return.state = 'closed' then
    perform ledger.note(p_return.return_id, 'return-closed', 'loopline', p_return.requested_at, null,
      'all of it was cancelled before shipment');
    return;
  end if;
  perform ledger.open_process(p_return.return_id, 'return',
    jsonb_strip_nulls(jsonb_build_object('Channel', p_return.channel, 'OrderStatus', p_return.state)));
  if p_return.state = 'in-review' then
    perform ledger.ask_approval(p_return.return_id, 'return', p_return.return_id, '1',
      (p_decision ->> 'amountMinor')::bigint, p_return.currency, p_decision -> 'approval', p_actor, p_return.requested_at);
  else
    perform ledger.authorize_return(p_return.return_id, 'loopline', p_return.requested_at);
  end if;
end $$;
