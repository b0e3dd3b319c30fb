-- A person closes an exception by one of the actions that it offers. What a process has to do about
-- it, the process reads from the exception: it is told to look. Answers { resolved, replayed,
-- exception }; resolved is false when it was closed before. LL422 for an action that is not offered.
-- Idempotent by resolutionId.
create or replace function loopline.resolve_exception(request jsonb) returns jsonb language plpgsql as $$
declare
  v_exception ledger.exception; v_content jsonb := request - 'actor' - 'occurredAt' - 'at'; v_result jsonb; v_at timestamptz;
  v_action text := request ->> 'action';
  v_key text := (request ->> 'exceptionId') || ':resolve:' || (request ->> 'resolutionId');
begin
  select * into v_exception from ledger.exception where exception_id = request ->> 'exceptionId';
  if not found then perform ledger.fail_not_found('Exception', request ->> 'exceptionId'); end if;
  -- The subject's row first, as everywhere: the action below may change it.
  perform from ledger.stock_adjustment where adjustment_id = v_exception.subject_id for no key update;
  select * into v_exception from ledger.exception where exception_id = v_exception.exception_id for no key update;

  v_result := ledger.stored_step(v_key, v_content);
  if v_result is not null then return v_result || '{"replayed": true}'; end if;
  if v_exception.state <> 'open' then
    return jsonb_build_object('resolved', false, 'replayed', false,
      'exception', ledger.exception_json(v_exception.exception_id));
  end if;
  if v_action <> all (v_exception.actions) then
    perform ledger.fail_invalid('action', format('%s offers %s', v_exception.exception_id,
      array_to_string(v_exception.actions, ', ')));
  end if;

  v_at := greatest(v_exception.raised_at, ledger.business_time(v_exception.subject_id),
    ledger.fact_time(request, v_exception.subject_id));
  update ledger.exception set state = 'resolved', resolution = v_action, resolved_by = request ->> 'actor',
    note = request ->> 'note', resolved_at = v_at
  where exception_id = v_exception.exception_id;
  perform ledger.note(v_exception.subject_id, 'exception-resolved', request ->> 'actor', v_at,
    v_exception.exception_id, v_action, jsonb_build_object('note', request ->> 'note'));
  if v_exception.kind = 'stock-short' and v_action = 'wait' then
    perform ledger.retry_write_off(v_exception.subject_id, v_exception.exception_id, request ->> 'actor', v_at);
  end if;
  -- Also where the ledger holds the process for ended: its workflow may have failed at the very last step.
  if v_exception.process_id is not null then
    perform ledger.send('signal', v_exception.process_id, jsonb_build_object('factId', v_exception.exception_id));
  end if;
  return ledger.store_step(v_key, v_exception.subject_id, v_content, jsonb_build_object(
    'resolved', true, 'replayed', false, 'exception', ledger.exception_json(v_exception.exception_id)));
end $$;
