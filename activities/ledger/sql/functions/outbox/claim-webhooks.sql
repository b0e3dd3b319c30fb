-- Leases open webhooks, of each endpoint no more than `perEndpoint` at a time, those included that others hold: one
-- that hangs has its few, and every endpoint its first one before any has its second. A lease that runs out is
-- handed out again. request { limit, perEndpoint, leaseSeconds }; answers as claim_outbox does.
create or replace function loopline.claim_webhooks(request jsonb) returns jsonb language plpgsql as $$
declare
  v_now timestamptz := clock_timestamp();
  v_until timestamptz := v_now + make_interval(secs => (request ->> 'leaseSeconds')::numeric::double precision);
  v_limit integer := (request ->> 'limit')::integer;
  v_result jsonb;
begin
  with waiting as (
    select o.outbox_id, coalesce(o.leased_until > v_now, false) as is_held, o.payload ->> 'endpointId' as endpoint
    from ledger.outbox o
    where o.kind = 'webhook' and o.done_at is null and (o.leased_until > v_now or o.available_at <= v_now)
  ), turns as (
    select n.outbox_id, n.is_held, row_number() over (partition by n.endpoint order by n.is_held desc, n.outbox_id) as turn
    from waiting n
  ), chosen as (
    select t.outbox_id from turns t
    where not t.is_held and t.turn <= (request ->> 'perEndpoint')::integer
    order by t.turn, t.outbox_id limit v_limit
  ), claimed as (
    update ledger.outbox o set leased_until = v_until, attempts = o.attempts + 1
    where o.outbox_id in (
      select n.outbox_id from ledger.outbox n
      where n.outbox_id in (select c.outbox_id from chosen c) and n.done_at is null and n.available_at <= v_now
        and (n.leased_until is null or n.leased_until <= v_now)
      order by n.outbox_id for update skip locked)
    returning o.outbox_id, o.kind, o.subject_id, o.payload, o.attempts, o.recorded_at
  )
  select jsonb_agg(jsonb_build_object('outboxId', c.outbox_id::text, 'kind', c.kind, 'subjectId', c.subject_id,
      'payload', c.payload, 'attempts', c.attempts, 'recordedAt', ledger.instant_text(c.recorded_at), 'process', null)
    order by c.outbox_id)
  into v_result from claimed c;
  return jsonb_build_object('messages', coalesce(v_result, '[]'));
end $$;
