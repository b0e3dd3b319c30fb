-- One SKU at every node that knows it. onHand is what stands on the shelf: free, reserved and picked
-- units; available may still be promised. inTransit is announced by shipping notices, inbound is all
-- that open purchase orders still bring. request { sku, within? }
create or replace function loopline.read_stock(request jsonb) returns jsonb language plpgsql stable as $$
declare v_sku ledger.sku; v_nodes jsonb; v_within text[] := ledger.nodes_within(request);
begin
  select * into v_sku from ledger.sku s where s.sku = request ->> 'sku';
  if not found then perform ledger.fail_not_found('SKU', request ->> 'sku'); end if;
  select jsonb_agg(ledger.stock_json(i.sku, i.node) order by n.priority, i.node)
  into v_nodes
  from ledger.stock_item i join ledger.node n on n.node = i.node
  where i.sku = v_sku.sku and (v_within is null or i.node = any (v_within));
  return jsonb_build_object('sku', v_sku.sku, 'description', v_sku.description,
    'unitOfMeasure', v_sku.unit_of_measure, 'nodes', coalesce(v_nodes, '[]'));
end $$;

create or replace function ledger.stock_json(p_sku text, p_node text) returns jsonb language sql stable as $$
  with balance as (
    select b.bucket, b.lot, b.quantity from ledger.stock_balance b
    where b.sku = p_sku and b.node = p_node and b.quantity > 0
  ), total as (
    select coalesce(sum(b.quantity) filter (where b.bucket in ('on-hand', 'reserved', 'picked')), 0)::bigint as on_hand,
      coalesce(sum(b.quantity) filter (where b.bucket = 'reserved'), 0)::bigint as reserved,
      coalesce(sum(b.quantity) filter (where b.bucket = 'picked'), 0)::bigint as picked,
      coalesce(sum(b.quantity) filter (where b.bucket = 'inbound'), 0)::bigint as in_transit,
      coalesce(sum(b.quantity) filter (where b.bucket = 'returned'), 0)::bigint as returned,
      coalesce(sum(b.quantity) filter (where b.bucket = 'quarantined'), 0)::bigint as quarantined,
      coalesce(sum(b.quantity) filter (where b.bucket = 'damaged'), 0)::bigint as damaged
    from balance b
  )
  select jsonb_build_object(
    'sku', p_sku, 'node', p_node, 'onHand', t.on_hand, 'reserved', t.reserved, 'picked', t.picked,
    'available', (select i.available from ledger.stock_item i where i.sku = p_sku and i.node = p_node),
    'inTransit', t.in_transit,
    'inbound', (
      select coalesce(sum(greatest(l.quantity - l.received - l.short, 0)), 0)::bigint
      from ledger.purchase_order_line l join ledger.purchase_order p using (purchase_order_id)
      where l.sku = p_sku and p.node = p_node and p.state in ('approved', 'sent', 'acknowledged')),
    'returned', t.returned, 'quarantined', t.quarantined, 'damaged', t.damaged,
    'backordered', (
      select coalesce(sum(w.quantity), 0)::bigint from ledger.backorder w
      where w.sku = p_sku and w.node = p_node and w.quantity > 0),
    'lots', (
      select coalesce(jsonb_agg(jsonb_build_object('lot', b.lot, 'bucket', b.bucket, 'quantity', b.quantity)
        order by b.lot, b.bucket), '[]')
      from balance b where b.lot <> ''))
  from total t
$$;

-- Stock of many SKUs, by SKU and node. request { limit?, cursor?, sku?, node?, within? }
create or replace function loopline.list_stock(request jsonb) returns jsonb language plpgsql stable as $$
declare v_limit integer := ledger.page_limit(request); v_rows jsonb;
begin
  select jsonb_agg(ledger.stock_json(i.sku, i.node)
    || jsonb_build_object('cursor', ledger.cursor_text(array[i.sku, i.node])) order by i.sku, i.node)
  into v_rows from ledger.stock_page(request, v_limit + 1) i;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- The items of the page that begins behind the cursor, in their order.
create or replace function ledger.stock_page(request jsonb, p_count integer)
returns table (sku text, node text)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare v_after text[] := ledger.cursor_values(request ->> 'cursor', '{text,text}');
  v_within text[] := ledger.nodes_within(request);
begin
  return query
    select n.sku, n.node from ledger.stock_item n
    where (request ->> 'sku' is null or n.sku = request ->> 'sku')
      and (request ->> 'node' is null or n.node = request ->> 'node')
      and (v_within is null or n.node = any (v_within))
      and (v_after is null or (n.sku, n.node) > (v_after[1], v_after[2]))
    order by n.sku, n.node
    limit p_count;
end $$;
