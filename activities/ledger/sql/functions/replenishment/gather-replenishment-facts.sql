-- Everything a cycle of one node decides from, per SKU with stock, demand, backorders or open orders, in
-- one statement and so from one snapshot. It is kept in pages by supplier and SKU, until the cycle is
-- recorded; SKUs that nobody supplies come last.
-- request { planId, node, date, businessTime }; answers { nodeKnown, policy, region, supplierRisks, approvalMatrix,
-- demandDays, pages }
create or replace function loopline.gather_replenishment_facts(request jsonb) returns jsonb language plpgsql as $$
declare
  v_plan uuid := (request ->> 'planId')::uuid;
  v_node text := request ->> 'node';
  v_policy jsonb := ledger.purchasing_policy((request ->> 'businessTime')::timestamptz, v_node);
  v_to timestamptz := ((request ->> 'date')::date)::timestamp at time zone 'UTC';
  v_days integer := (v_policy #>> '{document,demandDays}')::integer;
  v_pages integer;
begin
  if not exists (select from ledger.node n where n.node = v_node) then return '{"nodeKnown": false}'; end if;
  -- What an earlier try of this plan left, and plans that somebody gave up.
  delete from ledger.replenishment_part
  where plan_id = v_plan or recorded_at < clock_timestamp() - interval '1 hour';
  v_pages := ledger.gather_pages(v_plan, v_node, v_to, v_days);
  return jsonb_build_object('nodeKnown', true, 'policy', v_policy, 'region', ledger.node_region(v_node),
    'supplierRisks', ledger.supplier_risks(), 'approvalMatrix', ledger.policy_at('approval-matrix', '*', ledger.node_region(v_node),
      (request ->> 'businessTime')::timestamptz),
    'demandDays', ledger.observed_days(v_node, v_to, v_days), 'pages', v_pages);
end $$;

-- Pages by column, one value per SKU each: naming every value of every SKU takes most of the time. Answers
-- how many there are.
create or replace function ledger.gather_pages(p_plan uuid, p_node text, p_to timestamptz, p_days integer) returns integer
language plpgsql as $$
declare v_pages integer;
begin
  insert into ledger.replenishment_part (plan_id, kind, part_no, content)
  select p_plan, 'facts', f.place / 2000, jsonb_build_object('sku', jsonb_agg(f.sku order by f.place),
    'supplier', jsonb_agg(f.supplier order by f.place), 'currency', jsonb_agg(f.currency order by f.place),
    'unitPrice', jsonb_agg(trim_scale(f.unit_price)::text order by f.place),
    'minimumQuantity', jsonb_agg(f.minimum_quantity order by f.place),
    'multipleQuantity', jsonb_agg(f.multiple_quantity order by f.place),
    'leadTimeDays', jsonb_agg(f.lead_time_days order by f.place),
    'leadTimeDeviationDays', jsonb_agg(f.lead_time_deviation order by f.place),
    'available', jsonb_agg(f.available order by f.place), 'reserved', jsonb_agg(f.reserved order by f.place),
    'onOrder', jsonb_agg(f.on_order order by f.place), 'backordered', jsonb_agg(f.backordered order by f.place),
    'demandUnits', jsonb_agg(f.units order by f.place), 'demandSquares', jsonb_agg(f.squares order by f.place))
  from ledger.replenishment_facts(p_node, p_to, p_days) f group by f.place / 2000;
  get diagnostics v_pages = row_count;
  return v_pages;
end $$;

-- One page, from 0: { sku: [text], supplier: [text], … }. request { planId, page }
create or replace function loopline.read_replenishment_facts(request jsonb) returns jsonb language plpgsql stable as $$
declare v_content jsonb;
begin
  select p.content into v_content from ledger.replenishment_part p
  where p.plan_id = (request ->> 'planId')::uuid and p.kind = 'facts' and p.part_no = (request ->> 'page')::integer;
  if v_content is null then perform ledger.fail_unplanned(); end if;
  return v_content;
end $$;

-- The parts are gone, by a crash or because they are old: the caller plans again.
create or replace function ledger.fail_unplanned() returns void language plpgsql as $$
begin
  raise exception 'what was gathered for this cycle is gone' using errcode = '40001';
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

-- Demand is what was ordered and not cancelled, less what came back and is sold again, per day of the
-- window before the cycle's date; days without a sale count as zero.
create or replace function ledger.demand_of(p_node text, p_to timestamptz, p_days integer)
returns table (sku text, units numeric, squares numeric) language sql stable as $$
  with share as materialized (select ledger.restocked_share() as restocked),
  daily as (
    select l.code, sum(l.quantity - l.cancelled) as ordered, sum(l.returned) as returned
    from ledger.order_line l
    where l.kind = 'goods' and l.node = p_node
      and l.placed_at >= p_to - make_interval(days => p_days) and l.placed_at < p_to
    group by l.code, date_bin('1 day', l.placed_at, p_to)
  ), net as (
    select d.code, greatest(d.ordered - d.returned * share.restocked, 0) as units from daily d cross join share
  )
  select n.code, sum(n.units), sum(n.units * n.units) from net n group by n.code
$$;

-- How lead times varied, by SKU and there by supplier, where three receipts of half a year tell.
create or replace function ledger.lead_time_deviations(p_node text, p_to timestamptz)
returns table (sku text, by_supplier jsonb) language sql stable as $$
  select v.sku, jsonb_object_agg(v.supplier, v.deviation) from (
    select r.sku, o.supplier, round(stddev_samp(extract(epoch from r.occurred_at - o.ordered_at) / 86400), 4) as deviation
    from ledger.receipt r join ledger.purchase_order o using (purchase_order_id)
    where r.node = p_node and o.node = p_node and o.deliver_exactly_at is null
      and r.occurred_at >= p_to - interval '180 days' and r.occurred_at < p_to + interval '1 day'
    group by 1, 2 having count(*) >= 3) v
  group by v.sku
$$;

-- Every source is read once and all are summed up by SKU, so no plan of it grows faster than they do,
-- whatever the planner knows of the tables.
create or replace function ledger.replenishment_facts(p_node text, p_to timestamptz, p_days integer)
returns table (place bigint, sku text, supplier text, currency text, unit_price numeric, minimum_quantity bigint,
  multiple_quantity bigint, lead_time_days integer, lead_time_deviation numeric, available numeric, reserved numeric,
  on_order numeric, backordered numeric, units numeric, squares numeric)
language sql stable as $$
  with known (sku, units, squares, available, reserved, on_order, backordered, deviations) as (
    select d.sku, d.units, d.squares, 0::bigint, 0::bigint, 0::bigint, 0::bigint, null::jsonb
    from ledger.demand_of(p_node, p_to, p_days) d
    union all select i.sku, 0, 0, i.available, 0, 0, 0, null
    from ledger.stock_item i where i.node = p_node and i.available > 0
    union all select b.sku, 0, 0, 0, b.quantity, 0, 0, null
    from ledger.stock_balance b where b.node = p_node and b.bucket = 'reserved'
    union all select o.sku, 0, 0, 0, 0, o.quantity, 0, null from ledger.on_order(p_node) o
    union all select b.sku, 0, 0, 0, 0, 0, b.quantity, null
    from ledger.backorder b where b.node = p_node and b.quantity > 0
    union all select v.sku, 0, 0, 0, 0, 0, 0, v.by_supplier from ledger.lead_time_deviations(p_node, p_to) v
  ), item as (
    select n.sku, round(sum(n.units), 4) as units, round(sum(n.squares), 4) as squares, sum(n.available) as available,
      sum(n.reserved) as reserved, sum(n.on_order) as on_order, sum(n.backordered) as backordered,
      (array_agg(n.deviations) filter (where n.deviations is not null))[1] as deviations
    from known n group by n.sku
    having sum(n.units) > 0 or sum(n.available) > 0 or sum(n.on_order) > 0 or sum(n.backordered) > 0
  ), offered as (
    -- The SKU's own supplier if he has a price, else the cheapest.
    select distinct on (k.sku) f.*, s.supplier, s.currency, x.unit_price, x.minimum_quantity, x.multiple_quantity,
      coalesce(k.lead_time_days, s.lead_time_days) as lead_time_days
    from item f
    join ledger.sku k on k.sku = f.sku
    left join ledger.supplier_sku x on x.sku = k.sku
    left join ledger.supplier s on s.supplier = x.supplier
    order by k.sku, (x.supplier = k.supplier) desc nulls last, x.unit_price, x.supplier
  )
  select row_number() over (order by o.supplier, o.sku) - 1, o.sku, o.supplier, o.currency, o.unit_price,
    o.minimum_quantity, o.multiple_quantity, o.lead_time_days, coalesce((o.deviations ->> o.supplier)::numeric, 0),
    o.available, o.reserved, o.on_order, o.backordered, o.units, o.squares
  from offered o
$$;
