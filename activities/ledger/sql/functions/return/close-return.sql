-- Closes a return whose refunds are planned and none of them is open, in the ledger or with a person. One that
-- was refunded with its receipt waits for the inspection first.
create or replace function ledger.close_return(p_return text, p_at timestamptz) returns void language plpgsql as $$
begin
  if not ledger.refunds_planned(p_return) or ledger.refund_trouble(p_return) > 0
    or exists (select from ledger.refund f where f.subject_id = p_return and f.state = 'due') then
    return;
  end if;
  if ledger.inspection_open(p_return) then
    update ledger.returns set state = 'awaiting-inspection' where return_id = p_return;
    return;
  end if;
  update ledger.returns set state = 'closed', ended_at = p_at where return_id = p_return;
  perform ledger.note(p_return, 'return-closed', 'loopline', p_at);
  perform ledger.end_return_process(p_return);
end $$;

-- Whether goods of the return have arrived that nobody has inspected.
create or replace function ledger.inspection_open(p_return text) returns boolean language sql stable as $$
  select exists (select from ledger.return_line l where l.return_id = p_return and l.inspected < l.received)
$$;

create or replace function ledger.end_return_process(p_return text) returns void language plpgsql as $$
begin
  perform ledger.meet_due(p_return);
  perform ledger.end_process(p_return);
end $$;

-- The process was cancelled: while nothing has come back, the return is undone as if its deadline had
-- passed. Safe when there is nothing to undo, and to repeat. Answers applied false when goods or money
-- are under way already, which only a person can untangle. request { returnId }.
create or replace function loopline.abandon_return(request jsonb) returns jsonb language plpgsql as $$
declare
  v_id text := request ->> 'returnId';
  v_return ledger.returns := ledger.lock_return(v_id);
  v_at timestamptz := ledger.business_time(v_id);
begin
  if v_return.state in ('closed', 'refused', 'expired') then
    perform ledger.end_process(v_id);
    return ledger.return_position(v_id, true);
  end if;
  if v_return.state not in ('in-review', 'awaiting-receipt')
    or exists (select from ledger.return_line l where l.return_id = v_id and l.received > 0) then
    return ledger.return_position(v_id, false);
  end if;
  perform ledger.release_return_claims(v_id);
  perform ledger.withdraw_approvals(v_id, 'loopline', v_at);
  update ledger.returns set state = 'expired', ended_at = v_at where return_id = v_id;
  perform ledger.meet_due(v_id);
  perform ledger.note(v_id, 'return-expired', 'loopline', v_at, null, 'its process was cancelled');
  perform ledger.end_process(v_id);
  return ledger.return_position(v_id, true);
end $$;
