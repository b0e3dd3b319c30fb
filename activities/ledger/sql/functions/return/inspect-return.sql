-- Units were graded and disposed of. A machine's or a person's fact: stored once with its stock and
-- cost. Idempotency key: inbox source return-inspection + inspectionId. request { returnId,
-- inspectionId, occurredAt?, at, units: [{ lineNo, quantity, grade, disposition }], actor }.
create or replace function loopline.inspect_return(request jsonb) returns jsonb language plpgsql as $$
declare
  v_content jsonb := request - 'actor' - 'at';
  v_fact text := request ->> 'inspectionId';
  v_key text := (request ->> 'returnId') || ':inspection:' || (request ->> 'inspectionId');
  v_at timestamptz := coalesce(request ->> 'occurredAt', request ->> 'at')::timestamptz;
  v_return ledger.returns;
  v_known jsonb;
  v_unit jsonb;
  v_result jsonb;
begin
  select * into v_return from ledger.returns where return_id = request ->> 'returnId' for no key update;
  if not found then perform ledger.fail_not_found('Return', request ->> 'returnId'); end if;
  v_known := ledger.known_fact('return-inspection', v_fact, v_content);
  if v_known is not null then return v_known; end if;
  if v_return.state not in ('awaiting-receipt', 'awaiting-inspection')
    and not (v_return.state = 'refunding' and ledger.inspection_open(v_return.return_id)) then
    return jsonb_build_object('applied', false, 'replayed', false, 'return', ledger.return_json(v_return.return_id));
  end if;
  perform ledger.check_inspection(v_return.return_id, request -> 'units');
  perform ledger.lock_items(array_agg(l.code), array_agg(l.node)) from ledger.return_line l
  where l.return_id = v_return.return_id and l.received > 0;
  for v_unit in select u from jsonb_array_elements(request -> 'units') with ordinality x(u, n) order by n loop
    insert into ledger.inspection (inspection_id, return_id, line_no, quantity, grade, disposition, inspector, occurred_at)
    values (v_fact, v_return.return_id, (v_unit ->> 'lineNo')::integer, (v_unit ->> 'quantity')::bigint,
      v_unit ->> 'grade', v_unit ->> 'disposition', request ->> 'actor', v_at);
    perform ledger.dispose_returned(v_return, v_unit, v_key, v_at);
  end loop;
  perform ledger.allocate_backorders(array_agg(l.code), array_agg(l.node), v_key, v_at)
  from jsonb_array_elements(request -> 'units') u
  join ledger.return_line l on l.return_id = v_return.return_id and l.line_no = (u ->> 'lineNo')::integer
  where u ->> 'disposition' = 'restock'
  having count(*) > 0;
  perform ledger.note(v_return.return_id, 'return-inspected', request ->> 'actor', v_at, v_fact, null,
    jsonb_build_object('units', request -> 'units'));
  if v_return.state in ('awaiting-inspection', 'refunding') and not ledger.inspection_open(v_return.return_id) then
    update ledger.returns set state = 'refunding' where return_id = v_return.return_id;
    perform ledger.meet_due(v_return.return_id, 'inspection');
    perform ledger.heal_exception('inspection', v_return.return_id, '', v_at);
  end if;
  perform ledger.signal(v_return.return_id, v_key);
  v_result := jsonb_build_object('applied', true, 'replayed', false, 'return', ledger.return_json(v_return.return_id));
  insert into ledger.inbox (source, fact_id, payload_hash, payload, result)
  values ('return-inspection', v_fact, ledger.content_hash(v_content), v_content, ledger.without_customer(v_result));
  return v_result;
end $$;

create or replace function ledger.check_inspection(p_return text, p_units jsonb) returns void
language plpgsql stable as $$
declare v_unit jsonb; v_position integer; v_open bigint; v_before bigint;
begin
  for v_unit, v_position in select u, n - 1 from jsonb_array_elements(p_units) with ordinality x(u, n) order by n loop
    select l.received - l.inspected into v_open from ledger.return_line l
    where l.return_id = p_return and l.line_no = (v_unit ->> 'lineNo')::integer and l.kind = 'goods';
    if not found then
      perform ledger.fail_invalid(format('units[%s].returnLineId', v_position), 'This return has no such line of goods');
    end if;
    select coalesce(sum((u ->> 'quantity')::bigint), 0) into v_before
    from jsonb_array_elements(p_units) with ordinality x(u, n)
    where n <= v_position and u ->> 'lineNo' = v_unit ->> 'lineNo';
    if v_before + (v_unit ->> 'quantity')::bigint > v_open then
      perform ledger.fail_invalid(format('units[%s].quantity', v_position),
        format('%s units of this line are received and not yet inspected', v_open));
    end if;
  end loop;
end $$;

-- One disposition: restock goes on hand with the cost that the units came back with; scrap and
-- vendor-return leave the house; repack, refurbish and quarantine stay in the returns pool.
create or replace function ledger.dispose_returned(
  p_return ledger.returns, p_unit jsonb, p_key text, p_at timestamptz
) returns void language plpgsql as $$
declare
  v_disposition text := p_unit ->> 'disposition';
  v_quantity bigint := (p_unit ->> 'quantity')::bigint;
  v_line ledger.return_line;
  v_value numeric;
  v_out record;
  v_in record;
begin
  select * into v_line from ledger.return_line
  where return_id = p_return.return_id and line_no = (p_unit ->> 'lineNo')::integer;
  v_value := ledger.part_of_cost(v_line.received_cost - v_line.disposed_cost, v_quantity,
    v_line.received - v_line.inspected);
  update ledger.return_line set inspected = inspected + v_quantity, disposed_cost = disposed_cost + v_value
  where return_id = p_return.return_id and line_no = v_line.line_no;
  perform ledger.move_stock(array[(v_line.code, v_line.node, '', 'returned',
      case v_disposition when 'restock' then 'on-hand' when 'scrap' then 'adjustment' when 'vendor-return' then 'supplier'
        when 'quarantine' then 'quarantined' else 'damaged' end,
      v_quantity, p_return.return_id, v_line.line_no, v_line.source_ref)::ledger.movement],
    'return-' || v_disposition, p_key, p_at);
  if v_disposition in ('repack', 'refurbish', 'quarantine') then return; end if;

  v_out := ledger.take_cost(v_line.code, v_line.node, 'returns', v_quantity, 'return-' || v_disposition, p_key,
    p_return.return_id, v_line.line_no, v_line.source_ref, p_at, v_value);
  if v_disposition <> 'restock' then
    perform ledger.post(p_key, 'return-' || v_disposition,
      case v_disposition when 'scrap' then 'scrap' else 'supplier-claims' end, 'returns-stock',
      ledger.base_currency(), v_out.amount_minor, p_return.return_id, p_at, v_line.line_no, v_line.source_ref);
    return;
  end if;
  v_in := ledger.add_cost(v_line.code, v_line.node, 'stock', v_quantity, v_out.value, 'return-restock', p_key,
    p_return.return_id, v_line.line_no, v_line.source_ref, p_at);
  perform ledger.post(p_key, 'return-restock', 'inventory', 'returns-stock', ledger.base_currency(), v_in.amount_minor,
    p_return.return_id, p_at, v_line.line_no, v_line.source_ref);
  -- Two pools round on their own, and goods at standard cost enter at the standard.
  perform ledger.post(p_key, 'return-restock', 'valuation-differences', 'returns-stock', ledger.base_currency(),
    v_out.amount_minor - v_in.amount_minor, p_return.return_id, p_at, v_line.line_no, v_line.source_ref);
end $$;
