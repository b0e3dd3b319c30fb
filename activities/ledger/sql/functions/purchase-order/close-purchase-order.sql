-- Nobody waits for the rest any more: it is short, and what was on its way is taken off the books.
create or replace function ledger.close_short(p_po ledger.purchase_order, p_actor text, p_at timestamptz) returns void
language plpgsql as $$
declare v_id text := p_po.purchase_order_id;
begin
  update ledger.purchase_order_line l set short = greatest(l.quantity - l.received, 0) where l.purchase_order_id = v_id;
  perform ledger.close_notices(v_id, p_po.node, p_at);
  perform ledger.note(v_id, 'purchase-order-closed-short', p_actor, p_at, null, null, jsonb_build_object('shortUnits',
    (select sum(l.short) from ledger.purchase_order_line l where l.purchase_order_id = v_id)));
  if p_po.state in ('approved', 'sent') then
    perform ledger.close_purchase_order(v_id, p_actor, 'the supplier was never reached', p_at);
  else
    perform ledger.renew_supplier_due(v_id, 'closed-short');
  end if;
end $$;

create or replace function ledger.close_notices(p_po text, p_node text, p_at timestamptz) returns void
language plpgsql as $$
declare v_moves ledger.movement[];
begin
  select array_agg((n.sku, p_node, '', 'inbound', 'supplier', n.quantity - n.received, p_po, n.line_no, null)::ledger.movement
    order by n.sku, n.line_no)
  into v_moves
  from ledger.shipping_notice s join ledger.shipping_notice_line n using (notice_id)
  where s.purchase_order_id = p_po and s.state = 'open' and n.quantity > n.received;
  if v_moves is not null then
    perform ledger.lock_items((select array_agg(m.sku) from unnest(v_moves) m), (select array_agg(m.node) from unnest(v_moves) m));
    perform ledger.move_stock(v_moves, 'notice-closed', p_po || ':close-notices', p_at);
  end if;
  update ledger.shipping_notice set state = 'received' where purchase_order_id = p_po and state = 'open';
end $$;

create or replace function ledger.close_purchase_order(p_po text, p_actor text, p_reason text, p_at timestamptz)
returns void language plpgsql as $$
declare v_node text;
begin
  update ledger.purchase_order set state = 'closed', ended_at = p_at where purchase_order_id = p_po
  returning node into v_node;
  perform ledger.close_notices(p_po, v_node, p_at);
  -- What the date was reached for is over too, whether or not anybody has looked.
  update ledger.due set state = 'met' where subject_id = p_po and state in ('open', 'reached');
  perform ledger.heal_exception(kind, p_po, '', p_at)
  from unnest(array['supplier-late', 'supplier-refused', 'invoice-missing']) kind;
  perform ledger.note(p_po, 'purchase-order-closed', p_actor, p_at, null, p_reason);
  perform ledger.end_process(p_po);
end $$;
