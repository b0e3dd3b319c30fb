-- Goods of a purchase order have arrived: stock, cost, money and waiting orders in one call.
-- What a notice announced comes from inbound, the rest straight from the supplier; what goes beyond the
-- order is quarantined and asks procurement. Idempotency key: the receipt's id.
-- request { purchaseOrderId, receiptId, noticeId?, occurredAt, lines: [{ lineNo, quantity, lot? }], actor }
-- answers { applied, state, receiptId, receivedUnits, overUnits, backorderUnits, replayed? }
create or replace function loopline.receive_goods(request jsonb) returns jsonb language plpgsql as $$
declare
  v_po ledger.purchase_order := ledger.lock_purchase_order(request ->> 'purchaseOrderId');
  v_id text := v_po.purchase_order_id;
  v_receipt text := request ->> 'receiptId';
  v_notice text := request ->> 'noticeId';
  v_content jsonb := request - 'actor';
  v_key text := v_id || ':receive:' || v_receipt;
  v_result jsonb := ledger.stored_supply_fact('goods-receipt', v_id || ':' || v_receipt, v_content);
  v_at timestamptz := (request ->> 'occurredAt')::timestamptz;
  v_rows jsonb;
  v_skus text[];
  v_nodes text[];
  v_woken bigint;
begin
  if v_result is not null then return v_result; end if;
  if v_po.state in ('in-review', 'approved', 'rejected') then
    return jsonb_build_object('applied', false, 'state', v_po.state, 'receiptId', v_receipt);
  end if;
  perform ledger.check_supply_lines(v_id, request -> 'lines', true);
  if v_notice is not null and not exists (select from ledger.shipping_notice n
      where n.notice_id = v_notice and n.purchase_order_id = v_id) then
    perform ledger.fail_invalid('noticeId', format('%s has no shipping notice %s', v_id, v_notice));
  end if;
  v_rows := ledger.plan_receipt(v_id, v_notice, request -> 'lines');
  select array_agg(r ->> 'sku'), array_agg(v_po.node) into v_skus, v_nodes from jsonb_array_elements(v_rows) r;
  perform ledger.lock_items(v_skus, v_nodes);
  perform ledger.move_stock(ledger.receipt_moves(v_id, v_po.node, v_rows), 'goods-receipt', v_key, v_at);
  perform ledger.record_receipt(v_po, v_key, v_notice, v_receipt, v_rows, v_at);
  v_woken := ledger.allocate_backorders(v_skus, v_nodes, v_key, v_at);
  perform ledger.heal_exception('supplier-late', v_id, '', v_at);
  if not exists (select from ledger.purchase_order_line l where l.purchase_order_id = v_id and l.short > 0) then
    perform ledger.heal_exception('receipt-short', v_id, '', v_at);
  end if;
  v_result := jsonb_build_object('applied', true, 'state', v_po.state, 'receiptId', v_receipt,
    'receivedUnits', (select sum((r ->> 'quantity')::bigint) from jsonb_array_elements(v_rows) r),
    'overUnits', (select sum((r ->> 'over')::bigint) from jsonb_array_elements(v_rows) r),
    'backorderUnits', v_woken);
  perform ledger.note(v_id, 'goods-received', request ->> 'actor', v_at, v_receipt, null, v_result - 'applied' - 'state');
  perform ledger.record_act('goods-receipt', v_id, v_id, request ->> 'actor', null, v_at);
  perform ledger.report_over_receipt(v_id, v_receipt, v_rows, v_at);
  perform ledger.renew_supplier_due(v_id, v_receipt);
  perform ledger.signal(v_id, 'receipt:' || v_receipt);
  if v_po.state = 'closed' then
    perform ledger.raise_exception('late-fact', v_id, null, v_key,
      jsonb_build_object('fact', 'goods-receipt', 'receiptId', v_receipt), v_at);
    perform ledger.match_supplier_invoices(v_po, v_at);
  end if;
  return ledger.store_supply_fact('goods-receipt', v_id || ':' || v_receipt, v_content, v_result);
end $$;

-- Splits each received line: announced or not (inbound), ordered or not (over).
create or replace function ledger.plan_receipt(p_po text, p_notice text, p_lines jsonb) returns jsonb
language sql stable as $$
  select jsonb_agg(jsonb_build_object('lineNo', s.line_no, 'sku', s.sku, 'lot', s.lot, 'quantity', s.quantity,
      'unitCost', s.unit_price, 'over', s.over, 'inboundGood', least(s.inbound, s.quantity - s.over),
      'inboundOver', greatest(s.inbound - (s.quantity - s.over), 0)) order by s.position)
  from (
    select g.*, l.sku, l.unit_price,
      g.quantity - least(g.quantity, greatest(l.quantity - l.received - g.before, 0)) as over,
      least(g.quantity, greatest(coalesce(n.quantity - n.received, 0) - g.before, 0)) as inbound
    from (
      select (x.line ->> 'lineNo')::integer as line_no, (x.line ->> 'quantity')::bigint as quantity,
        coalesce(x.line ->> 'lot', '') as lot, x.position,
        sum((x.line ->> 'quantity')::bigint) over (partition by x.line ->> 'lineNo' order by x.position)
          - (x.line ->> 'quantity')::bigint as before
      from jsonb_array_elements(p_lines) with ordinality x(line, position)
    ) g
    join ledger.purchase_order_line l on l.purchase_order_id = p_po and l.line_no = g.line_no
    left join (ledger.shipping_notice_line n join ledger.shipping_notice s on s.notice_id = n.notice_id and s.state = 'open')
      on n.notice_id = p_notice and n.line_no = g.line_no
  ) s
