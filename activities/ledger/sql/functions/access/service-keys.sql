-- Stores a new key by its digest. Idempotency key: the key's id; other content is LL409. `limits`, here and below,
-- are what whoever asks may give (ledger.check_key_limits).
-- request { keyId, digest, name, roles, scopes, reach, expiresAt, at, limits? } answers { key, replayed }
create or replace function loopline.make_key(request jsonb) returns jsonb language plpgsql as $$
declare
  v_by jsonb := ledger.acting();
  v_at timestamptz := (request ->> 'at')::timestamptz;
  v_faults jsonb := ledger.reach_faults(request -> 'reach');
  v_key ledger.service_key := ledger.key_given(request, v_by);
begin
  if v_faults <> '[]' then
    perform ledger.fail_invalid(v_faults -> 0 ->> 'path', v_faults -> 0 ->> 'message');
  end if;
  if v_key.expires_at <= v_at then perform ledger.fail_invalid('expiresAt', 'must lie ahead'); end if;
  perform ledger.check_key_limits(v_key, request -> 'limits');
  insert into ledger.service_key select v_key.* on conflict (key_id) do nothing;
  if not found then return ledger.repeated_key(v_key); end if;
  perform ledger.audit(v_by, 'key-made', 'key', v_key.key_id, v_at, null, null, ledger.key_rights(v_key));
  return jsonb_build_object('key', ledger.key_json(v_key), 'replayed', false);
end $$;

create or replace function ledger.key_given(request jsonb, p_by jsonb) returns ledger.service_key
language plpgsql stable as $$
declare v_key ledger.service_key; v_reach jsonb := request -> 'reach';
begin
  v_key.key_id := request ->> 'keyId';
  v_key.name := request ->> 'name';
  v_key.roles := coalesce(ledger.names_of(request -> 'roles'), '{}');
  v_key.scopes := coalesce(ledger.names_of(request -> 'scopes'), '{}');
  v_key.nodes := ledger.names_of(v_reach -> 'nodes');
  v_key.channels := ledger.names_of(v_reach -> 'channels');
  v_key.regions := ledger.names_of(v_reach -> 'regions');
  v_key.amount_limit_minor := (v_reach ->> 'amountMinor')::bigint;
  v_key.digest := ledger.digest_given(request ->> 'digest');
  v_key.made_by := p_by ->> 'actor';
  v_key.made_at := (request ->> 'at')::timestamptz;
  v_key.expires_at := (request ->> 'expiresAt')::timestamptz;
  return v_key;
end $$;

create or replace function ledger.digest_given(p_digest text) returns bytea language plpgsql stable as $$
begin
  if p_digest ~ '^[0-9a-f]{64}$' then return decode(p_digest, 'hex'); end if;
  perform ledger.fail_invalid('digest', 'must be 64 small hex digits');
  return null;
end $$;

-- The answer to a key that is known: the same content is a repeat, whoever sends it and whenever.
create or replace function ledger.repeated_key(p_key ledger.service_key) returns jsonb language plpgsql as $$
declare v_known ledger.service_key;
begin
  select * into strict v_known from ledger.service_key k where k.key_id = p_key.key_id;
  if v_known.digest <> p_key.digest or v_known.name <> p_key.name or v_known.expires_at <> p_key.expires_at
     or ledger.key_rights(v_known) <> ledger.key_rights(p_key) then
    perform ledger.fail_other_key(v_known);
  end if;
  return jsonb_build_object('key', ledger.key_json(v_known), 'replayed', true);
end $$;

create or replace function ledger.fail_other_key(p_known ledger.service_key) returns void language plpgsql as $$
begin
  raise exception 'was used before, for the key % at %, with other content; the first stands', p_known.name,
    ledger.instant_text(p_known.made_at) using errcode = 'LL409', detail = p_known.key_id;
end $$;

-- Replaces a key by a new one with the same name and rights. The old one counts for the overlap beside it, not
-- longer than it would have. A key that has a follower is not replaced again: of two rotations at once one would
-- leave a key that counts and that nobody has. Idempotency key: the new key's id.
-- request { keyId, next: { keyId, digest, expiresAt }, overlapHours, at, limits? }
-- answers { outcome: rotated, key, replaced } or { outcome: refused, rule, replaced }
create or replace function loopline.rotate_key(request jsonb) returns jsonb language plpgsql as $$
declare
  v_by jsonb := ledger.acting();
  v_at timestamptz := (request ->> 'at')::timestamptz;
  v_old ledger.service_key;
  v_new ledger.service_key;
  v_rule text;
