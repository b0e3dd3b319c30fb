-- How risky customers and suppliers are, as people have rated them.

create or replace function ledger.risk_ratings_now() returns setof ledger.risk_rating language sql stable as $$
  select distinct on (r.party) r.* from ledger.risk_rating r order by r.party, r.sequence desc
$$;

-- The risk of a party; `normal` for whom nobody has rated, and for nobody at all.
create or replace function ledger.risk_of(p_party text) returns text language sql stable as $$
  select coalesce((select r.risk from ledger.risk_rating r where r.party = p_party order by r.sequence desc limit 1), 'normal')
$$;

-- The suppliers that are not as any other, by their ids.
create or replace function ledger.supplier_risks() returns jsonb language sql stable as $$
  select coalesce(jsonb_object_agg(substr(r.party, length('supplier:') + 1), r.risk), '{}')
  from ledger.risk_ratings_now() r where starts_with(r.party, 'supplier:') and r.risk <> 'normal'
$$;

-- Rates a customer or a supplier; what waits for an approval that concerns them looks again, as a risk that has
-- grown begins another run. Natural key: party and content. request { party, risk, reason, actor, at }
-- answers { applied, rating }; LL404 where there is no such party.
create or replace function loopline.rate_risk(request jsonb) returns jsonb language plpgsql as $$
declare
  v_party text := request ->> 'party'; v_at timestamptz := (request ->> 'at')::timestamptz;
  v_last ledger.risk_rating; v_next ledger.risk_rating;
begin
  if not ledger.is_party(v_party) then
    perform ledger.fail_not_found(initcap(split_part(v_party, ':', 1)), v_party);
  end if;
  perform pg_advisory_xact_lock(hashtextextended('risk:' || v_party, 0));
  select * into v_last from ledger.risk_rating r where r.party = v_party order by r.sequence desc limit 1;
  if (v_last.risk, v_last.reason) = (request ->> 'risk', request ->> 'reason') then
    return jsonb_build_object('applied', false, 'rating', ledger.risk_rating_json(v_last));
  end if;
  insert into ledger.risk_rating (party, sequence, risk, reason, actor, occurred_at)
  values (v_party, coalesce(v_last.sequence, 0) + 1, request ->> 'risk', request ->> 'reason', request ->> 'actor', v_at)
  returning * into v_next;
  perform ledger.note(v_party, 'risk-rated', request ->> 'actor', v_at, null, request ->> 'reason',
    jsonb_build_object('from', coalesce(v_last.risk, 'normal'), 'to', v_next.risk));
  perform ledger.tell_of_risk(v_next);
  return jsonb_build_object('applied', true, 'rating', ledger.risk_rating_json(v_next));
end $$;

create or replace function ledger.is_party(p_party text) returns boolean language sql stable as $$
  select case split_part(p_party, ':', 1)
    when 'customer' then exists (select from ledger.customer c where 'customer:' || c.customer_id = p_party
      and c.customer_id = case when p_party ~ '^customer:[1-9][0-9]{0,17}$' then substr(p_party, length('customer:') + 1)::bigint end)
    else exists (select from ledger.supplier s where 'supplier:' || s.supplier = p_party) end
$$;

create or replace function ledger.tell_of_risk(p_rating ledger.risk_rating) returns void language plpgsql as $$
declare v_approval record;
begin
  for v_approval in
    select a.approval_id, a.subject_id, a.process_id from ledger.approval a
    left join ledger.returns r on r.return_id = a.subject_id
    left join ledger.goodwill g on g.goodwill_id = a.subject_id
    left join ledger.orders s on s.order_id = g.order_id
    left join ledger.purchase_order o on o.purchase_order_id = a.subject_id
    left join ledger.master_data_change c on c.change_id = a.subject_id and c.noun = 'supplier'
    where a.state = 'open' and p_rating.party in ('customer:' || coalesce(r.customer_id, s.customer_id),
      'supplier:' || coalesce(o.supplier, c.record_key))
    order by a.approval_id
  loop
    perform ledger.note(v_approval.subject_id, 'approval-risk-rated', p_rating.actor,
      greatest(p_rating.occurred_at, ledger.business_time(v_approval.subject_id)), v_approval.approval_id, p_rating.reason,
      jsonb_build_object('approvalId', v_approval.approval_id, 'party', p_rating.party, 'risk', p_rating.risk));
    perform ledger.signal(v_approval.process_id, 'risk:' || p_rating.party || ':' || p_rating.sequence);
  end loop;
end $$;

create or replace function ledger.risk_rating_json(p ledger.risk_rating) returns jsonb language sql stable as $$
  select jsonb_build_object('party', p.party, 'risk', p.risk, 'reason', p.reason, 'by', p.actor, 'version', p.sequence,
    'ratedAt', ledger.instant_text(p.occurred_at), 'recordedAt', ledger.instant_text(p.recorded_at))
$$;

-- Ratings as they stand, newest first. request { limit?, cursor?, party?, risk? }
create or replace function loopline.list_risk_ratings(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_rows jsonb;
begin
  select jsonb_agg(ledger.risk_rating_json(s) || jsonb_build_object('cursor',
    ledger.cursor_text(array[s.recorded_at::text, s.party])) order by s.recorded_at desc, s.party desc)
  into v_rows
  from (
    select n.* from ledger.risk_ratings_now() n
    where (request ->> 'party' is null or n.party = request ->> 'party')
      and (request ->> 'risk' is null or n.risk = request ->> 'risk')
      and (v_after is null or (n.recorded_at, n.party) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.party desc limit v_limit + 1) s;
  return ledger.page_of(v_rows, v_limit);
end $$;
