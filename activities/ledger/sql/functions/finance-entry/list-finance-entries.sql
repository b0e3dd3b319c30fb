-- Finance entries newest first, by state and kind.
create or replace function loopline.list_finance_entries(request jsonb) returns jsonb language plpgsql stable as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_rows jsonb;
begin
  select jsonb_agg(ledger.finance_entry_json(f.entry_id)
      || jsonb_build_object('cursor', ledger.cursor_text(array[f.recorded_at::text, f.entry_id]))
      order by f.recorded_at desc, f.entry_id desc)
  into v_rows
  from (
    select n.entry_id, n.recorded_at from ledger.finance_entry n
    where (request ->> 'state' is null or n.state = request ->> 'state')
      and (request ->> 'kind' is null or n.kind = request ->> 'kind')
      and (v_after is null or (n.recorded_at, n.entry_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.entry_id desc
    limit v_limit + 1) f;
  return ledger.page_of(v_rows, v_limit);
end $$;
