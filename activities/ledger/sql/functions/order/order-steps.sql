-- The steps of an order's process. Each locks the order, answers a repeat with the stored result, does
-- its part, advances the order and answers its progress.

-- Idempotency key: <order id>:begin, but a finished or resumed process is told where it stands.
create or replace function loopline.begin_order(request jsonb) returns jsonb language plpgsql as $$
declare v_id text := request ->> 'orderId'; v_known boolean; v_progress jsonb;
begin
  perform from ledger.orders where order_id = v_id for no key update;
  if not found then perform ledger.fail_not_found('Order', v_id); end if;
  update ledger.process set state = 'running', started_at = coalesce(started_at, clock_timestamp())
  where process_id = v_id and state = 'pending';
  v_known := exists (select from ledger.step where key = v_id || ':begin');
  v_progress := ledger.advance_order(v_id, case when v_known then 'resume' else 'begin' end);
  if not v_known then perform ledger.store_step(v_id || ':begin', v_id, request, '{}'); end if;
  return v_progress;
end $$;

-- Idempotency key: <order id>:advance:<occurrence>. request { orderId, occurrence }.
create or replace function loopline.advance_order(request jsonb) returns jsonb language plpgsql as $$
declare v_id text := request ->> 'orderId'; v_key text := v_id || ':advance:' || (request ->> 'occurrence'); v_stored jsonb;
begin
  perform from ledger.orders where order_id = v_id for no key update;
  v_stored := ledger.stored_step(v_key, request);
  if v_stored is not null then return v_stored; end if;
  return ledger.store_step(v_key, v_id, request, ledger.advance_order(v_id, request ->> 'occurrence'));
end $$;

-- What the payment provider said. Idempotency key: the authorization's own key at the provider.
-- request { orderId, paymentId, key, outcome: authorized|declined|challenged, reference?, declineCode? }
create or replace function loopline.record_authorization(request jsonb) returns jsonb language plpgsql as $$
declare v_id text := request ->> 'orderId'; v_key text := (request ->> 'key') || ':recorded'; v_stored jsonb;
  v_at timestamptz; v_outcome text := request ->> 'outcome';
begin
  perform from ledger.orders where order_id = v_id for no key update;
  v_stored := ledger.stored_step(v_key, request);
  if v_stored is not null then return v_stored; end if;
  v_at := ledger.business_time(v_id);
  v_outcome := ledger.challenge_outcome(v_id, v_outcome, request ->> 'reference');
  update ledger.payment set state = v_outcome, reference = coalesce(request ->> 'reference', reference),
    authorized_minor = case when v_outcome = 'authorized' then requested_minor else 0 end,
    decline_code = request ->> 'declineCode'
  where payment_id = request ->> 'paymentId' and state in ('due', 'challenged');
  perform ledger.note(v_id, 'payment-' || v_outcome, 'loopline', v_at, request ->> 'paymentId', request ->> 'declineCode');
  if v_outcome <> 'authorized' then
    insert into ledger.order_hold (order_id, hold, reason, raised_at)
    values (v_id, 'payment', coalesce(request ->> 'declineCode', v_outcome), v_at)
    on conflict (order_id, hold) do update set cleared_at = null, reason = excluded.reason, raised_at = excluded.raised_at;
    perform ledger.raise_exception('payment', v_id, v_id, 'authorization',
      jsonb_build_object('paymentId', request ->> 'paymentId', 'outcome', v_outcome, 'declineCode', request ->> 'declineCode'), v_at);
    perform ledger.set_payment_due(v_id, v_at, request ->> 'key');
  end if;
  return ledger.store_step(v_key, v_id, request, ledger.advance_order(v_id, request ->> 'key'));
end $$;

-- Until when the payment has to be settled before the order is cancelled.
create or replace function ledger.set_payment_due(p_order text, p_at timestamptz, p_occurrence text) returns void
language sql as $$
  select ledger.set_due(p_order, p_order, 'payment', 'cancel',
    p_at + ledger.policy_hours(ledger.order_policy(p_order, 'screening'), 'paymentHours'), p_occurrence)
$$;

-- A challenge may be answered before we have heard that there is one: then its result counts.
create or replace function ledger.challenge_outcome(p_order text, p_outcome text, p_reference text) returns text
language sql stable as $$
  select case when p_outcome = 'challenged' then coalesce((
    select case t.reason when 'authorization.succeeded' then 'authorized' else 'declined' end
    from ledger.timeline t
    where t.subject_id = p_order and t.event = 'payment-event' and t.detail ->> 'authorizationId' = p_reference
      and t.reason in ('authorization.succeeded', 'authorization.failed') limit 1), p_outcome) else p_outcome end