begin
  select * into v_old from ledger.service_key k where k.key_id = request ->> 'keyId' for no key update;
  if not found then perform ledger.fail_not_found('Key', request ->> 'keyId'); end if;
  perform ledger.check_key_limits(v_old, request -> 'limits');
  select * into v_new from ledger.service_key k where k.key_id = request -> 'next' ->> 'keyId';
  if found then
    if v_new.digest <> ledger.digest_given(request -> 'next' ->> 'digest') or v_old.replaced_by is distinct from v_new.key_id then
      perform ledger.fail_other_key(v_new);
    end if;
    return jsonb_build_object('outcome', 'rotated', 'key', ledger.key_json(v_new), 'replaced', ledger.key_json(v_old));
  end if;
  v_rule := case when v_old.revoked_at is not null then 'key-revoked' when v_old.replaced_by is not null then 'key-replaced'
    when v_old.expires_at <= v_at then 'key-expired' end;
  if v_rule is not null then
    return jsonb_build_object('outcome', 'refused', 'rule', v_rule, 'replaced', ledger.key_json(v_old));
  end if;
  v_new := ledger.follower_given(v_old, request, v_by);
  insert into ledger.service_key select v_new.*;
  update ledger.service_key k set replaced_by = v_new.key_id, replaced_from = least(k.expires_at,
    v_at + greatest((request ->> 'overlapHours')::numeric, 0) * interval '1 hour')
  where k.key_id = v_old.key_id returning * into v_old;
  perform ledger.audit(v_by, 'key-rotated', 'key', v_old.key_id, v_at, null, null, jsonb_build_object(
    'replacedBy', v_new.key_id, 'replacedFrom', ledger.instant_text(v_old.replaced_from)));
  perform ledger.audit(v_by, 'key-made', 'key', v_new.key_id, v_at, 'follows ' || v_old.key_id, null,
    ledger.key_rights(v_new));
  perform ledger.tell_access_changed('key:' || v_old.key_id);
  return jsonb_build_object('outcome', 'rotated', 'key', ledger.key_json(v_new), 'replaced', ledger.key_json(v_old));
end $$;

create or replace function ledger.follower_given(p_old ledger.service_key, request jsonb, p_by jsonb)
returns ledger.service_key language plpgsql stable as $$
declare v_key ledger.service_key := p_old; v_next jsonb := request -> 'next';
begin
  v_key.key_id := v_next ->> 'keyId';
  v_key.digest := ledger.digest_given(v_next ->> 'digest');
  v_key.made_by := p_by ->> 'actor';
  v_key.made_at := (request ->> 'at')::timestamptz;
  v_key.expires_at := (v_next ->> 'expiresAt')::timestamptz;
  v_key.last_used_at := null;
  if v_key.expires_at <= v_key.made_at then perform ledger.fail_invalid('next.expiresAt', 'must lie ahead'); end if;
  return v_key;
end $$;

-- Ends a key at once, whatever it may do, where it reaches no further than whoever asks. Safe to repeat.
-- request { keyId, at, reason?, limits? } answers { applied, key }
create or replace function loopline.revoke_key(request jsonb) returns jsonb language plpgsql as $$
declare
  v_by jsonb := ledger.acting();
  v_at timestamptz := (request ->> 'at')::timestamptz;
  v_key ledger.service_key;
begin
  -- What a key reaches never changes.
  select * into v_key from ledger.service_key k where k.key_id = request ->> 'keyId';
  if not found then perform ledger.fail_not_found('Key', request ->> 'keyId'); end if;
  perform ledger.check_limits('The key ' || v_key.name, request -> 'limits', v_key.nodes, v_key.channels, v_key.regions,
    v_key.amount_limit_minor);
  -- A caller's clock that runs ahead must not let the key count on.
  update ledger.service_key k set revoked_at = least(v_at, clock_timestamp()), revoked_by = v_by ->> 'actor'
  where k.key_id = request ->> 'keyId' and k.revoked_at is null returning * into v_key;
  if found then
    perform ledger.audit(v_by, 'key-revoked', 'key', v_key.key_id, v_at, request ->> 'reason');
    perform ledger.tell_access_changed('key:' || v_key.key_id);
    return jsonb_build_object('applied', true, 'key', ledger.key_json(v_key));
  end if;
  select * into strict v_key from ledger.service_key k where k.key_id = request ->> 'keyId';
  return jsonb_build_object('applied', false, 'key', ledger.key_json(v_key));
