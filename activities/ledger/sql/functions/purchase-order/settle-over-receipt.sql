-- Units beyond the order leave quarantine with the value they came with: accepted ones join the stock,
-- others go back and are not owed for.
create or replace function ledger.settle_over_receipt(
  p_po ledger.purchase_order, p_evidence jsonb, p_accepted boolean, p_key text, p_at timestamptz
) returns void language plpgsql as $$
declare
  v_line record; v_moves ledger.movement[]; v_skus text[]; v_nodes text[]; v_id text := p_po.purchase_order_id;
  v_event text := case when p_accepted then 'over-receipt-accepted' else 'over-receipt-returned' end;
begin
  select array_agg((o.sku, p_po.node, o.lot, 'quarantined', case when p_accepted then 'on-hand' else 'supplier' end,
      o.quantity, v_id, o."lineNo", null)::ledger.movement order by o.sku, o."lineNo"), array_agg(o.sku), array_agg(p_po.node)
  into v_moves, v_skus, v_nodes
  from jsonb_to_recordset(p_evidence -> 'lines') o("lineNo" integer, sku text, lot text, quantity bigint);
  perform ledger.lock_items(v_skus, v_nodes);
  perform ledger.move_stock(v_moves, v_event, p_key, p_at);
  for v_line in
    select l.line_no, l.sku, l.unit_price, m.quantity as over from unnest(v_moves) m
    join ledger.purchase_order_line l on l.purchase_order_id = v_id and l.line_no = m.line_no
    order by m.sku, m.line_no
  loop
    if p_accepted then
      perform ledger.accept_over_units(p_po, v_line.line_no, v_line.sku, v_line.over, v_line.unit_price, v_event, p_key, p_at);
    else
      perform ledger.return_over_units(p_po, v_line.line_no, v_line.sku, v_line.over, v_line.unit_price, v_event, p_key, p_at);
    end if;
  end loop;
  if p_accepted then perform ledger.allocate_backorders(v_skus, v_nodes, p_key, p_at); end if;
end $$;

create or replace function ledger.accept_over_units(
  p_po ledger.purchase_order, p_line_no integer, p_sku text, p_quantity bigint, p_price numeric, p_event text, p_key text,
  p_at timestamptz
) returns void language plpgsql as $$
declare v_id text := p_po.purchase_order_id; v_out record; v_in record;
begin
  v_out := ledger.take_cost(p_sku, p_po.node, 'returns', p_quantity, p_event, p_key, v_id, p_line_no, null, p_at,
    p_quantity * p_price);
  v_in := ledger.add_cost(p_sku, p_po.node, 'stock', p_quantity, v_out.value, p_event, p_key, v_id, p_line_no, null, p_at);
  perform ledger.post(p_key, p_event, 'inventory', 'returns-stock', p_po.currency, v_in.amount_minor, v_id, p_at, p_line_no);
  perform ledger.post(p_key, p_event, 'valuation-differences', 'returns-stock', p_po.currency,
    v_out.amount_minor - v_in.amount_minor, v_id, p_at, p_line_no);
end $$;

create or replace function ledger.return_over_units(
  p_po ledger.purchase_order, p_line_no integer, p_sku text, p_quantity bigint, p_price numeric, p_event text, p_key text,
  p_at timestamptz
) returns void language plpgsql as $$
declare v_id text := p_po.purchase_order_id; v_out record; v_owed bigint;
begin
  v_out := ledger.take_cost(p_sku, p_po.node, 'returns', p_quantity, p_event, p_key, v_id, p_line_no, null, p_at,
    p_quantity * p_price);
  select round(l.received_minor::numeric * p_quantity / l.received) into v_owed
  from ledger.purchase_order_line l where l.purchase_order_id = v_id and l.line_no = p_line_no;
  perform ledger.post(p_key, p_event, 'goods-received-not-invoiced', 'returns-stock', p_po.currency, v_out.amount_minor,
    v_id, p_at, p_line_no);
  perform ledger.post(p_key, p_event, 'goods-received-not-invoiced', 'valuation-differences', p_po.currency,
    v_owed - v_out.amount_minor, v_id, p_at, p_line_no);
  update ledger.purchase_order_line l set received = l.received - p_quantity, received_minor = l.received_minor - v_owed
  where l.purchase_order_id = v_id and l.line_no = p_line_no;
end $$;
