-- A step of a process failed for good, or its undoing did: ops is told. While that trouble is open,
-- the same step of the same process is the same exception. Answers { exceptionId }.
create or replace function loopline.report_failure(request jsonb) returns jsonb language plpgsql as $$
declare v_process ledger.process;
begin
  select * into v_process from ledger.process where process_id = request ->> 'processId';
  if not found then perform ledger.fail_not_found('Process', request ->> 'processId'); end if;
  return jsonb_build_object('exceptionId', ledger.raise_exception(
    case when (request ->> 'compensation')::boolean then 'compensation-failed' else 'workflow-failed' end,
    v_process.process_id, v_process.process_id, request ->> 'step',
    jsonb_build_object('step', request ->> 'step', 'message', left(request ->> 'message', 500)),
    -- A process without any fact yet has only the day on which it was recorded.
    coalesce(ledger.business_time(v_process.process_id), v_process.recorded_at)));
end $$;
