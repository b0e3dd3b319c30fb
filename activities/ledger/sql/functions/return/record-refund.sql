-- What the payment provider answered to a refund. Idempotency key: <refund id>:recorded:<occurrence>.
-- request { refundId, occurrence, outcome: succeeded|failed|unknown, providerId?, decision: { failure } }.
-- A refund whose outcome is unknown stays due under its key: trying it again cannot pay twice. The last one
-- closes the return, or the goodwill, that it belongs to.
create or replace function loopline.record_refund(request jsonb) returns jsonb language plpgsql as $$
declare
  v_refund_id text := request ->> 'refundId';
  v_key text := v_refund_id || ':recorded:' || (request ->> 'occurrence');
  v_content jsonb := request - 'decision';
  v_refund ledger.refund;
  v_payment ledger.payment;
  v_at timestamptz;
  v_stored jsonb;
begin
  select * into v_refund from ledger.refund f where f.refund_id = v_refund_id;
  if not found then perform ledger.fail_not_found('Refund', v_refund_id); end if;
  perform ledger.lock_refunded(v_refund.subject_id);
  v_stored := ledger.stored_step(v_key, v_content);
  if v_stored is not null then return v_stored; end if;
  select * into v_payment from ledger.payment p where p.payment_id = v_refund.payment_id for no key update;
  select * into v_refund from ledger.refund f where f.refund_id = v_refund_id for no key update;
  if v_refund.state <> 'due' then return ledger.advance_refunded(v_refund.subject_id); end if;

  v_at := ledger.business_time(v_refund.subject_id);
  if request ->> 'outcome' = 'succeeded' then
    update ledger.refund set state = 'refunded', provider_id = request ->> 'providerId' where refund_id = v_refund_id;
    update ledger.payment set refunded_minor = refunded_minor + v_refund.amount_minor
    where payment_id = v_payment.payment_id;
    perform ledger.post(v_key, 'refund-succeeded', v_refund.account, 'payment-clearing', v_payment.currency,
      v_refund.amount_minor, v_refund.subject_id, v_at, p_payment_id => v_payment.payment_id);
    perform ledger.heal_exception('settlement-mismatch', v_refund.subject_id, v_refund_id, v_at);
    perform ledger.note(v_refund.subject_id, 'refunded', 'loopline', v_at, v_refund_id, null,
      jsonb_build_object('paymentId', v_payment.payment_id, 'amountMinor', v_refund.amount_minor::text));
  else
    if request ->> 'outcome' = 'failed' then
      update ledger.refund set state = 'failed', failure = request #>> '{decision,failure}',
        provider_id = request ->> 'providerId' where refund_id = v_refund_id;
    end if;
    perform ledger.raise_exception('refund-failed', v_refund.subject_id, v_refund.subject_id, v_refund_id,
      jsonb_build_object('refundId', v_refund_id, 'outcome', request ->> 'outcome', 'paymentId', v_payment.payment_id,
        'amountMinor', v_refund.amount_minor::text, 'currency', v_payment.currency,
        'failure', request #>> '{decision,failure}'), v_at);
  end if;
  return ledger.store_step(v_key, v_refund.subject_id, v_content, ledger.advance_refunded(v_refund.subject_id));
end $$;

-- What refunds belong to is a return or goodwill.
create or replace function ledger.lock_refunded(p_subject text) returns void language plpgsql as $$
begin
  if starts_with(p_subject, 'goodwill:') then perform ledger.lock_goodwill(p_subject);
  else perform ledger.lock_return(p_subject); end if;
end $$;

create or replace function ledger.advance_refunded(p_subject text) returns jsonb language plpgsql as $$
begin
  return case when starts_with(p_subject, 'goodwill:') then ledger.advance_goodwill(p_subject)
    else ledger.advance_return(p_subject) end;
end $$;

-- Carries out what people decided about failed refunds: retry makes a new refund under a new key,
-- credit-customer keeps the money as credit. Each exception is carried out once. The caller holds the
-- return's lock.
create or replace function ledger.resume_refunds(p_return ledger.returns) returns void language plpgsql as $$
declare v_case ledger.exception;
begin
  for v_case in
    select * from ledger.exception e
    where e.subject_id = p_return.return_id and e.kind = 'refund-failed' and e.state = 'resolved'
      and not exists (select from ledger.step s where s.key = ledger.occurrence_of(e) || ':handled')
    order by e.recorded_at, e.exception_id
  loop
    perform ledger.resume_refund(p_return, v_case);
    perform ledger.trace(p_return.return_id, ledger.business_time(p_return.return_id));
    perform ledger.store_step(ledger.occurrence_of(v_case) || ':handled', p_return.return_id,
      jsonb_build_object('resolution', v_case.resolution), '{}');
  end loop;
end $$;

create or replace function ledger.resume_refund(p_return ledger.returns, p_case ledger.exception) returns void
language plpgsql as $$
declare
  v_refund ledger.refund;
  v_again bigint := 0;
  v_at timestamptz := ledger.business_time(p_return.return_id);
begin
  perform from ledger.payment p
  where p.payment_id = p_case.evidence ->> 'paymentId' for no key update;
  select * into v_refund from ledger.refund f where f.refund_id = p_case.evidence ->> 'refundId' for no key update;
  if p_case.resolution = 'credit-customer' and v_refund.state <> 'refunded' then
    update ledger.refund set state = 'failed' where refund_id = v_refund.refund_id;
    perform ledger.compare_settlement(p.order_id, 'refund.succeeded', said, v_at)
    from ledger.payment p
    cross join ledger.provider_says(p.order_id, 'refund.succeeded', v_refund.refund_id) said
    where p.payment_id = v_refund.payment_id and said is not null;
  elsif v_refund.state = 'failed' then
    -- The payment may have been refunded otherwise meanwhile.
    v_again := least(ledger.refundable_minor(v_refund.payment_id), v_refund.amount_minor);
    if v_again > 0 then
      perform ledger.owe_refund(p_return.return_id,
        (select (count(*) + 1)::text from ledger.refund f where f.subject_id = p_return.return_id),
        v_refund.payment_id, v_again, v_at);
    end if;
  else
    -- Refunded after all, or of unknown outcome: the same refund is tried again.
    return;
  end if;
  perform ledger.credit_account(ledger.occurrence_of(p_case) || ':credit', 'refunds-payable', p_return,
    v_refund.amount_minor - v_again, v_at);
end $$;