$$;

-- Goods on their way carry no lot; a lot read at the door is given by way of the supplier.
create or replace function ledger.receipt_moves(p_po text, p_node text, p_rows jsonb) returns ledger.movement[]
language sql stable as $$
  select array_agg((r.sku, p_node, m.lot, m.source, m.target, m.quantity, p_po, r.line_no, null)::ledger.movement
    order by r.sku, r.position, m.step)
  from (
    select x.row ->> 'sku' as sku, (x.row ->> 'lineNo')::integer as line_no, x.row ->> 'lot' as lot,
      (x.row ->> 'quantity')::bigint as quantity, (x.row ->> 'over')::bigint as over,
      (x.row ->> 'inboundGood')::bigint as inbound_good, (x.row ->> 'inboundOver')::bigint as inbound_over, x.position
    from jsonb_array_elements(p_rows) with ordinality x(row, position)
  ) r
  cross join lateral (values
    (1, '', 'inbound', 'supplier', case when r.lot <> '' then r.inbound_good + r.inbound_over else 0 end),
    (2, r.lot, 'inbound', 'on-hand', case when r.lot = '' then r.inbound_good else 0 end),
    (3, r.lot, 'inbound', 'quarantined', case when r.lot = '' then r.inbound_over else 0 end),
    (4, r.lot, 'supplier', 'on-hand', r.quantity - r.over - case when r.lot = '' then r.inbound_good else 0 end),
    (5, r.lot, 'supplier', 'quarantined', r.over - case when r.lot = '' then r.inbound_over else 0 end)
  ) m(step, lot, source, target, quantity)
  where m.quantity > 0
$$;

-- Cost, money and the counters of order and notice.
create or replace function ledger.record_receipt(
  p_po ledger.purchase_order, p_key text, p_notice text, p_receipt text, p_rows jsonb, p_at timestamptz
) returns void language plpgsql as $$
begin
  with posted as (
    select u.line_no, sum(u.posted_minor)::bigint as minor
    from ledger.receive_units(p_key, p_po.purchase_order_id, p_po.purchase_order_id, p_notice, p_receipt, p_po.node,
      'goods-received-not-invoiced', p_po.currency, p_at, p_rows) u group by 1
  ), arrived as (
    select r."lineNo" as line_no, sum(r.quantity)::bigint as quantity
    from jsonb_to_recordset(p_rows) r("lineNo" integer, quantity bigint) group by 1
  )
  update ledger.purchase_order_line l
  set received = l.received + a.quantity, received_minor = l.received_minor + p.minor,
    short = least(l.short, greatest(l.quantity - l.received - a.quantity, 0))
  from arrived a join posted p on p.line_no = a.line_no
  where l.purchase_order_id = p_po.purchase_order_id and l.line_no = a.line_no;
  if p_notice is null then return; end if;
  update ledger.shipping_notice_line n set received = n.received + a.quantity
  from (select r."lineNo" as line_no, sum(r.quantity)::bigint as quantity
        from jsonb_to_recordset(p_rows) r("lineNo" integer, quantity bigint) group by 1) a
  where n.notice_id = p_notice and n.line_no = a.line_no;
  update ledger.shipping_notice s set state = 'received'
  where s.notice_id = p_notice and s.state = 'open' and not exists (
    select from ledger.shipping_notice_line n where n.notice_id = p_notice and n.received < n.quantity);
end $$;

create or replace function ledger.report_over_receipt(p_po text, p_receipt text, p_rows jsonb, p_at timestamptz)
returns void language plpgsql as $$
declare v_over jsonb;
begin
  select jsonb_agg(jsonb_build_object('lineNo', r -> 'lineNo', 'sku', r -> 'sku', 'lot', r -> 'lot', 'quantity', r -> 'over'))
  into v_over from jsonb_array_elements(p_rows) r where (r ->> 'over')::bigint > 0;
  if v_over is null then return; end if;
  perform ledger.raise_exception('receipt-over', p_po, p_po, p_receipt,
    jsonb_build_object('receiptId', p_receipt, 'lines', v_over), p_at);
end $$;
