-- Units that were never sent are cancelled on their orders. The caller holds the locks of the orders
-- and items and has checked the quantities. An order that was cancelled at another price than sold
-- owes the difference, or is owed it; a part without an amount is worth what the order gives up for it.
create or replace function ledger.cancel_return_parts(p_return ledger.returns, p_parts jsonb, p_actor text)
returns void language plpgsql as $$
declare v_line ledger.return_line; v_key text; v_part bigint;
begin
  for v_line in
    select * from ledger.return_line where return_id = p_return.return_id and cover = 'cancelled' order by line_no
  loop
    v_key := p_return.return_id || ':' || v_line.line_no || ':cancel';
    v_part := ledger.cancel_units(v_line.order_id, v_line.order_line_no, v_line.quantity, v_key,
      p_return.requested_at, p_actor, v_line.reason_code);
    if v_line.kind <> 'goods' then perform ledger.charge_and_take_back(p_return, v_line, v_part, v_key); end if;
    if p_parts -> (v_line.line_no - 1) ->> 'amountMinor' is null then
      update ledger.return_line set amount_minor = v_part
      where return_id = p_return.return_id and line_no = v_line.line_no;
    else
      perform ledger.settle_difference(p_return, v_line, v_part - v_line.amount_minor);
    end if;
  end loop;
  perform ledger.signal(c.order_id, p_return.return_id)
  from (select distinct order_id from ledger.return_line
        where return_id = p_return.return_id and cover = 'cancelled' order by 1) c;
end $$;

-- A charge that was not invoiced yet is charged and taken back in one moment, each under the reference
-- of its own row: what the rows book then does not depend on whether the goods had left by that time.
create or replace function ledger.charge_and_take_back(
  p_return ledger.returns, p_line ledger.return_line, p_part bigint, p_key text
) returns void language plpgsql as $$
declare
  v_account text := ledger.credit_note_account(p_line.kind);
  v_minor bigint := case p_line.kind when 'discount' then -p_part else p_part end;
  v_source_ref text := (select l.source_ref from ledger.order_line l
    where l.order_id = p_line.order_id and l.line_no = p_line.order_line_no);
begin
  perform ledger.post(p_key, 'charged', 'receivables', v_account, p_return.currency, v_minor, p_line.order_id,
    p_return.requested_at, p_line.order_line_no, v_source_ref, p_customer_id => p_return.customer_id);
  perform ledger.post(p_key, 'charge-cancelled', v_account, 'receivables', p_return.currency, v_minor,
    p_return.return_id, p_return.requested_at, p_line.line_no, p_line.source_ref,
    p_customer_id => p_return.customer_id, p_policy_version => p_return.policy_version);
end $$;

create or replace function ledger.settle_difference(
  p_return ledger.returns, p_line ledger.return_line, p_difference bigint
) returns void language plpgsql as $$
declare
  v_key text := p_return.return_id || ':' || p_line.line_no || ':difference';
  v_payment ledger.payment;
  v_order ledger.orders;
begin
  if p_difference = 0 then return; end if;
  perform ledger.post(v_key, 'cancelled-at-another-price', 'receivables', 'cancellation-price-differences',
    p_return.currency, p_difference, p_return.return_id, p_return.requested_at, p_line.line_no, p_line.source_ref,
    p_customer_id => p_return.customer_id, p_policy_version => p_return.policy_version);
  if p_difference < 0 then
    perform ledger.credit_account(v_key, 'receivables', p_return, -p_difference, p_return.requested_at,
      p_line.line_no, p_line.source_ref);
    return;
  end if;
  select * into v_payment from ledger.payment p where p.order_id = p_line.order_id order by p.payment_id limit 1
  for no key update;
  if v_payment.state in ('due', 'challenged') then
    -- Not authorized yet: the order's process asks for the money first and captures this afterwards.
    insert into ledger.capture (capture_id, payment_id, order_id, amount_minor, state, occurred_at)
    values (v_key || ':capture', v_payment.payment_id, p_line.order_id, p_difference, 'due', p_return.requested_at);
  else
    select * into v_order from ledger.orders o where o.order_id = p_line.order_id;
    perform ledger.make_due(v_order, v_key, p_difference, p_return.requested_at);
  end if;
end $$;

-- What is owed and does not go to a payment is kept as the customer's credit, or as unidentified
-- where nobody knows the customer. p_from is the account that owed it until now.
create or replace function ledger.credit_account(
  p_key text, p_from text, p_return ledger.returns, p_amount_minor bigint, p_occurred_at timestamptz,
  p_line_no integer default null, p_source_ref text default null
) returns void language plpgsql as $$
begin
  if p_amount_minor = 0 then return; end if;
  if p_return.customer_id is not null then
    insert into ledger.customer_credit as c (customer_id, currency, balance_minor)
    values (p_return.customer_id, p_return.currency, p_amount_minor)
    on conflict (customer_id, currency) do update set balance_minor = c.balance_minor + excluded.balance_minor;
  end if;
  perform ledger.post(p_key, 'credited-to-account', p_from,
    case when p_return.customer_id is null then 'unidentified-credits' else 'customer-credit' end,
    p_return.currency, p_amount_minor, p_return.return_id, p_occurred_at, p_line_no, p_source_ref,
    p_customer_id => p_return.customer_id, p_policy_version => p_return.policy_version);
  perform ledger.note(p_return.return_id, 'credited-to-account', 'loopline', p_occurred_at, p_key, null,
    jsonb_build_object('amountMinor', p_amount_minor::text, 'currency', p_return.currency,
      'identified', p_return.customer_id is not null));
end $$;
