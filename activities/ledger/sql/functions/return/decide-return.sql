-- A person has decided. Called by record_decision; safe to repeat, does nothing unless in review.
create or replace function ledger.decide_return(
  p_return text, p_approved boolean, p_actor text, p_at timestamptz
) returns void language plpgsql as $$
declare v_return ledger.returns;
begin
  select * into v_return from ledger.returns where return_id = p_return for no key update;
  if not found then perform ledger.fail_not_found('Return', p_return); end if;
  if v_return.state <> 'in-review' then return; end if;
  perform ledger.meet_due(p_return, 'approval');
  if p_approved then
    perform ledger.authorize_return(p_return, p_actor, p_at);
  else
    perform ledger.release_return_claims(p_return);
    update ledger.returns set state = 'refused', ended_at = p_at where return_id = p_return;
    perform ledger.note(p_return, 'return-refused', p_actor, p_at, null, v_return.rule);
  end if;
  perform ledger.signal(p_return, p_return || ':decided');
end $$;

-- From here the return waits for its goods until its deadline, or is refunded if it has none.
create or replace function ledger.authorize_return(p_return text, p_actor text, p_at timestamptz) returns void
language plpgsql as $$
declare v_goods boolean; v_days integer; v_by timestamptz;
begin
  v_goods := exists (select from ledger.return_line
                     where return_id = p_return and kind = 'goods' and cover <> 'cancelled');
  if v_goods then
    v_days := (ledger.return_policy(p_return) ->> 'receiveWithinDays')::integer;
    v_by := p_at + make_interval(days => v_days);
    perform ledger.set_due(p_return, p_return, 'receipt', 'closeReturnReceipt', v_by, '1');
  end if;
  update ledger.returns
  set state = case when v_goods then 'awaiting-receipt' else 'refunding' end, authorized_at = p_at, receive_by = v_by
  where return_id = p_return;
  perform ledger.note(p_return, 'return-authorized', p_actor, p_at, null, null,
    jsonb_strip_nulls(jsonb_build_object('receiveBy', ledger.instant_text(v_by))));
end $$;

-- The policy that the return was judged by.
create or replace function ledger.return_policy(p_return text) returns jsonb language sql stable as $$
  select p.document from ledger.returns r
  join ledger.policy_version p on p.policy = 'return' and p.version = substring(r.policy_version from '\d+$')::integer
  where r.return_id = p_return
$$;

-- Gives back what was promised to the return and did not come. The caller holds the return's lock.
create or replace function ledger.release_return_claims(p_return text) returns void language plpgsql as $$
begin
  perform from ledger.orders o
  where o.order_id in (select order_id from ledger.return_line where return_id = p_return and cover = 'sale')
  order by o.order_id for no key update;
  update ledger.order_line l set "returning" = l."returning" - t.quantity
  from (select order_id, order_line_no, sum(quantity - received)::bigint as quantity from ledger.return_line
        where return_id = p_return and cover = 'sale' group by 1, 2) t
  where l.order_id = t.order_id and l.line_no = t.order_line_no and t.quantity > 0;
end $$;
