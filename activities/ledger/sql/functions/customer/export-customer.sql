-- Everything that is held of one customer, for that person. It changes nothing but leaves its row in the audit,
-- as somebody has taken the data. Idempotency key: <customer>:export:<exportId>, for the same actor and reason;
-- a repeat reads anew and leaves no row. request { customerId, exportId, reason, actor, at }
-- answers { customer, orders, returns, entries, credits, mails, refusedOrders, approvals, exceptions, exportedAt,
-- replayed }
create or replace function loopline.export_customer(request jsonb) returns jsonb language plpgsql as $$
declare
  v_id bigint := ledger.customer_id(request ->> 'customerId');
  v_key text := (request ->> 'customerId') || ':export:' || (request ->> 'exportId');
  v_content jsonb := jsonb_build_object('reason', request -> 'reason', 'actor', request -> 'actor');
  v_known jsonb;
begin
  perform from ledger.customer c where c.customer_id = v_id for no key update;
  if not found then perform ledger.fail_not_found('Customer', request ->> 'customerId'); end if;
  v_known := ledger.stored_step(v_key, v_content);
  if v_known is null then
    perform ledger.store_step(v_key, request ->> 'customerId', v_content,
      jsonb_build_object('exportedAt', request ->> 'at'));
    perform ledger.audit(ledger.acting(), 'export_customer', 'customer', request ->> 'customerId',
      (request ->> 'at')::timestamptz, request ->> 'reason');
  end if;
  return ledger.customer_document(v_id) || jsonb_build_object('replayed', v_known is not null,
    'exportedAt', ledger.instant_text(coalesce(v_known ->> 'exportedAt', request ->> 'at')::timestamptz));
end $$;

create or replace function ledger.customer_document(p_customer bigint) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'customer', jsonb_build_object('id', 'customer:' || c.customer_id, 'channel', c.channel, 'externalId', c.external_id,
      'name', c.name, 'email', c.email, 'erasedAt', ledger.instant_text(c.erased_at),
      'recordedAt', ledger.instant_text(c.recorded_at)),
    'riskRatings', (select coalesce(jsonb_agg(ledger.risk_rating_json(k) - array['by'] order by k.sequence), '[]')
      from ledger.risk_rating k where k.party = 'customer:' || c.customer_id),
    'orders', (select coalesce(jsonb_agg(ledger.order_json(o.order_id) || jsonb_build_object('shipTo', o.ship_to,
        'timeline', ledger.person_timeline(o.order_id)) order by o.placed_at, o.order_id), '[]')
      from ledger.orders o where o.customer_id = c.customer_id),
    'returns', (select coalesce(jsonb_agg(ledger.return_json(r.return_id) || jsonb_build_object(
        'timeline', ledger.person_timeline(r.return_id)) order by r.requested_at, r.return_id), '[]')
      from ledger.returns r where r.customer_id = c.customer_id),
    'entries', (select coalesce(jsonb_agg(jsonb_build_object('id', f.entry_id, 'kind', f.kind,
        'amountMinor', f.amount_minor::text, 'currency', f.currency, 'state', f.state,
        'occurredAt', ledger.instant_text(f.occurred_at)) order by f.occurred_at, f.entry_id), '[]')
      from ledger.finance_entry f where f.customer_id = c.customer_id),
    'goodwill', (select coalesce(jsonb_agg(jsonb_build_object('id', g.goodwill_id, 'orderId', g.order_id,
        'amountMinor', g.amount_minor::text, 'givenMinor', g.given_minor::text, 'currency', g.currency,
        'reasonCode', g.reason_code, 'state', g.state,
        'occurredAt', ledger.instant_text(g.occurred_at)) order by g.occurred_at, g.goodwill_id), '[]')
      from ledger.goodwill g where g.customer_id = c.customer_id),
    'credits', (select coalesce(jsonb_agg(jsonb_build_object('currency', b.currency,
        'balanceMinor', b.balance_minor::text) order by b.currency), '[]')
      from ledger.customer_credit b where b.customer_id = c.customer_id),
    'mails', (select coalesce(jsonb_agg(m.payload || jsonb_build_object('sentAt', ledger.instant_text(m.done_at))
        order by m.outbox_id), '[]')
      from ledger.outbox m
      where m.kind = 'mail' and m.subject_id in (
        select o.order_id from ledger.orders o where o.customer_id = c.customer_id
        union all select r.return_id from ledger.returns r where r.customer_id = c.customer_id)),
    'refusedOrders', (select coalesce(jsonb_agg(r.payload || n.person
        || jsonb_build_object('recordedAt', ledger.instant_text(r.recorded_at)) order by r.refusal_id), '[]')
      from ledger.intake_refusal r join ledger.intake_refusal_person n using (refusal_id)
      where r.channel = c.channel and (n.person #>> '{customer,externalId}' = c.external_id
        or r.external_id in (select o.external_id from ledger.orders o where o.customer_id = c.customer_id))))
    || ledger.judged_of_customer(p_customer)
  from ledger.customer c where c.customer_id = p_customer
$$;

-- What was judged of a customer: by which facts their returns and entries were approved or refused, and what
-- trouble there was with anything of theirs. Who of ours decided or worked on it is left out.
create or replace function ledger.judged_of_customer(p_customer bigint) returns jsonb language sql stable as $$
  with subject as (
    select o.order_id as id from ledger.orders o where o.customer_id = p_customer
    union all select r.return_id from ledger.returns r where r.customer_id = p_customer
    union all select f.entry_id from ledger.finance_entry f where f.customer_id = p_customer
  )
  select jsonb_build_object(
    'approvals', (select coalesce(jsonb_agg(jsonb_build_object('subjectId', a.subject_id, 'subject', a.matrix_subject,
        'facts', a.facts, 'reasons', a.reasons, 'state', a.state, 'requestedAt', ledger.instant_text(a.requested_at),
        'decidedAt', ledger.instant_text(a.decided_at)) order by a.requested_at, a.approval_id), '[]')
      from ledger.approval a join subject s on s.id = a.subject_id),
    'exceptions', (select coalesce(jsonb_agg(jsonb_build_object('subjectId', e.subject_id, 'kind', e.kind,
        'evidence', e.evidence, 'state', e.state, 'resolution', e.resolution, 'raisedAt', ledger.instant_text(e.raised_at),
        'resolvedAt', ledger.instant_text(e.resolved_at)) order by e.raised_at, e.exception_id), '[]')
      from ledger.exception e join subject s on s.id = e.subject_id))
$$;

-- What happened to an order or return, without who of ours did it.
create or replace function ledger.person_timeline(p_subject text) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('event', t.event, 'reason', t.reason,
    'occurredAt', ledger.instant_text(t.occurred_at))) order by t.timeline_id), '[]')
  from ledger.timeline t where t.subject_id = p_subject
$$;
