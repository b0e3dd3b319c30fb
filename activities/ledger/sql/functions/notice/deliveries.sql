-- A person's digest at its time: { personId, email, timeZone, notices }, oldest first. Without an address, or of
-- somebody who has left, `email` is null.
create or replace function loopline.read_digest(request jsonb) returns jsonb language plpgsql stable as $$
begin
  return (
    select jsonb_build_object('personId', p.person_id,
      'email', case when p.left_at is null then p.email end,
      'preference', ledger.preference_json(p.person_id),
      'notices', (
        select coalesce(jsonb_agg(jsonb_build_object('kind', n.kind, 'itemId', n.item_id, 'facts', n.facts)
          order by n.occurred_at, n.notice_id), '[]')
        from ledger.notice n where n.digest_id = request ->> 'digestId'))
    from ledger.person p where p.person_id = request ->> 'personId');
end $$;

-- How an attempt to deliver ended, and what follows: { outboxId, attempt, channel, deliveryId, target, outcome,
-- status, detail, durationMs, at, retryAfterMs?, disable?, trouble?, over? }. Without `retryAfterMs` the message is
-- done. Of a webhook the endpoint's health is kept, and `disable` (why) turns it off, which lands on the board.
-- `trouble` { subjectId, about } lands there too, and `over` is settled by it. Idempotent by message and attempt.
-- Answers { applied }.
create or replace function loopline.record_delivery(request jsonb) returns jsonb language plpgsql as $$
declare v_outbox bigint := (request ->> 'outboxId')::bigint; v_at timestamptz := (request ->> 'at')::timestamptz;
begin
  insert into ledger.notice_attempt (outbox_id, attempt, channel, delivery_id, target, outcome, status, detail,
    duration_ms, attempted_at)
  values (v_outbox, (request ->> 'attempt')::integer, request ->> 'channel', request ->> 'deliveryId',
    request ->> 'target', request ->> 'outcome', (request ->> 'status')::integer, request ->> 'detail',
    (request ->> 'durationMs')::integer, v_at)
  on conflict (outbox_id, attempt) do nothing;
  if not found then return jsonb_build_object('applied', false); end if;
  if request ->> 'retryAfterMs' is null then
    update ledger.outbox o set done_at = clock_timestamp(), leased_until = null
    where o.outbox_id = v_outbox and o.done_at is null;
  else
    update ledger.outbox o
    set leased_until = null,
      available_at = clock_timestamp()
        + make_interval(secs => (request ->> 'retryAfterMs')::numeric::double precision / 1000)
    where o.outbox_id = v_outbox and o.done_at is null;
  end if;
  if request ->> 'channel' = 'webhook' then perform ledger.judge_endpoint(request, v_at); end if;
  if request ? 'trouble' then perform ledger.report_delivery(request, v_at); end if;
  if request ? 'over'
    and ledger.heal_exception('connector', request #>> '{over,subjectId}', request #>> '{over,about}', v_at) then
    perform ledger.audit(ledger.deliverer(request), 'settle_delivery', split_part(request #>> '{over,subjectId}', ':', 1),
      request #>> '{over,subjectId}', v_at, null, null, jsonb_build_object('about', request #> '{over,about}'));
  end if;
  return jsonb_build_object('applied', true);
end $$;

-- What could not be delivered is somebody's work from now on.
create or replace function ledger.report_delivery(request jsonb, p_at timestamptz) returns void language plpgsql as $$
declare
  v_subject text := request #>> '{trouble,subjectId}';
  v_evidence jsonb := jsonb_strip_nulls(jsonb_build_object('about', request #> '{trouble,about}',
    'outboxId', request -> 'outboxId', 'channel', request -> 'channel', 'deliveryId', request -> 'deliveryId', 'target', request -> 'target',
    'attempt', request -> 'attempt', 'status', request -> 'status', 'detail', request -> 'detail'));
  v_id text := ledger.raise_exception('connector', v_subject, null, request #>> '{trouble,about}', v_evidence, p_at);
begin
  perform ledger.audit(ledger.deliverer(request), 'report_delivery', split_part(v_subject, ':', 1), v_subject, p_at,
    request ->> 'detail', null, v_evidence || jsonb_build_object('exceptionId', v_id));
end $$;

-- A person wants it tried again: an endpoint that is off is turned on, a message that was given up is sent once more.
create or replace function ledger.retry_delivery(p_evidence jsonb, p_at timestamptz) returns void language plpgsql as $$
begin
  if p_evidence ? 'endpointId' then
    perform ledger.turn_on_endpoint(p_evidence ->> 'endpointId', p_at);
  else
    update ledger.outbox o set done_at = null, leased_until = null, available_at = clock_timestamp()
    where o.outbox_id = (p_evidence ->> 'outboxId')::bigint and o.kind in ('mail', 'channel-notice', 'digest', 'webhook');
  end if;
end $$;

-- Who delivers: no act surrounds this.
create or replace function ledger.deliverer(request jsonb) returns jsonb language sql immutable as $$
  select coalesce(request -> 'by', jsonb_build_object('actor', 'process:dispatcher'))
$$;

create or replace function ledger.judge_endpoint(request jsonb, p_at timestamptz) returns void language plpgsql as $$
declare v_endpoint ledger.webhook_endpoint; v_before ledger.webhook_endpoint;
begin
  if request ->> 'outcome' = 'dropped' then return; end if;
  select * into v_before from ledger.webhook_endpoint where endpoint_id = request ->> 'target' for no key update;
  if not found then return; end if;
  if request ->> 'outcome' = 'delivered' then
    update ledger.webhook_endpoint set failures = 0, failing_since = null
    where endpoint_id = v_before.endpoint_id and failures > 0;
    return;
  end if;
  update ledger.webhook_endpoint e
  set failures = e.failures + 1, failing_since = coalesce(e.failing_since, p_at),
    state = case when request ->> 'disable' is not null then 'disabled' else e.state end,
    disabled_reason = coalesce(e.disabled_reason, request ->> 'disable')
  where e.endpoint_id = v_before.endpoint_id returning * into v_endpoint;
  if v_endpoint.state = 'disabled' and v_before.state = 'active' then
    perform ledger.raise_exception('connector', 'webhook-endpoint:' || v_endpoint.endpoint_id, null, 'webhook',
      jsonb_build_object('endpointId', v_endpoint.endpoint_id, 'failures', v_endpoint.failures,
        'failingSince', ledger.instant_text(v_endpoint.failing_since), 'reason', v_endpoint.disabled_reason), p_at);
    perform ledger.audit(jsonb_build_object('actor', 'process:dispatcher'), 'disable_webhook_endpoint',
      'webhook-endpoint', 'webhook-endpoint:' || v_endpoint.endpoint_id, p_at, v_endpoint.disabled_reason,
      ledger.endpoint_trace(v_before), ledger.endpoint_trace(v_endpoint));
  end if;
end $$;
