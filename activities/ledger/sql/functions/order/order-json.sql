-- One order as the API shows it. Money as strings in minor units.
create or replace function ledger.order_json(p_order text) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', o.order_id, 'channel', o.channel, 'externalId', o.external_id, 'class', o.class, 'state', o.state,
    'process', (select p.state from ledger.process p where p.process_id = o.order_id),
    'currency', o.currency, 'totalMinor', o.total_minor::text, 'placedAt', ledger.instant_text(o.placed_at),
    'promisedDispatchAt', ledger.instant_text(o.promised_dispatch_at),
    'recordedAt', ledger.instant_text(o.recorded_at), 'endedAt', ledger.instant_text(o.ended_at),
    'customer', (select jsonb_build_object('externalId', c.external_id, 'name', c.name)
                 from ledger.customer c where c.customer_id = o.customer_id),
    'lines', (select jsonb_agg(jsonb_build_object(
        'orderLineId', l.order_id || '#' || l.line_no, 'externalLineId', l.external_line_id, 'kind', l.kind,
        'code', l.code, 'quantity', l.quantity, 'unitPrice', ledger.price_text(l.unit_price),
        'amountMinor', l.amount_minor::text, 'taxMinor', l.tax_minor::text, 'allocated', l.reserved,
        'backordered', l.backordered, 'short', l.short, 'shipped', l.shipped, 'cancelled', l.cancelled,
        'returning', l.returning, 'invoicedMinor', l.invoiced_minor::text,
        'allocations', coalesce((select jsonb_agg(jsonb_build_object('node', r.node, 'quantity', r.units) order by r.node)
          from (select node, sum(quantity) as units from ledger.reservation
                where owner_id = l.order_id and line_no = l.line_no and quantity > 0 group by node) r), '[]'),
        'backorders', case when l.backordered = 0 then '[]' else
          (select jsonb_agg(jsonb_build_object('node', b.node, 'quantity', b.quantity) order by b.node)
           from ledger.backorder b where b.order_id = l.order_id and b.line_no = l.line_no and b.quantity > 0) end)
        order by l.line_no) from ledger.order_line l where l.order_id = o.order_id),
    'holds', coalesce((select jsonb_agg(jsonb_build_object('hold', h.hold, 'reason', h.reason, 'raisedAt',
        ledger.instant_text(h.raised_at))
        order by h.hold) from ledger.order_hold h where h.order_id = o.order_id and h.cleared_at is null), '[]'),
    'payments', coalesce((select jsonb_agg(jsonb_build_object('paymentId', p.payment_id, 'provider', p.provider,
        'state', ledger.payment_state(p), 'reference', p.reference, 'requestedMinor', p.requested_minor::text,
        'authorizedMinor', p.authorized_minor::text, 'capturedMinor', p.captured_minor::text,
        'refundedMinor', p.refunded_minor::text)) from ledger.payment p where p.order_id = o.order_id), '[]'),
    'shipments', coalesce((select jsonb_agg(jsonb_build_object('id', s.shipment_id, 'node', s.node, 'state', s.state)
        order by s.shipment_id) from ledger.shipment s where s.order_id = o.order_id), '[]'),
    'invoices', coalesce((select jsonb_agg(jsonb_build_object('invoiceNumber', d.invoice_number,
        'amountMinor', d.amount_minor::text, 'taxMinor', d.tax_minor::text, 'trackingNumber', d.tracking_number,
        'occurredAt', ledger.instant_text(d.occurred_at)) order by d.recorded_at) from ledger.dispatch d where d.order_id = o.order_id), '[]'))
  from ledger.orders o where o.order_id = p_order
$$;

-- A payment's state as people read it: the row keeps `authorized` and `voided`, the amounts say what was
-- captured meanwhile. What was captured and given back whole is voided.
create or replace function ledger.payment_state(p_payment ledger.payment) returns text language sql immutable as $$
  select case
    when p_payment.state not in ('authorized', 'voided') or p_payment.captured_minor = 0 then p_payment.state
    when p_payment.state = 'voided' and p_payment.refunded_minor >= p_payment.captured_minor then p_payment.state
    when p_payment.captured_minor >= p_payment.authorized_minor then 'captured'
    else 'partially-captured' end
$$;
