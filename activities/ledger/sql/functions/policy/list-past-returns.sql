-- Past returns as the rule that decides on returns saw them, and what became of them: pages by request, oldest
-- first. Those that the policy's draft would hold for: of its channel and region, and without a narrower
-- version of their own. request { policy, channel, region, at, from, until, after?: { requestedAt, returnId },
-- limit }; `until` is exclusive. Answers { returns, looked, next } with the place behind which the next page
-- begins, null at the end.
create or replace function loopline.list_past_returns(request jsonb) returns jsonb language plpgsql stable as $$
declare v_limit integer := least(greatest((request ->> 'limit')::integer, 1), 1000); v_result jsonb;
begin
  select jsonb_build_object('looked', count(*),
    'returns', coalesce(jsonb_agg(ledger.past_return_json(p.id, p.region) order by p.at, p.id)
      filter (where ledger.draft_reaches(request, p.channel, p.region)), '[]'),
    'next', case when count(*) = v_limit then jsonb_build_object('requestedAt', max(p.at),
      'returnId', (array_agg(p.id order by p.at desc, p.id desc))[1]) end)
  into v_result from ledger.past_returns_page(request, v_limit) p;
  return v_result;
end $$;

create or replace function ledger.past_returns_page(request jsonb, p_count integer)
returns table (id text, at timestamptz, channel text, region text)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_from timestamptz := (request ->> 'from')::timestamptz;
  v_until timestamptz := (request ->> 'until')::timestamptz;
  v_at timestamptz := coalesce((request #>> '{after,requestedAt}')::timestamptz, v_from);
  v_id text := coalesce(request #>> '{after,returnId}', '');
begin
  return query
    select r.return_id, r.requested_at, r.channel, o.ship_to ->> 'country'
    from ledger.returns r
    left join lateral (select l.order_id from ledger.return_line l
      where l.return_id = r.return_id and l.order_id is not null order by l.line_no limit 1) s on true
    left join ledger.orders o on o.order_id = s.order_id
    where r.requested_at >= v_from and r.requested_at < v_until and (r.requested_at, r.return_id) > (v_at, v_id)
    order by r.requested_at, r.return_id limit p_count;
end $$;

-- Whether a draft would be what holds for this channel and region.
create or replace function ledger.draft_reaches(request jsonb, p_channel text, p_region text) returns boolean
language sql stable as $$
  select request ->> 'channel' in ('*', p_channel) and request ->> 'region' in ('*', p_region)
    and not exists (select from ledger.policy_in_force(request ->> 'policy', p_channel, p_region,
        (request ->> 'at')::timestamptz) f
      where ledger.scope_rank(f.channel, f.region) > ledger.scope_rank(request ->> 'channel', request ->> 'region'))
$$;

-- The narrower scope has the higher rank: everywhere, a region, a channel, a channel's region.
create or replace function ledger.scope_rank(p_channel text, p_region text) returns integer
language sql immutable as $$ select (p_channel <> '*')::integer * 2 + (p_region <> '*')::integer $$;

-- Minutes are whole; null where it has not happened.
create or replace function ledger.past_return_json(p_return text, p_region text) returns jsonb language sql stable as $$
  select jsonb_build_object('id', r.return_id, 'requestedAt', ledger.instant_text(r.requested_at), 'channel', r.channel,
    'region', p_region, 'currency', r.currency, 'trusted', t.trusted, 'rule', r.rule,
    'orderClass', (select o.class from ledger.return_line l join ledger.orders o on o.order_id = l.order_id
      where l.return_id = r.return_id order by l.line_no limit 1),
    'parts', ledger.past_parts_json(r, t.trusted),
    'customerRisk', ledger.risk_of('customer:' || r.customer_id),
    'skuClasses', ledger.classes_of(array(select l.code from ledger.return_line l where l.return_id = r.return_id)),
    'decisionMinutes', (select ledger.whole_minutes(a.requested_at, a.decided_at) from ledger.approval a
      where a.subject_id = r.return_id and a.decided_at is not null order by a.decided_at desc limit 1),
    'receiptMinutes', case when not g.goods then 0 else ledger.whole_minutes(r.authorized_at, r.received_at) end,
    'inspectionMinutes', case when not g.goods then 0 when r.state in ('refunding', 'closed')
      and not ledger.inspection_open(r.return_id) then
      ledger.whole_minutes(r.authorized_at, (select max(i.occurred_at) from ledger.inspection i
        where i.return_id = r.return_id)) end)
  from ledger.returns r
  cross join lateral (select exists (select from ledger.return_line l
    where l.return_id = r.return_id and l.kind = 'goods' and l.cover <> 'cancelled') as goods) g
  -- Older returns do not say how they were judged. Their rule does where it can only have come from one of the
  -- two; where it cannot, the channel's standing counts.
  cross join lateral (select coalesce(r.trusted, case
    when r.rule = 'trusted-channel' then true
    when r.rule in ('within-policy', 'price-above-sale', 'outside-window', 'fault-outside-window', 'blind-refused',
      'blind-review') then false end,
    (select c.trusted from ledger.channel c where c.channel = r.channel), false) as trusted) t
  where r.return_id = p_return
$$;

-- The parts of a return as it was judged: the age of a sale is that on the day of the request, from what had
-- been sent and told by then.
create or replace function ledger.past_parts_json(p_return ledger.returns, p_trusted boolean) returns jsonb
language sql stable as $$
  select jsonb_agg(jsonb_build_object('line', p.place - 1, 'cover', p.cover, 'kind', p.kind, 'quantity', p.quantity,
      'unitPrice', trim_scale(p.unit_price)::text, 'amountMinor', p.amount_minor::text, 'reasonCode', p.reason_code,
      'sale', case when l.order_id is not null then jsonb_build_object('orderId', l.order_id,
        'unitPrice', trim_scale(l.unit_price)::text,
        'ageDays', extract(epoch from p_return.requested_at - coalesce(case when not p_trusted then (
          select max(d.occurred_at) from ledger.dispatch d
          join ledger.shipment_line s on s.shipment_id = d.shipment_id
          where d.order_id = l.order_id and s.line_no = l.line_no and s.dispatched > 0
            and d.recorded_at <= p_return.recorded_at) end, l.placed_at)) / 86400) end)
    order by p.line_no)
  from (select n.*, dense_rank() over (order by n.first_no) as place
        from (select rl.*, min(rl.line_no) over (partition by rl.external_line_id) as first_no
              from ledger.return_line rl where rl.return_id = p_return.return_id) n) p
  left join ledger.order_line l on l.order_id = p.order_id and l.line_no = p.order_line_no
$$;

create or replace function ledger.whole_minutes(p_from timestamptz, p_until timestamptz) returns bigint
language sql immutable strict as $$
  select greatest(0, floor(extract(epoch from p_until - p_from) / 60))::bigint
$$;

-- How much a simulation has before it: how many returns there are, and how long a decision on one of them took
-- (the middle one, in whole minutes; null when there was none). request { from, until }
create or replace function loopline.measure_past_returns(request jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('returns', count(*),
    'typicalDecisionMinutes', percentile_disc(0.5) within group (order by d.minutes))
  from ledger.returns r
  left join lateral (select ledger.whole_minutes(a.requested_at, a.decided_at) as minutes from ledger.approval a
    where a.subject_id = r.return_id and a.decided_at is not null order by a.decided_at desc limit 1) d on true
  where r.requested_at >= (request ->> 'from')::timestamptz and r.requested_at < (request ->> 'until')::timestamptz
$$;
