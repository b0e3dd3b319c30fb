-- Cancels what is not shipped: all of it, or the named lines. Idempotency key:
-- <order id>:cancel:<cancellationId>. request { orderId, cancellationId, lines?: [{ lineNo, quantity? }],
-- reason, occurredAt?, at?, actor }. Answers what was cancelled, what had been shipped already, and the
-- lines of which more was asked than was open.
create or replace function loopline.cancel_order(request jsonb) returns jsonb language plpgsql as $$
declare v_order ledger.orders; v_key text; v_content jsonb := request - 'actor' - 'at'; v_stored jsonb;
begin
  select * into v_order from ledger.orders where order_id = request ->> 'orderId' for no key update;
  if not found then perform ledger.fail_not_found('Order', request ->> 'orderId'); end if;
  v_key := v_order.order_id || ':cancel:' || (request ->> 'cancellationId');
  v_stored := ledger.stored_step(v_key, v_content);
  if v_stored is not null then return v_stored || '{"replayed": true}'; end if;
  perform ledger.check_cancelled_lines(v_order.order_id, request -> 'lines');
  return ledger.store_step(v_key, v_order.order_id, v_content,
    ledger.cancel_lines(v_order, request -> 'lines', v_key, ledger.fact_time(request, v_order.order_id),
      request ->> 'actor', request ->> 'reason'));
end $$;

create or replace function ledger.cancel_lines(
  p_order ledger.orders, p_lines jsonb, p_key text, p_occurred_at timestamptz, p_actor text, p_reason text
) returns jsonb language plpgsql as $$
declare v_line record; v_open bigint; v_take bigint; v_cancelled jsonb := '[]'; v_shipped jsonb := '[]';
  v_not_open jsonb := '[]';
begin
  perform ledger.lock_order_stock(p_order.order_id);
  for v_line in
    select l.*, n.item ->> 'quantity' as asked from ledger.order_line l
    left join jsonb_array_elements(p_lines) n(item) on (n.item ->> 'lineNo')::integer = l.line_no
    where l.order_id = p_order.order_id and (p_lines is null or p_lines = 'null' or n.item is not null)
    order by l.line_no
  loop
    v_open := v_line.quantity - v_line.shipped - v_line.cancelled - v_line.short;
    v_take := least(v_open, coalesce(v_line.asked::bigint, v_line.quantity));
    if v_take > 0 then
      perform ledger.cancel_units(p_order.order_id, v_line.line_no, v_take, p_key, p_occurred_at, p_actor, p_reason);
      v_cancelled := v_cancelled || jsonb_build_object('orderLineId', v_line.order_id || '#' || v_line.line_no,
        'quantity', v_take);
    end if;
    if v_line.shipped > 0 and coalesce(v_line.asked::bigint, v_line.quantity) > v_take then
      v_shipped := v_shipped || jsonb_build_object('orderLineId', v_line.order_id || '#' || v_line.line_no,
        'quantity', v_line.shipped);
    end if;
    if v_line.asked::bigint > v_open then
      v_not_open := v_not_open || jsonb_build_object('orderLineId', v_line.order_id || '#' || v_line.line_no,
        'asked', v_line.asked::bigint, 'open', v_open);
    end if;
  end loop;
  perform ledger.signal(p_order.order_id, p_key);
  return jsonb_build_object('applied', jsonb_array_length(v_cancelled) > 0, 'cancelled', v_cancelled,
    'shipped', v_shipped, 'notOpen', v_not_open, 'order', ledger.order_json(p_order.order_id));
end $$;

-- A line that the order has not is the caller's mistake, and so is one that is named twice.
create or replace function ledger.check_cancelled_lines(p_order text, p_lines jsonb) returns void language plpgsql as $$
declare v_position bigint; v_line text; v_known boolean;
begin
  if p_lines is null or p_lines = 'null' then return; end if;
  select x.position - 1, x.line_no, x.known into v_position, v_line, v_known
  from (
    select n.position, n.item ->> 'lineNo' as line_no,
      exists (select from ledger.order_line l
              where l.order_id = p_order and l.line_no = (n.item ->> 'lineNo')::integer) as known,
      row_number() over (partition by n.item ->> 'lineNo' order by n.position) as mention
    from jsonb_array_elements(p_lines) with ordinality n(item, position)) x
  where not x.known or x.mention > 1
  order by x.position limit 1;
  if found then
    perform ledger.fail_invalid(format('lines[%s].orderLineId', v_position),
      case when v_known then format('line %s is named twice', v_line) else format('%s has no line %s', p_order, v_line) end);
  end if;
end $$;

-- Locks every item that the order has stock or a backorder at.
create or replace function ledger.lock_order_stock(p_order text) returns void language plpgsql as $$
declare v_skus text[]; v_nodes text[];
begin
  select array_agg(sku), array_agg(node) into v_skus, v_nodes from (
    select sku, node from ledger.reservation where owner_id = p_order and quantity > 0
    union select sku, node from ledger.backorder where order_id = p_order and quantity > 0) items;
  if v_skus is not null then perform ledger.lock_items(v_skus, v_nodes); end if;
end $$;
