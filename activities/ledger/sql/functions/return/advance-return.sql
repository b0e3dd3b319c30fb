-- Carries a return as far as the ledger alone can: from the last inspection on it issues the credit note,
-- plans the refunds, carries out what people decided about them and closes the return; ended, its process
-- ends as well. Converges: doing it again changes nothing. The caller holds the return's lock.
create or replace function ledger.advance_return(p_return text) returns jsonb language plpgsql as $$
declare v_return ledger.returns; v_at timestamptz;
begin
  select * into v_return from ledger.returns where return_id = p_return;
  if v_return.state = 'refunding' then
    v_at := ledger.business_time(p_return);
    if not ledger.refunds_planned(p_return) then
      perform ledger.issue_credit_note(v_return, v_at);
      perform ledger.plan_refunds(v_return, v_at);
    end if;
    perform ledger.resume_refunds(v_return);
    perform ledger.close_return(p_return, v_at);
  elsif v_return.state in ('closed', 'refused', 'expired') then
    perform ledger.end_return_process(p_return);
  end if;
  return ledger.return_position(p_return, true);
end $$;

-- The process looks: something has happened to its return. Safe to repeat. request { returnId }.
create or replace function loopline.advance_return(request jsonb) returns jsonb language plpgsql as $$
begin
  perform ledger.lock_return(request ->> 'returnId');
  return ledger.advance_return(request ->> 'returnId');
end $$;

-- The process runs; answers where it has to go on, whatever happened to an earlier run of it.
create or replace function loopline.begin_return(request jsonb) returns jsonb language plpgsql as $$
begin
  perform ledger.lock_return(request ->> 'processId');
  update ledger.process set state = 'running', started_at = coalesce(started_at, clock_timestamp())
  where process_id = request ->> 'processId' and state = 'pending';
  return ledger.advance_return(request ->> 'processId');
end $$;
