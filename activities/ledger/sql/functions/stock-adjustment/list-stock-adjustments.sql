-- Stock adjustments newest first, by state, kind, SKU and node.
create or replace function loopline.list_stock_adjustments(request jsonb) returns jsonb
language plpgsql stable as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_rows jsonb;
begin
  select jsonb_agg(ledger.adjustment_json(a.adjustment_id)
      || jsonb_build_object('cursor', ledger.cursor_text(array[a.recorded_at::text, a.adjustment_id]))
      order by a.recorded_at desc, a.adjustment_id desc)
  into v_rows
  from (
    select n.adjustment_id, n.recorded_at from ledger.stock_adjustment n
    where (request ->> 'state' is null or n.state = request ->> 'state')
      and (request ->> 'kind' is null or n.kind = request ->> 'kind')
      and (request ->> 'sku' is null or n.sku = request ->> 'sku')
      and (request ->> 'node' is null or n.node = request ->> 'node')
      and (v_after is null or (n.recorded_at, n.adjustment_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.adjustment_id desc
    limit v_limit + 1) a;
  return ledger.page_of(v_rows, v_limit);
end $$;
