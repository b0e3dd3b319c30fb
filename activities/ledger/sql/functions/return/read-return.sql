-- One return as the API shows it: the lines that come back, what was cancelled because it had not
-- been sent, its money and its approvals.
create or replace function loopline.read_return(request jsonb) returns jsonb language plpgsql stable as $$
declare v_return jsonb := ledger.return_json(request ->> 'returnId');
begin
  if v_return is null then perform ledger.fail_not_found('Return', request ->> 'returnId'); end if;
  return v_return;
end $$;

create or replace function ledger.return_json(p_return text) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', r.return_id, 'channel', r.channel, 'externalRef', r.external_ref,
    'customer', (select jsonb_build_object('externalId', c.external_id) from ledger.customer c
                 where c.customer_id = r.customer_id),
    'state', r.state, 'resolution', r.resolution, 'rule', r.rule, 'reasons', r.reasons,
    'policyVersion', r.policy_version, 'refundTiming', jsonb_build_object('release', r.refund_release,
      'rule', r.refund_rule, 'policyVersion', r.refund_policy_version), 'currency', r.currency, 'labelId', r.label_id,
    'trackingNumber', r.tracking_number, 'receiveBy', ledger.instant_text(r.receive_by),
    'requestedAt', ledger.instant_text(r.requested_at), 'authorizedAt', ledger.instant_text(r.authorized_at),
    'receivedAt', ledger.instant_text(r.received_at), 'endedAt', ledger.instant_text(r.ended_at),
    'recordedAt', ledger.instant_text(r.recorded_at),
    'lines', ledger.return_lines_json(r.return_id, array['sale', 'blind']),
    'cancellations', ledger.return_lines_json(r.return_id, array['cancelled']),
    'creditNotes', (select coalesce(jsonb_agg(jsonb_build_object('creditNoteNumber', n.credit_note_number,
        'amountMinor', n.amount_minor::text, 'taxMinor', n.tax_minor::text,
        'occurredAt', ledger.instant_text(n.occurred_at)) order by n.recorded_at), '[]')
      from ledger.credit_note n where n.return_id = r.return_id),
    'refunds', (select coalesce(jsonb_agg(jsonb_build_object('refundId', f.refund_id, 'paymentId', f.payment_id,
        'amountMinor', f.amount_minor::text, 'state', f.state, 'failure', f.failure) order by f.refund_id), '[]')
      from ledger.refund f where f.subject_id = r.return_id),
    'creditedToAccountMinor', (select coalesce(sum(p.amount_minor), 0)::text from ledger.posting p
      where p.subject_id = r.return_id and p.event = 'credited-to-account'),
    'approvals', (select coalesce(jsonb_agg(jsonb_build_object('approvalId', a.approval_id, 'state', a.state,
        'role', a.role, 'amountMinor', a.amount_minor::text, 'dueAt', ledger.instant_text(a.due_at),
        'decidedBy', a.decided_by) order by a.recorded_at), '[]')
      from ledger.approval a where a.subject_id = r.return_id))
  from ledger.returns r where r.return_id = p_return
$$;

create or replace function ledger.return_lines_json(p_return text, p_covers text[]) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object(
      'returnLineId', l.return_id || '#' || l.line_no, 'externalLineId', l.external_line_id, 'kind', l.kind,
      'code', l.code, 'cover', l.cover, 'orderLineId', l.order_id || '#' || l.order_line_no, 'quantity', l.quantity,
      'unitPrice', ledger.price_text(l.unit_price), 'amountMinor', l.amount_minor::text, 'taxMinor', l.tax_minor::text,
      'reasonCode', l.reason_code, 'node', l.node, 'receivedQuantity', l.received, 'inspectedQuantity', l.inspected,
      'creditedQuantity', l.credited, 'creditedMinor', l.credited_minor::text, 'sourceRef', l.source_ref)
    order by l.line_no), '[]')
  from ledger.return_line l where l.return_id = p_return and l.cover = any (p_covers)
$$;
