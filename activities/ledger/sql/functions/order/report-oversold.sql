-- Orders that their channel had taken money for and that are refused as short: the channel shows more than there
-- is. One entry for each channel and SKU, however many buyers it meets; an order counts with its first line of
-- which there is too little. `p_results` are first answers by order.
create or replace function ledger.report_oversold(
  p_orders ledger.incoming_order[], p_lines ledger.incoming_line[], p_results jsonb
) returns void language plpgsql as $$
declare v_sold record;
begin
  if not jsonb_path_exists(p_results, '$.*.givesBack ? (@ == true)') then return; end if;
  for v_sold in
    select distinct on (s.channel, s.sku) s.*
    from (
      select distinct on (o.pos) o.pos, o.channel, o.order_id, o.placed_at, l.code as sku, l.quantity, i.available
      from unnest(p_orders) o
      join unnest(p_lines) l on l.pos = o.pos and l.kind = 'goods'
      cross join lateral (select coalesce(sum(n.available), 0) as available from ledger.stock_item n where n.sku = l.code) i
      where (p_results #>> array[o.order_id, 'givesBack'])::boolean
      order by o.pos, l.quantity <= i.available, l.line_no
    ) s
    order by s.channel, s.sku, s.pos
  loop
    perform ledger.raise_exception('oversold-channel', 'channel:' || v_sold.channel, null, v_sold.sku,
      jsonb_build_object('channel', v_sold.channel, 'sku', v_sold.sku, 'orderId', v_sold.order_id,
        'asked', v_sold.quantity, 'available', v_sold.available), v_sold.placed_at);
  end loop;
end $$;
