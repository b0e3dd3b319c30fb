-- What an order's process has to do next, in its own words:
-- { orderId, state, ended, authorize, screening, captures, giveBack, backorderedEach, openShipments, waitSeconds, dueId }.
create or replace function ledger.order_progress(p_order text) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'orderId', o.order_id, 'state', o.state, 'ended', o.state in ('completed', 'cancelled')
      or (o.state = 'rejected' and ledger.order_give_back(o.order_id) is null),
    'totalMinor', o.total_minor::text, 'currency', o.currency,
    'holds', coalesce((select jsonb_agg(h.hold order by h.hold) from ledger.order_hold h
                       where h.order_id = o.order_id and h.cleared_at is null), '[]'),
    'screening', case when o.state = 'accepted' and not ledger.order_at_rest(o.order_id)
      then to_jsonb(o.screening) else '[]' end,
    'authorize', (select jsonb_build_object('paymentId', p.payment_id, 'token', p.token, 'currency', p.currency,
        'amountMinor', p.requested_minor::text, 'key', p.payment_id || ':authorize:' || p.attempt)
      from ledger.payment p where p.order_id = o.order_id and p.state = 'due' and o.state = 'accepted'
        -- An order that was cancelled whole may still owe the difference to the price it was cancelled at.
        and (exists (select from ledger.order_line l where l.order_id = o.order_id and l.cancelled < l.quantity)
          or exists (select from ledger.capture c where c.payment_id = p.payment_id and c.state = 'due')) limit 1),
    'captures', coalesce((select jsonb_agg(jsonb_build_object('captureId', c.capture_id, 'reference', p.reference,
        'amountMinor', c.amount_minor::text, 'currency', p.currency,
        -- Which attempt it is: the first, or the one that a person asked for.
        'occurrence', coalesce((select ledger.occurrence_of(e) from ledger.exception e
          where e.dedupe_key = c.order_id || ':capture-failed:' || c.capture_id
          order by e.recorded_at desc limit 1), '1')) order by c.recorded_at, c.capture_id)
      from ledger.capture c join ledger.payment p using (payment_id)
      where c.order_id = o.order_id and c.state = 'due' and p.state = 'authorized'), '[]'),
    'giveBack', case when o.state in ('accepted', 'released', 'rejected') and ledger.order_at_rest(o.order_id)
        and not ledger.give_back_trouble(o.order_id)
      then ledger.order_give_back(o.order_id) end,
    'backorderedEach', (select coalesce(sum(backordered), 0) from ledger.order_line l where l.order_id = o.order_id),
    'openShipments', (select count(*) from ledger.shipment s where s.order_id = o.order_id and s.state = 'released'),
    'dueId', d.due_id,
    'waitSeconds', greatest(1, extract(epoch from d.due_at - ledger.business_time(o.order_id))))
  from ledger.orders o
  -- A deadline that the clock has reached waits to be carried out, whatever became of its signal.
  left join lateral (select due_id, due_at from ledger.due
                     where subject_id = o.order_id and state in ('open', 'reached') order by due_at limit 1) d on true
  where o.order_id = p_order
$$;

-- Nothing left to ship, to invoice or to capture.
create or replace function ledger.order_at_rest(p_order text) returns boolean language sql stable as $$
  select not exists (select from ledger.order_line l where l.order_id = p_order
                       and l.shipped + l.cancelled + l.short < l.quantity)
     and not exists (select from ledger.capture c where c.order_id = p_order and c.state = 'due')
     -- A capture that failed is somebody's to decide before the rest of the authorization is let go.
     and not exists (select from ledger.exception e where e.subject_id = p_order and e.kind = 'capture-failed' and e.state = 'open')
$$;

-- What goes back to the payer when the order ends: a deposit that no invoice used, and the part of the
-- authorization that was never captured. Null when there is nothing. `occurrence` is the attempt; the keys are
-- what the provider knows it by.
create or replace function ledger.order_give_back(p_order text) returns jsonb language sql stable as $$
  select jsonb_build_object('paymentId', p.payment_id, 'currency', p.currency, 'occurrence', p.give_back_try::text,
      -- What was asked for and never recorded is looked up by the key that asked for it.
      'reference', case when p.state <> 'due' then p.reference end,
      'authorizeKey', p.payment_id || ':authorize:' || p.attempt,
      -- A buyer who passes the challenge later would be held for nothing.
      'voidMinor', (case p.state when 'challenged' then p.requested_minor else p.authorized_minor - p.captured_minor end)::text,
      'voidKey', ledger.give_back_key(p, 'void'),
      'refundId', case when p.deposit_minor > 0 then ledger.give_back_key(p, 'deposit-refund') end,
      'refundMinor', p.deposit_minor::text)
  from ledger.payment p
  where p.order_id = p_order and p.state in ('due', 'authorized', 'challenged')
    and (p.authorized_minor > p.captured_minor or p.deposit_minor > 0 or p.state <> 'authorized')
  limit 1
$$;

-- The key that the provider knows an attempt by; another one each time that the provider had said no.
create or replace function ledger.give_back_key(p_payment ledger.payment, p_name text) returns text
language sql immutable as $$
  select concat_ws(':', p_payment.payment_id, p_name, nullif(p_payment.give_back_key, 1))
$$;

-- Giving back has failed, and nobody has decided yet what becomes of it.
create or replace function ledger.give_back_trouble(p_order text) returns boolean language sql stable as $$
  select exists (select from ledger.exception e where e.subject_id = p_order and e.kind = 'compensation-failed'
    and e.state = 'open' and e.evidence ? 'paymentId')
$$;
