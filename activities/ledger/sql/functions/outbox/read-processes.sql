-- Processes by id, kind or state, newest first; `startedBefore` serves whoever looks for waits that
-- have no workflow any more.
create or replace function loopline.read_processes(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_ids text[] := ledger.text_array(request -> 'processIds');
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_rows jsonb;
begin
  select jsonb_agg(jsonb_build_object(
      'processId', p.process_id, 'kind', p.kind, 'state', p.state, 'attributes', p.attributes,
      'attempts', p.attempts, 'recordedAt', ledger.instant_text(p.recorded_at),
      'startedAt', ledger.instant_text(p.started_at), 'endedAt', ledger.instant_text(p.ended_at),
      'cursor', ledger.cursor_text(array[p.recorded_at::text, p.process_id]))
      order by p.recorded_at desc, p.process_id desc)
  into v_rows
  from (
    select * from ledger.process n
    where (v_ids is null or n.process_id = any (v_ids))
      and (request ->> 'state' is null or n.state = request ->> 'state')
      and (request ->> 'kind' is null or n.kind = request ->> 'kind')
      and (request ->> 'startedBefore' is null or n.started_at < (request ->> 'startedBefore')::timestamptz)
      and (v_after is null or (n.recorded_at, n.process_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.process_id desc
    limit v_limit + 1) p;
  return ledger.page_of(v_rows, v_limit);
end $$;
