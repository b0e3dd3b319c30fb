-- The authority on a decision, called by the process that waits for it: the first one wins, and its
-- effect on the subject is in the same call. Answers { applied, state }; the same for ever.
create or replace function loopline.record_decision(request jsonb) returns jsonb language plpgsql as $$
begin
  return ledger.settle_decision(request ->> 'decisionId');
end $$;

-- Locks the subject, then the approval: whatever touches both does so in this order.
create or replace function ledger.settle_decision(p_decision text) returns jsonb language plpgsql as $$
declare
  v_decision ledger.decision; v_approval ledger.approval; v_key text; v_content jsonb; v_result jsonb;
  v_applied boolean := false;
begin
  select * into v_decision from ledger.decision where decision_id = p_decision;
  if not found then perform ledger.fail_not_found('Decision', p_decision); end if;
  select * into v_approval from ledger.approval where approval_id = v_decision.approval_id;
  perform ledger.lock_subject(v_approval.subject_kind, v_approval.subject_id);
  select * into v_approval from ledger.approval where approval_id = v_decision.approval_id for no key update;

  v_key := v_approval.approval_id || ':decide:' || p_decision;
  v_content := jsonb_build_object('approvalId', v_approval.approval_id, 'decisionId', p_decision);
  v_result := ledger.stored_step(v_key, v_content);
  if v_result is not null then return v_result; end if;

  if v_approval.state = 'open' and v_decision.actor <> v_approval.requested_by then
    v_approval := ledger.close_approval(v_approval, v_decision);
    v_applied := true;
  end if;
  return ledger.store_step(v_key, v_approval.subject_id, v_content,
    jsonb_build_object('applied', v_applied, 'state', v_approval.state));
end $$;

create or replace function ledger.close_approval(p_approval ledger.approval, p_decision ledger.decision)
returns ledger.approval language plpgsql as $$
declare
  v_approval ledger.approval;
  v_approved boolean := p_decision.decision = 'approve';
  v_at timestamptz := greatest(p_approval.requested_at, ledger.business_time(p_approval.subject_id),
    p_decision.occurred_at);
begin
  update ledger.approval
  set state = case when v_approved then 'approved' else 'rejected' end,
    decided_by = p_decision.actor, decided_at = v_at, note = p_decision.note
  where approval_id = p_approval.approval_id returning * into v_approval;
  perform ledger.meet_due(v_approval.subject_id, 'approval');
  perform ledger.heal_exception('approval-overdue', v_approval.subject_id, v_approval.approval_id, v_at);
  perform ledger.note(v_approval.subject_id, 'approval-' || v_approval.state, p_decision.actor, v_at,
    p_decision.decision_id, v_approval.rule,
    jsonb_build_object('approvalId', v_approval.approval_id, 'note', p_decision.note));
  perform ledger.carry_out(v_approval.subject_kind, v_approval.subject_id, v_approved, p_decision.actor, v_at);
  return v_approval;
end $$;

create or replace function ledger.carry_out(
  p_kind text, p_subject text, p_approved boolean, p_actor text, p_at timestamptz
) returns void language plpgsql as $$
begin
  case p_kind
    when 'return' then perform ledger.decide_return(p_subject, p_approved, p_actor, p_at);
    when 'purchase-order' then perform ledger.decide_purchase_order(p_subject, p_approved, p_actor, p_at);
    when 'stock-adjustment' then perform ledger.decide_stock_adjustment(p_subject, p_approved, p_actor, p_at);
    when 'finance-entry' then perform ledger.decide_finance_entry(p_subject, p_approved, p_actor, p_at);
    else raise exception 'Nothing carries out decisions on a %', p_kind using errcode = 'LL500';
  end case;
end $$;

create or replace function ledger.lock_subject(p_kind text, p_subject text) returns void language plpgsql as $$
begin
  case p_kind
    when 'return' then perform from ledger.returns where return_id = p_subject for no key update;
    when 'purchase-order' then
      perform from ledger.purchase_order where purchase_order_id = p_subject for no key update;
    when 'stock-adjustment' then
      perform from ledger.stock_adjustment where adjustment_id = p_subject for no key update;
    when 'finance-entry' then perform from ledger.finance_entry where entry_id = p_subject for no key update;
    else raise exception 'A % has no lock', p_kind using errcode = 'LL500';
  end case;
end $$;
