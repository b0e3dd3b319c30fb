-- Approvals newest first, by state and kind of subject.
create or replace function loopline.list_approvals(request jsonb) returns jsonb language plpgsql stable as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_rows jsonb;
begin
  select jsonb_agg(ledger.approval_json(a.approval_id)
      || jsonb_build_object('cursor', ledger.cursor_text(array[a.recorded_at::text, a.approval_id]))
      order by a.recorded_at desc, a.approval_id desc)
  into v_rows
  from (
    select n.approval_id, n.recorded_at from ledger.approval n
    where (request ->> 'state' is null or n.state = request ->> 'state')
      and (request ->> 'subjectKind' is null or n.subject_kind = request ->> 'subjectKind')
      and (v_after is null or (n.recorded_at, n.approval_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.approval_id desc
    limit v_limit + 1) a;
  return ledger.page_of(v_rows, v_limit);
end $$;
