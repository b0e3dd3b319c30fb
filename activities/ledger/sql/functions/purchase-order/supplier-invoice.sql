-- The supplier's invoice: it waits until the goods that it names have arrived.
-- Idempotency key: the invoice's number.
-- request { purchaseOrderId, invoiceNumber, occurredAt, lines: [{ lineNo, quantity, unitPrice }], actor }
-- answers { applied, state, invoiceNumber, amountMinor, replayed? }
create or replace function loopline.record_supplier_invoice(request jsonb) returns jsonb language plpgsql as $$
declare
  v_po ledger.purchase_order := ledger.lock_purchase_order(request ->> 'purchaseOrderId');
  v_id text := v_po.purchase_order_id;
  v_number text := request ->> 'invoiceNumber';
  v_content jsonb := request - 'actor';
  v_result jsonb := ledger.stored_supply_fact('supplier-invoice', v_id || ':' || v_number, v_content);
  v_at timestamptz := (request ->> 'occurredAt')::timestamptz;
  v_amount bigint;
begin
  if v_result is not null then return v_result; end if;
  if v_po.state in ('in-review', 'approved', 'rejected') then
    return jsonb_build_object('applied', false, 'state', v_po.state, 'invoiceNumber', v_number);
  end if;
  perform ledger.check_supply_lines(v_id, request -> 'lines', false);
  select sum(round(i.quantity * i."unitPrice" * 100)) into v_amount
  from jsonb_to_recordset(request -> 'lines') i(quantity bigint, "unitPrice" numeric);
  insert into ledger.supplier_invoice (purchase_order_id, invoice_number, state, lines, amount_minor, occurred_at)
  values (v_id, v_number, 'waiting', request -> 'lines', v_amount, v_at);
  perform ledger.note(v_id, 'supplier-invoice', request ->> 'actor', v_at, v_number, null,
    jsonb_build_object('amountMinor', v_amount::text, 'currency', v_po.currency));
  perform ledger.heal_exception('invoice-missing', v_id, '', v_at);
  if v_po.state = 'closed' then
    perform ledger.raise_exception('late-fact', v_id, null, v_id || ':invoice:' || v_number,
      jsonb_build_object('fact', 'supplier-invoice', 'invoiceNumber', v_number), v_at);
    perform ledger.match_supplier_invoices(v_po, v_at);
  elsif exists (select from ledger.purchase_order_line l
                where l.purchase_order_id = v_id and (l.received > l.invoiced or l.received + l.short >= l.quantity)) then
    -- Otherwise there is nothing to match yet, and the receipt will wake the process.
    perform ledger.signal(v_id, 'invoice:' || v_number);
  end if;
  return ledger.store_supply_fact('supplier-invoice', v_id || ':' || v_number, v_content,
    jsonb_build_object('applied', true, 'state', v_po.state, 'invoiceNumber', v_number, 'amountMinor', v_amount::text));
end $$;

-- Matches the waiting invoices whose goods have arrived or will never come: at receipt price from goods
-- received not invoiced to payables, the price difference by tolerance, what never came to supplier
-- claims. The caller holds the order's lock.
create or replace function ledger.match_supplier_invoices(p_po ledger.purchase_order, p_at timestamptz) returns void
language plpgsql as $$
declare v_invoice ledger.supplier_invoice;
begin
  for v_invoice in
    select * from ledger.supplier_invoice i
    where i.purchase_order_id = p_po.purchase_order_id and i.state = 'waiting'
    order by i.recorded_at, i.invoice_number
  loop
    continue when exists (
      select from jsonb_to_recordset(v_invoice.lines) i("lineNo" integer, quantity bigint)
      join ledger.purchase_order_line l on l.purchase_order_id = p_po.purchase_order_id and l.line_no = i."lineNo"
      where i.quantity > l.received - l.invoiced and l.received + l.short < l.quantity);
    perform ledger.match_supplier_invoice(p_po, v_invoice, p_at);
  end loop;
end $$;

