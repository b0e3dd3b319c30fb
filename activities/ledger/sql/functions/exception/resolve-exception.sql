-- A person closes an exception by one of the actions that it offers, and with it what was merged into it. What
-- a process has to do about it, the process reads from the exception: it is told to look. Answers { resolved,
-- replayed, exception }; resolved is false when it was closed before, or is merged into another one. LL422 for
-- an action that is not offered, or a root cause that the kind does not have; LL403 where something that is merged
-- into it lies beyond the actor's reach; LL500 where the policy separates it from what the actor did before
-- (read_duties says so first). Idempotent by resolutionId.
-- request { exceptionId, resolutionId, action, rootCause?, note?, actor, occurredAt?, at?, by? }
create or replace function loopline.resolve_exception(request jsonb) returns jsonb language plpgsql as $$
declare
  v_exception ledger.exception := ledger.lock_exception(request ->> 'exceptionId');
  v_id text := v_exception.exception_id;
  v_content jsonb := request - 'by' - 'actor' - 'occurredAt' - 'at';
  v_key text := v_id || ':resolve:' || (request ->> 'resolutionId');
  v_result jsonb := ledger.stored_step(v_key, v_content);
  v_one ledger.exception;
  v_at timestamptz;
begin
  if v_result is not null then return v_result || '{"replayed": true}'; end if;
  if v_exception.state <> 'open' or v_exception.merged_into is not null then
    return jsonb_build_object('resolved', false, 'replayed', false, 'exception', ledger.exception_json(v_id));
  end if;
  if request ->> 'action' <> all (v_exception.actions) then
    perform ledger.fail_invalid('action', format('%s offers %s', v_id, array_to_string(v_exception.actions, ', ')));
  end if;
  perform ledger.check_root_cause(v_exception, request ->> 'rootCause');
  perform ledger.check_merged_reach(v_id, request -> 'by' -> 'within');

  for v_one in
    select * from ledger.exception e
    where e.exception_id = v_id or (e.merged_into = v_id and e.state = 'open' and request ->> 'action' = any (e.actions))
    order by e.exception_id <> v_id, e.exception_id
  loop
    v_at := greatest(v_one.raised_at, ledger.business_time(v_one.subject_id), ledger.fact_time(request, v_one.subject_id));
    perform ledger.record_act(d.duty, d.thing, v_one.subject_id, request ->> 'actor', null, v_at)
    from ledger.duties_of_resolution(v_one, request ->> 'action') d order by d.thing;
    perform ledger.close_exception(v_one, request, v_at);
  end loop;
  perform ledger.unmerge_rest(v_id, request ->> 'actor', ledger.board_time(v_exception, request));
  perform ledger.tell(ledger.closing_told(v_exception));
  return ledger.store_step(v_key, v_exception.subject_id, v_content, jsonb_build_object(
    'resolved', true, 'replayed', false, 'exception', ledger.exception_json(v_id)));
end $$;

-- What is merged into an entry is closed with it, so all of that has to lie within the reach of whoever closes it.
create or replace function ledger.check_merged_reach(p_exception text, p_within jsonb) returns void
language plpgsql stable as $$
begin
  if p_within is null then return; end if;
  perform ledger.check_reach(p_within || jsonb_build_object('subjects', (
    select coalesce(jsonb_agg(jsonb_build_object('kind', 'exception', 'id', e.exception_id)), '[]')
    from ledger.exception e where e.merged_into = p_exception and e.state = 'open')));
end $$;

-- What the audit says of an entry that is closed: what it was about, and who had it.
create or replace function ledger.closing_told(p_row ledger.exception) returns jsonb language sql immutable as $$
  select jsonb_build_object(
    'before', jsonb_build_object('state', p_row.state, 'assignee', p_row.assignee, 'owner', p_row.owner),
    'after', jsonb_build_object('state', 'resolved', 'kind', p_row.kind, 'subjectId', p_row.subject_id))
$$;

-- The reasons of its kind, or any reason for an exception where its kind names none.
create or replace function ledger.check_root_cause(p_row ledger.exception, p_code text) returns void
language plpgsql stable as $$
begin
  if p_code is null or p_code = any (p_row.root_causes) then return; end if;
  if p_row.root_causes = '{}' and exists (
    select from ledger.reason_code r where r.reason_code = p_code and r.subject = 'exception') then return; end if;
  perform ledger.fail_invalid('rootCause', format('%s is no root cause of %s; there is %s', p_code, p_row.kind,
    coalesce(nullif(array_to_string(p_row.root_causes, ', '), ''), 'every reason code of exceptions')));
end $$;

-- Closes one entry as a request with { action, rootCause?, note?, actor } says, and tells its process.
create or replace function ledger.close_exception(p_row ledger.exception, request jsonb, p_at timestamptz) returns void
language plpgsql as $$
declare v_action text := request ->> 'action'; v_actor text := request ->> 'actor'; v_row ledger.exception;
begin
  update ledger.exception e set state = 'resolved', resolution = v_action, resolved_by = v_actor,
    note = request ->> 'note', root_cause = coalesce(request ->> 'rootCause', 'not-investigated'), resolved_at = p_at,
    snoozed_until = null, snooze_reason = null, escalate_at = null
  where e.exception_id = p_row.exception_id returning * into v_row;
  perform ledger.note(p_row.subject_id, 'exception-resolved', v_actor, p_at, p_row.exception_id, v_action,
    jsonb_build_object('note', request ->> 'note'));
  perform ledger.board_event(p_row.exception_id, 'resolved', v_actor, p_at, request ->> 'note',
    ledger.closing_detail(v_row) || jsonb_strip_nulls(jsonb_build_object('mergedInto', p_row.merged_into)));
  if p_row.kind = 'stock-short' and v_action = 'wait' then
    perform ledger.retry_write_off(p_row.subject_id, p_row.exception_id, v_actor, p_at);
  end if;
  if p_row.kind = 'connector' and v_action = 'retry' then
    perform ledger.retry_delivery(p_row.evidence, p_at);
  end if;
  -- Also where the ledger holds the process for ended: its workflow may have failed at the very last step.
  if p_row.process_id is not null then
    perform ledger.send('signal', p_row.process_id, jsonb_build_object('factId', ledger.occurrence_of(p_row))
      || case when v_action = 'retry' and p_row.kind in ('workflow-failed', 'compensation-failed')
           then '{"again": true}'::jsonb else '{}' end);
  end if;
end $$;
