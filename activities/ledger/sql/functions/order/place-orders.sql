-- Decides who gets what, in arrival order, reserves it and writes the orders; answers each order's first
-- answer, by its id. Mostly there is enough for all: then the rows are written first and the items locked
-- last, so that a thing that everybody wants is locked for its reservation alone. Where somebody was
-- quicker, or there is not enough for all, it is locked first and shared out.
create or replace function ledger.place_orders(p_orders ledger.incoming_order[], p_lines ledger.incoming_line[])
returns jsonb language plpgsql as $$
declare
  v_entries ledger.plan_entry[] := ledger.plan_entries(p_orders, p_lines);
  v_given ledger.allocation[] := ledger.first_plans(v_entries);
  v_waiting ledger.allocation[];
  v_results jsonb;
begin
  if v_given is not null then
    begin
      v_results := ledger.record_orders(p_orders, p_lines, v_given, null);
      perform ledger.lock_items(array_agg(e.sku), array_agg(e.node)) from unnest(v_entries) e where e.plan_no = 1;
      if ledger.first_plans(v_entries) is null then raise exception using errcode = 'LL000'; end if;
      perform ledger.reserve_accepted(v_given, p_orders);
      return v_results;
    exception when sqlstate 'LL000' then null;
    end;
  end if;
  perform ledger.lock_items(array_agg(e.sku), array_agg(e.node)) from unnest(v_entries) e having count(*) > 0;
  select s.allocations, s.backorders into v_given, v_waiting from ledger.share_out(p_orders, v_entries) s;
  v_results := ledger.record_orders(p_orders, p_lines, v_given, v_waiting);
  perform ledger.reserve_accepted(v_given, p_orders);
  return v_results;
end $$;

create or replace function ledger.reserve_accepted(p_allocations ledger.allocation[], p_orders ledger.incoming_order[])
returns void language sql as $$
  select ledger.reserve(p_allocations, 'order-accepted', ':accept', (select max(placed_at) from unnest(p_orders)))
  where cardinality(p_allocations) > 0
$$;

-- Every entry of every plan of the new orders. The fill for orders that may wait comes as a last plan
-- of number 1000: all goods lines at all nodes that they may wait at, by rank. The planner cannot know how
-- long an array is and would join arrays row by row: here, and wherever only arrays are joined, it may not.
create or replace function ledger.plan_entries(p_orders ledger.incoming_order[], p_lines ledger.incoming_line[])
returns ledger.plan_entry[] language sql immutable set enable_nestloop = off as $$
  select array_agg((pos, order_id, plan_no, line_no, rank, sku, node, quantity, source_ref)::ledger.plan_entry
    order by pos, plan_no, line_no, rank)
  from (
    select o.pos, o.order_id, plan.no as plan_no, e.line_no, e.rank, l.code as sku, e.node, e.quantity, l.source_ref
    from unnest(p_orders) o
    cross join jsonb_array_elements(o.plans) with ordinality plan(entries, no)
    cross join rows from (jsonb_to_recordset(plan.entries) as ("lineNo" integer, node text, quantity bigint)) with ordinality
      e(line_no, node, quantity, rank)
    join unnest(p_lines) l on l.pos = o.pos and l.line_no = e.line_no
    union all
    select o.pos, o.order_id, 1000, l.line_no, n.rank, l.code, n.node, l.quantity, l.source_ref
    from unnest(p_orders) o
    cross join unnest(o.backorder_nodes) with ordinality n(node, rank)
    join unnest(p_lines) l on l.pos = o.pos and l.kind = 'goods'
  ) entry
$$;

-- Where there is enough for every order's first plan, everybody gets theirs, whoever came first; null
-- where there is not, or an order has no plan but to wait. Certain while the items are locked.
create or replace function ledger.first_plans(p_entries ledger.plan_entry[])
returns ledger.allocation[] language plpgsql stable as $$
begin
  if exists (
    select from unnest(p_entries) e where e.plan_no = 1
    group by e.sku, e.node
    having sum(e.quantity) > coalesce((select i.available from ledger.stock_item i where (i.sku, i.node) = (e.sku, e.node)), 0)
  ) or exists (
    select from unnest(p_entries) e group by e.pos having min(e.plan_no) > 1
  ) then return null; end if;
  return (
    select array_agg((e.order_id, e.line_no, e.sku, e.node, e.quantity, e.source_ref)::ledger.allocation
      order by e.pos, e.line_no, e.rank)
    from unnest(p_entries) e where e.plan_no = 1);
end $$;

