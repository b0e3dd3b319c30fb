-- One purchase order as the API shows it.
create or replace function ledger.purchase_order_json(p_po text) returns jsonb language sql stable as $$
  select ledger.purchase_order_summary(o) || jsonb_build_object(
    'approvals', coalesce((select jsonb_agg(jsonb_build_object('id', a.approval_id, 'state', a.state, 'role', a.role)
      order by a.recorded_at) from ledger.approval a where a.subject_id = o.purchase_order_id), '[]'),
    'lines', (select jsonb_agg(jsonb_build_object('lineNo', l.line_no, 'sku', l.sku, 'quantity', l.quantity,
      'unitPrice', ledger.price_text(l.unit_price), 'acknowledged', l.acknowledged, 'noticed', l.noticed,
      'received', l.received, 'short', l.short, 'invoiced', l.invoiced,
      'openQuantity', case when o.state in ('closed', 'rejected') then 0 else greatest(l.quantity - l.received - l.short, 0) end,
      'receivedMinor', l.received_minor::text, 'matchedMinor', l.matched_minor::text) order by l.line_no)
      from ledger.purchase_order_line l where l.purchase_order_id = o.purchase_order_id),
    'shippingNotices', coalesce((select jsonb_agg(ledger.shipping_notice_json(n) order by n.recorded_at, n.notice_id)
      from ledger.shipping_notice n where n.purchase_order_id = o.purchase_order_id), '[]'),
    'invoices', coalesce((select jsonb_agg(jsonb_build_object('invoiceNumber', i.invoice_number, 'state', i.state,
      'amountMinor', i.amount_minor::text, 'differenceMinor', i.difference_minor::text,
      'occurredAt', ledger.instant_text(i.occurred_at)) order by i.recorded_at, i.invoice_number)
      from ledger.supplier_invoice i where i.purchase_order_id = o.purchase_order_id), '[]'))
  from ledger.purchase_order o where o.purchase_order_id = p_po
$$;

create or replace function ledger.purchase_order_summary(p_po ledger.purchase_order) returns jsonb language sql stable as $$
  select jsonb_build_object('id', p_po.purchase_order_id, 'number', p_po.number, 'externalRef', p_po.external_ref,
    'cycleId', p_po.cycle_id, 'supplier', p_po.supplier, 'node', p_po.node, 'state', p_po.state,
    'process', (select r.state from ledger.process r where r.process_id = p_po.purchase_order_id),
    'total', jsonb_build_object('amountMinor', p_po.total_minor::text, 'currency', p_po.currency),
    'final', p_po.final, 'orderedAt', ledger.instant_text(p_po.ordered_at),
    'expectedAt', ledger.instant_text(p_po.expected_at),
    'deliverExactlyAt', ledger.instant_text(p_po.deliver_exactly_at),
    'endedAt', ledger.instant_text(p_po.ended_at), 'recordedAt', ledger.instant_text(p_po.recorded_at))
$$;

create or replace function ledger.shipping_notice_json(p_notice ledger.shipping_notice) returns jsonb language sql stable as $$
  select jsonb_build_object('noticeId', p_notice.notice_id, 'purchaseOrderId', p_notice.purchase_order_id,
    'node', p_notice.node, 'state', p_notice.state, 'final', p_notice.final,
    'shippedAt', ledger.instant_text(p_notice.shipped_at), 'expectedAt', ledger.instant_text(p_notice.expected_at),
    'lines', (select jsonb_agg(jsonb_build_object('lineNo', n.line_no, 'sku', n.sku, 'quantity', n.quantity,
      'receivedQuantity', n.received) order by n.line_no)
      from ledger.shipping_notice_line n where n.notice_id = p_notice.notice_id))
$$;

-- request { id }; null when there is none.
create or replace function loopline.read_purchase_order(request jsonb) returns jsonb language sql stable as $$
  select ledger.purchase_order_json(request ->> 'id')
$$;

-- request { limit?, cursor?, state?, node?, supplier?, sku?, within? }; newest first, without lines.
create or replace function loopline.list_purchase_orders(request jsonb) returns jsonb language plpgsql stable as $$
declare v_limit integer := ledger.page_limit(request); v_rows jsonb;
begin
  select jsonb_agg(ledger.purchase_order_summary(o)
      || jsonb_build_object('cursor', ledger.cursor_text(array[p.at::text, p.id])) order by p.at desc, p.id desc)
  into v_rows
  from ledger.purchase_orders_page(request, v_limit + 1) p join ledger.purchase_order o on o.purchase_order_id = p.id;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- The ids of the page that begins behind the cursor, in their order.
create or replace function ledger.purchase_orders_page(request jsonb, p_count integer)
returns table (id text, at timestamptz)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_within text[] := ledger.nodes_within(request);
begin
  return query
    select p.purchase_order_id, p.recorded_at from ledger.purchase_order p
    where (v_after is null or (p.recorded_at, p.purchase_order_id) < (v_after[1]::timestamptz, v_after[2]))
      and (not request ? 'state' or p.state = request ->> 'state')
      and (not request ? 'node' or p.node = request ->> 'node')
      and (v_within is null or p.node = any (v_within))
      and (not request ? 'supplier' or p.supplier = request ->> 'supplier')
      and (not request ? 'sku' or exists (select from ledger.purchase_order_line l
        where l.purchase_order_id = p.purchase_order_id and l.sku = request ->> 'sku'))
    order by p.recorded_at desc, p.purchase_order_id desc
    limit p_count;
end $$;

-- request { limit?, cursor?, state?, node?, purchaseOrderId?, within? }; earliest expected first, as work is done.
create or replace function loopline.list_shipping_notices(request jsonb) returns jsonb language plpgsql stable as $$
declare v_limit integer := ledger.page_limit(request); v_rows jsonb;
begin
  select jsonb_agg(ledger.shipping_notice_json(n)
      || jsonb_build_object('cursor', ledger.cursor_text(array[p.at::text, p.id])) order by p.at, p.id)
  into v_rows
  from ledger.shipping_notices_page(request, v_limit + 1) p join ledger.shipping_notice n on n.notice_id = p.id;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- The ids of the page that begins behind the cursor, in their order.
create or replace function ledger.shipping_notices_page(request jsonb, p_count integer)
returns table (id text, at timestamptz)
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_within text[] := ledger.nodes_within(request);
begin
  return query
    select n.notice_id, n.expected_at from ledger.shipping_notice n
    where (v_after is null or (n.expected_at, n.notice_id) > (v_after[1]::timestamptz, v_after[2]))
      and (not request ? 'state' or n.state = request ->> 'state')
      and (not request ? 'node' or n.node = request ->> 'node')
      and (v_within is null or n.node = any (v_within))
      and (not request ? 'purchaseOrderId' or n.purchase_order_id = request ->> 'purchaseOrderId')
    order by n.expected_at, n.notice_id
    limit p_count;
end $$;
