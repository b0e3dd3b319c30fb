-- Goods of a return arrived. A machine's fact: stored once with its stock and cost. Idempotency key:
-- inbox source return-receipt + receiptId. request { returnId, receiptId, occurredAt?, at, complete,
-- lines: [{ lineNo?, sku, quantity, node? }], actor }; `at` is when we heard of it. Units beyond what was authorized, other
-- items, and whatever comes when nothing is expected any more go to quarantine and on the board.
create or replace function loopline.receive_return(request jsonb) returns jsonb language plpgsql as $$
declare
  v_content jsonb := request - 'actor' - 'at';
  v_fact text := request ->> 'receiptId';
  v_key text := (request ->> 'returnId') || ':receipt:' || (request ->> 'receiptId');
  v_at timestamptz := coalesce(request ->> 'occurredAt', request ->> 'at')::timestamptz;
  v_return ledger.returns;
  v_known jsonb;
  v_arrival ledger.return_arrival;
  v_arrivals ledger.return_arrival[];
  v_result jsonb;
begin
  select * into v_return from ledger.returns where return_id = request ->> 'returnId' for no key update;
  if not found then perform ledger.fail_not_found('Return', request ->> 'returnId'); end if;
  v_known := ledger.known_fact('return-receipt', v_fact, v_content);
  if v_known is not null then return v_known; end if;

  v_arrivals := ledger.sort_arrivals(v_return, request -> 'lines');
  perform ledger.lock_arrivals(v_return.return_id, v_arrivals);
  foreach v_arrival in array v_arrivals loop
    insert into ledger.return_receipt (receipt_id, return_id, line_no, sku, node, quantity, finding, occurred_at)
    values (v_fact, v_return.return_id, v_arrival.line_no, v_arrival.sku, v_arrival.node, v_arrival.quantity,
      v_arrival.finding, v_at);
    perform ledger.take_arrival(v_return, v_arrival, v_key, v_at);
  end loop;
  perform ledger.note(v_return.return_id, 'return-received', request ->> 'actor', v_at, v_fact, null,
    jsonb_build_object('complete', request -> 'complete', 'lines', (select jsonb_agg(jsonb_build_object(
      'sku', a.sku, 'quantity', a.quantity, 'finding', a.finding, 'node', a.node)) from unnest(v_arrivals) a)));
  if exists (select from unnest(v_arrivals) a where a.finding <> 'expected') then
    perform ledger.raise_exception('return-receipt', v_return.return_id, v_return.return_id, v_fact,
      jsonb_build_object('receiptId', v_fact, 'state', v_return.state, 'lines', (select jsonb_agg(jsonb_build_object(
        'sku', a.sku, 'quantity', a.quantity, 'finding', a.finding, 'node', a.node))
        from unnest(v_arrivals) a where a.finding <> 'expected')), v_at);
  end if;
  if v_return.state = 'awaiting-receipt' and ((request ->> 'complete')::boolean
      or not exists (select from ledger.return_line l where l.return_id = v_return.return_id
                       and l.kind = 'goods' and l.cover <> 'cancelled' and l.received < l.quantity)) then
    perform ledger.finish_return_receipt(v_return.return_id, v_at);
  end if;
  perform ledger.signal(v_return.return_id, v_key);
  v_result := jsonb_build_object('applied', true, 'replayed', false, 'return', ledger.return_json(v_return.return_id));
  insert into ledger.inbox (source, fact_id, payload_hash, payload, result)
  values ('return-receipt', v_fact, ledger.content_hash(v_content), v_content, ledger.without_customer(v_result));
  return v_result;
end $$;

do $$ begin
  if to_regtype('ledger.return_arrival') is null then
    create type ledger.return_arrival as (line_no integer, sku text, node text, quantity bigint, finding text);
  end if;
end $$;

-- The first answer to a fact that came before, or null; other content under its id is refused.
create or replace function ledger.known_fact(p_source text, p_fact text, p_content jsonb) returns jsonb
language plpgsql stable as $$
declare v_known ledger.inbox;
begin
  select * into v_known from ledger.inbox i where i.source = p_source and i.fact_id = p_fact;
  if not found then return null; end if;
  if v_known.payload_hash <> ledger.content_hash(p_content) then
    raise exception 'was used before, at %, with other content; the first stands',
      ledger.instant_text(v_known.recorded_at) using errcode = 'LL409', detail = p_fact;
  end if;
  return ledger.with_customer(v_known.result) || '{"replayed": true}';
