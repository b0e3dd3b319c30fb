-- First step of a cycle's process: it runs, and these purchase orders are to be started.
-- request { processId }; answers { alreadyFinished, node, purchaseOrderIds }.
create or replace function loopline.begin_replenishment(request jsonb) returns jsonb language plpgsql as $$
declare v_id text := request ->> 'processId'; v_state text; v_node text;
begin
  select c.state, c.node into v_state, v_node from ledger.replenishment_cycle c where c.cycle_id = v_id;
  if not found then perform ledger.fail_not_found('Replenishment cycle', v_id); end if;
  update ledger.process set state = 'running', started_at = coalesce(started_at, clock_timestamp()), leased_until = null
  where process_id = v_id and state = 'pending';
  return jsonb_build_object('alreadyFinished', v_state = 'done', 'node', v_node, 'purchaseOrderIds', coalesce((
    select jsonb_agg(o.purchase_order_id order by o.purchase_order_id)
    from ledger.purchase_order o join ledger.process p on p.process_id = o.purchase_order_id
    where p.state <> 'ended' and o.cycle_id = v_id), '[]'));
end $$;

-- Every purchase order of the cycle has its process. Idempotency key: the cycle. request { processId }
create or replace function loopline.end_replenishment(request jsonb) returns jsonb language plpgsql as $$
declare v_id text := request ->> 'processId'; v_time timestamptz;
begin
  update ledger.replenishment_cycle set state = 'done', ended_at = business_time
  where cycle_id = v_id and state = 'planned' returning business_time into v_time;
  if v_time is not null then
    perform ledger.note(v_id, 'replenishment-done', 'loopline', v_time);
    perform ledger.end_process(v_id);
  end if;
  return jsonb_build_object('applied', v_time is not null, 'state', 'done');
end $$;

-- One cycle without its proposals and purchase orders; null when there is none. request { id }
create or replace function loopline.read_replenishment_cycle(request jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('id', c.cycle_id, 'node', c.node, 'date', c.cycle_date::text, 'state', c.state,
    'process', (select p.state from ledger.process p where p.process_id = c.cycle_id),
    'businessTime', ledger.instant_text(c.business_time), 'recordedAt', ledger.instant_text(c.recorded_at))
  from ledger.replenishment_cycle c where c.cycle_id = request ->> 'id'
$$;

-- A page of a cycle's proposals with every term, by SKU, after one of them. They go out as they are, so they
-- come as one text, JSON without its brackets: nobody takes tens of thousands of them apart on the way.
-- request { id, after, limit }; answers { count, last, text }
create or replace function loopline.list_replenishment_proposals(request jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('count', count(*), 'last', max(r.sku), 'text', ledger.without_brackets(
    json_agg(json_build_object('sku', r.sku, 'supplier', r.supplier, 'quantity', r.quantity,
      'purchaseOrderId', r.purchase_order_id, 'dropped', r.dropped, 'terms', r.terms) order by r.sku)))
  from (select * from ledger.replenishment_proposal p
    where p.cycle_id = request ->> 'id' and p.sku > request ->> 'after'
    order by p.sku limit (request ->> 'limit')::integer) r
$$;

-- The same of its purchase orders, by their ids.
create or replace function loopline.list_replenishment_orders(request jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('count', count(*), 'last', max(o.purchase_order_id), 'text', ledger.without_brackets(
    json_agg(ledger.purchase_order_summary(o) order by o.purchase_order_id)))
  from (select * from ledger.purchase_order p
    where p.cycle_id = request ->> 'id' and p.purchase_order_id > request ->> 'after'
    order by p.purchase_order_id limit (request ->> 'limit')::integer) o
$$;

create or replace function ledger.without_brackets(p_array json) returns text language sql immutable as $$
  select coalesce(substr(p_array::text, 2, length(p_array::text) - 2), '')
$$;
