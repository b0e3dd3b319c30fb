-- What a return's process has to do next, in its own words. `refunds` may be sent now; `refundTrouble`
-- counts refunds that wait for a person's word; `label` is null when none is wanted; `dueId` is the deadline
-- of the present wait.
create or replace function ledger.return_position(p_return text, p_applied boolean) returns jsonb
language sql stable as $$
  select jsonb_build_object(
    'applied', p_applied, 'returnId', r.return_id, 'state', r.state,
    'alreadyFinished', coalesce((select p.state = 'ended' from ledger.process p where p.process_id = r.return_id), true),
    'approvalId', (select a.approval_id from ledger.approval a
      where a.subject_id = r.return_id and a.state = 'open' and r.state = 'in-review' limit 1),
    'dueId', d.due_id,
    'waitSeconds', case when d.state = 'open'
      then greatest(0, extract(epoch from d.due_at - ledger.business_time(r.return_id))) else 0 * extract(epoch from d.due_at) end,
    'label', case when ledger.return_label_wanted(r) then (
      select jsonb_build_object('occurrence', ledger.label_occurrence(r.return_id), 'fromCountry', coalesce((
          select o.ship_to ->> 'country' from ledger.return_line s join ledger.orders o using (order_id)
          where s.return_id = r.return_id and s.cover = 'sale' order by s.line_no limit 1), n.country),
        'toCountry', n.country)
      from ledger.return_line l join ledger.node n on n.node = ledger.return_node(l)
      where l.return_id = r.return_id and l.kind = 'goods' and l.cover <> 'cancelled' order by l.line_no limit 1) end,
    'refunds', ledger.refunds_to_send(r.return_id),
    'refundTrouble', ledger.refund_trouble(r.return_id))
  from ledger.returns r
  left join lateral (
    select u.due_id, u.due_at, u.state from ledger.due u
    where u.subject_id = r.return_id and u.state in ('open', 'reached')
      and u.kind = case r.state when 'in-review' then 'approval' when 'awaiting-receipt' then 'receipt'
                     when 'awaiting-inspection' then 'inspection' when 'refunding' then 'capture' end
    order by u.due_at desc limit 1) d on true
  where r.return_id = p_return
$$;

-- The refunds of a return, or of goodwill, that its process may send now: due, and not with a person.
create or replace function ledger.refunds_to_send(p_subject text) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('refundId', f.refund_id, 'reference', p.reference,
      'amountMinor', f.amount_minor::text, 'currency', p.currency,
      'occurrence', coalesce((select ledger.occurrence_of(e) from ledger.exception e
        where e.dedupe_key = p_subject || ':refund-failed:' || f.refund_id
        order by e.recorded_at desc limit 1), '1')) order by f.refund_id), '[]')
  from ledger.refund f join ledger.payment p using (payment_id)
  where f.subject_id = p_subject and f.state = 'due' and not exists (
    select from ledger.exception e where e.state = 'open'
      and e.dedupe_key = p_subject || ':refund-failed:' || f.refund_id)
$$;

-- Goods that a customer still has to send, unless the channel sends what has happened already.
create or replace function ledger.return_label_wanted(p_return ledger.returns) returns boolean language sql stable as $$
  select p_return.state = 'awaiting-receipt' and p_return.label_id is null
    and not coalesce((select c.trusted from ledger.channel c where c.channel = p_return.channel), false)
    and not exists (select from ledger.step s
      where s.key = p_return.return_id || ':label-skipped:' || ledger.label_occurrence(p_return.return_id))
$$;

-- Which attempt at a label comes next: the first, or the one that a person asked for.
create or replace function ledger.label_occurrence(p_return text) returns text language sql stable as $$
  select (1 + count(*))::text from ledger.exception e join ledger.exception_event v using (exception_id)
  where e.dedupe_key = p_return || ':carrier:label' and v.event = 'resolved' and v.detail ->> 'action' = 'retry'
$$;

-- Failed refunds about which nothing is decided or carried out yet.
create or replace function ledger.refund_trouble(p_return text) returns bigint language sql stable as $$
  select count(*) from ledger.exception e
  where e.subject_id = p_return and e.kind = 'refund-failed'
    and not exists (select from ledger.step s where s.key = ledger.occurrence_of(e) || ':handled')
$$;
