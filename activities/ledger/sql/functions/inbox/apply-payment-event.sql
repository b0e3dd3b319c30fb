-- What a payment provider reports by itself. Captures, refunds and voids are settled by the answers to
-- our own calls, so their events are only noted, and compared with what we know of them; the outcome of a
-- challenge arrives no other way.
create or replace function ledger.apply_payment_event(p_fact text, p_event jsonb) returns jsonb
language plpgsql as $$
declare
  v_data jsonb := p_event -> 'data';
  v_type text := p_event ->> 'type';
  v_at timestamptz := (p_event ->> 'occurredAt')::timestamptz;
  v_payment ledger.payment;
begin
  select * into v_payment from ledger.payment p where p.reference = v_data ->> 'authorizationId' limit 1;
  if not found then
    select * into v_payment from ledger.payment p where p.payment_id = v_data ->> 'reference';
  end if;
  if not found then return jsonb_build_object('applied', false, 'state', 'unknown-payment'); end if;

  -- Orders are locked before what hangs on them.
  perform from ledger.orders o where o.order_id = v_payment.order_id for no key update;
  select * into v_payment from ledger.payment p where p.payment_id = v_payment.payment_id for no key update;
  perform ledger.note(v_payment.order_id, 'payment-event', 'gateway', v_at, p_fact, v_type,
    jsonb_build_object('paymentId', v_payment.payment_id, 'authorizationId', v_data ->> 'authorizationId', 'amountMinor', v_data ->> 'amountMinor',
      'currency', v_data ->> 'currency', 'operationId', v_data ->> 'operationId', 'reference', v_data ->> 'reference'));
  if v_type not in ('authorization.succeeded', 'authorization.failed') then
    perform ledger.compare_settlement(v_payment.order_id, v_type, v_data, v_at);
    return jsonb_build_object('applied', false, 'state', v_payment.state);
  end if;
  if v_type = 'authorization.succeeded'
    and (v_payment.reference <> v_data ->> 'authorizationId'
      -- What was known to be authorized when it was voided is no news, however late its event is.
      or (v_payment.state = 'voided' and v_payment.authorized_minor = 0)) then
    -- Nobody wants this authorization any more and the customer's money is blocked all the same: a person has to look.
    perform ledger.raise_exception('late-fact', v_payment.order_id, v_payment.order_id, p_fact,
      jsonb_build_object('event', v_type, 'paymentId', v_payment.payment_id,
        'authorizationId', v_data ->> 'authorizationId', 'amountMinor', v_data ->> 'amountMinor'), v_at);
    return jsonb_build_object('applied', false, 'state', v_payment.state);
  end if;
  -- While it is still due the event has overtaken the answer to our own call, which finds it noted.
  if v_payment.state <> 'challenged' or v_payment.reference <> v_data ->> 'authorizationId' then
    return jsonb_build_object('applied', false, 'state', v_payment.state);
  end if;
  update ledger.payment p
  set state = case when v_type = 'authorization.succeeded' then 'authorized' else 'declined' end,
    reference = coalesce(p.reference, v_data ->> 'authorizationId'),
    authorized_minor = case when v_type = 'authorization.succeeded' then p.requested_minor else p.authorized_minor end
  where p.payment_id = v_payment.payment_id
  returning * into v_payment;
  if v_payment.state = 'authorized' then
    update ledger.order_hold h set cleared_at = v_at
    where h.order_id = v_payment.order_id and h.hold = 'payment' and h.cleared_at is null;
    perform ledger.heal_exception('payment', v_payment.order_id, 'authorization', v_at);
    perform ledger.meet_due(v_payment.order_id, 'payment');
  else
    -- Whoever was told of the challenge may have let the buyer try on: only now there is something to decide.
    perform ledger.raise_exception('payment', v_payment.order_id, v_payment.order_id, 'authorization',
      jsonb_build_object('paymentId', v_payment.payment_id, 'outcome', 'declined',
        'declineCode', v_data ->> 'declineCode'), v_at);
  end if;
  perform ledger.signal(v_payment.order_id, 'gateway:' || p_fact);
  return jsonb_build_object('applied', true, 'state', v_payment.state);
end $$;

-- Money that the provider has moved and our books have not, or not as much of it. What it captured before the
-- order came, and a deposit's refund that is not recorded yet, stand in no row of ours.
create or replace function ledger.compare_settlement(p_order text, p_type text, p_data jsonb, p_at timestamptz)
returns void language plpgsql as $$
declare v_subject text; v_booked bigint; v_reference text := p_data ->> 'reference';
begin
  if p_type = 'capture.succeeded' then
    select c.order_id, case c.state when 'failed' then 0 else c.amount_minor end into v_subject, v_booked
    from ledger.capture c where c.capture_id = v_reference;
  elsif p_type = 'refund.succeeded' then
    select r.subject_id, case r.state when 'failed' then 0 else r.amount_minor end into v_subject, v_booked
    from ledger.refund r where r.refund_id = v_reference;
  end if;
  if v_subject is null or coalesce(v_booked::text = p_data ->> 'amountMinor', true) then return; end if;
  perform ledger.raise_exception('settlement-mismatch', v_subject, null, v_reference, jsonb_build_object('event', p_type,
    'orderId', p_order, 'reference', v_reference, 'operationId', left(p_data ->> 'operationId', 200),
    'bookedMinor', v_booked::text, 'providerMinor', left(p_data ->> 'amountMinor', 40),
    'currency', left(p_data ->> 'currency', 3)), p_at);
end $$;

-- Whether the provider has said by itself that it did what it never answered to us.
create or replace function ledger.provider_says(p_order text, p_type text, p_reference text) returns jsonb
language sql stable as $$
  select t.detail from ledger.timeline t
  where t.subject_id = p_order and t.event = 'payment-event' and t.reason = p_type and t.detail ->> 'reference' = p_reference
  limit 1
$$;
