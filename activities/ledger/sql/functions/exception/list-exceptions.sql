-- Exceptions newest first. request { limit?, cursor?, state?, kind?, owner?, assignee?, severity?, subjectId?,
-- dueBefore?, node?, channel?, region?, snoozed?, merged?, overdue?, at?, within? }; `at` is now, for overdue.
create or replace function loopline.list_exceptions(request jsonb) returns jsonb language plpgsql stable as $$
declare v_limit integer := ledger.page_limit(request); v_rows jsonb;
begin
  select jsonb_agg(ledger.exception_json(p.id)
      || jsonb_build_object('cursor', ledger.cursor_text(array[p.at::text, p.id])) order by p.at desc, p.id desc)
  into v_rows from ledger.exceptions_page(request, v_limit + 1) p;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- The ids of the page that begins behind the cursor, in their order.
create or replace function ledger.exceptions_page(request jsonb, p_count integer)
returns table (id text, at timestamptz)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_due timestamptz := (request ->> 'dueBefore')::timestamptz;
  v_snoozed boolean := (request ->> 'snoozed')::boolean;
  v_merged boolean := (request ->> 'merged')::boolean;
  v_overdue boolean := (request ->> 'overdue')::boolean;
  v_now timestamptz := (request ->> 'at')::timestamptz;
begin
  return query
    select n.exception_id, n.recorded_at from ledger.exception n
    where (request ->> 'state' is null or n.state = request ->> 'state')
      and (request ->> 'kind' is null or n.kind = request ->> 'kind')
      and (request ->> 'owner' is null or n.owner = request ->> 'owner')
      and (request ->> 'assignee' is null or n.assignee = request ->> 'assignee')
      and (request ->> 'severity' is null or n.severity = request ->> 'severity')
      and (request ->> 'subjectId' is null or n.subject_id = request ->> 'subjectId')
      and (v_due is null or n.due_at <= v_due)
      and (v_snoozed is null or (n.snoozed_until is not null) = v_snoozed)
      and (v_merged is null or (n.merged_into is not null) = v_merged)
      and (v_overdue is null or (n.state = 'open' and n.due_at < v_now) = v_overdue)
      and (request ->> 'node' is null or request ->> 'node' = any (n.reach_nodes))
      and (request ->> 'channel' is null or request ->> 'channel' = any (n.reach_channels))
      and (request ->> 'region' is null or request ->> 'region' = any (n.reach_regions))
      and ledger.lies_within(n.reach_nodes, request #> '{within,nodes}')
      and ledger.lies_within(n.reach_channels, request #> '{within,channels}')
      and ledger.lies_within(n.reach_regions, request #> '{within,regions}')
      and (v_after is null or (n.recorded_at, n.exception_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.exception_id desc
    limit p_count;
end $$;
