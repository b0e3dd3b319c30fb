-- Shares what the credit note owes over the payments of the sales that it covers: first the payment of
-- a part's own order, then those of the other sales of the same requested line, never above what is
-- captured and not refunded or about to be. The rest is the customer's credit. Once for each return, under
-- the key <return id>:refunds:1; not while a capture of these sales is waited for. The caller holds the
-- return's lock.
create or replace function ledger.plan_refunds(p_return ledger.returns, p_at timestamptz) returns void
language plpgsql as $$
declare
  v_id text := p_return.return_id;
  v_key text := v_id || ':refunds:1';
  v_planned jsonb;
  v_payment record;
  v_left bigint;
begin
  select coalesce(sum(amount_minor), 0) into v_left from ledger.credit_note where return_id = v_id;
  if v_left < 0 then
    raise exception 'The credit note of % is negative', v_id using errcode = 'LL500';
  end if;
  if v_left > 0 and p_return.resolution <> 'credit' and ledger.await_captures(v_id, p_at) then return; end if;
  perform ledger.meet_due(v_id, 'capture');
  perform ledger.heal_exception('capture-overdue', v_id, '', p_at);
  v_planned := case when p_return.resolution = 'credit' then '{}' else ledger.share_over_payments(v_id, v_left) end;
  for v_payment in
    select p.key as payment_id, p.value::bigint as amount_minor, row_number() over (order by p.key) as n
    from jsonb_each_text(v_planned) p where p.value::bigint > 0 order by p.key
  loop
    perform ledger.owe_refund(v_id, v_payment.n::text, v_payment.payment_id, v_payment.amount_minor, p_at);
    v_left := v_left - v_payment.amount_minor;
  end loop;
  perform ledger.credit_account(v_key, 'refunds-payable', p_return, v_left, p_at);
  perform ledger.store_step(v_key, v_id, '{}', v_planned);
end $$;

create or replace function ledger.refunds_planned(p_return text) returns boolean language sql stable as $$
  select exists (select from ledger.step s where s.key = p_return || ':refunds:1')
$$;

-- { paymentId: amount } for at most p_total. Locks the payments.
create or replace function ledger.share_over_payments(p_return text, p_total bigint) returns jsonb
language plpgsql as $$
declare
  v_planned jsonb := '{}';
  v_owed jsonb;
  v_left bigint := p_total;
  v_share record;
  v_take bigint;
begin
  perform from ledger.payment p
  where p.order_id in (select l.order_id from ledger.return_line l where l.return_id = p_return and l.cover = 'sale')
  order by p.payment_id for no key update;
  select coalesce(jsonb_object_agg(l.line_no, l.credited_minor), '{}') into v_owed
  from ledger.return_line l where l.return_id = p_return and l.cover = 'sale' and l.credited_minor > 0;
  for v_share in
    select distinct l.line_no, p.payment_id, ledger.refundable_minor(p.payment_id) as ceiling,
      p.order_id <> l.order_id as is_other
    from ledger.return_line l
    join ledger.return_line s on s.return_id = l.return_id and s.external_line_id = l.external_line_id and s.cover = 'sale'
    join ledger.payment p on p.order_id = s.order_id
    where l.return_id = p_return and l.cover = 'sale' and l.credited_minor > 0
    order by is_other, l.line_no, p.payment_id
  loop
    v_take := least(v_left, (v_owed ->> v_share.line_no::text)::bigint,
      v_share.ceiling - coalesce((v_planned ->> v_share.payment_id)::bigint, 0));
    continue when v_take <= 0;
    v_planned := v_planned || jsonb_build_object(v_share.payment_id,
      coalesce((v_planned ->> v_share.payment_id)::bigint, 0) + v_take);
    v_owed := v_owed || jsonb_build_object(v_share.line_no::text, (v_owed ->> v_share.line_no::text)::bigint - v_take);
    v_left := v_left - v_take;
  end loop;
  return v_planned;
end $$;

-- What may still go back to a payment: captured, less refunded, less refunds under way, less the
-- deposit for goods that were never sent, which the order itself gives back.
create or replace function ledger.refundable_minor(p_payment text) returns bigint language sql stable as $$
  select greatest(0, p.captured_minor - p.refunded_minor - f.others
    - greatest(p.deposit_minor, f.deposits))::bigint
  from ledger.payment p
  cross join lateral (
    select coalesce(sum(r.amount_minor) filter (where r.account <> 'customer-deposits'), 0) as others,
      coalesce(sum(r.amount_minor) filter (where r.account = 'customer-deposits'), 0) as deposits
    from ledger.refund r where r.payment_id = p.payment_id and r.state = 'due') f
  where p.payment_id = p_payment
$$;

create or replace function ledger.owe_refund(
  p_return text, p_number text, p_payment text, p_amount_minor bigint, p_at timestamptz
) returns void language plpgsql as $$
begin
  insert into ledger.refund (refund_id, payment_id, subject_id, account, amount_minor, state, occurred_at)
  values (p_return || ':refund:' || p_number, p_payment, p_return, 'refunds-payable', p_amount_minor, 'due', p_at);
  perform ledger.note(p_return, 'refund-due', 'loopline', p_at, p_return || ':refund:' || p_number, null,
    jsonb_build_object('paymentId', p_payment, 'amountMinor', p_amount_minor::text));
end $$;
