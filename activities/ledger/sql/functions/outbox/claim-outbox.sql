-- Leases the oldest open messages, at most one of each subject and kind, so that a subject hears its
-- news in the order in which it was written; with a signal all younger ones of its subject, which are told
-- together. A lease that runs out is handed out again: receivers de-duplicate. Leases are the engine's own
-- time, so this is one of the few places that ask the clock.
create or replace function loopline.claim_outbox(request jsonb) returns jsonb language plpgsql as $$
declare
  v_now timestamptz := clock_timestamp();
  v_until timestamptz := v_now + make_interval(secs => (request ->> 'leaseSeconds')::numeric::double precision);
  v_kinds text[] := ledger.text_array(request -> 'kinds');
  v_result jsonb;
begin
  with heads as (
    update ledger.outbox o set leased_until = v_until, attempts = o.attempts + 1
    where o.outbox_id in (
      select n.outbox_id from ledger.outbox n
      where n.done_at is null and n.available_at <= v_now
        and (n.leased_until is null or n.leased_until <= v_now)
        and (v_kinds is null or n.kind = any (v_kinds))
        and not exists (
          select from ledger.outbox e
          where e.done_at is null and e.kind = n.kind and e.subject_id = n.subject_id
            and e.outbox_id < n.outbox_id)
      order by n.outbox_id
      limit (request ->> 'limit')::integer
      for update skip locked)
    returning o.outbox_id, o.kind, o.subject_id, o.payload, o.attempts, o.recorded_at
  ), younger as (
    update ledger.outbox o set leased_until = v_until, attempts = o.attempts + 1
    from heads h
    where h.kind = 'signal' and o.kind = h.kind and o.subject_id = h.subject_id and o.outbox_id > h.outbox_id
      and o.done_at is null and o.available_at <= v_now and (o.leased_until is null or o.leased_until <= v_now)
    returning o.outbox_id, o.kind, o.subject_id, o.payload, o.attempts, o.recorded_at
  ), claimed as (
    select * from heads union all select * from younger
  )
  select jsonb_agg(jsonb_build_object(
      'outboxId', c.outbox_id::text, 'kind', c.kind, 'subjectId', c.subject_id, 'payload', c.payload,
      'attempts', c.attempts, 'recordedAt', ledger.instant_text(c.recorded_at),
      'process', ledger.process_json(p)) order by c.outbox_id)
  into v_result
  from claimed c left join ledger.process p on p.process_id = c.subject_id;
  return jsonb_build_object('messages', coalesce(v_result, '[]'));
end $$;

-- A process as whoever tells it something needs it, also to start it; null when there is none.
create or replace function ledger.process_json(p_process ledger.process) returns jsonb language sql immutable as $$
  select case when p_process.process_id is not null then jsonb_build_object('processId', p_process.process_id,
    'kind', p_process.kind, 'attributes', p_process.attributes, 'state', p_process.state) end
$$;
