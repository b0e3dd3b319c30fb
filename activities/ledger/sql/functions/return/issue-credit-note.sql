-- The credit note: what was inspected (what arrived, where the money goes out with the receipt), and what is not
-- goods, is owed to the customer from now on. Once for each return, under the key <return id>:credit-note:1. The caller holds the return's lock.
create or replace function ledger.issue_credit_note(p_return ledger.returns, p_at timestamptz) returns void
language plpgsql as $$
declare
  v_id text := p_return.return_id;
  v_key text := v_id || ':credit-note:1';
  v_line record;
  v_total bigint := 0;
  v_tax bigint := 0;
  v_number text;
begin
  if exists (select from ledger.credit_note n where n.return_id = v_id) then return; end if;
  for v_line in
    select l.*, round(l.amount_minor::numeric * u.units / l.quantity)::bigint - l.credited_minor as gross,
      round(l.tax_minor::numeric * u.units / l.quantity)::bigint as tax, u.units
    from ledger.return_line l
    cross join lateral (select case when l.kind <> 'goods' then l.quantity
      when p_return.refund_release = 'receipt' then l.received else l.inspected end as units) u
    where l.return_id = v_id and l.cover <> 'cancelled' and u.units > l.credited
    order by l.line_no
  loop
    perform ledger.post(v_key, 'credit-note', ledger.credit_note_account(v_line.kind), 'refunds-payable',
      p_return.currency, v_line.gross - v_line.tax, v_id, p_at, v_line.line_no, v_line.source_ref,
      p_customer_id => p_return.customer_id, p_policy_version => p_return.policy_version);
    perform ledger.post(v_key, 'credit-note', 'output-tax', 'refunds-payable', p_return.currency, v_line.tax, v_id, p_at,
      v_line.line_no, v_line.source_ref, p_customer_id => p_return.customer_id,
      p_policy_version => p_return.policy_version);
    update ledger.return_line set credited = v_line.units, credited_minor = credited_minor + v_line.gross
    where return_id = v_id and line_no = v_line.line_no;
    v_total := v_total + v_line.gross;
    v_tax := v_tax + v_line.tax;
  end loop;
  select 'CN-' || lpad(n::text, greatest(6, length(n::text)), '0') into v_number from nextval('ledger.credit_note_number') n;
  insert into ledger.credit_note (credit_note_number, return_id, amount_minor, tax_minor, occurred_at)
  values (v_number, v_id, v_total, v_tax, p_at);
  perform ledger.note(v_id, 'credit-note-issued', 'loopline', p_at, v_number, null,
    jsonb_build_object('amountMinor', v_total::text, 'taxMinor', v_tax::text, 'currency', p_return.currency));
end $$;

-- What is given back comes off the account that it was sold on; goods have one for returns.
create or replace function ledger.credit_note_account(p_kind text) returns text language sql immutable as $$
  select case p_kind when 'goods' then 'returns' when 'shipping' then 'shipping-income' when 'other' then 'other-charges'
    when 'discount' then 'discounts' when 'manual' then 'manual-adjustments' when 'voucher' then 'voucher-liability' end
$$;
