-- Master data, newest first.

create or replace function loopline.list_skus(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_rows jsonb;
begin
  select jsonb_agg(jsonb_build_object(
      'sku', s.sku, 'description', s.description, 'unitOfMeasure', s.unit_of_measure, 'barcode', s.barcode,
      'class', s.class, 'costMethod', s.cost_method, 'standardCost', ledger.price_text(s.standard_cost),
      'supplier', s.supplier, 'leadTimeDays', s.lead_time_days, 'supplierPrice', ledger.price_text(p.unit_price),
      'minimumQuantity', p.minimum_quantity, 'multipleQuantity', p.multiple_quantity,
      'recordedAt', ledger.instant_text(s.recorded_at),
      'cursor', ledger.cursor_text(array[s.recorded_at::text, s.sku])) order by s.recorded_at desc, s.sku desc)
  into v_rows
  from (
    select * from ledger.sku n
    where (request ->> 'sku' is null or n.sku = request ->> 'sku')
      and (request ->> 'supplier' is null or n.supplier = request ->> 'supplier')
      and (request ->> 'class' is null or n.class = request ->> 'class')
      and (v_after is null or (n.recorded_at, n.sku) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.sku desc
    limit v_limit + 1) s
  left join ledger.supplier_sku p on p.supplier = s.supplier and p.sku = s.sku;
  return ledger.page_of(v_rows, v_limit);
end $$;

create or replace function loopline.list_suppliers(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_rows jsonb;
begin
  select jsonb_agg(jsonb_build_object(
      'supplier', s.supplier, 'name', s.name, 'currency', s.currency, 'leadTimeDays', s.lead_time_days,
      'email', s.email, 'recordedAt', ledger.instant_text(s.recorded_at),
      'cursor', ledger.cursor_text(array[s.recorded_at::text, s.supplier]))
      order by s.recorded_at desc, s.supplier desc)
  into v_rows
  from (
    select * from ledger.supplier n
    where v_after is null or (n.recorded_at, n.supplier) < (v_after[1]::timestamptz, v_after[2])
    order by n.recorded_at desc, n.supplier desc
    limit v_limit + 1) s;
  return ledger.page_of(v_rows, v_limit);
end $$;

create or replace function loopline.list_nodes(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_rows jsonb;
begin
  select jsonb_agg(jsonb_build_object(
      'node', s.node, 'name', s.name, 'country', s.country, 'priority', s.priority,
      'recordedAt', ledger.instant_text(s.recorded_at),
      'cursor', ledger.cursor_text(array[s.recorded_at::text, s.node])) order by s.recorded_at desc, s.node desc)
  into v_rows
  from (
    select * from ledger.node n
    where v_after is null or (n.recorded_at, n.node) < (v_after[1]::timestamptz, v_after[2])
    order by n.recorded_at desc, n.node desc
    limit v_limit + 1) s;
  return ledger.page_of(v_rows, v_limit);
end $$;

create or replace function loopline.list_channels(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_rows jsonb;
begin
  select jsonb_agg(jsonb_build_object(
      'channel', s.channel, 'name', s.name, 'kind', s.kind, 'backorder', s.backorder, 'trustsFile', s.trusted,
      'nodes', to_jsonb(s.nodes),
      'recordedAt', ledger.instant_text(s.recorded_at),
      'cursor', ledger.cursor_text(array[s.recorded_at::text, s.channel]))
      order by s.recorded_at desc, s.channel desc)
  into v_rows
  from (
    select * from ledger.channel n
    where v_after is null or (n.recorded_at, n.channel) < (v_after[1]::timestamptz, v_after[2])
    order by n.recorded_at desc, n.channel desc
    limit v_limit + 1) s;
  return ledger.page_of(v_rows, v_limit);
end $$;

create or replace function loopline.list_customers(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{bigint}');
  v_channels text[] := ledger.within(request, 'channels');
  v_rows jsonb;
begin
  select jsonb_agg(jsonb_build_object(
      'id', 'customer:' || s.customer_id, 'channel', s.channel, 'externalId', s.external_id, 'name', s.name,
      'email', s.email,
      'recordedAt', ledger.instant_text(s.recorded_at),
      'cursor', ledger.cursor_text(array[s.customer_id::text])) order by s.customer_id desc)
  into v_rows
  from (
    select * from ledger.customer n
    where (request ->> 'channel' is null or n.channel = request ->> 'channel')
      and (request ->> 'externalId' is null or n.external_id = request ->> 'externalId')
      and (v_channels is null or n.channel = any (v_channels))
      and (v_after is null or n.customer_id < v_after[1]::bigint)
    order by n.customer_id desc
    limit v_limit + 1) s;
  return ledger.page_of(v_rows, v_limit);
end $$;
