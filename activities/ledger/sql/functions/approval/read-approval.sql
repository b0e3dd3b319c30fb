-- One approval; LL404 when there is none of that id.
create or replace function loopline.read_approval(request jsonb) returns jsonb language plpgsql stable as $$
declare v_approval jsonb := ledger.approval_json(request ->> 'approvalId');
begin
  if v_approval is null then perform ledger.fail_not_found('Approval', request ->> 'approvalId'); end if;
  return v_approval;
end $$;
