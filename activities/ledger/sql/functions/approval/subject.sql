-- What an approval's subject is to it: a lock, an effect, facts that can change. Another kind of subject needs a
-- line in each, and in ledger.subject_places.

create or replace function ledger.lock_subject(p_kind text, p_subject text) returns void language plpgsql as $$
begin
  case p_kind
    when 'return' then perform from ledger.returns where return_id = p_subject for no key update;
    when 'purchase-order' then
      perform from ledger.purchase_order where purchase_order_id = p_subject for no key update;
    when 'stock-adjustment' then
      perform from ledger.stock_adjustment where adjustment_id = p_subject for no key update;
    when 'finance-entry' then perform from ledger.finance_entry where entry_id = p_subject for no key update;
    when 'policy-change' then perform ledger.lock_policy_draft(p_subject);
    when 'goodwill' then perform from ledger.goodwill where goodwill_id = p_subject for no key update;
    when 'supplier-change', 'master-data-edit' then
      perform from ledger.master_data_change where change_id = p_subject for no key update;
    else raise exception 'A % has no lock', p_kind using errcode = 'LL500';
  end case;
end $$;

create or replace function ledger.carry_out(
  p_kind text, p_subject text, p_approved boolean, p_actor text, p_at timestamptz
) returns void language plpgsql as $$
begin
  case p_kind
    when 'return' then perform ledger.decide_return(p_subject, p_approved, p_actor, p_at);
    when 'purchase-order' then perform ledger.decide_purchase_order(p_subject, p_approved, p_actor, p_at);
    when 'stock-adjustment' then perform ledger.decide_stock_adjustment(p_subject, p_approved, p_actor, p_at);
    when 'finance-entry' then perform ledger.decide_finance_entry(p_subject, p_approved, p_actor, p_at);
    when 'policy-change' then perform ledger.decide_policy_draft(p_subject, p_approved, p_actor, p_at);
    when 'goodwill' then perform ledger.decide_goodwill(p_subject, p_approved, p_actor, p_at);
    when 'supplier-change', 'master-data-edit' then
      perform ledger.decide_change(p_subject, p_approved, p_actor, p_at);
    else raise exception 'Nothing carries out decisions on a %', p_kind using errcode = 'LL500';
  end case;
end $$;

-- Facts as the subject has them today, where it has them; the rest as they were asked about. Asking takes the
-- same, so that a difference is a change.
create or replace function ledger.approval_facts(p_kind text, p_subject text, p_facts jsonb) returns jsonb
language plpgsql stable as $$
declare v_today jsonb; v_details jsonb := '{}';
begin
  case p_kind
    when 'return' then
      select jsonb_build_object('amountMinor', coalesce(sum(l.amount_minor), 0)::text,
        'quantityEach', coalesce(sum(l.quantity), 0)::text,
        'customerRisk', ledger.risk_of((select 'customer:' || r.customer_id from ledger.returns r
          where r.return_id = p_subject))) into v_today
      from ledger.return_line l where l.return_id = p_subject and l.cover <> 'cancelled';
    when 'purchase-order' then
      select jsonb_build_object('amountMinor', o.total_minor::text, 'currency', o.currency, 'quantityEach',
          (select coalesce(sum(l.quantity), 0)::text from ledger.purchase_order_line l where l.purchase_order_id = p_subject),
          'supplierRisk', ledger.risk_of('supplier:' || o.supplier)),
        jsonb_build_object('supplier', o.supplier, 'node', o.node) into v_today, v_details
      from ledger.purchase_order o where o.purchase_order_id = p_subject;
    when 'stock-adjustment' then
      select jsonb_build_object('amountMinor', abs(a.value_minor)::text, 'quantityEach', abs(a.quantity)::text),
        jsonb_build_object('sku', a.sku, 'node', a.node) into v_today, v_details
      from ledger.stock_adjustment a where a.adjustment_id = p_subject;
    when 'finance-entry' then
      select jsonb_build_object('amountMinor', abs(e.amount_minor)::text, 'currency', e.currency) into v_today
      from ledger.finance_entry e where e.entry_id = p_subject;
    when 'goodwill' then
      select jsonb_build_object('amountMinor', g.amount_minor::text, 'currency', g.currency, 'customerRisk',
          (select ledger.risk_of('customer:' || o.customer_id) from ledger.orders o where o.order_id = g.order_id)),
        jsonb_build_object('order', g.order_id, 'resolution', g.resolution) into v_today, v_details
      from ledger.goodwill g where g.goodwill_id = p_subject;
    when 'supplier-change', 'master-data-edit' then
      v_details := ledger.change_details(p_subject);
      if p_kind = 'supplier-change' then
        select jsonb_build_object('supplierRisk', ledger.risk_of('supplier:' || c.record_key)) into v_today
        from ledger.master_data_change c where c.change_id = p_subject;
      end if;
    else null;
  end case;
  return p_facts || coalesce(ledger.in_base(p_facts, v_today), '{}')
    || jsonb_build_object('details', coalesce(p_facts -> 'details', '{}') || coalesce(v_details, '{}'));
end $$;

-- What a subject states in another currency, in the base currency by the rate that it was asked at.
create or replace function ledger.in_base(p_facts jsonb, p_today jsonb) returns jsonb language sql immutable as $$
  select case when p_facts ? 'stated' and p_today ? 'amountMinor' then p_today || jsonb_build_object(
      'amountMinor', round((p_today ->> 'amountMinor')::numeric * (p_facts #>> '{stated,rate}')::numeric)::text,
      'currency', p_facts -> 'currency',
      'stated', (p_facts -> 'stated') || jsonb_build_object('amountMinor', p_today -> 'amountMinor'))
    else p_today end
$$;

-- What acts on the subject are held against each other by.
create or replace function ledger.things_of(p_kind text, p_subject text) returns text[] language plpgsql stable as $$
declare v_supplier text;
begin
  if p_kind = 'purchase-order' then
    select 'supplier:' || o.supplier into v_supplier from ledger.purchase_order o where o.purchase_order_id = p_subject;
  elsif p_kind = 'supplier-change' then
    select 'supplier:' || c.record_key into v_supplier from ledger.master_data_change c where c.change_id = p_subject;
  end if;
  return array_remove(array[p_subject, v_supplier], null);
end $$;
