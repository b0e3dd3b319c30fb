-- What a capture came to. Idempotency key: <capture id>:recorded.
-- request { orderId, captureId, outcome: captured|failed, providerId?, failure? }
create or replace function loopline.record_capture(request jsonb) returns jsonb language plpgsql as $$
declare v_id text := request ->> 'orderId'; v_key text := (request ->> 'captureId') || ':recorded'; v_stored jsonb;
  v_capture ledger.capture; v_payment ledger.payment; v_at timestamptz;
begin
  perform from ledger.orders where order_id = v_id for no key update;
  v_stored := ledger.stored_step(v_key, request);
  if v_stored is not null then return v_stored; end if;
  v_at := ledger.business_time(v_id);
  update ledger.capture set state = request ->> 'outcome', provider_id = request ->> 'providerId', failure = request ->> 'failure'
  where capture_id = request ->> 'captureId' and state = 'due' returning * into v_capture;
  if found and v_capture.state = 'captured' then
    update ledger.payment set captured_minor = captured_minor + v_capture.amount_minor
    where payment_id = v_capture.payment_id returning * into v_payment;
    perform ledger.post(v_key, 'captured', 'payment-clearing', 'receivables', v_payment.currency, v_capture.amount_minor,
      v_id, v_at, p_payment_id => v_payment.payment_id);
    perform ledger.heal_exception('capture-failed', v_id, v_capture.capture_id, v_at);
  elsif found then
    perform ledger.raise_exception('capture-failed', v_id, v_id, v_capture.capture_id, jsonb_build_object('captureId',
      v_capture.capture_id, 'amountMinor', v_capture.amount_minor::text, 'failure', request ->> 'failure'), v_at);
  end if;
  perform ledger.note(v_id, 'payment-' || (request ->> 'outcome'), 'loopline', v_at, v_capture.capture_id,
    request ->> 'failure', jsonb_build_object('amountMinor', v_capture.amount_minor::text));
  perform ledger.wake_returns(v_id, v_key);
  return ledger.store_step(v_key, v_id, request, ledger.advance_order(v_id, v_key));
end $$;

-- The rest of an authorization was voided and an unused deposit given back, or that failed, which goes to
-- the exception board; either way the order ends. Idempotency key: <payment id>:given-back.
-- request { orderId, paymentId, voided: boolean, refund?: { refundId, amountMinor, outcome, providerId? }, failure? }
create or replace function loopline.record_give_back(request jsonb) returns jsonb language plpgsql as $$
declare v_id text := request ->> 'orderId'; v_key text := (request ->> 'paymentId') || ':given-back'; v_stored jsonb;
  v_payment ledger.payment; v_at timestamptz; v_refund jsonb := request -> 'refund'; v_failure text := request ->> 'failure';
begin
  perform from ledger.orders where order_id = v_id for no key update;
  v_stored := ledger.stored_step(v_key, request);
  if v_stored is not null then return v_stored; end if;
  v_at := ledger.business_time(v_id);
  select * into v_payment from ledger.payment where payment_id = request ->> 'paymentId';
  if v_refund ->> 'outcome' = 'refunded' then
    insert into ledger.refund (refund_id, payment_id, subject_id, account, amount_minor, state, provider_id, occurred_at)
    values (v_refund ->> 'refundId', v_payment.payment_id, v_id, 'customer-deposits', (v_refund ->> 'amountMinor')::bigint,
      'refunded', v_refund ->> 'providerId', v_at);
    perform ledger.post(v_key, 'deposit-refunded', 'customer-deposits', 'payment-clearing', v_payment.currency,
      (v_refund ->> 'amountMinor')::bigint, v_id, v_at, p_payment_id => v_payment.payment_id);
  end if;
  update ledger.payment set state = 'voided',
    refunded_minor = refunded_minor + case when v_refund ->> 'outcome' = 'refunded' then deposit_minor else 0 end,
    deposit_minor = case when v_refund ->> 'outcome' = 'refunded' then 0 else deposit_minor end
  where payment_id = v_payment.payment_id returning * into v_payment;
  -- Refused by the provider, or without a reference that it could be asked for by.
  if v_payment.deposit_minor > 0 then v_failure := coalesce(v_failure, 'the deposit was not refunded'); end if;
  if v_failure is not null then
    perform ledger.raise_exception('compensation-failed', v_id, v_id, v_payment.payment_id,
      jsonb_build_object('failure', v_failure), v_at);
  end if;
  perform ledger.note(v_id, 'payment-given-back', 'loopline', v_at, v_payment.payment_id, v_failure);
  return ledger.store_step(v_key, v_id, request, ledger.advance_order(v_id, v_key));
end $$;
