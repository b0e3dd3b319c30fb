-- Keeps purchase orders that were decided until the cycle is recorded. Safe to repeat.
-- request { planId, partNo, orders: [{ supplier, currency, totalMinor, approval,
--   lines: [{ lineNo, sku, quantity, unitPrice, amountMinor }], onOrder: [by line], terms: [by line] }] }
create or replace function loopline.stage_replenishment_orders(request jsonb) returns jsonb language plpgsql as $$
begin
  insert into ledger.replenishment_part (plan_id, kind, part_no, content)
  values ((request ->> 'planId')::uuid, 'orders', (request ->> 'partNo')::integer, request -> 'orders')
  on conflict do nothing;
  return '{}';
end $$;

-- Stores one cycle, all of it or nothing: its proposals with every term, and a purchase order per supplier,
-- as they were staged. Proposals whose on-order figure has changed since the facts were gathered are dropped,
-- under the node's lock, so that two cycles never order the same need. The approvals are asked for by the system for
-- whoever runs the cycle (actor), who therefore decides none of them. Idempotency key: node and date.
-- request { planId, parts, node, date, businessTime, actor, policyVersion }
-- answers { cycleId, replayed }
create or replace function loopline.record_replenishment(request jsonb) returns jsonb language plpgsql as $$
declare
  v_plan uuid := (request ->> 'planId')::uuid;
  v_node text := request ->> 'node';
  v_cycle text := format('replenishment:%s:%s', v_node, request ->> 'date');
  v_content jsonb := jsonb_build_object('node', v_node, 'date', request ->> 'date');
  v_key text := v_cycle || ':record:' || (request ->> 'date');
  v_at timestamptz := (request ->> 'businessTime')::timestamptz;
  v_result jsonb;
  v_on_order jsonb;
  v_order jsonb;
  v_orders integer := 0;
begin
  perform from ledger.node where node = v_node for no key update;
  if not found then perform ledger.fail_invalid('node', format('%s is not a known node', v_node)); end if;
  v_result := ledger.stored_step(v_key, v_content);
  if v_result is not null then
    delete from ledger.replenishment_part where plan_id = v_plan;
    return v_result || '{"replayed": true}';
  end if;
  if (select count(*) from ledger.replenishment_part where plan_id = v_plan and kind = 'orders')
      <> (request ->> 'parts')::integer then
    perform ledger.fail_unplanned();
  end if;
  insert into ledger.replenishment_cycle (cycle_id, node, cycle_date, state, business_time)
  values (v_cycle, v_node, (request ->> 'date')::date, 'planned', v_at);
  perform ledger.open_process(v_cycle, 'replenishment', jsonb_build_object('Node', v_node, 'Owner', 'procurement'));
  select coalesce(jsonb_object_agg(o.sku, o.quantity), '{}') into v_on_order from ledger.on_order(v_node) o;
  for v_order in
    select o.value from ledger.replenishment_part p cross join jsonb_array_elements(p.content) with ordinality o(value, no)
    where p.plan_id = v_plan and p.kind = 'orders' order by p.part_no, o.no
  loop
    if jsonb_typeof(v_order -> 'approval') = 'object' then
      v_order := jsonb_set(v_order, '{approval,requestedFor}', coalesce(request -> 'actor', 'null'));
    end if;
    v_orders := v_orders + ledger.place_proposals(v_cycle, v_node, v_at, v_order, request ->> 'policyVersion', v_on_order);
  end loop;
  delete from ledger.replenishment_part where plan_id = v_plan;
  perform ledger.note(v_cycle, 'replenishment-planned', request ->> 'actor', v_at, null, null, jsonb_build_object(
    'proposals', (select count(*) from ledger.replenishment_proposal where cycle_id = v_cycle),
    'purchaseOrders', v_orders, 'policyVersion', request ->> 'policyVersion'));
  return ledger.store_step(v_key, v_cycle, v_content, jsonb_build_object('cycleId', v_cycle, 'replayed', false));
end $$;

-- Answers how many purchase orders were placed for one that was decided: one, or none when nothing of it
-- is needed any more.
create or replace function ledger.place_proposals(
  p_cycle text, p_node text, p_at timestamptz, p_order jsonb, p_policy_version text, p_on_order jsonb
) returns integer language plpgsql as $$
declare
  v_lines jsonb := p_order -> 'lines';
  v_total bigint := (p_order ->> 'totalMinor')::bigint;
  v_dropped text[];
  v_po text;
begin
  select array_agg(l.sku) into v_dropped
  from rows from (jsonb_to_recordset(v_lines) as (sku text), jsonb_array_elements_text(p_order -> 'onOrder'))
    as l(sku, on_order)
  where coalesce((p_on_order ->> l.sku)::bigint, 0) <> l.on_order::bigint;
  if v_dropped is not null then
    select jsonb_agg(l order by (l ->> 'lineNo')::integer), sum((l ->> 'amountMinor')::bigint) into v_lines, v_total
    from jsonb_array_elements(v_lines) l where l ->> 'sku' <> all (v_dropped);
  end if;
  if v_lines is not null then
    v_po := ledger.insert_purchase_order(null, p_cycle, p_order ->> 'supplier', p_node, p_order ->> 'currency', p_at, null,
      jsonb_build_object('lines', v_lines, 'totalMinor', v_total::text, 'approval', p_order -> 'approval',
        'policyVersion', p_policy_version),
      ledger.content_hash(p_order - 'onOrder' - 'terms'), 'loopline');
  end if;
  insert into ledger.replenishment_proposal (cycle_id, sku, supplier, quantity, purchase_order_id, dropped, terms)
  select p_cycle, l.sku, p_order ->> 'supplier', l.quantity, case when l.sku = any (v_dropped) then null else v_po end,
    case when l.sku = any (v_dropped) then 'the quantity on order changed while the cycle was planned' end, l.terms
  from rows from (jsonb_to_recordset(p_order -> 'lines') as (sku text, quantity bigint),
    jsonb_array_elements(p_order -> 'terms')) as l(sku, quantity, terms);
  return (v_lines is not null)::integer;
end $$;
