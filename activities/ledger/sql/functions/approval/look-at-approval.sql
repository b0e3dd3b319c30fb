-- Where an approval stands, for the process that waits for it. Changes nothing.
create or replace function loopline.look_at_approval(request jsonb) returns jsonb language plpgsql stable as $$
declare v_state text;
begin
  select state into v_state from ledger.approval where approval_id = request ->> 'approvalId';
  if not found then perform ledger.fail_not_found('Approval', request ->> 'approvalId'); end if;
  return jsonb_build_object('applied', false, 'state', v_state);
end $$;
