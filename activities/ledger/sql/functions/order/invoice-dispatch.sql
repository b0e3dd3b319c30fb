-- Posts a dispatch: revenue and tax as cumulative shares of the lines, cost of goods sold from the cost
-- layers, the charges with the first shipment; then says what is to be captured.
create or replace function ledger.invoice_dispatch(
  p_shipment ledger.shipment, p_moves ledger.movement[], p_key text, p_request jsonb
) returns jsonb language plpgsql as $$
declare
  v_at timestamptz := ledger.fact_time(p_request, p_shipment.order_id);
  v_total bigint; v_tax bigint; v_number text; v_order ledger.orders;
begin
  select * into v_order from ledger.orders where order_id = p_shipment.order_id;
  select i.total_minor, i.tax_minor into v_total, v_tax from ledger.invoice_lines(v_order, p_moves, p_key, v_at) i;
  v_total := v_total + ledger.post_charges(v_order, p_key, v_at);
  v_number := 'INV-' || lpad(nextval('ledger.invoice_number')::text, 6, '0');
  insert into ledger.dispatch (dispatch_id, shipment_id, order_id, invoice_number, amount_minor, tax_minor, carrier,
    tracking_number, occurred_at)
  values (p_key, p_shipment.shipment_id, v_order.order_id, v_number, v_total, v_tax, p_request ->> 'carrier',
    p_request ->> 'trackingNumber', v_at);
  perform ledger.make_due(v_order, p_key, v_total, v_at);
  perform ledger.note(v_order.order_id, 'dispatched', p_request ->> 'actor', v_at, p_shipment.shipment_id, null,
    jsonb_build_object('invoiceNumber', v_number, 'amountMinor', v_total::text, 'trackingNumber', p_request ->> 'trackingNumber'));
  insert into ledger.outbox (kind, subject_id, payload)
  select 'mail', v_order.order_id, jsonb_build_object('template', 'dispatched', 'orderId', v_order.order_id,
    'messageId', p_key, 'to', c.email, 'trackingNumber', p_request ->> 'trackingNumber', 'invoiceNumber', v_number)
  from ledger.customer c where c.customer_id = v_order.customer_id and c.email is not null;
  perform ledger.signal(v_order.order_id, p_key);
  return jsonb_build_object('applied', true, 'state', (select state from ledger.shipment where shipment_id = p_shipment.shipment_id),
    'orderId', v_order.order_id, 'invoiceNumber', v_number, 'amountMinor', v_total::text);
end $$;

-- Takes the goods' cost from the layers, posts cost of sale, revenue and tax of all lines, and carries the
-- lines on. A line that costs the customer nothing is free goods.
create or replace function ledger.invoice_lines(
  p_order ledger.orders, p_moves ledger.movement[], p_key text, p_at timestamptz,
  out total_minor bigint, out tax_minor bigint
) language plpgsql as $$
begin
  with moved as (
    select m.line_no, sum(m.quantity)::bigint as units from unnest(p_moves) m group by 1
  ), cost as (
    select * from ledger.take_costs(p_moves, 'dispatched', p_key, p_at)
  ), part as (
    select l.line_no, l.source_ref, m.units, c.value, c.amount_minor as cost_minor,
      case when l.unit_price = 0 then 'free-goods' else 'cost-of-goods-sold' end as cost_account,
      (round(l.amount_minor::numeric * (l.shipped + l.cancelled + m.units) / l.quantity)
        - l.invoiced_minor - l.cancelled_minor)::bigint as amount,
      (round(l.tax_minor::numeric * (l.shipped + m.units) / l.quantity) - l.tax_invoiced_minor)::bigint as tax
    from ledger.order_line l join moved m using (line_no) join cost c using (line_no)
    where l.order_id = p_order.order_id
  ), posted as (
    insert into ledger.posting (key, event, debit, credit, currency, amount_minor, subject_id, line_no, source_ref,
      customer_id, posted_on, occurred_at)
    select p_key, 'dispatched', leg.debit, leg.credit, leg.currency, leg.amount, p_order.order_id, p.line_no,
      leg.source_ref, leg.customer_id, ledger.open_day(p_at), p_at
    from part p
    cross join lateral (values
      (p.cost_account, 'inventory', ledger.base_currency(), p.cost_minor, null, null),
      ('receivables', 'revenue', p_order.currency, p.amount - p.tax, p.source_ref, p_order.customer_id),
      ('receivables', 'output-tax', p_order.currency, p.tax, p.source_ref, p_order.customer_id)
    ) leg(debit, credit, currency, amount, source_ref, customer_id)
    where leg.amount > 0
    order by p.line_no
  ), carried as (
    update ledger.order_line l
    set reserved = l.reserved - p.units, shipped = l.shipped + p.units, shipped_cost = l.shipped_cost + p.value,
      invoiced_minor = l.invoiced_minor + p.amount, tax_invoiced_minor = l.tax_invoiced_minor + p.tax
    from part p where l.order_id = p_order.order_id and l.line_no = p.line_no
  )
  select coalesce(sum(p.amount), 0), coalesce(sum(p.tax), 0) into total_minor, tax_minor from part p;
