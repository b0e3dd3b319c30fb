-- Every entry of every plan of the new orders. The fill for orders that may wait comes as a last plan
-- of number 1000: all goods lines at all nodes that they may wait at, by rank.
create or replace function ledger.plan_entries(p_orders jsonb[], p_new integer[])
returns table (pos integer, plan_no integer, line_no integer, rank integer, sku text, node text,
               quantity bigint, source_ref text)
language sql stable as $$
  select n, plan.no::integer, (l ->> 'lineNo')::integer, e.no::integer, l ->> 'code', e.entry ->> 'node',
    (e.entry ->> 'quantity')::bigint, l ->> 'sourceRef'
  from unnest(p_new) n
  cross join jsonb_array_elements(p_orders[n] -> 'plans') with ordinality plan(entries, no)
  cross join jsonb_array_elements(plan.entries) with ordinality e(entry, no)
  join jsonb_array_elements(p_orders[n] -> 'lines') l on l ->> 'lineNo' = e.entry ->> 'lineNo'
  union all
  select n, 1000, (l ->> 'lineNo')::integer, node.no::integer, l ->> 'code', node.node,
    (l ->> 'quantity')::bigint, l ->> 'sourceRef'
  from unnest(p_new) n
  cross join jsonb_array_elements_text(coalesce(p_orders[n] -> 'backorderNodes', '[]')) with ordinality node(node, no)
  cross join jsonb_array_elements(p_orders[n] -> 'lines') l
  where l ->> 'kind' = 'goods'
$$;

-- Decides who gets what, in arrival order, from availability read after the locks: the first plan that
-- holds as a whole; else, where the order may wait, what is there and a backorder for the rest; else
-- nothing. One pass in memory over all plans; outcomes are by position.
create or replace function ledger.place_orders(
  p_orders jsonb[], p_new integer[],
  out outcomes text[], out allocations ledger.allocation[], out backorders ledger.allocation[]
) language plpgsql as $$
declare
  v_skus text[]; v_nodes text[]; v_free bigint[];
  v_plan record; v_i integer; v_item integer; v_fits boolean; v_wanted bigint; v_take bigint; v_id text;
begin
  outcomes := array_fill(null::text, array[array_length(p_orders, 1)]);
  allocations := '{}'; backorders := '{}';
  select array_agg(s.sku order by s.sku, s.node), array_agg(s.node order by s.sku, s.node),
         array_agg(s.available order by s.sku, s.node)
  into v_skus, v_nodes, v_free
  from ledger.stock_item s
  where (s.sku, s.node) in (select e.sku, e.node from ledger.plan_entries(p_orders, p_new) e);

  for v_plan in
    select e.pos, e.plan_no, array_agg(e.line_no order by e.line_no, e.rank) as lines,
      array_agg(i.item order by e.line_no, e.rank) as items,
      array_agg(e.quantity order by e.line_no, e.rank) as quantities,
      array_agg(e.source_ref order by e.line_no, e.rank) as refs
    from ledger.plan_entries(p_orders, p_new) e
    join unnest(v_skus, v_nodes) with ordinality i(sku, node, item) using (sku, node)
    group by e.pos, e.plan_no order by e.pos, e.plan_no
  loop
    continue when outcomes[v_plan.pos] is not null;
    v_id := p_orders[v_plan.pos] ->> 'orderId';
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
        allocations := allocations || (v_id, v_plan.lines[v_i], v_skus[v_item], v_nodes[v_item], v_take,
          v_plan.refs[v_i])::ledger.allocation;
      end if;
      -- What no node has waits at the first one.
      if v_wanted > 0 and (v_i = array_length(v_plan.items, 1) or v_plan.lines[v_i + 1] <> v_plan.lines[v_i]) then
        backorders := backorders || (v_id, v_plan.lines[v_i], v_skus[v_item],
          p_orders[v_plan.pos] #>> '{backorderNodes,0}', v_wanted, v_plan.refs[v_i])::ledger.allocation;
      end if;
    end loop;
    if v_fits then outcomes[v_plan.pos] := 'accepted'; end if;
  end loop;

  -- Without goods there is nothing to reserve; whoever got nothing is short.
  for v_i in select unnest(p_new) loop
    if outcomes[v_i] is null then
      outcomes[v_i] := case when jsonb_path_exists(p_orders[v_i], '$.lines[*] ? (@.kind == "goods")')
        then 'rejected' else 'accepted' end;
    end if;
  end loop;
end $$;
