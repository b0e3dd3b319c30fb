-- Stock adjustments newest first, by state, kind, SKU and node. request { limit?, cursor?, state?, kind?, sku?,
-- node?, within? }
create or replace function loopline.list_stock_adjustments(request jsonb) returns jsonb language plpgsql stable as $$
declare v_limit integer := ledger.page_limit(request); v_rows jsonb;
begin
  select jsonb_agg(ledger.adjustment_json(p.id)
      || jsonb_build_object('cursor', ledger.cursor_text(array[p.at::text, p.id])) order by p.at desc, p.id desc)
  into v_rows from ledger.stock_adjustments_page(request, v_limit + 1) p;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- The ids of the page that begins behind the cursor, in their order.
create or replace function ledger.stock_adjustments_page(request jsonb, p_count integer)
returns table (id text, at timestamptz)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_within text[] := ledger.nodes_within(request);
begin
  return query
    select n.adjustment_id, n.recorded_at from ledger.stock_adjustment n
    where (request ->> 'state' is null or n.state = request ->> 'state')
      and (request ->> 'kind' is null or n.kind = request ->> 'kind')
      and (request ->> 'sku' is null or n.sku = request ->> 'sku')
      and (request ->> 'node' is null or n.node = request ->> 'node')
      and (v_within is null or n.node = any (v_within))
      and (v_after is null or (n.recorded_at, n.adjustment_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.adjustment_id desc
    limit p_count;
end $$;
