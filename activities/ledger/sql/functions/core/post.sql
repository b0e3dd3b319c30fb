-- One posting. A negative amount swaps the sides, zero posts nothing.
create or replace function ledger.post(
  p_key text, p_event text, p_debit text, p_credit text, p_currency text, p_amount_minor bigint,
  p_subject text, p_occurred_at timestamptz,
  p_line_no integer default null, p_source_ref text default null, p_payment_id text default null,
  p_customer_id bigint default null, p_policy_version text default null
) returns void language plpgsql as $$
begin
  if p_amount_minor = 0 then return; end if;
  insert into ledger.posting (key, event, debit, credit, currency, amount_minor, subject_id, line_no,
    source_ref, payment_id, customer_id, policy_version, posted_on, occurred_at)
  values (p_key, p_event,
    case when p_amount_minor > 0 then p_debit else p_credit end,
    case when p_amount_minor > 0 then p_credit else p_debit end,
    p_currency, abs(p_amount_minor), p_subject, p_line_no, p_source_ref, p_payment_id, p_customer_id,
    p_policy_version, ledger.open_day(p_occurred_at), p_occurred_at);
end $$;

-- The fact's day if its period is open, else the first open day.
create or replace function ledger.open_day(p_occurred_at timestamptz) returns date
language sql stable as $$
  select greatest((p_occurred_at at time zone 'UTC')::date,
                  (select max(closed_through) + 1 from ledger.closed_period))
$$;

create or replace function ledger.base_currency() returns text language sql immutable as $$ select 'GBP' $$;
