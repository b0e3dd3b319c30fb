-- Returns, newest first. request { limit?, cursor?, state?, orderId?, customer?, within? }; customer is the
-- external id.
create or replace function loopline.list_returns(request jsonb) returns jsonb language plpgsql stable as $$
declare v_limit integer := ledger.page_limit(request); v_rows jsonb;
begin
  select jsonb_agg(ledger.return_json(p.id)
      || jsonb_build_object('cursor', ledger.cursor_text(array[p.at::text, p.id])) order by p.at desc, p.id desc)
  into v_rows from ledger.returns_page(request, v_limit + 1) p;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- The ids of the page that begins behind the cursor, in their order.
create or replace function ledger.returns_page(request jsonb, p_count integer)
returns table (id text, at timestamptz)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_customers bigint[] := ledger.customers_named(request ->> 'customer');
  v_returns text[] := case when request ->> 'orderId' is not null then array(
    select distinct l.return_id from ledger.return_line l where l.order_id = request ->> 'orderId') end;
  v_nodes text[] := ledger.within(request, 'nodes');
  v_channels text[] := ledger.within(request, 'channels');
  v_regions text[] := ledger.within(request, 'regions');
begin
  return query
    select r.return_id, r.recorded_at from ledger.returns r
    where (request ->> 'state' is null or r.state = request ->> 'state')
      and (v_returns is null or r.return_id = any (v_returns))
      and (v_customers is null or r.customer_id = any (v_customers))
      and (v_channels is null or r.channel = any (v_channels))
      -- The same as ledger.return_lies.
      and (v_nodes is null or exists (
        select from ledger.return_line l
        left join ledger.order_line s on s.order_id = l.order_id and s.line_no = l.order_line_no
        where l.return_id = r.return_id and l.cover <> 'cancelled' and coalesce(l.node, s.node) = any (v_nodes) offset 0))
      and (v_regions is null or exists (
        select from ledger.return_line l
        left join ledger.orders o on o.order_id = l.order_id
        left join ledger.order_line s on s.order_id = l.order_id and s.line_no = l.order_line_no
        left join ledger.node n on n.node = coalesce(l.node, s.node)
        where l.return_id = r.return_id and coalesce(o.ship_to ->> 'country', n.country) = any (v_regions) offset 0))
      and (v_after is null or (r.recorded_at, r.return_id) < (v_after[1]::timestamptz, v_after[2]))
    order by r.recorded_at desc, r.return_id desc
    limit p_count;
end $$;
