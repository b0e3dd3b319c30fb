-- Finance has decided on a price difference above tolerance. Accepted: the share of the units that are
-- still here raises (or lowers) their layers, the rest is cost of goods sold. Disputed: a claim.
create or replace function ledger.settle_invoice_difference(
  p_po ledger.purchase_order, p_invoice_number text, p_accepted boolean, p_at timestamptz
) returns void language plpgsql as $$
declare
  v_id text := p_po.purchase_order_id;
  v_key text := v_id || ':difference:' || p_invoice_number;
  v_invoice ledger.supplier_invoice;
  v_line record;
  v_left bigint;
begin
  select * into v_invoice from ledger.supplier_invoice i
  where i.purchase_order_id = v_id and i.invoice_number = p_invoice_number and i.state = 'mismatch';
  if not found then return; end if;
  perform ledger.lock_items(array_agg(l.sku), array_agg(p_po.node))
  from ledger.purchase_order_line l where l.purchase_order_id = v_id
    and l.line_no in (select (x ->> 'lineNo')::integer from jsonb_array_elements(v_invoice.lines) x);
  for v_line in
    select s."lineNo" as no, s."differenceMinor" as minor, k.cost_method
    from jsonb_to_recordset(v_invoice.lines) s("lineNo" integer, "differenceMinor" bigint)
    join ledger.purchase_order_line l on l.purchase_order_id = v_id and l.line_no = s."lineNo"
    join ledger.sku k on k.sku = l.sku
    where s."differenceMinor" <> 0
    order by l.sku, s."lineNo"
  loop
    if not p_accepted then
      perform ledger.post(v_key, 'supplier-claim', 'supplier-claims', 'payables', p_po.currency, v_line.minor, v_id, p_at, v_line.no);
    elsif v_line.cost_method = 'standard' then
      perform ledger.post(v_key, 'supplier-invoice-difference', 'valuation-differences', 'payables', p_po.currency,
        v_line.minor, v_id, p_at, v_line.no);
    else
      v_left := ledger.revalue_line(v_id, v_line.no, v_line.minor, v_key, p_at);
      perform ledger.post(v_key, 'supplier-invoice-difference', 'inventory', 'payables', p_po.currency, v_left, v_id, p_at, v_line.no);
      perform ledger.post(v_key, 'supplier-invoice-difference', 'cost-of-goods-sold', 'payables', p_po.currency,
        v_line.minor - v_left, v_id, p_at, v_line.no);
    end if;
  end loop;
  update ledger.supplier_invoice i set state = case when p_accepted then 'matched' else 'disputed' end
  where i.purchase_order_id = v_id and i.invoice_number = p_invoice_number;
  perform ledger.note(v_id, 'supplier-invoice-difference', 'loopline', p_at, p_invoice_number,
    case when p_accepted then 'accepted' else 'disputed' end,
    jsonb_build_object('differenceMinor', v_invoice.difference_minor::text, 'currency', p_po.currency));
end $$;

-- Spreads the share of a late cost that falls to units still in stock over the layers of a line's
-- receipts; answers the minor units by which inventory changed.
create or replace function ledger.revalue_line(
  p_po text, p_line_no integer, p_minor bigint, p_key text, p_at timestamptz
) returns bigint language plpgsql as $$
declare v_layer record; v_total bigint; v_left bigint; v_share bigint; v_before bigint := 0; v_part bigint;
  v_value numeric; v_moved bigint; v_inventory bigint := 0;
begin
  select l.received into v_total from ledger.purchase_order_line l where l.purchase_order_id = p_po and l.line_no = p_line_no;
  select least(sum(c.remaining_quantity), v_total) into v_left from ledger.layers_of_line(p_po, p_line_no) c;
  if coalesce(v_left, 0) = 0 then return 0; end if;
  v_share := round(p_minor::numeric * v_left / v_total);
  for v_layer in
    select c.*, sum(c.remaining_quantity) over (order by c.layer_id) as through, sum(c.remaining_quantity) over () as units
    from ledger.layers_of_line(p_po, p_line_no) c
    where c.remaining_quantity > 0
    order by c.layer_id
  loop
    v_part := round(v_share::numeric * v_layer.through / v_layer.units) - v_before;
    v_before := v_before + v_part;
    v_value := greatest(v_part / 100.0, -v_layer.remaining_value);
    v_moved := round((v_layer.remaining_value + v_value) * 100) - round(v_layer.remaining_value * 100);
    update ledger.cost_layer c set remaining_value = c.remaining_value + v_value where c.layer_id = v_layer.layer_id;
    insert into ledger.cost_entry (layer_id, quantity, value, amount_minor, event, key, subject_id, line_no, occurred_at)
    values (v_layer.layer_id, 0, v_value, v_moved, 'supplier-invoice-difference', p_key, p_po, p_line_no, p_at);
    v_inventory := v_inventory + v_moved;
  end loop;
  return v_inventory;
end $$;

create or replace function ledger.layers_of_line(p_po text, p_line_no integer) returns setof ledger.cost_layer
language sql stable as $$
  select c.* from ledger.cost_layer c
  where c.pool = 'stock' and c.layer_id in (
    select e.layer_id from ledger.cost_entry e
    where e.subject_id = p_po and e.line_no = p_line_no and e.quantity > 0)
$$;
