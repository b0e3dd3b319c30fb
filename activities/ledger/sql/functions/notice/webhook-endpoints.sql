-- An endpoint as the API shows it: of its secrets only that there are two for a while.
create or replace function ledger.endpoint_json(p_endpoint ledger.webhook_endpoint) returns jsonb
language sql stable as $$
  select jsonb_build_object('endpointId', p_endpoint.endpoint_id, 'url', p_endpoint.url,
    'description', p_endpoint.description, 'kinds', to_jsonb(p_endpoint.kinds), 'state', p_endpoint.state,
    'disabledReason', p_endpoint.disabled_reason, 'oldSecretUntil', ledger.instant_text(p_endpoint.old_until),
    'failures', p_endpoint.failures, 'failingSince', ledger.instant_text(p_endpoint.failing_since),
    'changedAt', ledger.instant_text(p_endpoint.changed_at), 'recordedAt', ledger.instant_text(p_endpoint.recorded_at))
$$;

-- What of an endpoint the audit keeps: a query may hold a password of its own, and a secret never leaves its row.
create or replace function ledger.endpoint_trace(p_endpoint ledger.webhook_endpoint) returns jsonb
language sql stable as $$
  select jsonb_build_object('url', split_part(p_endpoint.url, '?', 1), 'kinds', to_jsonb(p_endpoint.kinds),
    'state', p_endpoint.state, 'disabledReason', p_endpoint.disabled_reason,
    'secretDigest', left(p_endpoint.secret_digest, 16))
$$;

-- Endpoints newest first.
create or replace function loopline.list_webhook_endpoints(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_rows jsonb;
begin
  select jsonb_agg(ledger.endpoint_json(p.entry)
      || jsonb_build_object('cursor', ledger.cursor_text(array[p.recorded_at::text, p.endpoint_id]))
      order by p.recorded_at desc, p.endpoint_id desc)
  into v_rows
  from (
    select n as entry, n.recorded_at, n.endpoint_id from ledger.webhook_endpoint n
    where v_after is null or (n.recorded_at, n.endpoint_id) < (v_after[1]::timestamptz, v_after[2])
    order by n.recorded_at desc, n.endpoint_id desc
    limit v_limit + 1) p;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- What delivering a webhook needs, sealed secrets included; the one that was replaced only as long as it counts.
create or replace function loopline.find_webhook_endpoint(request jsonb) returns jsonb language plpgsql stable as $$
declare v_endpoint ledger.webhook_endpoint;
begin
  select * into v_endpoint from ledger.webhook_endpoint where endpoint_id = request ->> 'endpointId';
  if not found then return null; end if;
  return jsonb_build_object('endpointId', v_endpoint.endpoint_id, 'url', v_endpoint.url, 'state', v_endpoint.state,
    'secrets', jsonb_build_array(v_endpoint.secret) || case
      when v_endpoint.old_until > (request ->> 'at')::timestamptz then jsonb_build_array(v_endpoint.old_secret)
      else '[]' end,
    'failures', v_endpoint.failures, 'failingSince', ledger.instant_text(v_endpoint.failing_since));
end $$;

-- Creates or changes an endpoint: { endpoint: { endpointId, url, description, kinds, state, secret?: { keyId, data,
-- digest }, overlapHours }, at }. Another secret replaces the one before, which signs as well for the overlap; the
-- same digest is the same secret. Without one the endpoint keeps its own, and a new one is refused ({ missing }).
-- One that is turned on again begins anew, and its trouble on the board is over. Idempotent by content. Answers
-- { result, endpoint }.
create or replace function loopline.put_webhook_endpoint(request jsonb) returns jsonb language plpgsql as $$
declare
  v_given jsonb := request -> 'endpoint'; v_at timestamptz := (request ->> 'at')::timestamptz;
  v_by jsonb := coalesce(request -> 'by', jsonb_build_object('actor', 'process:api'));
  v_before ledger.webhook_endpoint; v_after ledger.webhook_endpoint; v_known boolean;
begin
  select * into v_before from ledger.webhook_endpoint where endpoint_id = v_given ->> 'endpointId' for no key update;
  v_known := found;
  if not v_known and v_given -> 'secret' is null then
    return jsonb_build_object('result', 'missing', 'endpoint', null, 'replayed', true);
  end if;
  v_after := ledger.changed_endpoint(v_before, v_given, v_at);
  if v_known and v_after is not distinct from v_before then
    return jsonb_build_object('result', 'unchanged', 'endpoint', ledger.endpoint_json(v_before), 'replayed', true);
  end if;
  v_after.changed_at := v_at;
  if v_known then
    update ledger.webhook_endpoint
    set url = v_after.url, description = v_after.description, kinds = v_after.kinds, state = v_after.state,
      disabled_reason = v_after.disabled_reason, secret = v_after.secret, secret_digest = v_after.secret_digest,
      old_secret = v_after.old_secret, old_until = v_after.old_until, failures = v_after.failures,
      failing_since = v_after.failing_since, changed_at = v_after.changed_at
    where endpoint_id = v_after.endpoint_id;
  else
    insert into ledger.webhook_endpoint select (v_after).*;
  end if;
  if v_after.state = 'active' then
    perform ledger.heal_exception('connector', 'webhook-endpoint:' || v_after.endpoint_id, 'webhook', v_at);
  end if;
  perform ledger.audit(v_by, 'put_webhook_endpoint', 'webhook-endpoint',
    'webhook-endpoint:' || v_after.endpoint_id, v_at, null,
    case when v_known then ledger.endpoint_trace(v_before) end, ledger.endpoint_trace(v_after));
  return jsonb_build_object('result', case when v_known then 'updated' else 'created' end,
    'endpoint', ledger.endpoint_json(v_after), 'replayed', false);
end $$;

-- The endpoint as it is wanted.
create or replace function ledger.changed_endpoint(
  p_before ledger.webhook_endpoint, p_given jsonb, p_at timestamptz
) returns ledger.webhook_endpoint language plpgsql stable as $$
declare v_after ledger.webhook_endpoint := p_before; v_digest text := p_given #>> '{secret,digest}';
begin
  v_after.endpoint_id := p_given ->> 'endpointId';
  v_after.url := p_given ->> 'url';
  v_after.description := p_given ->> 'description';
  v_after.kinds := ledger.text_array(p_given -> 'kinds');
  v_after.state := p_given ->> 'state';
  v_after.failures := coalesce(p_before.failures, 0);
  v_after.recorded_at := coalesce(p_before.recorded_at, clock_timestamp());
  if v_after.state = 'disabled' then
    v_after.disabled_reason := coalesce(p_before.disabled_reason, 'turned off by hand');
  else
    v_after.disabled_reason := null;
    if p_before.state = 'disabled' then
      v_after.failures := 0;
      v_after.failing_since := null;
    end if;
  end if;
  if v_digest is not null and v_digest is distinct from p_before.secret_digest then
    v_after.secret := (p_given -> 'secret') - 'digest';
    v_after.secret_digest := v_digest;
    v_after.old_secret := p_before.secret;
    v_after.old_until := case when p_before.secret is not null
      then p_at + make_interval(hours => (p_given ->> 'overlapHours')::integer) end;
  end if;
  return v_after;
end $$;

-- Somebody lets an endpoint be tried again that was turned off: it begins anew, with what happens from now on.
create or replace function ledger.turn_on_endpoint(p_endpoint text, p_at timestamptz) returns void language sql as $$
  update ledger.webhook_endpoint
  set state = 'active', disabled_reason = null, failures = 0, failing_since = null, changed_at = p_at
  where endpoint_id = p_endpoint and state = 'disabled'
$$;
