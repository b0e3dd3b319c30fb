-- A person has decided on the order. Called with the approval locked; an order that is not in review
-- any more stays as it is.
create or replace function ledger.decide_purchase_order(
  p_po text, p_approved boolean, p_actor text, p_at timestamptz
) returns void language plpgsql as $$
declare v_po ledger.purchase_order := ledger.lock_purchase_order(p_po);
begin
  if v_po.state <> 'in-review' then return; end if;
  perform ledger.meet_due(p_po, 'approval');
  if p_approved then
    update ledger.purchase_order set state = 'approved' where purchase_order_id = p_po;
    perform ledger.note(p_po, 'purchase-order-approved', p_actor, p_at);
  else
    update ledger.purchase_order set state = 'rejected', ended_at = p_at where purchase_order_id = p_po;
    perform ledger.note(p_po, 'purchase-order-rejected', p_actor, p_at);
    perform ledger.end_process(p_po);
  end if;
end $$;
