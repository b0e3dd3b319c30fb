-- Goodwill as the API shows it.
create or replace function ledger.goodwill_json(p_goodwill text) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', g.goodwill_id, 'externalRef', g.external_ref, 'orderId', g.order_id,
    'amount', jsonb_build_object('amountMinor', g.amount_minor::text, 'currency', g.currency),
    'given', jsonb_build_object('amountMinor', g.given_minor::text, 'currency', g.currency),
    'credited', jsonb_build_object('amountMinor', g.credited_minor::text, 'currency', g.currency),
    'resolution', g.resolution, 'reasonCode', g.reason_code, 'state', g.state, 'policyVersion', g.policy_version,
    'requestedBy', g.requested_by, 'occurredAt', ledger.instant_text(g.occurred_at),
    'recordedAt', ledger.instant_text(g.recorded_at),
    'process', (select p.state from ledger.process p where p.process_id = g.goodwill_id),
    'approval', (select ledger.approval_json(a.approval_id) from ledger.approval a
                 where a.subject_id = g.goodwill_id order by a.recorded_at desc limit 1),
    'refunds', coalesce((select jsonb_agg(jsonb_build_object('refundId', f.refund_id, 'paymentId', f.payment_id,
        'amountMinor', f.amount_minor::text, 'state', f.state, 'failure', f.failure) order by f.refund_id)
      from ledger.refund f where f.subject_id = g.goodwill_id), '[]'))
  from ledger.goodwill g where g.goodwill_id = p_goodwill
$$;

-- Goodwill newest first, by state and order. request { state?, orderId?, limit?, cursor?, within? }
create or replace function loopline.list_goodwill(request jsonb) returns jsonb language plpgsql stable as $$
declare v_limit integer := ledger.page_limit(request); v_rows jsonb;
begin
  select jsonb_agg(ledger.goodwill_json(p.id)
      || jsonb_build_object('cursor', ledger.cursor_text(array[p.at::text, p.id])) order by p.at desc, p.id desc)
  into v_rows from ledger.goodwill_page(request, v_limit + 1) p;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- The ids of the page that begins behind the cursor, in their order.
create or replace function ledger.goodwill_page(request jsonb, p_count integer)
returns table (id text, at timestamptz)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_channels text[] := ledger.within(request, 'channels'); v_regions text[] := ledger.within(request, 'regions');
begin
  return query
    select n.goodwill_id, n.recorded_at from ledger.goodwill n
    where (request ->> 'state' is null or n.state = request ->> 'state')
      and (request ->> 'orderId' is null or n.order_id = request ->> 'orderId')
      and (coalesce(v_channels, v_regions) is null or exists (
        select from ledger.orders o where o.order_id = n.order_id
          and (v_channels is null or o.channel = any (v_channels))
          and (v_regions is null or o.ship_to ->> 'country' = any (v_regions)) offset 0))
      and (v_after is null or (n.recorded_at, n.goodwill_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.goodwill_id desc
    limit p_count;
end $$;

-- One with everything that happened to it, oldest first; LL404 when there is none of that id. request { goodwillId }
create or replace function loopline.read_goodwill(request jsonb) returns jsonb language plpgsql stable as $$
declare v_goodwill jsonb := ledger.goodwill_json(request ->> 'goodwillId');
begin
  if v_goodwill is null then perform ledger.fail_not_found('Goodwill', request ->> 'goodwillId'); end if;
  return v_goodwill || jsonb_build_object('timeline', (
    select jsonb_agg(jsonb_build_object('event', t.event, 'actor', t.actor, 'cause', t.cause, 'reason', t.reason,
        'detail', t.detail, 'occurredAt', ledger.instant_text(t.occurred_at),
        'recordedAt', ledger.instant_text(t.recorded_at)) order by t.timeline_id)
    from ledger.timeline t where t.subject_id = request ->> 'goodwillId'));
end $$;

-- Goodwill lies where its order was sold and sent, and at no node.
create or replace function ledger.goodwill_places(p_goodwill text) returns jsonb language sql stable as $$
  select ledger.places_json('"*"', jsonb_build_array(o.channel),
    case when o.ship_to ->> 'country' is not null then jsonb_build_array(o.ship_to ->> 'country') end,
    g.amount_minor, g.currency)
  from ledger.goodwill g join ledger.orders o using (order_id) where g.goodwill_id = p_goodwill
$$;
