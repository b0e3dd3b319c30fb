-- Every account that was posted to, by currency, with both sides and the balance on its normal side
-- (assets and expenses: debit less credit; the others: credit less debit). The totals add up each side
-- by itself, over the accounts of the chart. `number` is the account in the merchant's books, by the mapping in
-- force at the time of reading. request { at? }; without it the newest mapping.
create or replace function loopline.read_trial_balance(request jsonb) returns jsonb language plpgsql stable as $$
declare v_result jsonb;
begin
  with flow as materialized (
    select * from ledger.posted_flows()
  ), side as (
    select f.debit as account, f.currency, f.minor as debit, 0::numeric as credit from flow f
    union all
    select f.credit, f.currency, 0, f.minor from flow f
  ), balance as (
    select a.account, a.name, a.kind, s.currency, sum(s.debit) as debit, sum(s.credit) as credit
    from side s join ledger.account a using (account) group by 1, 2, 3, 4
  )
  select jsonb_build_object(
    'accounts', (select coalesce(jsonb_agg(jsonb_build_object('account', b.account,
        'number', ledger.account_number(b.account, coalesce((request ->> 'at')::timestamptz, 'infinity')),
        'name', b.name, 'kind', b.kind,
        'currency', b.currency, 'debitMinor', b.debit::text, 'creditMinor', b.credit::text,
        'balanceMinor', (case when b.kind in ('asset', 'expense') then b.debit - b.credit
                         else b.credit - b.debit end)::text) order by b.account, b.currency), '[]') from balance b),
    'totals', (select coalesce(jsonb_agg(jsonb_build_object('currency', t.currency, 'debitMinor', t.debit::text,
        'creditMinor', t.credit::text, 'differenceMinor', (t.debit - t.credit)::text) order by t.currency), '[]')
      from (select b.currency, sum(b.debit) as debit, sum(b.credit) as credit from balance b group by 1) t))
  into v_result;
  return v_result;
end $$;
