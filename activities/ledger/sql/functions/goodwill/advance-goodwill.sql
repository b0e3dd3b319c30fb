-- The process runs; answers where it has to go on, whatever happened to an earlier run of it. Safe to repeat.
-- request { processId }
create or replace function loopline.begin_goodwill(request jsonb) returns jsonb language plpgsql as $$
begin
  perform ledger.lock_goodwill(request ->> 'processId');
  update ledger.process set state = 'running', started_at = coalesce(started_at, clock_timestamp())
  where process_id = request ->> 'processId' and state = 'pending';
  return ledger.advance_goodwill(request ->> 'processId');
end $$;

-- The process looks: something has happened to its goodwill. Safe to repeat. request { goodwillId }
create or replace function loopline.advance_goodwill(request jsonb) returns jsonb language plpgsql as $$
begin
  perform ledger.lock_goodwill(request ->> 'goodwillId');
  return ledger.advance_goodwill(request ->> 'goodwillId');
end $$;

-- Carries goodwill as far as the ledger alone can: what people decided about its refunds, and its end. Converges:
-- doing it again changes nothing. The caller holds the row.
create or replace function ledger.advance_goodwill(p_goodwill text) returns jsonb language plpgsql as $$
declare v_row ledger.goodwill;
begin
  select * into v_row from ledger.goodwill where goodwill_id = p_goodwill;
  if v_row.state = 'refunding' then
    perform ledger.resume_goodwill(v_row);
    perform ledger.close_goodwill(p_goodwill, ledger.business_time(p_goodwill));
  end if;
  if exists (select from ledger.goodwill g where g.goodwill_id = p_goodwill and g.state in ('closed', 'refused')) then
    perform ledger.meet_due(p_goodwill);
    perform ledger.end_process(p_goodwill);
  end if;
  return ledger.goodwill_position(p_goodwill);
end $$;

create or replace function ledger.lock_goodwill(p_goodwill text) returns void language plpgsql as $$
begin
  perform from ledger.goodwill where goodwill_id = p_goodwill for no key update;
  if not found then perform ledger.fail_not_found('Goodwill', p_goodwill); end if;
end $$;

-- What its process has to do next: `refunds` may be sent now, `refundTrouble` counts those that wait for a person.
create or replace function ledger.goodwill_position(p_goodwill text) returns jsonb language sql stable as $$
  select jsonb_build_object('goodwillId', g.goodwill_id, 'state', g.state,
    'alreadyFinished', coalesce((select p.state = 'ended' from ledger.process p where p.process_id = g.goodwill_id), true),
    'approvalId', (select a.approval_id from ledger.approval a
      where a.subject_id = g.goodwill_id and a.state = 'open' and g.state = 'in-review' limit 1),
    'refunds', ledger.refunds_to_send(g.goodwill_id), 'refundTrouble', ledger.refund_trouble(g.goodwill_id))
  from ledger.goodwill g where g.goodwill_id = p_goodwill
$$;

-- Carries out what people decided about failed refunds, once for each: retry makes a new refund under a new key, of
-- as much as the payment still allows; what is left, and all of it by credit-customer, is the customer's credit.
create or replace function ledger.resume_goodwill(p_row ledger.goodwill) returns void language plpgsql as $$
declare
  v_case ledger.exception; v_refund ledger.refund; v_again bigint; v_key text;
  v_at timestamptz := ledger.business_time(p_row.goodwill_id);
begin
  for v_case in
    select * from ledger.exception e
    where e.subject_id = p_row.goodwill_id and e.kind = 'refund-failed' and e.state = 'resolved'
      and not exists (select from ledger.step s where s.key = ledger.occurrence_of(e) || ':handled')
    order by e.recorded_at, e.exception_id
  loop
    v_key := ledger.occurrence_of(v_case);
    perform from ledger.payment p where p.payment_id = v_case.evidence ->> 'paymentId' for no key update;
    select * into v_refund from ledger.refund f where f.refund_id = v_case.evidence ->> 'refundId' for no key update;
    -- Refunded after all, or of unknown outcome and to be tried again: the same refund goes on.
    if v_refund.state = 'failed' or (v_refund.state = 'due' and v_case.resolution = 'credit-customer') then
      update ledger.refund set state = 'failed' where refund_id = v_refund.refund_id;
      v_again := case when v_case.resolution = 'credit-customer' then 0
        else least(ledger.refundable_minor(v_refund.payment_id), v_refund.amount_minor) end;
      if v_again > 0 then
        perform ledger.owe_goodwill(p_row.goodwill_id, v_refund.payment_id, v_again, v_at);
      end if;
      perform ledger.credit_goodwill(p_row, v_key || ':credit', v_refund.amount_minor - v_again, v_at);
    end if;
    perform ledger.trace(p_row.goodwill_id, v_at);
    perform ledger.store_step(v_key || ':handled', p_row.goodwill_id,
      jsonb_build_object('resolution', v_case.resolution), '{}');
  end loop;
end $$;
