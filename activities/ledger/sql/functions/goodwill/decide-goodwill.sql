-- The effect of a decision on goodwill in review. In any other state there is none. The caller holds the row.
create or replace function ledger.decide_goodwill(p_subject text, p_approved boolean, p_actor text, p_at timestamptz)
returns void language plpgsql as $$
declare v_row ledger.goodwill;
begin
  select * into v_row from ledger.goodwill where goodwill_id = p_subject and state = 'in-review' for no key update;
  if not found then return; end if;
  if p_approved then
    perform ledger.grant_goodwill(v_row, p_subject || ':grant:1', p_actor, p_at);
  else
    perform ledger.refuse_goodwill(v_row, p_actor, p_at, null);
  end if;
end $$;

create or replace function ledger.refuse_goodwill(p_row ledger.goodwill, p_actor text, p_at timestamptz, p_why text)
returns void language plpgsql as $$
begin
  update ledger.goodwill set state = 'refused' where goodwill_id = p_row.goodwill_id;
  perform ledger.note(p_row.goodwill_id, 'goodwill-refused', p_actor, p_at, null, p_why);
  perform ledger.note(p_row.order_id, 'goodwill-refused', p_actor, p_at, p_row.goodwill_id, p_why);
end $$;

-- Owes the customer what was granted, never more than is left of what they paid: refunds to the payments of the
-- order, in their order, or credit. The caller holds the row.
create or replace function ledger.grant_goodwill(p_row ledger.goodwill, p_key text, p_actor text, p_at timestamptz)
returns void language plpgsql as $$
declare v_row ledger.goodwill; v_payment record; v_left bigint; v_take bigint;
begin
  perform ledger.lock_payments(p_row.order_id);
  -- What is asked for is no longer waited for, so it does not stand in its own way.
  update ledger.goodwill set state = 'refunding' where goodwill_id = p_row.goodwill_id returning * into v_row;
  v_left := least(v_row.amount_minor, ledger.goodwill_left(v_row.order_id));
  if v_left = 0 then
    perform ledger.refuse_goodwill(v_row, p_actor, p_at, 'nothing is left of what was paid');
    return;
  end if;
  update ledger.goodwill set given_minor = v_left where goodwill_id = v_row.goodwill_id returning * into v_row;
  perform ledger.post(p_key, 'goodwill', 'goodwill', 'refunds-payable', v_row.currency, v_left, v_row.goodwill_id, p_at,
    p_customer_id => v_row.customer_id, p_policy_version => v_row.policy_version);
  perform ledger.note(v_row.goodwill_id, 'goodwill-given', p_actor, p_at, p_key, v_row.reason_code,
    ledger.goodwill_detail(v_row, v_left));
  perform ledger.note(v_row.order_id, 'goodwill-given', p_actor, p_at, v_row.goodwill_id, v_row.reason_code,
    ledger.goodwill_detail(v_row, v_left));
  if v_row.resolution = 'credit' then
    perform ledger.credit_goodwill(v_row, p_key, v_left, p_at);
  else
    for v_payment in
      select p.payment_id, ledger.refundable_minor(p.payment_id) as ceiling
      from ledger.payment p where p.order_id = v_row.order_id order by p.payment_id
    loop
      v_take := least(v_left, v_payment.ceiling);
      continue when v_take <= 0;
      perform ledger.owe_goodwill(v_row.goodwill_id, v_payment.payment_id, v_take, p_at);
      v_left := v_left - v_take;
    end loop;
    if not exists (select from ledger.process p where p.process_id = v_row.goodwill_id) then
      perform ledger.open_process(v_row.goodwill_id, 'goodwill', '{}');
    end if;
  end if;
  perform ledger.close_goodwill(v_row.goodwill_id, p_at);
end $$;

create or replace function ledger.owe_goodwill(p_goodwill text, p_payment text, p_minor bigint, p_at timestamptz)
returns void language plpgsql as $$
declare
  v_id text := p_goodwill || ':refund:'
    || (select count(*) + 1 from ledger.refund f where f.subject_id = p_goodwill);
begin
  insert into ledger.refund (refund_id, payment_id, subject_id, account, amount_minor, state, occurred_at)
  values (v_id, p_payment, p_goodwill, 'refunds-payable', p_minor, 'due', p_at);
  perform ledger.note(p_goodwill, 'refund-due', 'loopline', p_at, v_id, null,
    jsonb_build_object('paymentId', p_payment, 'amountMinor', p_minor::text));
end $$;

-- What is owed and goes to no payment is the customer's credit, or unidentified where nobody knows the customer.
create or replace function ledger.credit_goodwill(p_row ledger.goodwill, p_key text, p_minor bigint, p_at timestamptz)
returns void language plpgsql as $$
begin
  if p_minor = 0 then return; end if;
  if p_row.customer_id is not null then
    insert into ledger.customer_credit as c (customer_id, currency, balance_minor)
    values (p_row.customer_id, p_row.currency, p_minor)
    on conflict (customer_id, currency) do update set balance_minor = c.balance_minor + excluded.balance_minor;
  end if;
  update ledger.goodwill set credited_minor = credited_minor + p_minor where goodwill_id = p_row.goodwill_id;
  perform ledger.post(p_key, 'credited-to-account', 'refunds-payable',
    case when p_row.customer_id is null then 'unidentified-credits' else 'customer-credit' end, p_row.currency, p_minor,
    p_row.goodwill_id, p_at, p_customer_id => p_row.customer_id, p_policy_version => p_row.policy_version);
  perform ledger.note(p_row.goodwill_id, 'credited-to-account', 'loopline', p_at, p_key, null,
    jsonb_build_object('amountMinor', p_minor::text, 'currency', p_row.currency,
      'identified', p_row.customer_id is not null));
end $$;

-- Closes goodwill of which no refund is open, in the ledger or with a person.
create or replace function ledger.close_goodwill(p_goodwill text, p_at timestamptz) returns void language plpgsql as $$
begin
  if ledger.refund_trouble(p_goodwill) > 0
    or exists (select from ledger.refund f where f.subject_id = p_goodwill and f.state = 'due') then return; end if;
  update ledger.goodwill set state = 'closed' where goodwill_id = p_goodwill and state = 'refunding';
  if found then perform ledger.note(p_goodwill, 'goodwill-closed', 'loopline', p_at); end if;
end $$;
