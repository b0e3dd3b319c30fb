-- What a capture came to; `unknown` says of a failed one that nobody knows, so that it is only ever asked for again
-- under its own key. Idempotency key: <capture id>:recorded, and the occurrence where that is not 1.
-- request { orderId, captureId, occurrence?, outcome: captured|failed, unknown?: boolean, providerId?, failure? }
create or replace function loopline.record_capture(request jsonb) returns jsonb language plpgsql as $$
declare v_id text := request ->> 'orderId'; v_stored jsonb;
  v_key text := concat_ws(':', request ->> 'captureId', 'recorded', nullif(request ->> 'occurrence', '1'));
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
    perform ledger.heal_exception('settlement-mismatch', v_id, v_capture.capture_id, v_at);
  elsif found then
    perform ledger.raise_exception('capture-failed', v_id, v_id, v_capture.capture_id, jsonb_build_object('captureId',
      v_capture.capture_id, 'amountMinor', v_capture.amount_minor::text, 'failure', request ->> 'failure',
      'outcome', case request ->> 'unknown' when 'true' then 'unknown' else 'refused' end), v_at);
    perform ledger.compare_settlement(v_id, 'capture.succeeded', said, v_at)
    from ledger.provider_says(v_id, 'capture.succeeded', v_capture.capture_id) said where said is not null;
  end if;
  perform ledger.note(v_id, 'payment-' || (request ->> 'outcome'), 'loopline', v_at, v_capture.capture_id,
    request ->> 'failure', jsonb_build_object('amountMinor', v_capture.amount_minor::text));
  perform ledger.wake_returns(v_id, v_key);
  return ledger.store_step(v_key, v_id, request, ledger.advance_order(v_id, v_key));
end $$;

-- The rest of an authorization was voided and an unused deposit given back, and the order can end; or that failed,
-- which goes to the exception board, and the order waits until somebody decides. `outcome` says of a failure
-- whether the provider refused or nobody knows. Idempotency key: <payment id>:given-back, and the occurrence from
-- the second on. request { orderId, paymentId, occurrence?, voided: boolean,
--   refund?: { refundId, amountMinor, outcome: refunded|failed, providerId? }, outcome?: refused|unknown, failure? }
create or replace function loopline.record_give_back(request jsonb) returns jsonb language plpgsql as $$
declare v_id text := request ->> 'orderId'; v_stored jsonb;
  v_key text := concat_ws(':', request ->> 'paymentId', 'given-back', nullif(request ->> 'occurrence', '1'));
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
    update ledger.payment set refunded_minor = refunded_minor + deposit_minor, deposit_minor = 0
    where payment_id = v_payment.payment_id returning * into v_payment;
  end if;
  -- Refused by the provider, or without a reference that it could be asked for by.
  if v_payment.deposit_minor > 0 then v_failure := coalesce(v_failure, 'the deposit was not refunded'); end if;
  if v_failure is null then
    update ledger.payment set state = 'voided' where payment_id = v_payment.payment_id;
  else
    perform ledger.raise_exception('compensation-failed', v_id, v_id, v_payment.payment_id, jsonb_build_object(
      'paymentId', v_payment.payment_id, 'outcome', coalesce(request ->> 'outcome', 'refused'), 'failure', v_failure,
      'refundMinor', v_payment.deposit_minor::text, 'currency', v_payment.currency), v_at);
  end if;
  perform ledger.note(v_id, case when v_failure is null then 'payment-given-back' else 'payment-not-given-back' end,
    'loopline', v_at, v_payment.payment_id, v_failure);
  return ledger.store_step(v_key, v_id, request, ledger.advance_order(v_id, v_key));
end $$;

-- A person's word on money that could not be given back: it is tried again, under another key where the provider had
-- refused and under the same one where nobody knows what became of it; or the provider keeps it.
create or replace function ledger.resume_give_back(p_case ledger.exception) returns void language sql as $$
  update ledger.payment p
  set give_back_try = p.give_back_try + 1,
    give_back_key = p.give_back_key + case p_case.evidence ->> 'outcome' when 'refused' then 1 else 0 end,
    state = case p_case.resolution when 'accept' then 'voided' else p.state end
  where p.payment_id = p_case.evidence ->> 'paymentId'
$$;
