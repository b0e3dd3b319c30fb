-- One approval; LL404 when there is none of that id.
create or replace function loopline.read_approval(request jsonb) returns jsonb language plpgsql stable as $$
declare v_approval jsonb := ledger.approval_json(request ->> 'approvalId');
begin
  if v_approval is null then perform ledger.fail_not_found('Approval', request ->> 'approvalId'); end if;
  return v_approval;
end $$;

-- One approval with what whoever decides it has to know: the row and why it is that one, everything that
-- happened, what it is about, and what there was before. request { approvalId }
create or replace function loopline.review_approval(request jsonb) returns jsonb language plpgsql stable as $$
declare v_approval ledger.approval;
begin
  select * into v_approval from ledger.approval where approval_id = request ->> 'approvalId';
  if not found then perform ledger.fail_not_found('Approval', request ->> 'approvalId'); end if;
  return ledger.approval_json(v_approval.approval_id) || jsonb_build_object(
    'plan', v_approval.plan, 'facts', v_approval.facts, 'applied', v_approval.applied,
    'passedOver', v_approval.passed_over,
    'events', ledger.approval_events_json(v_approval.approval_id),
    'said', (select jsonb_agg(jsonb_build_object('sequence', e.sequence, 'note', e.note, 'decisionId', e.decision_id,
        'recordedAt', ledger.instant_text(e.recorded_at)) order by e.sequence)
      from ledger.approval_event e where e.approval_id = v_approval.approval_id),
    'calendars', ledger.policy_at('approval-matrix', v_approval.facts ->> 'channel', v_approval.facts ->> 'region',
      ledger.business_time(v_approval.subject_id)) #> '{document,calendars}',
    'evidence', ledger.approval_evidence(v_approval.subject_kind, v_approval.subject_id),
    'history', ledger.approval_history(v_approval));
end $$;

-- The subject itself, as its own route shows it.
create or replace function ledger.approval_evidence(p_kind text, p_subject text) returns jsonb
language plpgsql stable as $$
begin
  return coalesce(case p_kind
    when 'return' then ledger.return_json(p_subject) - 'approvals'
    when 'purchase-order' then ledger.purchase_order_json(p_subject) - 'approvals'
    when 'stock-adjustment' then ledger.adjustment_json(p_subject) - 'approval'
    when 'finance-entry' then ledger.finance_entry_json(p_subject) - 'approval'
    when 'goodwill' then ledger.goodwill_json(p_subject) - 'approval'
    when 'supplier-change' then ledger.change_json(p_subject) - 'approval'
    when 'master-data-edit' then ledger.change_json(p_subject) - 'approval'
  end, '{}');
end $$;

-- What there was with this customer, supplier or article before, and how the requester's earlier wishes ended.
-- Counts, and sums in minor units of the subject's currency.
create or replace function ledger.approval_history(p_approval ledger.approval) returns jsonb
language plpgsql stable as $$
declare v_with jsonb; v_subject text := p_approval.subject_id;
begin
  case p_approval.subject_kind
    when 'return' then
      select jsonb_build_object('customer', c.external_id,
        'orders', (select count(distinct l.order_id) from ledger.order_line l where l.customer_id = r.customer_id),
        'returns', count(o.return_id), 'returnsRefused', count(o.return_id) filter (where o.state = 'refused'),
        'creditedMinor', coalesce(sum((select sum(n.amount_minor) from ledger.credit_note n
          where n.return_id = o.return_id)), 0)::text)
      into v_with
      from ledger.returns r
      left join ledger.customer c using (customer_id)
      left join ledger.returns o on o.customer_id = r.customer_id and o.return_id <> r.return_id
      where r.return_id = v_subject group by c.external_id, r.customer_id;
    when 'purchase-order' then
      select jsonb_build_object('supplier', p.supplier, 'purchaseOrders', count(o.purchase_order_id),
        'orderedMinor', coalesce(sum(o.total_minor), 0)::text,
        'rejected', count(*) filter (where o.state = 'rejected'),
        'troubles', (select count(*) from ledger.exception e join ledger.purchase_order s on s.purchase_order_id = e.subject_id
          where s.supplier = p.supplier))
      into v_with
      from ledger.purchase_order p
      left join ledger.purchase_order o on o.supplier = p.supplier and o.purchase_order_id <> p.purchase_order_id
      where p.purchase_order_id = v_subject group by p.supplier;
    when 'stock-adjustment' then
      select jsonb_build_object('sku', a.sku, 'node', a.node, 'adjustments', count(o.adjustment_id),
        'units', coalesce(sum(o.quantity), 0), 'valueMinor', coalesce(sum(o.value_minor), 0)::text)
      into v_with
      from ledger.stock_adjustment a
      left join ledger.stock_adjustment o on o.sku = a.sku and o.node = a.node and o.adjustment_id <> a.adjustment_id
      where a.adjustment_id = v_subject group by a.sku, a.node;
    when 'finance-entry' then
      select jsonb_build_object('kind', f.kind, 'entries', count(o.entry_id),
        'amountMinor', coalesce(sum(o.amount_minor), 0)::text)
      into v_with
      from ledger.finance_entry f
      left join ledger.finance_entry o on o.kind = f.kind and o.customer_id is not distinct from f.customer_id
        and o.entry_id <> f.entry_id
      where f.entry_id = v_subject group by f.kind;
    when 'goodwill' then
      select jsonb_build_object('customer', c.external_id, 'goodwill', count(o.goodwill_id),
        'givenMinor', coalesce(sum(o.given_minor), 0)::text, 'leftMinor', ledger.goodwill_left(g.order_id)::text)
      into v_with
      from ledger.goodwill g
      left join ledger.customer c using (customer_id)
      left join ledger.goodwill o on o.customer_id = g.customer_id and o.goodwill_id <> g.goodwill_id
      where g.goodwill_id = v_subject group by c.external_id, g.order_id;
    when 'supplier-change', 'master-data-edit' then
      select jsonb_build_object('record', c.noun || ':' || c.record_key, 'changes', count(o.change_id),
        'applied', count(*) filter (where o.state = 'applied'), 'rejected', count(*) filter (where o.state = 'rejected'))
      into v_with
      from ledger.master_data_change c
      left join ledger.master_data_change o on o.noun = c.noun and o.record_key = c.record_key and o.change_id <> c.change_id
      where c.change_id = v_subject group by c.noun, c.record_key;
    else null;
  end case;
  return jsonb_build_object('with', coalesce(v_with, '{}'), 'requester', (
    select jsonb_build_object('asked', count(*), 'approved', count(*) filter (where a.state = 'approved'),
      'rejected', count(*) filter (where a.state = 'rejected'))
    from ledger.approval a
    where a.requested_by = p_approval.requested_by and a.approval_id <> p_approval.approval_id
      and a.subject_kind = p_approval.subject_kind));
end $$;
