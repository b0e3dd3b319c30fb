-- Returns, newest first. request { limit?, cursor?, state?, orderId?, customer? }; customer is the
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
begin
  return query
    select r.return_id, r.recorded_at from ledger.returns r
    where (request ->> 'state' is null or r.state = request ->> 'state')
      and (v_returns is null or r.return_id = any (v_returns))
      and (v_customers is null or r.customer_id = any (v_customers))
      and (v_after is null or (r.recorded_at, r.return_id) < (v_after[1]::timestamptz, v_after[2]))
    order by r.recorded_at desc, r.return_id desc
    limit p_count;
end $$;