-- Decides where there is not enough for all, with the items' locks held: each order gets the first of its
-- plans that holds as a whole; else, where it may wait, what is there and a backorder for the rest; else
-- nothing. One pass in memory over all plans, in the order of arrival.
create or replace function ledger.share_out(
  p_orders ledger.incoming_order[], p_entries ledger.plan_entry[],
  out allocations ledger.allocation[], out backorders ledger.allocation[]
) language plpgsql stable as $$
declare
  v_skus text[]; v_nodes text[]; v_free bigint[]; v_served integer := 0;
  v_plan record; v_i integer; v_item integer; v_fits boolean; v_wanted bigint; v_take bigint;
begin
  allocations := '{}'; backorders := '{}';
  select array_agg(s.sku order by s.sku, s.node), array_agg(s.node order by s.sku, s.node),
         array_agg(s.available order by s.sku, s.node)
  into v_skus, v_nodes, v_free
  from ledger.stock_item s
  where (s.sku, s.node) in (select e.sku, e.node from unnest(p_entries) e);

  for v_plan in
    select e.pos, e.plan_no, o.order_id, o.backorder_nodes[1] as waits_at,
      array_agg(e.line_no order by e.line_no, e.rank) as lines,
      array_agg(i.item order by e.line_no, e.rank) as items,
      array_agg(e.quantity order by e.line_no, e.rank) as quantities,
      array_agg(e.source_ref order by e.line_no, e.rank) as refs
    from unnest(p_entries) e
    join unnest(p_orders) o using (pos)
    join unnest(v_skus, v_nodes) with ordinality i(sku, node, item) using (sku, node)
    group by e.pos, e.plan_no, o.order_id, o.backorder_nodes[1] order by e.pos, e.plan_no
  loop
    continue when v_plan.pos = v_served;
    v_fits := true;
    if v_plan.plan_no < 1000 then
      for v_i in 1 .. array_length(v_plan.items, 1) loop
        v_item := v_plan.items[v_i];
        v_free[v_item] := v_free[v_item] - v_plan.quantities[v_i];
        v_fits := v_fits and v_free[v_item] >= 0;
      end loop;
    end if;
    v_wanted := 0;
    for v_i in 1 .. array_length(v_plan.items, 1) loop
      v_item := v_plan.items[v_i];
      if not v_fits then
        v_free[v_item] := v_free[v_item] + v_plan.quantities[v_i];
        continue;
      end if;
      v_take := v_plan.quantities[v_i];
      if v_plan.plan_no = 1000 then
        if v_i = 1 or v_plan.lines[v_i] <> v_plan.lines[v_i - 1] then v_wanted := v_plan.quantities[v_i]; end if;
        v_take := least(v_wanted, v_free[v_item]);
        v_free[v_item] := v_free[v_item] - v_take;
        v_wanted := v_wanted - v_take;
      end if;
      if v_take > 0 then
        allocations := allocations || (v_plan.order_id, v_plan.lines[v_i], v_skus[v_item], v_nodes[v_item], v_take,
          v_plan.refs[v_i])::ledger.allocation;
      end if;
      -- What no node has waits at the first one.
      if v_wanted > 0 and (v_i = array_length(v_plan.items, 1) or v_plan.lines[v_i + 1] <> v_plan.lines[v_i]) then
        backorders := backorders || (v_plan.order_id, v_plan.lines[v_i], v_skus[v_item], v_plan.waits_at, v_wanted,
          v_plan.refs[v_i])::ledger.allocation;
      end if;
    end loop;
    if v_fits then v_served := v_plan.pos; end if;
  end loop;
end $$;

-- The decision by order. Without goods there is nothing to reserve; whoever got nothing is short.
create or replace function ledger.placed_orders(
  p_orders ledger.incoming_order[], p_lines ledger.incoming_line[],
  p_allocations ledger.allocation[], p_backorders ledger.allocation[]
) returns ledger.placed_order[] language sql immutable set enable_nestloop = off as $$
  with given as (
    select owner_id, min(node) as node, sum(quantity)::bigint as units, jsonb_agg(
      jsonb_build_object('lineNo', line_no, 'node', node, 'quantity', quantity) order by line_no, node) as list
    from unnest(p_allocations) group by 1
  ), waiting as (
    select owner_id, min(node) as node, sum(quantity)::bigint as units, jsonb_agg(
      jsonb_build_object('lineNo', line_no, 'node', node, 'quantity', quantity) order by line_no, node) as list
    from unnest(p_backorders) group by 1
  ), wanting as (
    select distinct pos from unnest(p_lines) where kind = 'goods'
  )
  select array_agg((o.pos, o.order_id,
    case when s.pos is not null and g.units is null and w.units is null then 'rejected' else 'accepted' end,
    coalesce(g.node, w.node), coalesce(g.units, 0), coalesce(w.units, 0), coalesce(g.list, '[]'), coalesce(w.list, '[]')
  )::ledger.placed_order order by o.pos)
  from unnest(p_orders) o
  left join given g on g.owner_id = o.order_id
  left join waiting w on w.owner_id = o.order_id
  left join wanting s using (pos)
$$;
