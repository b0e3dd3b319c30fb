-- The deadline of an open approval has passed: it goes to the exception board, once, and stays open.
-- Answers { applied, state }.
create or replace function loopline.escalate_approval(request jsonb) returns jsonb language plpgsql as $$
declare
  v_approval ledger.approval; v_exception text; v_content jsonb := request - 'actor';
  v_key text := (request ->> 'approvalId') || ':escalate:deadline'; v_at timestamptz;
begin
  select * into v_approval from ledger.approval where approval_id = request ->> 'approvalId' for no key update;
  if not found then perform ledger.fail_not_found('Approval', request ->> 'approvalId'); end if;
  if v_approval.state <> 'open' or ledger.stored_step(v_key, v_content) is not null then
    return jsonb_build_object('applied', false, 'state', v_approval.state);
  end if;
  v_at := greatest(v_approval.due_at, ledger.business_time(v_approval.subject_id));
  v_exception := ledger.raise_exception('approval-overdue', v_approval.subject_id, v_approval.process_id,
    v_approval.approval_id, jsonb_build_object('approvalId', v_approval.approval_id, 'role', v_approval.role,
      'amountMinor', v_approval.amount_minor::text, 'currency', v_approval.currency), v_at);
  perform ledger.meet_due(v_approval.subject_id, 'approval');
  perform ledger.store_step(v_key, v_approval.subject_id, v_content,
    jsonb_build_object('exceptionId', v_exception));
  return jsonb_build_object('applied', true, 'state', v_approval.state);
end $$;
