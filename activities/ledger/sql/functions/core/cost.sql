-- Values in: a new layer for FIFO, the running layer for average and standard cost. Quantities at
-- standard cost enter at the standard, whatever was paid; the caller posts the difference.
-- amount_minor is what the inventory account must move by.
create or replace function ledger.add_cost(
  p_sku text, p_node text, p_pool text, p_quantity bigint, p_value numeric,
  p_event text, p_key text, p_subject text, p_line_no integer, p_source_ref text,
  p_occurred_at timestamptz, out layer_id bigint, out amount_minor bigint
) language plpgsql as $$
declare v_method text; v_standard numeric; v_value numeric := p_value; v_before numeric := 0;
begin
  select cost_method, standard_cost into v_method, v_standard from ledger.sku where sku = p_sku;
  -- Returned goods keep the very cost they left with, so their pool is moved by given values.
  if p_pool = 'returns' then v_method := 'average'; end if;
  if v_method = 'standard' then v_value := p_quantity * v_standard; end if;
  if v_method <> 'fifo' then
    select l.layer_id, l.remaining_value into layer_id, v_before from ledger.cost_layer l
    where l.sku = p_sku and l.node = p_node and l.pool = p_pool and l.method <> 'fifo';
  end if;
  if layer_id is null then
    v_before := 0;
    insert into ledger.cost_layer (sku, node, pool, method, remaining_quantity, remaining_value, source_key)
    values (p_sku, p_node, p_pool, v_method, p_quantity, v_value, p_key)
    returning cost_layer.layer_id into layer_id;
  else
    update ledger.cost_layer l
    set remaining_quantity = l.remaining_quantity + p_quantity, remaining_value = l.remaining_value + v_value
    where l.layer_id = add_cost.layer_id;
  end if;
  amount_minor := round((v_before + v_value) * 100) - round(v_before * 100);
  insert into ledger.cost_entry (layer_id, quantity, value, amount_minor, event, key, subject_id, line_no,
    source_ref, occurred_at)
  values (layer_id, p_quantity, v_value, amount_minor, p_event, p_key, p_subject, p_line_no,
    p_source_ref, p_occurred_at);
end $$;

-- Values out, oldest layer first; the last unit of a layer takes what rounding left. p_value takes a
-- given value instead of the layer's share (returned goods leave with the cost they came with);
-- p_source_key takes from the layer of one receipt only (goods sent back to their supplier).
create or replace function ledger.take_cost(
  p_sku text, p_node text, p_pool text, p_quantity bigint,
  p_event text, p_key text, p_subject text, p_line_no integer, p_source_ref text,
  p_occurred_at timestamptz, p_value numeric default null, p_source_key text default null,
  out value numeric, out amount_minor bigint
) language plpgsql as $$
declare v_layer ledger.cost_layer; v_left bigint := p_quantity; v_take bigint; v_part numeric; v_minor bigint;
begin
  value := 0; amount_minor := 0;
  for v_layer in
    select * from ledger.cost_layer l
    where l.sku = p_sku and l.node = p_node and l.pool = p_pool and l.remaining_quantity > 0
      and (p_source_key is null or l.source_key = p_source_key)
    order by l.layer_id
  loop
    exit when v_left = 0;
    v_take := least(v_left, v_layer.remaining_quantity);
    v_part := case
      when v_take = v_layer.remaining_quantity then v_layer.remaining_value
      when p_value is not null then least(p_value, v_layer.remaining_value)
      else round(v_layer.remaining_value * v_take / v_layer.remaining_quantity, 10) end;
    v_minor := round(v_layer.remaining_value * 100) - round((v_layer.remaining_value - v_part) * 100);
    update ledger.cost_layer l
    set remaining_quantity = l.remaining_quantity - v_take, remaining_value = l.remaining_value - v_part
    where l.layer_id = v_layer.layer_id;
    insert into ledger.cost_entry (layer_id, quantity, value, amount_minor, event, key, subject_id, line_no,
      source_ref, occurred_at)
    values (v_layer.layer_id, -v_take, -v_part, -v_minor, p_event, p_key, p_subject, p_line_no,
      p_source_ref, p_occurred_at);
    v_left := v_left - v_take;
    value := value + v_part;
    amount_minor := amount_minor + v_minor;
  end loop;
  if v_left > 0 then
    raise exception 'Only % of % units of % at % have a cost layer', p_quantity - v_left, p_quantity, p_sku, p_node
      using errcode = 'LL500';
  end if;
end $$;

-- The unit cost at which goods without a known cost enter: current average, else the last receipt's,
-- else the supplier's price, else nothing. Major units.
create or replace function ledger.current_unit_cost(p_sku text, p_node text) returns numeric
language sql stable as $$
  select coalesce(
    (select sum(remaining_value) / nullif(sum(remaining_quantity), 0) from ledger.cost_layer
     where sku = p_sku and node = p_node and pool = 'stock' and remaining_quantity > 0),
    (select unit_cost from ledger.receipt where sku = p_sku order by recorded_at desc limit 1),
    (select unit_price from ledger.supplier_sku s join ledger.sku k using (sku)
     where s.sku = p_sku order by (s.supplier = k.supplier) desc nulls last, s.supplier limit 1),
    0)
$$;