end $$;

-- Sorts what arrived by line and finding. An entry without a line goes to the lines of its SKU in
-- their order; one entry may serve several lines, and what is left over is over or another item.
create or replace function ledger.sort_arrivals(p_return ledger.returns, p_entries jsonb)
returns ledger.return_arrival[] language plpgsql stable as $$
declare
  v_arrivals ledger.return_arrival[] := '{}';
  v_entry jsonb; v_position integer; v_line record; v_left bigint; v_take bigint; v_named ledger.return_line; v_node text;
begin
  for v_entry, v_position in select e, n - 1 from jsonb_array_elements(p_entries) with ordinality x(e, n) order by n loop
    v_left := (v_entry ->> 'quantity')::bigint;
    v_named := null;
    v_node := v_entry ->> 'node';
    if v_node is not null and not exists (select from ledger.node n where n.node = v_node) then
      perform ledger.fail_invalid(format('lines[%s].node', v_position), format('%s is not a known node', v_node));
    end if;
    if v_entry ? 'lineNo' then
      select * into v_named from ledger.return_line l
      where l.return_id = p_return.return_id and l.line_no = (v_entry ->> 'lineNo')::integer and l.kind = 'goods';
      if not found then
        perform ledger.fail_invalid(format('lines[%s].returnLineId', v_position), 'This return has no such line of goods');
      end if;
    end if;
    if p_return.state = 'awaiting-receipt' then
      for v_line in
        select l.line_no, coalesce(v_node, ledger.return_node(l)) as node, l.node as fixed_node, l.quantity - l.received
          - coalesce((select sum(a.quantity) from unnest(v_arrivals) a
                      where a.line_no = l.line_no and a.finding = 'expected'), 0) as expected
        from ledger.return_line l
        where l.return_id = p_return.return_id and l.kind = 'goods' and l.cover <> 'cancelled'
          and l.code = v_entry ->> 'sku' and (v_named.line_no is null or l.line_no = v_named.line_no)
        order by l.line_no
      loop
        v_take := least(v_left, v_line.expected);
        continue when v_take <= 0;
        if v_line.node <> v_line.fixed_node then
          perform ledger.fail_invalid(format('lines[%s].node', v_position),
            format('The first units of this line were received at %s', v_line.fixed_node));
        end if;
        v_arrivals := v_arrivals || (v_line.line_no, v_entry ->> 'sku', v_line.node, v_take, 'expected')::ledger.return_arrival;
        v_left := v_left - v_take;
      end loop;
    end if;
    if v_left > 0 then
      v_arrivals := v_arrivals || (v_named.line_no, v_entry ->> 'sku', coalesce(v_node, ledger.return_node(v_named)),
        v_left, case when exists (select from ledger.return_line l where l.return_id = p_return.return_id
            and l.kind = 'goods' and l.code = v_entry ->> 'sku'
            and (v_named.line_no is null or l.line_no = v_named.line_no))
          then 'over' else 'wrong-item' end)::ledger.return_arrival;
    end if;
  end loop;
  return v_arrivals;
end $$;

-- Where a line's goods arrive unless the fact says otherwise: where its first units did, else where
-- it was sold from, else the node that comes first.
create or replace function ledger.return_node(p_line ledger.return_line) returns text language sql stable as $$
  select coalesce(p_line.node,
    (select l.node from ledger.order_line l where l.order_id = p_line.order_id and l.line_no = p_line.order_line_no),
    (select n.node from ledger.node n order by n.priority, n.node limit 1))
$$;

create or replace function ledger.lock_arrivals(p_return text, p_arrivals ledger.return_arrival[]) returns void
language plpgsql as $$
begin
  perform from ledger.orders o
  where o.order_id in (select order_id from ledger.return_line where return_id = p_return and cover = 'sale')
  order by o.order_id for no key update;
  perform ledger.lock_items(array_agg(a.sku), array_agg(a.node))
  from unnest(p_arrivals) a where exists (select from ledger.sku s where s.sku = a.sku);
end $$;
