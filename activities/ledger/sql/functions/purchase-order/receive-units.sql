-- Cost and money of units that come in: a cost layer, a receipt row and a posting per line. Units at
-- standard cost enter at the standard; what was paid above or below goes to valuation differences.
-- Units beyond the order (`over`) are quarantined, so their value stands in returns stock.
-- The caller holds the items' locks. Answers what was posted to p_credit, line by line.
-- p_lines [{ lineNo, sku, lot, quantity, over?, unitCost }]
create or replace function ledger.receive_units(
  p_key text, p_subject text, p_po text, p_notice text, p_receipt text, p_node text, p_credit text,
  p_currency text, p_occurred_at timestamptz, p_lines jsonb
) returns table (line_no integer, posted_minor bigint) language plpgsql as $$
declare v_part record; v_cost record; v_account text;
begin
  for v_part in
    select l.line ->> 'sku' as sku, (l.line ->> 'lineNo')::integer as no, coalesce(l.line ->> 'lot', '') as lot,
      (l.line ->> 'unitCost')::numeric as unit_cost, p.pool, p.quantity, k.cost_method
    from jsonb_array_elements(p_lines) with ordinality l(line, position)
    join ledger.sku k on k.sku = l.line ->> 'sku'
    cross join lateral (values
      ('stock', (l.line ->> 'quantity')::bigint - coalesce((l.line ->> 'over')::bigint, 0)),
      ('returns', (l.line ->> 'over')::bigint)) p(pool, quantity)
    where p.quantity > 0
    order by l.position, p.pool desc
  loop
    v_cost := ledger.add_cost(v_part.sku, p_node, v_part.pool, v_part.quantity, v_part.quantity * v_part.unit_cost,
      'goods-receipt', p_key, p_subject, v_part.no, null, p_occurred_at);
    v_account := case v_part.pool when 'stock' then 'inventory' else 'returns-stock' end;
    line_no := v_part.no;
    posted_minor := case when v_part.cost_method = 'standard'
      then round(v_part.quantity * v_part.unit_cost * 100) else v_cost.amount_minor end;
    perform ledger.post(p_key, 'goods-receipt', v_account, p_credit, p_currency, v_cost.amount_minor,
      p_subject, p_occurred_at, v_part.no);
    perform ledger.post(p_key, 'goods-receipt', 'valuation-differences', p_credit, p_currency,
      posted_minor - v_cost.amount_minor, p_subject, p_occurred_at, v_part.no);
    insert into ledger.receipt (receipt_id, purchase_order_id, notice_id, line_no, sku, node, lot, quantity, unit_cost,
      layer_id, occurred_at)
    values (p_receipt, p_po, p_notice, v_part.no, v_part.sku, p_node, v_part.lot, v_part.quantity, v_part.unit_cost,
      v_cost.layer_id, p_occurred_at);
    return next;
  end loop;
end $$;

-- Goods that come in without a purchase order, at a given cost, against opening equity.
-- Idempotency key: the receipt's id.
-- request { receiptId, node, occurredAt, lines: [{ sku, quantity, unitCost, lot? }], actor }
create or replace function loopline.receive_stock(request jsonb) returns jsonb language plpgsql as $$
declare
  v_receipt text := request ->> 'receiptId';
  v_subject text := 'stock-receipt:' || v_receipt;
  v_node text := request ->> 'node';
  v_at timestamptz := (request ->> 'occurredAt')::timestamptz;
  v_content jsonb := request - 'actor';
  v_result jsonb;
  v_lines jsonb;
  v_skus text[];
  v_nodes text[];
  v_moves ledger.movement[];
begin
  perform pg_advisory_xact_lock(hashtextextended(v_subject, 0));
  v_result := ledger.stored_supply_fact('stock-receipt', v_receipt, v_content);
  if v_result is not null then return v_result; end if;
  perform ledger.check_stock_receipt(v_node, request -> 'lines');
  select jsonb_agg(x.line || jsonb_build_object('lineNo', x.n) order by x.n), array_agg(x.line ->> 'sku'),
    array_agg(v_node), array_agg((x.line ->> 'sku', v_node, coalesce(x.line ->> 'lot', ''), 'supplier', 'on-hand',
      (x.line ->> 'quantity')::bigint, v_subject, x.n::integer, null)::ledger.movement order by x.line ->> 'sku', x.n)
  into v_lines, v_skus, v_nodes, v_moves
  from jsonb_array_elements(request -> 'lines') with ordinality x(line, n);
  perform ledger.lock_items(v_skus, v_nodes);
  perform ledger.move_stock(v_moves, 'goods-receipt', v_subject, v_at);
  perform ledger.receive_units(v_subject, v_subject, null, null, v_receipt, v_node, 'opening-equity',
    ledger.base_currency(), v_at, v_lines);
  perform ledger.allocate_backorders(v_skus, v_nodes, v_subject, v_at);
  perform ledger.note(v_subject, 'stock-received', request ->> 'actor', v_at, v_receipt, null,
    jsonb_build_object('node', v_node, 'lines', jsonb_array_length(v_lines)));
  return ledger.store_supply_fact('stock-receipt', v_receipt, v_content, jsonb_build_object('receiptId', v_receipt,
    'node', v_node, 'units', (select sum(m.quantity) from unnest(v_moves) m),
    'valueMinor', coalesce((select sum(e.amount_minor) from ledger.cost_entry e where e.subject_id = v_subject), 0)::text));
end $$;

create or replace function ledger.check_stock_receipt(p_node text, p_lines jsonb) returns void language plpgsql as $$
declare v_position bigint; v_sku text;
begin
  if not exists (select from ledger.node where node = p_node) then
    perform ledger.fail_invalid('node', format('%s is not a known node', p_node));
  end if;
  select x.n - 1, x.line ->> 'sku' into v_position, v_sku
  from jsonb_array_elements(p_lines) with ordinality x(line, n)
  where not exists (select from ledger.sku k where k.sku = x.line ->> 'sku')
  order by x.n limit 1;
  if found then
    perform ledger.fail_invalid(format('lines[%s].sku', v_position), format('%s is not a known SKU', v_sku));
  end if;
end $$;
