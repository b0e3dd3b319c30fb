-- What a purchase order's process has to know to go on, read from the ledger alone.
-- next: review (a person decides), submit (tell the supplier), wait (for facts), done.
create or replace function ledger.purchase_order_status(p_po text) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'processId', o.purchase_order_id,
    'state', o.state,
    'alreadyFinished', o.state in ('closed', 'rejected'),
    'next', case
      when o.state in ('closed', 'rejected') then 'done'
      when o.state = 'in-review' then 'review'
      when o.state = 'acknowledged' then 'wait'
      when exists (select from ledger.exception e where e.subject_id = o.purchase_order_id
                   and e.kind = 'supplier-refused' and e.state = 'open') then 'wait'
      else 'submit' end,
    -- Which attempt to reach the supplier comes next: the first, or the one that a person asked for.
    'submission', coalesce((select ledger.occurrence_of(e) from ledger.exception e
      where e.subject_id = o.purchase_order_id and e.kind = 'supplier-refused' and e.state = 'resolved'
      order by e.recorded_at desc limit 1), 'first'),
    'approvalId', a.approval_id,
    'dueId', d.due_id,
    'waitSeconds', ceil(greatest(1, extract(epoch from coalesce(a.due_at, d.due_at)
      - ledger.business_time(o.purchase_order_id)))))
  from ledger.purchase_order o
  left join lateral (
    select p.approval_id, p.due_at from ledger.approval p
    where p.subject_id = o.purchase_order_id and p.state = 'open' and o.state = 'in-review'
    order by p.recorded_at desc limit 1) a on true
  left join lateral (
    select w.due_id, w.due_at from ledger.due w
    where w.subject_id = o.purchase_order_id and w.kind in ('supplier', 'supplier-invoice')
      and w.state in ('open', 'reached') and o.state not in ('in-review', 'closed', 'rejected')
    order by w.due_at limit 1) d on true
  where o.purchase_order_id = p_po
$$;

-- The purchase order, locked for this statement's work.
create or replace function ledger.lock_purchase_order(p_po text) returns ledger.purchase_order
language plpgsql as $$
declare v_po ledger.purchase_order;
begin
  select * into v_po from ledger.purchase_order where purchase_order_id = p_po for no key update;
  if not found then perform ledger.fail_not_found('Purchase order', p_po); end if;
  return v_po;
end $$;

-- The replenishment policy in force at a time where a node stands: { version, document }.
create or replace function ledger.purchasing_policy(p_at timestamptz, p_node text) returns jsonb
language sql stable as $$
  select jsonb_build_object('version', p.policy || '/' || p.version, 'document', p.document)
  from ledger.policy_in_force('replenishment', '*', ledger.node_region(p_node), p_at) p
$$;

-- Renews the one wait for the supplier: for goods while some are to come, then for the invoice.
-- p_occurrence names the fact that moved the date.
create or replace function ledger.renew_supplier_due(p_po text, p_occurrence text) returns void
language plpgsql as $$
declare
  v_po ledger.purchase_order; v_policy jsonb; v_goods boolean; v_invoice boolean;
  v_now timestamptz := ledger.business_time(p_po);
begin
  select * into v_po from ledger.purchase_order where purchase_order_id = p_po;
  update ledger.due set state = 'met'
  where subject_id = p_po and kind in ('supplier', 'supplier-invoice') and state in ('open', 'reached');
  if v_po.state not in ('approved', 'sent', 'acknowledged') then return; end if;
  v_policy := ledger.purchasing_policy(v_po.ordered_at, v_po.node) -> 'document';
  select coalesce(bool_or(received + short < quantity), false), coalesce(bool_or(invoiced < received), false)
  into v_goods, v_invoice from ledger.purchase_order_line where purchase_order_id = p_po;
  if v_goods then
    perform ledger.set_due(p_po, p_po, 'supplier', 'escalateLateSupplier',
      greatest(v_po.expected_at, v_now) + make_interval(days => (v_policy ->> 'lateAfterDays')::integer), p_occurrence);
  elsif v_invoice then
    perform ledger.set_due(p_po, p_po, 'supplier-invoice', 'escalateLateSupplier',
      v_now + make_interval(days => (v_policy ->> 'invoiceWithinDays')::integer), p_occurrence);
  end if;
end $$;
