-- Waits with their deadline and next step, the one that is due first at the top.
create or replace function loopline.list_dues(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_rows jsonb;
begin
  select jsonb_agg(jsonb_build_object(
      'dueId', d.due_id, 'subjectId', d.subject_id, 'processId', d.process_id, 'kind', d.kind,
      'nextStep', d.next_step, 'dueAt', ledger.instant_text(d.due_at), 'state', d.state,
      'cursor', ledger.cursor_text(array[d.due_at::text, d.due_id])) order by d.due_at, d.due_id)
  into v_rows
  from (
    select * from ledger.due n
    where n.state = 'open'
      and (request ->> 'before' is null or n.due_at <= (request ->> 'before')::timestamptz)
      and (v_after is null or (n.due_at, n.due_id) > (v_after[1]::timestamptz, v_after[2]))
    order by n.due_at, n.due_id
    limit v_limit + 1) d;
  return ledger.page_of(v_rows, v_limit);
end $$;
