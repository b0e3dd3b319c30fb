-- Creates and updates SKUs, at most 500, each with a result of its own in the order given. An element
-- replaces what is known: a field left out is emptied; what people are asked about waits (ledger.put_records). A
-- supplier price is kept per supplier. request { skus, at? }
create or replace function loopline.put_skus(request jsonb) returns jsonb language sql as $$
  select ledger.put_records('sku', request -> 'skus', coalesce((request ->> 'at')::timestamptz, clock_timestamp()))
$$;

-- The caller holds the SKUs and their items (ledger.lock_records).
create or replace function ledger.write_skus(p_skus jsonb, p_by jsonb) returns jsonb language plpgsql as $$
declare
  v_faults jsonb := ledger.change_faults('sku', p_skus) || ledger.sku_faults(ledger.as_asked(p_skus));
  v_created text[]; v_updated text[]; v_priced text[];
  v_skus text[]; v_befores jsonb[]; v_afters jsonb[]; v_prices_before jsonb[]; v_prices_after jsonb[];
begin
  with given as (
    select e.value as v from jsonb_array_elements(p_skus) with ordinality e(value, position)
    where not v_faults ? (e.position - 1)::text
  ), written as (
    insert into ledger.sku as s (sku, description, unit_of_measure, barcode, class, cost_method, standard_cost,
      supplier, lead_time_days)
    select g.v ->> 'sku', coalesce(g.v ->> 'description', ''), coalesce(g.v ->> 'unitOfMeasure', 'each'),
      g.v ->> 'barcode', coalesce(g.v ->> 'class', 'B'), coalesce(g.v ->> 'costMethod', 'fifo'),
      (g.v ->> 'standardCost')::numeric, g.v ->> 'supplier', (g.v ->> 'leadTimeDays')::integer
    from given g order by 1
    on conflict (sku) do update
    set description = excluded.description, unit_of_measure = excluded.unit_of_measure,
      barcode = excluded.barcode, class = excluded.class, cost_method = excluded.cost_method,
      standard_cost = excluded.standard_cost, supplier = excluded.supplier,
      lead_time_days = excluded.lead_time_days
    where (s.description, s.unit_of_measure, s.barcode, s.class, s.cost_method, s.standard_cost, s.supplier,
        s.lead_time_days)
      is distinct from (excluded.description, excluded.unit_of_measure, excluded.barcode, excluded.class,
        excluded.cost_method, excluded.standard_cost, excluded.supplier, excluded.lead_time_days)
    returning s.sku, s.xmax = 0 as created, to_jsonb(old) - 'recorded_at' as before, to_jsonb(new) - 'recorded_at' as after
  )
  select array_agg(w.sku) filter (where w.created), array_agg(w.sku) filter (where not w.created),
    array_agg(w.sku order by w.sku), array_agg(w.before order by w.sku), array_agg(w.after order by w.sku)
  into v_created, v_updated, v_skus, v_befores, v_afters from written w;

  with given as (
    select e.value as v from jsonb_array_elements(p_skus) with ordinality e(value, position)
    where not v_faults ? (e.position - 1)::text and e.value ->> 'supplierPrice' is not null
  ), priced as (
    insert into ledger.supplier_sku as s (supplier, sku, unit_price, minimum_quantity, multiple_quantity)
    select g.v ->> 'supplier', g.v ->> 'sku', (g.v ->> 'supplierPrice')::numeric,
      coalesce((g.v ->> 'minimumQuantity')::bigint, 1), coalesce((g.v ->> 'multipleQuantity')::bigint, 1)
    from given g order by 1, 2
    on conflict (supplier, sku) do update
    set unit_price = excluded.unit_price, minimum_quantity = excluded.minimum_quantity,
      multiple_quantity = excluded.multiple_quantity
    where (s.unit_price, s.minimum_quantity, s.multiple_quantity)
      is distinct from (excluded.unit_price, excluded.minimum_quantity, excluded.multiple_quantity)
    returning s.sku, jsonb_build_object('supplierPrice', to_jsonb(old) - '{sku,recorded_at}'::text[]) as before,
      jsonb_build_object('supplierPrice', to_jsonb(new) - '{sku,recorded_at}'::text[]) as after
  )
  select array_agg(p.sku order by p.sku), array_agg(p.before order by p.sku), array_agg(p.after order by p.sku)
  into v_priced, v_prices_before, v_prices_after from priced p;

  -- A SKU and its price are one thing to whoever keeps them, so they are one row.
  perform ledger.audit_each(p_by, 'put_skus', 'sku', clock_timestamp(), array_agg('sku:' || c.sku order by c.sku),
    array_agg(c.before order by c.sku), array_agg(c.after order by c.sku))
  from (
    select sku, nullif(coalesce(w.before, '{}') || coalesce(jsonb_strip_nulls(p.before), '{}'), '{}') as before,
      coalesce(w.after, '{}') || coalesce(p.after, '{}') as after
    from unnest(v_skus, v_befores, v_afters) w(sku, before, after)
    full join unnest(v_priced, v_prices_before, v_prices_after) p(sku, before, after) using (sku)) c;

  return ledger.put_results(p_skus, array['sku'], v_faults, to_jsonb(v_created),
    to_jsonb(array_cat(v_updated, v_priced)));
end $$;

-- What is wrong with the elements, by their position: { "3": [{ path, message }] }.
create or replace function ledger.sku_faults(p_skus jsonb) returns jsonb language sql as $$
  with given as (
    select (e.position - 1)::integer as position, e.value as v,
      row_number() over (partition by e.value ->> 'sku' order by e.position) as nth
    from jsonb_array_elements(p_skus) with ordinality e(value, position)
  ), fault (position, path, message) as (
    select g.position, 'sku', 'is named twice in this call' from given g where g.nth > 1
    union all
    select g.position, 'supplier', 'is no known supplier' from given g
    where g.v ->> 'supplier' is not null
      and not exists (select from ledger.supplier s where s.supplier = g.v ->> 'supplier')
    union all
    select g.position, 'supplier', 'is needed for a supplier price' from given g
    where g.v ->> 'supplier' is null and g.v ->> 'supplierPrice' is not null
    union all
    select g.position, 'standardCost', 'is needed for cost method standard' from given g
    where g.v ->> 'costMethod' = 'standard' and g.v ->> 'standardCost' is null
    union all
    -- Layers of one method cannot be consumed by another; new cost is for an empty house.
    select g.position, 'costMethod', 'can change only when no stock is left' from given g
    join ledger.sku s on s.sku = g.v ->> 'sku'
    where s.cost_method <> coalesce(g.v ->> 'costMethod', 'fifo') and ledger.has_stock_value(s.sku)
    union all
    select g.position, 'standardCost', 'can change only when no stock is left' from given g
    join ledger.sku s on s.sku = g.v ->> 'sku'
    where s.cost_method = 'standard' and g.v ->> 'costMethod' = 'standard'
      and s.standard_cost <> (g.v ->> 'standardCost')::numeric and ledger.has_stock_value(s.sku)
  )
  select coalesce(jsonb_object_agg(f.position::text, f.errors), '{}')
  from (select position, jsonb_agg(jsonb_build_object('path', path, 'message', message)) as errors
        from fault group by 1) f
$$;

create or replace function ledger.has_stock_value(p_sku text) returns boolean language sql as $$
  select exists (select from ledger.cost_layer l where l.sku = p_sku and l.remaining_quantity > 0)
$$;
