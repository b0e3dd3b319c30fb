-- Recomputes every projection from the entries and names each difference:
-- { ok, drift: [{ kind, id, expected, actual, detail }], found, trialBalance: [{ currency, debitMinor, creditMinor }] }.
-- `expected` is what the entries say, `actual` what the projection holds. At most 1,000 are listed;
-- `found` counts all of them.
create or replace function loopline.check_ledger(request jsonb) returns jsonb language sql stable as $$
  with drift as (
    select * from ledger.check_stock()
    union all select * from ledger.check_cost()
    union all select * from ledger.check_orders()
    union all select * from ledger.check_money()
  ), listed as (
    select * from drift d order by d.kind, d.id limit 1000
  )
  select jsonb_build_object(
    'ok', not exists (select from drift),
    'found', (select count(*) from drift),
    'drift', (select coalesce(jsonb_agg(jsonb_build_object('kind', l.kind, 'id', l.id, 'expected', l.expected,
      'actual', l.actual, 'detail', l.detail) order by l.kind, l.id), '[]') from listed l),
    'trialBalance', (
      select coalesce(jsonb_agg(jsonb_build_object('currency', t.currency, 'debitMinor', t.debits::text,
        'creditMinor', t.credits::text) order by t.currency), '[]')
      from (
        select a.currency, sum(a.balance) filter (where a.balance > 0) as debits,
          -sum(a.balance) filter (where a.balance < 0) as credits
        from (
          select s.account, s.currency, sum(s.amount_minor) as balance
          from (select p.debit as account, p.currency, p.amount_minor from ledger.posting p
                union all select p.credit, p.currency, -p.amount_minor from ledger.posting p) s
          group by 1, 2) a
        group by 1) t))
$$;
