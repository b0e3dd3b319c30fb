-- A step that was reported as failed goes on by itself: its open exception is closed as healed. Answers { healed }.
create or replace function loopline.heal_failure(request jsonb) returns jsonb language plpgsql as $$
declare v_process ledger.process;
begin
  select * into v_process from ledger.process where process_id = request ->> 'processId';
  if not found then perform ledger.fail_not_found('Process', request ->> 'processId'); end if;
  return jsonb_build_object('healed', ledger.heal_exception('workflow-failed', v_process.process_id,
    request ->> 'step', coalesce(ledger.business_time(v_process.process_id), v_process.recorded_at)));
end $$;
