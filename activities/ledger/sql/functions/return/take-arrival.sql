-- Stock and cost of one thing that arrived. The caller holds the locks.
create or replace function ledger.take_arrival(
  p_return ledger.returns, p_arrival ledger.return_arrival, p_key text, p_at timestamptz
) returns void language plpgsql as $$
declare
  v_line ledger.return_line;
  v_sale ledger.order_line;
  v_value numeric;
  v_cost record;
  v_expected boolean := p_arrival.finding = 'expected';
  v_account text := 'cost-of-goods-sold';
begin
  -- What nobody has ever sold or bought has no place in stock; the exception names it.
  if not exists (select from ledger.sku s where s.sku = p_arrival.sku) then return; end if;
  if v_expected then
    select * into v_line from ledger.return_line
    where return_id = p_return.return_id and line_no = p_arrival.line_no;
  end if;
  if v_line.cover = 'sale' then
    select * into v_sale from ledger.order_line
    where order_id = v_line.order_id and line_no = v_line.order_line_no;
    v_value := ledger.part_of_cost(v_sale.shipped_cost - v_sale.returned_cost, p_arrival.quantity,
      v_sale.shipped - v_sale.returned);
    update ledger.order_line set returned = returned + p_arrival.quantity, returned_cost = returned_cost + v_value
    where order_id = v_line.order_id and line_no = v_line.order_line_no;
    -- Free goods left to an account of their own, so they come back from it.
    if v_sale.unit_price = 0 then v_account := 'free-goods'; end if;
  else
    v_value := ledger.current_cost(p_arrival.sku, p_arrival.node, p_arrival.quantity);
  end if;
  perform ledger.move_stock(array[(p_arrival.sku, p_arrival.node, '', 'customer',
      case when v_expected then 'returned' else 'quarantined' end, p_arrival.quantity, p_return.return_id,
      p_arrival.line_no, v_line.source_ref)::ledger.movement], 'return-received', p_key, p_at);
  v_cost := ledger.add_cost(p_arrival.sku, p_arrival.node, 'returns', p_arrival.quantity, v_value, 'return-received',
    p_key, p_return.return_id, p_arrival.line_no, v_line.source_ref, p_at);
  perform ledger.post(p_key, 'return-received', 'returns-stock', v_account, ledger.base_currency(),
    v_cost.amount_minor, p_return.return_id, p_at, p_arrival.line_no, v_line.source_ref,
    p_policy_version => p_return.policy_version);
  if v_expected then
    update ledger.return_line
    set received = received + p_arrival.quantity, received_cost = received_cost + v_value, node = p_arrival.node
    where return_id = p_return.return_id and line_no = p_arrival.line_no;
  end if;
end $$;

-- The part of a cost that falls to some of its units; the last unit takes what rounding left.
create or replace function ledger.part_of_cost(p_cost numeric, p_quantity bigint, p_of bigint) returns numeric
language sql immutable as $$
  select case when p_quantity >= p_of then p_cost else round(p_cost * p_quantity / p_of, 10) end
$$;

-- No more will come: the return goes on with what did, and ends when nothing did. What was promised
-- and did not come may be returned another time. The caller holds the return's and its orders' locks.
create or replace function ledger.finish_return_receipt(p_return text, p_at timestamptz) returns void
language plpgsql as $$
declare v_received bigint; v_missing bigint; v_open bigint; v_hours numeric; v_due timestamptz;
begin
  select coalesce(sum(received), 0), coalesce(sum(quantity - received), 0), coalesce(sum(received - inspected), 0)
  into v_received, v_missing, v_open
  from ledger.return_line where return_id = p_return and kind = 'goods' and cover <> 'cancelled';
  perform ledger.meet_due(p_return, 'receipt');
  if v_received = 0 then
    perform ledger.release_return_claims(p_return);
    update ledger.returns set state = 'expired', ended_at = p_at where return_id = p_return;
    perform ledger.note(p_return, 'return-expired', 'loopline', p_at, null, 'nothing of it arrived');
    return;
  end if;
  if v_missing > 0 then
    update ledger.order_line l set "returning" = l."returning" - t.quantity
    from (select order_id, order_line_no, sum(quantity - received)::bigint as quantity from ledger.return_line
          where return_id = p_return and cover = 'sale' and kind = 'goods' group by 1, 2) t
    where l.order_id = t.order_id and l.line_no = t.order_line_no and t.quantity > 0;
    perform ledger.note(p_return, 'return-short', 'loopline', p_at, null, 'the return goes on with what arrived',
      jsonb_build_object('missing', v_missing));
  end if;
  update ledger.returns set received_at = p_at,
    state = case when v_open = 0 or refund_release = 'receipt' then 'refunding' else 'awaiting-inspection' end
  where return_id = p_return;
  if v_open > 0 then
    v_hours := (ledger.return_policy(p_return) ->> 'inspectWithinHours')::numeric;
    v_due := p_at + make_interval(secs => (v_hours * 3600)::double precision);
    perform ledger.set_due(p_return, p_return, 'inspection', 'remindInspection', v_due, '1');
  end if;
end $$;