$$;

-- What screening decided. Idempotency key: <order id>:screen.
-- request { orderId, decision: { holds: [{ hold: address|fraud, reason }] } }
create or replace function loopline.record_screening(request jsonb) returns jsonb language plpgsql as $$
declare v_id text := request ->> 'orderId'; v_key text := v_id || ':screen'; v_stored jsonb; v_at timestamptz; v_hold jsonb;
  v_policy jsonb; v_content jsonb := request - 'decision';
begin
  perform from ledger.orders where order_id = v_id for no key update;
  v_stored := ledger.stored_step(v_key, v_content);
  if v_stored is not null then return v_stored; end if;
  v_at := ledger.business_time(v_id);
  update ledger.orders set screening = '{}' where order_id = v_id;
  v_policy := ledger.order_policy(v_id, 'screening');
  for v_hold in select * from jsonb_array_elements(request #> '{decision,holds}') loop
    insert into ledger.order_hold (order_id, hold, reason, raised_at)
    values (v_id, v_hold ->> 'hold', v_hold ->> 'reason', v_at) on conflict do nothing;
    perform ledger.raise_exception(v_hold ->> 'hold', v_id, v_id, '', jsonb_build_object('reason', v_hold ->> 'reason'), v_at);
    perform ledger.set_due(v_id, v_id, v_hold ->> 'hold', 'cancel',
      v_at + ledger.policy_hours(v_policy, 'holdHours'), 'screen');
  end loop;
  perform ledger.note(v_id, 'order-screened', 'loopline', v_at, null, null, request -> 'decision');
  return ledger.store_step(v_key, v_id, v_content, ledger.advance_order(v_id, 'screen'));
end $$;

-- A wait is over. Idempotency key: <order id>:expire:<due id>. What is due is judged by the ledger's
-- state: a wait that was met meanwhile is left alone. request { orderId, dueId }
create or replace function loopline.expire_order_wait(request jsonb) returns jsonb language plpgsql as $$
declare v_id text := request ->> 'orderId'; v_key text := v_id || ':expire:' || (request ->> 'dueId'); v_stored jsonb;
  v_due ledger.due; v_order ledger.orders;
begin
  select * into v_order from ledger.orders where order_id = v_id for no key update;
  v_stored := ledger.stored_step(v_key, request);
  if v_stored is not null then return v_stored; end if;
  select * into v_due from ledger.due where due_id = request ->> 'dueId' and state in ('open', 'reached');
  if found then
    update ledger.due set state = 'met' where due_id = v_due.due_id;
    perform ledger.note(v_id, 'wait-expired', 'loopline', greatest(v_due.due_at, ledger.business_time(v_id)), v_due.due_id, v_due.next_step);
    if v_due.next_step = 'cancel' then
      perform ledger.cancel_lines(v_order, null, v_key, v_due.due_at, 'loopline', v_due.kind || ' not cleared in time');
      -- What is owed nonetheless and can be taken from no authorization is for a person to collect.
      perform ledger.fail_captures(v_id, v_due.due_at);
    elsif v_due.kind = 'stock' then
      perform ledger.raise_exception('stock-short', v_id, v_id, '', (select jsonb_build_object('backordered', sum(backordered))
        from ledger.order_line where order_id = v_id), v_due.due_at);
    elsif v_due.kind = 'dispatch' then
      perform ledger.withhold_action(
        ledger.raise_exception('carrier', v_id, v_id, 'dispatch', '{}', v_due.due_at), 'retry');
    end if;
  end if;
  return ledger.store_step(v_key, v_id, request, ledger.advance_order(v_id, v_key));
end $$;

-- Captures that wait for an authorization that will not come.
create or replace function ledger.fail_captures(p_order text, p_at timestamptz) returns void language plpgsql as $$
declare v_capture ledger.capture;
begin
  for v_capture in
    update ledger.capture c set state = 'failed', failure = 'the payment was not authorized'
    from ledger.payment p
    where c.order_id = p_order and c.state = 'due' and p.payment_id = c.payment_id and p.state <> 'authorized'
    returning c.*
  loop
    perform ledger.raise_exception('capture-failed', p_order, p_order, v_capture.capture_id, jsonb_build_object('captureId',
      v_capture.capture_id, 'amountMinor', v_capture.amount_minor::text, 'failure', v_capture.failure), p_at);
    perform ledger.wake_returns(p_order, v_capture.capture_id || ':failed');
  end loop;
end $$;
