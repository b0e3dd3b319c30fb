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

-- What goods without a known cost are worth when they enter: at the current average, else at the last
-- receipt's unit cost, else at the supplier's price, else nothing. Major units, ten places; multiplied
-- before it is divided, so that nothing is rounded twice. The last receipt may be another node's, whose
-- lock the caller does not hold: one that is being recorded at the same moment may not count yet.
create or replace function ledger.current_cost(p_sku text, p_node text, p_quantity bigint) returns numeric
language sql stable as $$
  select round(coalesce(
    (select p_quantity * sum(remaining_value) / nullif(sum(remaining_quantity), 0) from ledger.cost_layer
     where sku = p_sku and node = p_node and pool = 'stock' and remaining_quantity > 0),
    p_quantity * (select unit_cost from ledger.receipt where sku = p_sku order by recorded_at desc limit 1),
    p_quantity * (select unit_price from ledger.supplier_sku s join ledger.sku k using (sku)
     where s.sku = p_sku order by (s.supplier = k.supplier) desc nulls last, s.supplier limit 1),
    0), 10)
$$;

create or replace function ledger.current_unit_cost(p_sku text, p_node text) returns numeric
language sql stable as $$ select ledger.current_cost(p_sku, p_node, 1) $$;

-- Values out for many movements at once, as take_cost does for one: oldest layer first, each movement's
-- part a difference of cumulative shares, so that whoever empties a layer takes what rounding left.
create or replace function ledger.take_costs(
  p_moves ledger.movement[], p_event text, p_key text, p_occurred_at timestamptz
) returns table (line_no integer, value numeric, amount_minor bigint) language plpgsql as $$
declare v_wanted bigint; v_taken bigint;
begin
  select sum(m.quantity) into v_wanted from unnest(p_moves) m;
  return query
    with wanted as (
      select m.sku, m.node, m.quantity, m.subject_id, m.line_no, m.source_ref,
        sum(m.quantity) over w - m.quantity as low, sum(m.quantity) over w as high
      from unnest(p_moves) with ordinality
        m(sku, node, lot, from_bucket, to_bucket, quantity, subject_id, line_no, source_ref, pos)
      window w as (partition by m.sku, m.node order by m.pos)
    ), layers as (
      select l.layer_id, l.sku, l.node, l.remaining_quantity as units, l.remaining_value as worth,
        sum(l.remaining_quantity) over w - l.remaining_quantity as low, sum(l.remaining_quantity) over w as high
      from ledger.cost_layer l
      where l.pool = 'stock' and l.remaining_quantity > 0
        and (l.sku, l.node) in (select m.sku, m.node from unnest(p_moves) m)
      window w as (partition by l.sku, l.node order by l.layer_id)
    ), cut as (
      select w.subject_id, w.line_no, w.source_ref, l.layer_id, l.worth,
        least(w.high, l.high) - greatest(w.low, l.low) as units,
        ledger.layer_share(l.worth, l.units, greatest(w.low, l.low) - l.low) as share_before,
        ledger.layer_share(l.worth, l.units, least(w.high, l.high) - l.low) as share_after
      from wanted w join layers l on l.sku = w.sku and l.node = w.node and w.low < l.high and l.low < w.high
    ), part as (
      select c.*, c.share_after - c.share_before as taken,
        (round((c.worth - c.share_before) * 100) - round((c.worth - c.share_after) * 100))::bigint as minor
      from cut c
    ), entered as (
      insert into ledger.cost_entry (layer_id, quantity, value, amount_minor, event, key, subject_id, line_no,
        source_ref, occurred_at)
      select p.layer_id, -p.units, -p.taken, -p.minor, p_event, p_key, p.subject_id, p.line_no, p.source_ref, p_occurred_at
      from part p order by p.layer_id, p.share_before
    ), lowered as (
      update ledger.cost_layer l
      set remaining_quantity = l.remaining_quantity - p.units, remaining_value = l.remaining_value - p.taken
      from (select layer_id, sum(units)::bigint as units, sum(taken) as taken from part group by 1) p
      where l.layer_id = p.layer_id
    )
    select p.line_no, sum(p.taken), sum(p.minor)::bigint from part p group by p.line_no;
  select -sum(e.quantity) into v_taken from ledger.cost_entry e
  where e.key = p_key and e.event = p_event
    and e.subject_id = (p_moves[1]).subject_id;
  if v_taken is distinct from v_wanted then
    raise exception 'Only % of % units have a cost layer (%)', v_taken, v_wanted, p_key using errcode = 'LL500';
  end if;
end $$;

-- What the first units of a layer are worth; all of them are worth all that is left.
create or replace function ledger.layer_share(p_worth numeric, p_units bigint, p_first numeric) returns numeric
language sql immutable as $$
  select case when p_first = p_units then p_worth else round(p_worth * p_first / p_units, 10) end
$$;
