-- Takes in one purchase order with its priced lines and, where the rules want one, its approval.
-- Idempotency key: externalRef + content.
-- request { externalRef, supplier, node, orderedAt, currency, deliverExactlyAt?, lines: [{ sku, quantity, unitPrice? }],
--   actor, decision: { lines: [{ lineNo, sku, quantity, unitPrice, amountMinor }], totalMinor, policyVersion,
--   approval: null | what ask_approval takes } }
-- answers { purchaseOrderId, replayed }
create or replace function loopline.create_purchase_order(request jsonb) returns jsonb language plpgsql as $$
declare
  v_content jsonb := request - 'decision' - 'actor';
  v_key text := 'purchase-order:create:' || (request ->> 'externalRef');
  v_po text;
  v_result jsonb;
begin
  -- On-order figures of a node change under its lock, so that no cycle overlooks this order.
  perform from ledger.node where node = request ->> 'node' for no key update;
  if not found then perform ledger.fail_invalid('node', format('%s is not a known node', request ->> 'node')); end if;
  v_result := ledger.stored_step(v_key, v_content);
  if v_result is not null then return v_result || '{"replayed": true}'; end if;
  v_po := ledger.insert_purchase_order(request ->> 'externalRef', null, request ->> 'supplier', request ->> 'node',
    request ->> 'currency', (request ->> 'orderedAt')::timestamptz, (request ->> 'deliverExactlyAt')::timestamptz,
    request -> 'decision', ledger.content_hash(v_content), request ->> 'actor');
  return ledger.store_step(v_key, v_po, v_content,
    jsonb_build_object('purchaseOrderId', v_po, 'replayed', false));
end $$;

-- The order's rows, its approval and its process. p_decision as above.
create or replace function ledger.insert_purchase_order(
  p_external_ref text, p_cycle text, p_supplier text, p_node text, p_currency text, p_ordered_at timestamptz,
  p_deliver_at timestamptz, p_decision jsonb, p_hash bytea, p_actor text
) returns text language plpgsql as $$
declare
  v_next bigint := nextval('ledger.purchase_order_number');
  v_number text := 'PO-' || case when v_next < 1000000 then lpad(v_next::text, 6, '0') else v_next::text end;
  v_po text := 'purchase-order:' || v_number;
  v_approval jsonb := nullif(p_decision -> 'approval', 'null');
  v_total bigint := (p_decision ->> 'totalMinor')::bigint;
begin
  insert into ledger.purchase_order (purchase_order_id, number, external_ref, request_hash, cycle_id, supplier, node,
    currency, state, total_minor, deliver_exactly_at, expected_at, ordered_at)
  values (v_po, v_number, p_external_ref, p_hash, p_cycle, p_supplier, p_node, p_currency,
    case when v_approval is null then 'approved' else 'in-review' end, v_total, p_deliver_at, p_deliver_at, p_ordered_at);
  insert into ledger.purchase_order_line (purchase_order_id, line_no, sku, quantity, unit_price)
  select v_po, l."lineNo", l.sku, l.quantity, l."unitPrice"
  from jsonb_to_recordset(p_decision -> 'lines') l("lineNo" integer, sku text, quantity bigint, "unitPrice" numeric);
  -- From now on the node is one of the SKU's: its stock shows what is inbound.
  insert into ledger.stock_item (sku, node)
  select distinct l.sku, p_node from ledger.purchase_order_line l
  where l.purchase_order_id = v_po
    and not exists (select from ledger.stock_item s where s.sku = l.sku and s.node = p_node)
  order by 1 on conflict do nothing;
  perform ledger.note(v_po, 'purchase-order-created', p_actor, p_ordered_at, coalesce(p_cycle, p_external_ref), null,
    jsonb_build_object('supplier', p_supplier, 'node', p_node, 'totalMinor', v_total::text, 'currency', p_currency,
      'lines', jsonb_array_length(p_decision -> 'lines'), 'policyVersion', p_decision -> 'policyVersion'));
  if v_approval is null then
    perform ledger.note(v_po, 'purchase-order-approved', 'loopline', p_ordered_at, null, 'no approval is needed');
  else
    perform ledger.ask_approval(v_po, 'purchase-order', v_po, '1', v_total, p_currency, v_approval, p_actor, p_ordered_at);
  end if;
  perform ledger.open_process(v_po, 'purchase-order', jsonb_build_object('Node', p_node, 'Owner', 'procurement'));
  return v_po;
end $$;

-- What the rules need to price and judge a purchase order.
-- request { supplier, node, orderedAt, skus: [text] }
create or replace function loopline.read_purchase_order_facts(request jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'supplierKnown', exists (select from ledger.supplier s where s.supplier = request ->> 'supplier'),
    'nodeKnown', exists (select from ledger.node n where n.node = request ->> 'node'),
    'baseCurrency', ledger.base_currency(),
    'skus', coalesce((select jsonb_object_agg(k.sku, jsonb_build_object('unitPrice', trim_scale(p.unit_price)::text,
        'class', k.class))
      from ledger.sku k left join ledger.supplier_sku p on p.sku = k.sku and p.supplier = request ->> 'supplier'
      where k.sku in (select jsonb_array_elements_text(request -> 'skus'))), '{}'),
    'policy', ledger.purchasing_policy((request ->> 'orderedAt')::timestamptz, request ->> 'node'),
    'region', ledger.node_region(request ->> 'node'), 'supplierRisks', ledger.supplier_risks(),
    'approvalMatrix', ledger.policy_at('approval-matrix', '*', ledger.node_region(request ->> 'node'),
      (request ->> 'orderedAt')::timestamptz))
$$;