create or replace function ledger.match_supplier_invoice(
  p_po ledger.purchase_order, p_invoice ledger.supplier_invoice, p_at timestamptz
) returns void language plpgsql as $$
declare
  v_id text := p_po.purchase_order_id;
  v_key text := v_id || ':match:' || p_invoice.invoice_number;
  v_tolerance bigint := (ledger.purchasing_policy(p_po.ordered_at, p_po.node) #>> '{document,invoiceToleranceMinor}')::bigint;
  v_lines jsonb;
  v_off bigint;
  v_difference bigint;
  v_state text;
begin
  v_lines := ledger.invoice_shares(v_id, p_invoice.lines);
  select coalesce(sum(abs(s."differenceMinor")), 0), coalesce(sum(s."differenceMinor"), 0) into v_off, v_difference
  from jsonb_to_recordset(v_lines) s("differenceMinor" bigint);
  -- After the order's end no process waits for a decision: what is too much is claimed back at once.
  v_state := case when v_off <= v_tolerance then 'matched' when p_po.state = 'closed' then 'disputed' else 'mismatch' end;
  perform ledger.post(v_key, 'supplier-invoice', 'goods-received-not-invoiced', 'payables', p_po.currency, s."baseMinor",
      v_id, p_at, s."lineNo"),
    ledger.post(v_key, 'supplier-claim', 'supplier-claims', 'payables', p_po.currency, s."claimMinor", v_id, p_at, s."lineNo"),
    ledger.post(v_key, 'supplier-invoice-difference',
      case v_state when 'matched' then 'valuation-differences' else 'supplier-claims' end, 'payables', p_po.currency,
      case v_state when 'mismatch' then 0 else s."differenceMinor" end, v_id, p_at, s."lineNo")
  from jsonb_to_recordset(v_lines) s("lineNo" integer, "baseMinor" bigint, "claimMinor" bigint, "differenceMinor" bigint);
  update ledger.purchase_order_line l
  set invoiced = l.invoiced + s.covered, matched_minor = l.matched_minor + s."baseMinor"
  from jsonb_to_recordset(v_lines) s("lineNo" integer, covered bigint, "baseMinor" bigint)
  where l.purchase_order_id = v_id and l.line_no = s."lineNo";
  update ledger.supplier_invoice i
  set state = v_state, lines = v_lines, difference_minor = v_difference
  where i.purchase_order_id = v_id and i.invoice_number = p_invoice.invoice_number;
  perform ledger.note(v_id, 'supplier-invoice-matched', 'loopline', p_at, p_invoice.invoice_number, null,
    jsonb_build_object('amountMinor', p_invoice.amount_minor::text, 'differenceMinor', v_difference::text,
      'currency', p_po.currency));
  if v_state = 'mismatch' then
    perform ledger.raise_exception('invoice-mismatch', v_id, v_id, p_invoice.invoice_number,
      jsonb_build_object('invoiceNumber', p_invoice.invoice_number, 'differenceMinor', v_difference::text,
        'toleranceMinor', v_tolerance::text, 'currency', p_po.currency), p_at);
  end if;
end $$;

-- Each invoiced line against what was received: covered units at receipt price (cumulative shares, so
-- that the last one takes the rest), the price difference on them, and the claim for what never came.
create or replace function ledger.invoice_shares(p_po text, p_lines jsonb) returns jsonb language sql stable as $$
  select jsonb_agg(jsonb_build_object('lineNo', s.line_no, 'quantity', s.quantity, 'unitPrice', s.unit_price,
      'covered', s.covered, 'baseMinor', s.base, 'differenceMinor', round(s.covered * s.price * 100)::bigint - s.base,
      'claimMinor', (round(s.quantity * s.price * 100) - round(s.covered * s.price * 100))::bigint) order by s.line_no)
  from (
    select c.*, case when c.received = 0 then 0
      else round(c.received_minor::numeric * (c.invoiced + c.covered) / c.received)::bigint - c.matched_minor end as base
    from (
      select i."lineNo" as line_no, i.quantity, i."unitPrice" as unit_price, i."unitPrice"::numeric as price,
        l.received, l.invoiced, l.received_minor, l.matched_minor,
        least(i.quantity, greatest(l.received - l.invoiced, 0)) as covered
      from jsonb_to_recordset(p_lines) i("lineNo" integer, quantity bigint, "unitPrice" text)
      join ledger.purchase_order_line l on l.purchase_order_id = p_po and l.line_no = i."lineNo"
    ) c
  ) s
$$;
