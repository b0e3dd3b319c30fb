-- Nothing is left to do: the return is closed and its process ends. Answers applied false while a
-- refund is open. Idempotency key: <return id>:close:1. request { returnId }.
create or replace function loopline.close_return(request jsonb) returns jsonb language plpgsql as $$
declare
  v_id text := request ->> 'returnId';
  v_key text := v_id || ':close:1';
  v_return ledger.returns := ledger.lock_return(v_id);
  v_stored jsonb := ledger.stored_step(v_key, request);
  v_position jsonb;
  v_at timestamptz := ledger.business_time(v_id);
begin
  if v_stored is not null then return v_stored; end if;
  v_position := ledger.return_position(v_id, false);
  if v_return.state = 'refunding' then
    if (v_position ->> 'refundTrouble')::integer > 0
      or exists (select from ledger.refund f where f.subject_id = v_id and f.state = 'due')
      or not exists (select from ledger.step s where s.key = v_id || ':refunds:1') then
      return v_position;
    end if;
    update ledger.returns set state = 'closed', ended_at = v_at where return_id = v_id;
    perform ledger.note(v_id, 'return-closed', 'loopline', v_at);
  elsif v_return.state not in ('closed', 'refused', 'expired') then
    return v_position;
  end if;
  perform ledger.meet_due(v_id);
  perform ledger.end_process(v_id);
  return ledger.store_step(v_key, v_id, request, ledger.return_position(v_id, true));
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
  update ledger.approval set state = 'withdrawn' where subject_id = v_id and state = 'open';
  update ledger.returns set state = 'expired', ended_at = v_at where return_id = v_id;
  perform ledger.meet_due(v_id);
  perform ledger.note(v_id, 'return-expired', 'loopline', v_at, null, 'its process was cancelled');
  perform ledger.end_process(v_id);
  return ledger.return_position(v_id, true);
end $$;