end $$;

-- Everything that a request with a key is judged by; null when there is none. request { keyId }
create or replace function loopline.find_key(request jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('keyId', k.key_id, 'name', k.name, 'roles', to_jsonb(k.roles), 'scopes', to_jsonb(k.scopes),
    'reach', ledger.reach_json(k.nodes, k.channels, k.regions, k.amount_limit_minor), 'digest', encode(k.digest, 'hex'),
    'expiresAtMs', ledger.instant_ms(k.expires_at), 'replacedFromMs', ledger.instant_ms(k.replaced_from),
    'revokedAtMs', ledger.instant_ms(k.revoked_at), 'lastUsedAtMs', ledger.instant_ms(k.last_used_at))
  from ledger.service_key k where k.key_id = request ->> 'keyId'
$$;

-- Milliseconds since 1970; a fraction is left out, so that a key ends rather too early than too late.
create or replace function ledger.instant_ms(p_at timestamptz) returns bigint language sql immutable as $$
  select floor(extract(epoch from p_at) * 1000)::bigint
$$;

-- Records a use, to the step that the caller has brought it down to. Whoever holds the row is not waited for:
-- the next use tells the same. request { keyId, usedAtMs } answers { applied }
create or replace function loopline.touch_key(request jsonb) returns jsonb language plpgsql as $$
declare v_at timestamptz := to_timestamp((request ->> 'usedAtMs')::numeric / 1000);
begin
  update ledger.service_key k set last_used_at = v_at
  where k.key_id = (
    select n.key_id from ledger.service_key n
    where n.key_id = request ->> 'keyId' and (n.last_used_at is null or n.last_used_at < v_at)
    for no key update skip locked);
  return jsonb_build_object('applied', found);
end $$;

-- Keys, newest first; with `counting` those that count at that time; `within` those that reach something of it.
-- request { limit?, cursor?, counting?, within? }
create or replace function loopline.list_keys(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_counting timestamptz := (request ->> 'counting')::timestamptz;
  v_rows jsonb;
begin
  select jsonb_agg(ledger.key_json(s)
      || jsonb_build_object('cursor', ledger.cursor_text(array[s.made_at::text, s.key_id]))
    order by s.made_at desc, s.key_id desc)
  into v_rows
  from (
    select * from ledger.service_key n
    where (v_counting is null or (n.revoked_at is null and n.expires_at > v_counting
        and (n.replaced_from is null or n.replaced_from > v_counting)))
      and ledger.reaches_within(request, n.nodes, n.channels, n.regions)
      and (v_after is null or (n.made_at, n.key_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.made_at desc, n.key_id desc
    limit v_limit + 1) s;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- A key as lists show it, without its digest.
create or replace function ledger.key_json(p_key ledger.service_key) returns jsonb language sql stable as $$
  select ledger.key_rights(p_key) || jsonb_build_object('keyId', p_key.key_id, 'name', p_key.name,
    'madeBy', p_key.made_by, 'madeAt', ledger.instant_text(p_key.made_at), 'expiresAt', ledger.instant_text(p_key.expires_at),
    'replacedBy', p_key.replaced_by, 'replacedFrom', ledger.instant_text(p_key.replaced_from),
    'revokedAt', ledger.instant_text(p_key.revoked_at), 'revokedBy', p_key.revoked_by,
    'lastUsedAt', ledger.instant_text(p_key.last_used_at))
$$;

create or replace function ledger.key_rights(p_key ledger.service_key) returns jsonb language sql stable as $$
  select jsonb_build_object('roles', to_jsonb(p_key.roles), 'scopes', to_jsonb(p_key.scopes),
    'reach', ledger.reach_json(p_key.nodes, p_key.channels, p_key.regions, p_key.amount_limit_minor))
$$;
