-- Finance entries newest first, by state and kind. request { limit?, cursor?, state?, kind?, within? }
create or replace function loopline.list_finance_entries(request jsonb) returns jsonb language plpgsql stable as $$
declare v_limit integer := ledger.page_limit(request); v_rows jsonb;
begin
  select jsonb_agg(ledger.finance_entry_json(p.id)
      || jsonb_build_object('cursor', ledger.cursor_text(array[p.at::text, p.id])) order by p.at desc, p.id desc)
  into v_rows from ledger.finance_entries_page(request, v_limit + 1) p;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- The ids of the page that begins behind the cursor, in their order.
create or replace function ledger.finance_entries_page(request jsonb, p_count integer)
returns table (id text, at timestamptz)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_channels text[] := ledger.within(request, 'channels');
  -- What is about nobody lies nowhere: whoever is restricted by any place does not see it.
  v_is_free boolean := coalesce(v_channels, ledger.within(request, 'nodes'), ledger.within(request, 'regions')) is null;
begin
  return query
    select n.entry_id, n.recorded_at from ledger.finance_entry n
    where (request ->> 'state' is null or n.state = request ->> 'state')
      and (request ->> 'kind' is null or n.kind = request ->> 'kind')
      and (v_is_free or n.customer_id is not null)
      and (v_channels is null or exists (
        select from ledger.customer c where c.customer_id = n.customer_id and c.channel = any (v_channels)))
      and (v_after is null or (n.recorded_at, n.entry_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.entry_id desc
    limit p_count;
end $$;
