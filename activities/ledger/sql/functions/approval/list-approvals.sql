-- Approvals newest first, by state and kind of subject.
create or replace function loopline.list_approvals(request jsonb) returns jsonb language plpgsql stable as $$
declare v_limit integer := ledger.page_limit(request); v_rows jsonb;
begin
  select jsonb_agg(ledger.approval_json(p.id)
      || jsonb_build_object('cursor', ledger.cursor_text(array[p.at::text, p.id])) order by p.at desc, p.id desc)
  into v_rows from ledger.approvals_page(request, v_limit + 1) p;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- The ids of the page that begins behind the cursor, in their order.
create or replace function ledger.approvals_page(request jsonb, p_count integer)
returns table (id text, at timestamptz)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
begin
  return query
    select n.approval_id, n.recorded_at from ledger.approval n
    where (request ->> 'state' is null or n.state = request ->> 'state')
      and (request ->> 'subjectKind' is null or n.subject_kind = request ->> 'subjectKind')
      and (v_after is null or (n.recorded_at, n.approval_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.approval_id desc
    limit p_count;
end $$;