end $$;

-- Invoices the charges that are not invoiced yet; answers their sum in minor units (discounts negative).
create or replace function ledger.post_charges(p_order ledger.orders, p_key text, p_at timestamptz) returns bigint
language plpgsql as $$
declare v_line ledger.order_line; v_sum bigint := 0; v_part bigint; v_income text;
begin
  for v_line in
    select * from ledger.order_line where order_id = p_order.order_id and kind <> 'goods'
      and shipped + cancelled < quantity order by line_no
  loop
    v_part := v_line.amount_minor - v_line.cancelled_minor;
    v_income := case v_line.kind when 'shipping' then 'shipping-income' when 'manual' then 'manual-adjustments'
      when 'voucher' then 'voucher-liability' when 'discount' then 'discounts' else 'other-charges' end;
    if v_line.kind = 'discount' then v_part := -v_part; end if;
    perform ledger.post(p_key, 'charged', 'receivables', v_income, p_order.currency, v_part - v_line.tax_minor,
      p_order.order_id, p_at, v_line.line_no, v_line.source_ref, p_customer_id => p_order.customer_id);
    perform ledger.post(p_key, 'charged', 'receivables', 'output-tax', p_order.currency, v_line.tax_minor,
      p_order.order_id, p_at, v_line.line_no, v_line.source_ref, p_customer_id => p_order.customer_id);
    update ledger.order_line set shipped = quantity - cancelled, invoiced_minor = abs(v_part),
      tax_invoiced_minor = tax_minor
    where order_id = p_order.order_id and line_no = v_line.line_no;
    v_sum := v_sum + v_part;
  end loop;
  update ledger.orders set charges_due = false where order_id = p_order.order_id and charges_due;
  return v_sum;
end $$;

-- Charges of an order that has no goods to send (any more).
create or replace function ledger.invoice_charges(p_order text, p_key text, p_at timestamptz) returns void
language plpgsql as $$
declare v_order ledger.orders; v_sum bigint;
begin
  select * into v_order from ledger.orders where order_id = p_order;
  if not v_order.charges_due then return; end if;
  v_sum := ledger.post_charges(v_order, p_key, p_at);
  perform ledger.make_due(v_order, p_key, v_sum, p_at);
  if v_order.state = 'accepted' then update ledger.orders set state = 'released' where order_id = p_order; end if;
end $$;

-- An invoice is settled by the deposit first, then by a capture up to what is authorized. What nobody
-- authorized stays a receivable: of an order with a payment that is an exception, else it is on account.
create or replace function ledger.make_due(p_order ledger.orders, p_key text, p_amount_minor bigint, p_at timestamptz)
returns void language plpgsql as $$
declare v_payment ledger.payment; v_deposit bigint; v_due bigint; v_open bigint;
begin
  select * into v_payment from ledger.payment where order_id = p_order.order_id order by payment_id limit 1;
  if not found or p_amount_minor <= 0 then return; end if;
  v_deposit := least(v_payment.deposit_minor, p_amount_minor);
  if v_deposit > 0 then
    update ledger.payment set deposit_minor = deposit_minor - v_deposit where payment_id = v_payment.payment_id;
    perform ledger.post(p_key, 'deposit-used', 'customer-deposits', 'receivables', p_order.currency, v_deposit,
      p_order.order_id, p_at, p_payment_id => v_payment.payment_id);
  end if;
  select v_payment.authorized_minor - v_payment.captured_minor - coalesce(sum(amount_minor), 0) into v_open
  from ledger.capture where payment_id = v_payment.payment_id and state = 'due';
  v_due := least(p_amount_minor - v_deposit, greatest(v_open, 0));
  if v_due > 0 then
    insert into ledger.capture (capture_id, payment_id, order_id, amount_minor, state, occurred_at)
    values (p_key || ':capture', v_payment.payment_id, p_order.order_id, v_due, 'due', p_at);
  end if;
  if v_due + v_deposit < p_amount_minor then
    -- There is nothing that it could be captured from, so nothing to try again.
    perform ledger.withhold_action(ledger.raise_exception('capture-failed', p_order.order_id, p_order.order_id, p_key,
      jsonb_build_object('uncoveredMinor', (p_amount_minor - v_deposit - v_due)::text), p_at), 'retry');
  end if;
end $$;
