-- First step of the process: it runs, is brought up to date (facts may have come while nobody
-- listened), and here is where it stands. Safe to repeat. request { processId }
create or replace function loopline.begin_purchase_order(request jsonb) returns jsonb language plpgsql as $$
declare v_po ledger.purchase_order := ledger.lock_purchase_order(request ->> 'processId');
begin
  update ledger.process set state = 'running', started_at = coalesce(started_at, clock_timestamp()), leased_until = null
  where process_id = v_po.purchase_order_id and state = 'pending';
  perform ledger.settle_supply(v_po);
  return ledger.purchase_order_status(v_po.purchase_order_id);
end $$;

-- The order as the supplier gets it; from here on the supplier may know of it. Safe to repeat.
-- request { processId }; answers the status with `order`, null when there is nothing to send.
create or replace function loopline.send_purchase_order(request jsonb) returns jsonb language plpgsql as $$
declare v_po ledger.purchase_order := ledger.lock_purchase_order(request ->> 'processId');
begin
  if v_po.state = 'approved' then
    update ledger.purchase_order set state = 'sent' where purchase_order_id = v_po.purchase_order_id;
    perform ledger.note(v_po.purchase_order_id, 'purchase-order-sent', 'loopline',
      greatest(v_po.ordered_at, ledger.business_time(v_po.purchase_order_id)));
  elsif v_po.state <> 'sent' then
    return ledger.purchase_order_status(v_po.purchase_order_id) || '{"order": null}';
  end if;
  return ledger.purchase_order_status(v_po.purchase_order_id) || jsonb_build_object('order', (
    select jsonb_build_object('purchaseOrderId', v_po.purchase_order_id, 'number', v_po.number,
      'supplier', v_po.supplier, 'node', v_po.node, 'orderedAt', ledger.instant_text(v_po.ordered_at),
      'deliverExactlyAt', ledger.instant_text(v_po.deliver_exactly_at), 'currency', v_po.currency,
      'leadTimeDays', coalesce(max(k.lead_time_days), max(s.lead_time_days)),
      'lines', jsonb_agg(jsonb_build_object('lineNo', l.line_no, 'sku', l.sku, 'quantity', l.quantity,
        'unitPrice', trim_scale(l.unit_price)::text) order by l.line_no))
    from ledger.purchase_order_line l
    join ledger.sku k on k.sku = l.sku
    join ledger.supplier s on s.supplier = v_po.supplier
    where l.purchase_order_id = v_po.purchase_order_id));
end $$;

-- What the supplier says it will send, and when. Idempotency key: the acknowledgement's id.
-- request { processId, acknowledgementId, lines: [{ lineNo, quantity, expectedAt }] }
create or replace function loopline.record_acknowledgement(request jsonb) returns jsonb language plpgsql as $$
declare
  v_po ledger.purchase_order := ledger.lock_purchase_order(request ->> 'processId');
  v_id text := v_po.purchase_order_id;
  v_key text := v_id || ':acknowledge:' || (request ->> 'acknowledgementId');
  v_result jsonb := ledger.stored_step(v_key, request);
  v_expected timestamptz;
begin
  if v_result is not null then return v_result; end if;
  if v_po.state in ('approved', 'sent') then
    update ledger.purchase_order_line l set acknowledged = a.quantity
    from jsonb_to_recordset(request -> 'lines') a("lineNo" integer, quantity bigint)
    where l.purchase_order_id = v_id and l.line_no = a."lineNo";
    select max((a ->> 'expectedAt')::timestamptz) into v_expected from jsonb_array_elements(request -> 'lines') a;
    update ledger.purchase_order
    set state = 'acknowledged', expected_at = greatest(expected_at, v_expected, ordered_at)
    where purchase_order_id = v_id;
    perform ledger.note(v_id, 'purchase-order-acknowledged', v_po.supplier, ledger.business_time(v_id),
      request ->> 'acknowledgementId', null, jsonb_build_object('expectedAt', ledger.instant_text(v_expected),
        'units', (select sum((a ->> 'quantity')::bigint) from jsonb_array_elements(request -> 'lines') a)));
    perform ledger.heal_exception('supplier-refused', v_id, '', ledger.business_time(v_id));
    perform ledger.renew_supplier_due(v_id, 'acknowledged');
  end if;
  return ledger.store_step(v_key, v_id, request, ledger.purchase_order_status(v_id));
end $$;

-- The supplier could not be told for good: procurement decides whether to try again.
-- request { processId, occurrence, message }: the occurrence is the status's `submission`; the message
-- is evidence, not content.
create or replace function loopline.report_supplier_refusal(request jsonb) returns jsonb language plpgsql as $$
declare
  v_po ledger.purchase_order := ledger.lock_purchase_order(request ->> 'processId');
  v_id text := v_po.purchase_order_id;
  v_content jsonb := request - 'message';
  v_key text := v_id || ':supplier-refused:' || (request ->> 'occurrence');
  v_result jsonb := ledger.stored_step(v_key, v_content);
begin
  if v_result is not null then return v_result; end if;
  if v_po.state in ('approved', 'sent') then
    perform ledger.raise_exception('supplier-refused', v_id, v_id, '',
      jsonb_build_object('supplier', v_po.supplier, 'message', left(request ->> 'message', 500)), ledger.business_time(v_id));
    -- Nobody may forget an order that its supplier does not know of.
    perform ledger.set_due(v_id, v_id, 'supplier', 'escalateLateSupplier', ledger.business_time(v_id)
      + ledger.policy_hours(ledger.purchasing_policy(v_po.ordered_at, v_po.node) -> 'document', 'acknowledgeHours'),
      'refused-' || (request ->> 'occurrence'));
  end if;
  return ledger.store_step(v_key, v_id, v_content, ledger.purchase_order_status(v_id));
end $$;
