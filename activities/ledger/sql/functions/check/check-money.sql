-- Payments against captures, refunds and postings; customers' credit against its account.
create or replace function ledger.check_money()
returns table (kind text, id text, expected text, actual text, detail jsonb) language sql stable as $$
  with flow as materialized (
    select * from ledger.posted_flows()
  ), captured as (
    select c.payment_id, sum(c.amount_minor)::bigint as minor from ledger.capture c
    where c.state = 'captured' group by 1
  ), refunded as (
    select r.payment_id, sum(r.amount_minor)::bigint as minor from ledger.refund r
    where r.state = 'refunded' group by 1
  ), posted as (
    select p.payment_id,
      coalesce(sum(p.amount_minor) filter (where p.debit = 'payment-clearing'), 0)::bigint as received,
      coalesce(sum(p.amount_minor) filter (where p.credit = 'payment-clearing'), 0)::bigint as given_back,
      -- Captured by the channel before the order came: it has a posting and no capture of ours.
      coalesce(sum(p.amount_minor) filter (where p.debit = 'payment-clearing' and p.credit = 'customer-deposits'), 0)::bigint
        as prepaid,
      coalesce(sum(case when p.credit = 'customer-deposits' then p.amount_minor else -p.amount_minor end)
        filter (where 'customer-deposits' in (p.debit, p.credit)), 0)::bigint as deposit
    from ledger.posting p where p.payment_id is not null group by 1
  ), payment as (
    select p.payment_id, p.order_id, p.captured_minor, p.refunded_minor, p.deposit_minor,
      coalesce(c.minor, 0) + coalesce(b.prepaid, 0) as captured, coalesce(r.minor, 0) as refunded,
      coalesce(b.received, 0) as received, coalesce(b.given_back, 0) as given_back, coalesce(b.deposit, 0) as deposit
    from ledger.payment p
    left join captured c using (payment_id)
    left join refunded r using (payment_id)
    left join posted b using (payment_id)
  )
  select d.kind, p.payment_id, d.expected::text, d.actual::text, jsonb_build_object('orderId', p.order_id)
  from payment p
  cross join lateral (values
    ('payment-captured', p.captured, p.captured_minor),
    ('payment-captured-posted', p.received, p.captured_minor),
    ('payment-refunded', p.refunded, p.refunded_minor),
    ('payment-refunded-posted', p.given_back, p.refunded_minor),
    ('payment-deposit', p.deposit, p.deposit_minor)) d(kind, expected, actual)
  -- Nearly all payments are as they should be, and those are not taken apart.
  where (p.captured, p.received, p.refunded, p.given_back, p.deposit)
      <> (p.captured_minor, p.captured_minor, p.refunded_minor, p.refunded_minor, p.deposit_minor)
    and d.expected <> d.actual

  union all
  select 'customer-credit', concat_ws(' ', coalesce(c.channel || ':' || c.external_id, customer_id::text), currency),
    coalesce(p.minor, 0)::text, coalesce(b.balance_minor, 0)::text, jsonb_build_object('currency', currency)
  from (
    select n.customer_id, n.currency,
      sum(case when n.credit = 'customer-credit' then n.amount_minor else -n.amount_minor end)::bigint as minor
    from ledger.posting n where 'customer-credit' in (n.debit, n.credit) and n.customer_id is not null
    group by 1, 2) p
  full join ledger.customer_credit b using (customer_id, currency)
  left join ledger.customer c using (customer_id)
  where coalesce(p.minor, 0) <> coalesce(b.balance_minor, 0)

  union all
  select 'customer-credit', 'without customer ' || n.currency,
    sum(case when n.credit = 'customer-credit' then n.amount_minor else -n.amount_minor end)::text, '0',
    jsonb_build_object('currency', n.currency)
  from ledger.posting n where 'customer-credit' in (n.debit, n.credit) and n.customer_id is null
  group by n.currency
  having sum(case when n.credit = 'customer-credit' then n.amount_minor else -n.amount_minor end) <> 0

  union all
  -- Balanced by construction; said all the same, because everything else rests on it.
  select 'trial-balance', t.currency, '0', t.difference::text, jsonb_build_object('currency', t.currency)
  from (
    select s.currency, sum(s.minor)::bigint as difference
    from (select f.currency, f.minor from flow f where f.debit in (select a.account from ledger.account a)
          union all
          select f.currency, -f.minor from flow f where f.credit in (select a.account from ledger.account a)) s
    group by 1) t
  where t.difference <> 0
$$;

-- What all postings together moved from account to account: a few rows from one look at all of them.
create or replace function ledger.posted_flows()
returns table (debit text, credit text, currency text, minor numeric) language sql stable as $$
  select p.debit, p.credit, p.currency, sum(p.amount_minor) from ledger.posting p group by 1, 2, 3
$$;
