-- Cost layers against their entries, layers against the units that stand behind them, and the accounts
-- of goods against both. What is on hand, reserved or picked has its value in pool stock, what is
-- returned, quarantined or damaged in pool returns.
create or replace function ledger.check_cost()
returns table (kind text, id text, expected text, actual text, detail jsonb) language sql stable as $$
  with flow as materialized (
    select * from ledger.posted_flows()
  ), entries as (
    select e.layer_id, sum(e.quantity)::bigint as quantity, sum(e.value) as value, sum(e.amount_minor)::bigint as minor
    from ledger.cost_entry e group by 1
  ), layers as (
    select l.*, coalesce(e.quantity, 0) as entered_quantity, coalesce(e.value, 0) as entered_value,
      coalesce(e.minor, 0) as entered_minor
    from ledger.cost_layer l left join entries e using (layer_id)
  )
  select 'cost-layer', 'layer ' || l.layer_id, concat_ws(' ', l.entered_quantity, trim_scale(l.entered_value)),
    concat_ws(' ', l.remaining_quantity, trim_scale(l.remaining_value)),
    jsonb_build_object('sku', l.sku, 'node', l.node, 'pool', l.pool, 'sourceKey', l.source_key)
  from layers l
  where l.remaining_quantity <> l.entered_quantity or l.remaining_value <> l.entered_value

  union all
  -- A layer's postings were rounded step by step: together they are its rounded value.
  select 'cost-layer-minor', 'layer ' || l.layer_id, l.entered_minor::text, round(l.remaining_value * 100)::text,
    jsonb_build_object('sku', l.sku, 'node', l.node, 'pool', l.pool, 'sourceKey', l.source_key)
  from layers l where l.entered_minor <> round(l.remaining_value * 100)

  union all
  select 'cost-quantity', concat_ws(' ', sku, node, pool), coalesce(b.quantity, 0)::text,
    coalesce(l.quantity, 0)::text, jsonb_build_object('sku', sku, 'node', node, 'pool', pool)
  from (select n.sku, n.node, n.pool, sum(n.remaining_quantity)::bigint as quantity from ledger.cost_layer n
        group by 1, 2, 3) l
  full join (
    select s.sku, s.node,
      case when s.bucket in ('on-hand', 'reserved', 'picked') then 'stock' else 'returns' end as pool,
      sum(s.quantity)::bigint as quantity
    from ledger.stock_balance s where s.bucket <> 'inbound' group by 1, 2, 3) b using (sku, node, pool)
  where coalesce(b.quantity, 0) <> coalesce(l.quantity, 0)

  union all
  select 'stock-account', a.account, a.entered::text, a.posted::text, jsonb_build_object('pool', a.pool,
    'keys', ledger.unposted_keys(a.account, a.pool))
  from (
    select n.account, n.pool,
      (select coalesce(sum(case when f.debit = n.account then f.minor else -f.minor end), 0)::bigint
       from flow f
       where n.account in (f.debit, f.credit) and f.currency = ledger.base_currency()) as posted,
      (select coalesce(sum(l.entered_minor), 0)::bigint from layers l where l.pool = n.pool) as entered
    from (values ('inventory', 'stock'), ('returns-stock', 'returns')) n(account, pool)) a
  where a.entered <> a.posted
$$;

-- The keys whose postings on an account of goods differ from what their cost entries say, 20 at most:
-- { "<key>": "<entries - postings, minor units>" }.
create or replace function ledger.unposted_keys(p_account text, p_pool text) returns jsonb language sql stable as $$
  select coalesce(jsonb_object_agg(d.key, d.difference::text), '{}')
  from (
    select s.key, sum(s.minor)::bigint as difference
    from (
      select e.key, e.amount_minor as minor
      from ledger.cost_entry e join ledger.cost_layer l using (layer_id) where l.pool = p_pool
      union all
      select p.key, case when p.debit = p_account then -p.amount_minor else p.amount_minor end
      from ledger.posting p where p_account in (p.debit, p.credit)) s
    group by 1 having sum(s.minor) <> 0 order by abs(sum(s.minor)) desc, 1 limit 20) d
$$;
