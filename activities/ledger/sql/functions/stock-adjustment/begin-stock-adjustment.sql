-- The first step of the process: it runs now. Answers { alreadyFinished, state, approvalId,
-- waitSeconds }: what it waits for and how long, in business time.
create or replace function loopline.begin_stock_adjustment(request jsonb) returns jsonb language plpgsql as $$
declare v_state text;
begin
  select state into v_state from ledger.stock_adjustment
  where adjustment_id = request ->> 'processId' for no key update;
  if not found then perform ledger.fail_not_found('Stock adjustment', request ->> 'processId'); end if;
  return ledger.begin_review(request ->> 'processId') || jsonb_build_object('state', v_state);
end $$;

-- Marks a process that does nothing but await its approval as running.
create or replace function ledger.begin_review(p_process text) returns jsonb language plpgsql as $$
declare v_ended boolean; v_approval ledger.approval;
begin
  update ledger.process set state = 'running', started_at = coalesce(started_at, clock_timestamp()),
    leased_until = null
  where process_id = p_process and state = 'pending';
  select p.state = 'ended' into v_ended from ledger.process p where p.process_id = p_process;
  if not found then perform ledger.fail_not_found('Process', p_process); end if;
  select * into v_approval from ledger.approval where subject_id = p_process order by recorded_at desc limit 1;
  return jsonb_build_object('alreadyFinished', v_ended, 'approvalId', v_approval.approval_id,
    'waitSeconds', greatest(0, extract(epoch from v_approval.due_at - ledger.business_time(p_process)))::bigint);
end $$;
