-- Stores one cycle: its proposals with every term, and a purchase order per supplier. Proposals whose
-- on-order figure has changed since the facts were read are dropped, under the node's lock, so that two
-- cycles never order the same need. Idempotency key: node and date.
-- request { node, date, businessTime, actor, decision: { policyVersion, orders: [{ supplier, currency, totalMinor,
--   approval, lines: [{ lineNo, sku, quantity, unitPrice, amountMinor }] }],
--   proposals: [{ sku, supplier, quantity, onOrder, terms }] } }
-- answers { cycleId, replayed }
create or replace function loopline.record_replenishment(request jsonb) returns jsonb language plpgsql as $$
declare
  v_node text := request ->> 'node';
  v_cycle text := format('replenishment:%s:%s', v_node, request ->> 'date');
  v_content jsonb := jsonb_build_object('node', v_node, 'date', request ->> 'date');
  v_key text := v_cycle || ':record:' || (request ->> 'date');
  v_at timestamptz := (request ->> 'businessTime')::timestamptz;
  v_result jsonb;
  v_orders integer;
begin
  perform from ledger.node where node = v_node for no key update;
  if not found then perform ledger.fail_invalid('node', format('%s is not a known node', v_node)); end if;
  v_result := ledger.stored_step(v_key, v_content);
  if v_result is not null then return v_result || '{"replayed": true}'; end if;
  insert into ledger.replenishment_cycle (cycle_id, node, cycle_date, state, business_time)
  values (v_cycle, v_node, (request ->> 'date')::date, 'planned', v_at);
  perform ledger.open_process(v_cycle, 'replenishment', jsonb_build_object('Node', v_node, 'Owner', 'procurement'));
  v_orders := ledger.place_proposals(v_cycle, v_node, v_at, request -> 'decision');
  perform ledger.note(v_cycle, 'replenishment-planned', request ->> 'actor', v_at, null, null, jsonb_build_object(
    'proposals', jsonb_array_length(request #> '{decision,proposals}'), 'purchaseOrders', v_orders,
    'policyVersion', request #> '{decision,policyVersion}'));
  return ledger.store_step(v_key, v_cycle, v_content, jsonb_build_object('cycleId', v_cycle, 'replayed', false));
end $$;

-- Answers how many purchase orders were placed. It is the system that asks for them, so whoever ran the
-- cycle may approve them.
create or replace function ledger.place_proposals(
  p_cycle text, p_node text, p_at timestamptz, p_decision jsonb
) returns integer language plpgsql as $$
declare v_dropped text[]; v_order jsonb; v_lines jsonb; v_total bigint; v_po text; v_count integer := 0;
begin
  select coalesce(array_agg(p.sku), '{}') into v_dropped
  from jsonb_to_recordset(p_decision -> 'proposals') p(sku text, "onOrder" bigint)
  left join ledger.on_order(p_node) o on o.sku = p.sku
  where coalesce(o.quantity, 0) <> p."onOrder";
  insert into ledger.replenishment_proposal (cycle_id, sku, supplier, quantity, dropped, terms)
  select p_cycle, p.sku, p.supplier, p.quantity, 'the quantity on order changed while the cycle was planned', p.terms
  from jsonb_to_recordset(p_decision -> 'proposals') p(sku text, supplier text, quantity bigint, terms jsonb)
  where p.sku = any (v_dropped);
  for v_order in select value from jsonb_array_elements(p_decision -> 'orders') loop
    select jsonb_agg(l order by (l ->> 'lineNo')::integer), sum((l ->> 'amountMinor')::bigint) into v_lines, v_total
    from jsonb_array_elements(v_order -> 'lines') l where l ->> 'sku' <> all (v_dropped);
    continue when v_lines is null;
    v_po := ledger.insert_purchase_order(null, p_cycle, v_order ->> 'supplier', p_node, v_order ->> 'currency', p_at, null,
      jsonb_build_object('lines', v_lines, 'totalMinor', v_total::text, 'approval', v_order -> 'approval',
        'policyVersion', p_decision -> 'policyVersion'),
      ledger.content_hash(v_order), 'loopline');
    insert into ledger.replenishment_proposal (cycle_id, sku, supplier, quantity, purchase_order_id, terms)
    select p_cycle, p.sku, p.supplier, p.quantity, v_po, p.terms
    from jsonb_to_recordset(p_decision -> 'proposals') p(sku text, supplier text, quantity bigint, terms jsonb)
    join jsonb_array_elements(v_lines) l on l ->> 'sku' = p.sku;
    v_count := v_count + 1;
  end loop;
  return v_count;
end $$;
