-- The deadline of a wait has passed: unless the wait is over, procurement (goods) or finance (invoice)
-- is told, and asked again after the same time. Idempotency key: the due date's id.
-- request { processId, occurrence }; answers the status.
create or replace function loopline.escalate_late_supplier(request jsonb) returns jsonb language plpgsql as $$
declare
  v_po ledger.purchase_order := ledger.lock_purchase_order(request ->> 'processId');
  v_id text := v_po.purchase_order_id;
  v_key text := v_id || ':escalate-late-supplier:' || (request ->> 'occurrence');
  v_result jsonb := ledger.stored_step(v_key, request);
  v_due ledger.due;
begin
  if v_result is not null then return v_result; end if;
  -- The signal of the deadline may have hidden one of another fact.
  perform ledger.settle_supply(v_po);
  select * into v_due from ledger.due d
  where d.due_id = request ->> 'occurrence' and d.subject_id = v_id and d.state in ('open', 'reached')
    and d.kind in ('supplier', 'supplier-invoice');
  if found and v_po.state in ('approved', 'sent', 'acknowledged') then
    perform ledger.raise_exception(
      case v_due.kind when 'supplier' then 'supplier-late' else 'invoice-missing' end, v_id, v_id, '',
      jsonb_build_object('supplier', v_po.supplier, 'expectedAt', ledger.instant_text(v_po.expected_at),
        'missingUnits', (select sum(greatest(l.quantity - l.received - l.short, 0))
          from ledger.purchase_order_line l where l.purchase_order_id = v_id)), v_due.due_at);
    perform ledger.renew_supplier_due(v_id, 'after-' || md5(v_due.due_id));
  end if;
  return ledger.store_step(v_key, v_id, request, ledger.purchase_order_status(v_id));
end $$;
