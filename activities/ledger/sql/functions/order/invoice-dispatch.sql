-- Posts a dispatch: revenue and tax as cumulative shares of the lines, cost of goods sold from the cost
-- layers, the charges with the first shipment; then says what is to be captured.
create or replace function ledger.invoice_dispatch(
  p_shipment ledger.shipment, p_moves ledger.movement[], p_key text, p_request jsonb
) returns jsonb language plpgsql as $$
declare
  v_at timestamptz := ledger.fact_time(p_request, p_shipment.order_id);
  v_line record; v_total bigint := 0; v_tax bigint := 0; v_part bigint; v_part_tax bigint; v_number text; v_order ledger.orders;
begin
  select * into v_order from ledger.orders where order_id = p_shipment.order_id;
  for v_line in
    select l.*, m.moved from ledger.order_line l
    join (select line_no, sum(quantity)::bigint as moved from unnest(p_moves) group by 1) m using (line_no)
    where l.order_id = p_shipment.order_id order by l.line_no
  loop
    v_part := round(v_line.amount_minor::numeric * (v_line.shipped + v_line.cancelled + v_line.moved) / v_line.quantity)
      - v_line.invoiced_minor - v_line.cancelled_minor;
    v_part_tax := round(v_line.tax_minor::numeric * (v_line.shipped + v_line.moved) / v_line.quantity) - v_line.tax_invoiced_minor;
    perform ledger.post_cost_of_sale(v_order, v_line.line_no, v_line.code, p_shipment.node, v_line.moved, p_key,
      v_line.source_ref, v_at, case when v_line.unit_price = 0 then 'free-goods' else 'cost-of-goods-sold' end);
    perform ledger.post(p_key, 'dispatched', 'receivables', 'revenue', v_order.currency, v_part - v_part_tax,
      v_order.order_id, v_at, v_line.line_no, v_line.source_ref, p_customer_id => v_order.customer_id);
    perform ledger.post(p_key, 'dispatched', 'receivables', 'output-tax', v_order.currency, v_part_tax,
      v_order.order_id, v_at, v_line.line_no, v_line.source_ref, p_customer_id => v_order.customer_id);
    update ledger.order_line set reserved = reserved - v_line.moved, shipped = shipped + v_line.moved,
      invoiced_minor = invoiced_minor + v_part, tax_invoiced_minor = tax_invoiced_minor + v_part_tax
    where order_id = v_order.order_id and line_no = v_line.line_no;
    v_total := v_total + v_part;
    v_tax := v_tax + v_part_tax;
  end loop;
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

create or replace function ledger.post_cost_of_sale(
  p_order ledger.orders, p_line integer, p_sku text, p_node text, p_quantity bigint, p_key text, p_source_ref text,
  p_at timestamptz, p_account text
) returns void language plpgsql as $$
declare v_cost record;
begin
  select * into v_cost from ledger.take_cost(p_sku, p_node, 'stock', p_quantity, 'dispatched', p_key, p_order.order_id,
    p_line, p_source_ref, p_at);
  perform ledger.post(p_key, 'dispatched', p_account, 'inventory', ledger.base_currency(), v_cost.amount_minor,
    p_order.order_id, p_at, p_line);
  update ledger.order_line set shipped_cost = shipped_cost + v_cost.value
  where order_id = p_order.order_id and line_no = p_line;
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
    perform ledger.raise_exception('payment', p_order.order_id, p_order.order_id, p_key, jsonb_build_object(
      'uncoveredMinor', (p_amount_minor - v_deposit - v_due)::text), p_at);
  end if;
end $$;
