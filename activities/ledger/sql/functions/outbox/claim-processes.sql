-- Leases processes that have no workflow yet, oldest first. `minAgeSeconds` leaves alone the youngest,
-- which whoever took them in is about to start. `isRush` says whether orders queued for an answer anywhere within
-- the last second.
create or replace function loopline.claim_processes(request jsonb) returns jsonb language plpgsql as $$
declare v_now timestamptz := clock_timestamp(); v_result jsonb;
begin
  with claimed as (
    update ledger.process p
    set leased_until = v_now + make_interval(secs => (request ->> 'leaseSeconds')::numeric::double precision),
      attempts = p.attempts + 1
    where p.process_id in (
      select n.process_id from ledger.process n
      where n.state = 'pending' and (n.leased_until is null or n.leased_until <= v_now)
        and n.recorded_at <= v_now
          - make_interval(secs => coalesce((request ->> 'minAgeSeconds')::numeric, 0)::double precision)
      order by n.recorded_at, n.process_id
      limit (request ->> 'limit')::integer
      for update skip locked)
    returning p.process_id, p.kind, p.attributes, p.attempts, p.recorded_at
  )
  select jsonb_agg(jsonb_build_object('processId', c.process_id, 'kind', c.kind, 'attributes', c.attributes,
      'attempts', c.attempts) order by c.recorded_at, c.process_id)
  into v_result from claimed c;
  return jsonb_build_object('processes', coalesce(v_result, '[]'),
    'isRush', exists (select from ledger.intake_rush r where r.reported_at > v_now - interval '1 second'));
end $$;
