-- The supplier has shipped: the goods are inbound. On the last notice of an order, what was never
-- announced is short. Idempotency key: the notice's id.
-- request { purchaseOrderId, noticeId, shippedAt, expectedAt, final, lines: [{ lineNo, quantity }], actor }
-- answers { applied, state, noticeId, inboundUnits, shortUnits, replayed? }
create or replace function loopline.record_shipping_notice(request jsonb) returns jsonb language plpgsql as $$
declare
  v_po ledger.purchase_order := ledger.lock_purchase_order(request ->> 'purchaseOrderId');
  v_id text := v_po.purchase_order_id;
  v_notice text := request ->> 'noticeId';
  v_content jsonb := request - 'actor';
  v_key text := v_id || ':shipping-notice:' || v_notice;
  v_result jsonb := ledger.stored_supply_fact('shipping-notice', v_id || ':' || v_notice, v_content);
  v_shipped timestamptz := (request ->> 'shippedAt')::timestamptz;
  v_expected timestamptz := (request ->> 'expectedAt')::timestamptz;
  v_moves ledger.movement[];
  v_units bigint;
  v_short bigint;
begin
  if v_result is not null then return v_result; end if;
  if v_po.state in ('in-review', 'approved', 'rejected') then
    return jsonb_build_object('applied', false, 'state', v_po.state, 'noticeId', v_notice);
  end if;
  perform ledger.check_supply_lines(v_id, request -> 'lines', false);
  if exists (select from ledger.shipping_notice where notice_id = v_notice) then
    raise exception 'was used before, for a shipping notice of %', (select purchase_order_id from ledger.shipping_notice
      where notice_id = v_notice) using errcode = 'LL409', detail = v_notice;
  end if;
  insert into ledger.shipping_notice (notice_id, purchase_order_id, node, state, final, shipped_at, expected_at)
  values (v_notice, v_id, v_po.node, 'open', (request ->> 'final')::boolean, v_shipped, v_expected);
  insert into ledger.shipping_notice_line (notice_id, line_no, sku, quantity)
  select v_notice, n."lineNo", l.sku, n.quantity
  from jsonb_to_recordset(request -> 'lines') n("lineNo" integer, quantity bigint)
  join ledger.purchase_order_line l on l.purchase_order_id = v_id and l.line_no = n."lineNo";
  select array_agg((n.sku, v_po.node, '', 'supplier', 'inbound', n.quantity, v_id, n.line_no, null)::ledger.movement
      order by n.sku, n.line_no), sum(n.quantity)
  into v_moves, v_units from ledger.shipping_notice_line n where n.notice_id = v_notice;
  perform ledger.lock_items((select array_agg(m.sku) from unnest(v_moves) m), (select array_agg(m.node) from unnest(v_moves) m));
  perform ledger.move_stock(v_moves, 'shipping-notice', v_key, v_shipped);
  v_short := ledger.apply_notice(v_po, v_notice, (request ->> 'final')::boolean, v_expected);
  perform ledger.note(v_id, 'shipping-notice', request ->> 'actor', v_shipped, v_notice, null,
    jsonb_build_object('units', v_units, 'expectedAt', ledger.instant_text(v_expected), 'final', request -> 'final',
      'shortUnits', v_short));
  perform ledger.renew_supplier_due(v_id, v_notice);
  if v_po.final or (request ->> 'final')::boolean then perform ledger.report_short_supply(v_po, v_notice, v_shipped); end if;
  if v_po.state = 'closed' then
    perform ledger.raise_exception('late-fact', v_id, null, v_key,
      jsonb_build_object('fact', 'shipping-notice', 'noticeId', v_notice), v_shipped);
  end if;
  return ledger.store_supply_fact('shipping-notice', v_id || ':' || v_notice, v_content,
    jsonb_build_object('applied', true, 'state', v_po.state, 'noticeId', v_notice, 'inboundUnits', v_units,
      'shortUnits', v_short));
end $$;

-- Carries a notice into the order: announced quantities, dates, and what will never come. Answers the
-- order's short units.
create or replace function ledger.apply_notice(
  p_po ledger.purchase_order, p_notice text, p_final boolean, p_expected timestamptz
) returns bigint language plpgsql as $$
begin
  update ledger.purchase_order_line l set noticed = l.noticed + n.quantity
  from ledger.shipping_notice_line n
  where n.notice_id = p_notice and l.purchase_order_id = p_po.purchase_order_id and l.line_no = n.line_no;
  update ledger.purchase_order o set final = o.final or p_final,
    expected_at = case when o.final or p_final
      then (select max(s.expected_at) from ledger.shipping_notice s
            where s.purchase_order_id = o.purchase_order_id and s.state = 'open')
      else greatest(o.expected_at, p_expected) end
  where o.purchase_order_id = p_po.purchase_order_id;
  if p_po.final or p_final then
    update ledger.purchase_order_line l set short = greatest(l.quantity - greatest(l.noticed, l.received), 0)
    where l.purchase_order_id = p_po.purchase_order_id;
  end if;
  return (select sum(l.short) from ledger.purchase_order_line l where l.purchase_order_id = p_po.purchase_order_id);
end $$;

-- The supplier will send no more, and that is less than was ordered: procurement has to know. What is missing stays
-- short without a word; it is over when nothing is missing any more.
create or replace function ledger.report_short_supply(p_po ledger.purchase_order, p_notice text, p_at timestamptz)
returns void language plpgsql as $$
declare v_lines jsonb;
begin
  select jsonb_agg(jsonb_build_object('lineNo', l.line_no, 'sku', l.sku, 'quantity', l.short) order by l.line_no)
  into v_lines from ledger.purchase_order_line l where l.purchase_order_id = p_po.purchase_order_id and l.short > 0;
  if v_lines is null then
    perform ledger.heal_exception('receipt-short', p_po.purchase_order_id, '', p_at);
  elsif p_po.state <> 'closed' then
    perform ledger.raise_exception('receipt-short', p_po.purchase_order_id, p_po.purchase_order_id, '',
      jsonb_build_object('noticeId', p_notice, 'lines', v_lines), p_at);
  end if;
end $$;
