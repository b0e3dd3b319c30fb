-- Recomputes every projection from the entries and names each difference:
-- { ok, drift: [{ kind, id, expected, actual, detail }], found, trialBalance: [{ currency, debitMinor, creditMinor }] }.
-- `expected` is what the entries say, `actual` what the projection holds. At most 1,000 are listed;
-- `found` counts all of them. request { part? }: stock, cost, orders or money, each consistent in itself, so
-- that a large ledger is checked in several statements; the trial balance comes with money. Without it, all.
create or replace function loopline.check_ledger(request jsonb) returns jsonb
language plpgsql stable set work_mem = '64MB' as $$
declare v_part text := request ->> 'part'; v_result jsonb;
begin
  if v_part not in ('stock', 'cost', 'orders', 'money') then
    perform ledger.fail_invalid('part', 'is stock, cost, orders or money');
  end if;
  with drift as (
    select * from ledger.check_stock() where coalesce(v_part, 'stock') = 'stock'
    union all select * from ledger.check_cost() where coalesce(v_part, 'cost') = 'cost'
    union all select * from ledger.check_orders() where coalesce(v_part, 'orders') = 'orders'
    union all select * from ledger.check_money() where coalesce(v_part, 'money') = 'money'
  ), flow as materialized (
    select * from ledger.posted_flows() where coalesce(v_part, 'money') = 'money'
  ), listed as (
    select * from drift d order by d.kind, d.id limit 1000
  )
  select jsonb_build_object(
    'ok', not exists (select from drift),
    'found', (select count(*) from drift),
    'drift', (select coalesce(jsonb_agg(jsonb_build_object('kind', l.kind, 'id', l.id, 'expected', l.expected,
      'actual', l.actual, 'detail', l.detail) order by l.kind, l.id), '[]') from listed l),
    'trialBalance', case when coalesce(v_part, 'money') = 'money' then (
      select coalesce(jsonb_agg(jsonb_build_object('currency', t.currency, 'debitMinor', t.debits::text,
        'creditMinor', t.credits::text) order by t.currency), '[]')
      from (
        select a.currency, coalesce(sum(a.balance) filter (where a.balance > 0), 0) as debits,
          coalesce(-sum(a.balance) filter (where a.balance < 0), 0) as credits
        from (
          select s.account, s.currency, sum(s.minor) as balance
          from (select f.debit as account, f.currency, f.minor from flow f
                union all select f.credit, f.currency, -f.minor from flow f) s
          group by 1, 2) a
        group by 1) t) else '[]' end)
  into v_result;
  return v_result;
end $$;
