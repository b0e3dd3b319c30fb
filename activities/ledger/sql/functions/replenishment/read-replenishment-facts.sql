-- Everything a cycle of one node decides from, per SKU with stock, demand, backorders or open orders.
-- Demand is what was ordered and not cancelled, less what came back and is sold again, per day of the
-- window before the cycle's date; days without a sale count as zero. One statement, so one snapshot.
-- request { node, date, businessTime }
create or replace function loopline.read_replenishment_facts(request jsonb) returns jsonb language plpgsql stable as $$
declare
  v_node text := request ->> 'node';
  v_policy jsonb := ledger.purchasing_policy((request ->> 'businessTime')::timestamptz);
  v_to timestamptz := ((request ->> 'date')::date)::timestamp at time zone 'UTC';
  v_days integer := (v_policy #>> '{document,demandDays}')::integer;
begin
  return jsonb_build_object('nodeKnown', exists (select from ledger.node n where n.node = v_node), 'policy', v_policy,
    'demandDays', ledger.observed_days(v_node, v_to, v_days), 'skus', ledger.replenishment_facts(v_node, v_to, v_days));
end $$;

-- The days of the window that the node has been selling for, at least a week: a new shop's first days
-- are not diluted by days before it opened.
create or replace function ledger.observed_days(p_node text, p_to timestamptz, p_days integer) returns integer
language sql stable as $$
  select least(p_days, greatest(least(7, p_days), coalesce(ceil(extract(epoch from p_to - min(l.placed_at)) / 86400)::integer, 0)))
  from ledger.order_line l
  where l.kind = 'goods' and l.node = p_node and l.placed_at >= p_to - make_interval(days => p_days) and l.placed_at < p_to
$$;

-- The share of inspected units that went back to stock; 1 until the first inspection.
create or replace function ledger.restocked_share() returns numeric language sql stable as $$
  select coalesce(sum(quantity) filter (where disposition in ('restock', 'repack', 'refurbish'))::numeric
    / nullif(sum(quantity), 0), 1) from ledger.inspection
$$;

-- Units on order at a node: open purchase orders, drafts in review included, less received and short.
create or replace function ledger.on_order(p_node text) returns table (sku text, quantity bigint)
language sql stable as $$
  select l.sku, sum(greatest(l.quantity - l.received - l.short, 0))::bigint
  from ledger.purchase_order o join ledger.purchase_order_line l using (purchase_order_id)
  where o.node = p_node and o.state not in ('closed', 'rejected')
  group by l.sku
$$;

create or replace function ledger.replenishment_facts(p_node text, p_to timestamptz, p_days integer) returns jsonb
language sql stable as $$
  with share as materialized (select ledger.restocked_share() as restocked),
  daily as (
    select l.code as sku, (l.placed_at at time zone 'UTC')::date as day,
      greatest(sum(l.quantity - l.cancelled - l.returned * share.restocked), 0) as units
    from ledger.order_line l cross join share
    where l.kind = 'goods' and l.node = p_node
      and l.placed_at >= p_to - make_interval(days => p_days) and l.placed_at < p_to
    group by 1, 2
  ), demand as (
    select sku, sum(units) as units, sum(units * units) as squares from daily group by 1
  ), waiting as (
    select sku, sum(quantity)::bigint as quantity from ledger.backorder
    where node = p_node and quantity > 0 group by 1
  ), ordered as materialized (select * from ledger.on_order(p_node)),
  reserved as (
    select sku, sum(quantity)::bigint as quantity from ledger.stock_balance
    where node = p_node and bucket = 'reserved' group by 1
  ), observed as (
    select r.sku, o.supplier, count(*) as receipts,
      stddev_samp(extract(epoch from r.occurred_at - o.ordered_at) / 86400) as deviation
    from ledger.receipt r join ledger.purchase_order o using (purchase_order_id)
    where o.node = p_node and o.deliver_exactly_at is null
      and r.occurred_at >= p_to - interval '180 days' and r.occurred_at < p_to + interval '1 day'
    group by 1, 2 having count(*) >= 3
  ), relevant as (
    select sku from demand where units > 0
    union select sku from waiting
    union select sku from ledger.stock_item where node = p_node and available > 0
    union select sku from ordered where quantity > 0
  ), offer as (
    select distinct on (x.sku) x.sku, x.supplier, x.unit_price, x.minimum_quantity, x.multiple_quantity
    from ledger.supplier_sku x join relevant using (sku) join ledger.sku k using (sku)
    order by x.sku, (x.supplier = k.supplier) desc nulls last, x.unit_price, x.supplier
  )
  select coalesce(jsonb_agg(jsonb_build_object('sku', k.sku, 'supplier', s.supplier, 'currency', s.currency,
      'unitPrice', trim_scale(p.unit_price)::text, 'minimumQuantity', p.minimum_quantity,
      'multipleQuantity', p.multiple_quantity, 'leadTimeDays', coalesce(k.lead_time_days, s.lead_time_days),
      'leadTimeDeviationDays', coalesce(round(v.deviation, 4), 0), 'available', coalesce(i.available, 0),
      'reserved', coalesce(r.quantity, 0), 'onOrder', coalesce(o.quantity, 0), 'backordered', coalesce(w.quantity, 0),
      'demandUnits', coalesce(round(d.units, 4), 0), 'demandSquares', coalesce(round(d.squares, 4), 0)) order by k.sku), '[]')
  from relevant
  join ledger.sku k using (sku)
  left join offer p on p.sku = k.sku
  left join ledger.supplier s on s.supplier = p.supplier
  left join ledger.stock_item i on i.sku = k.sku and i.node = p_node
  left join reserved r on r.sku = k.sku
  left join ordered o on o.sku = k.sku
  left join waiting w on w.sku = k.sku
  left join demand d on d.sku = k.sku
  left join observed v on v.sku = k.sku and v.supplier = p.supplier
$$;
