-- One stock adjustment as the API shows it. `quantity` is signed: found is positive.
create or replace function ledger.adjustment_json(p_adjustment text) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', a.adjustment_id, 'externalRef', a.external_ref, 'kind', a.kind, 'sku', a.sku, 'node', a.node,
    'lot', nullif(a.lot, ''), 'quantity', a.quantity, 'reasonCode', a.reason_code, 'state', a.state,
    'value', jsonb_build_object('amountMinor', a.value_minor::text, 'currency', ledger.base_currency()),
    'appliedQuantity', a.applied, 'shortQuantity', a.short, 'sourceRef', a.source_ref,
    'requestedBy', a.requested_by, 'occurredAt', ledger.instant_text(a.occurred_at),
    'recordedAt', ledger.instant_text(a.recorded_at),
    'process', (select p.state from ledger.process p where p.process_id = a.adjustment_id),
    'approval', (select ledger.approval_json(v.approval_id) from ledger.approval v
                 where v.subject_id = a.adjustment_id order by v.recorded_at desc limit 1))
  from ledger.stock_adjustment a where a.adjustment_id = p_adjustment
$$;
