-- Opens a session for a person who is entered here, as the provider has vouched for them, or says why not.
-- Whoever was entered by address alone is recognised by it once, if the provider vouches for it. Idempotency
-- key: the digest. request { digest, issuer, subject, name?, email?, emailVerified?, at, sourceAddress?,
--   requestId?, idleMinutes, longestHours }
-- answers { outcome: opened, sessionId, person, openedAt, endsAt } or { outcome: refused, rule }
create or replace function loopline.open_session(request jsonb) returns jsonb language plpgsql as $$
declare
  v_at timestamptz := (request ->> 'at')::timestamptz;
  v_digest bytea := ledger.digest_given(request ->> 'digest');
  v_by jsonb := jsonb_build_object('credential', ledger.session_name(v_digest), 'requestId', request ->> 'requestId',
    'sourceAddress', request ->> 'sourceAddress');
  v_person ledger.person := ledger.person_at_login(request);
  v_rule text;
begin
  v_rule := case when v_person.person_id is null then 'person-unknown' when v_person.left_at is not null then 'person-left' end;
  if v_rule is not null then
    perform ledger.audit(v_by || jsonb_build_object('actor', coalesce(v_person.person_id, 'unknown')), 'login-refused', 'person',
      coalesce(v_person.person_id, (request ->> 'issuer') || '#' || (request ->> 'subject')), v_at, v_rule);
    return jsonb_build_object('outcome', 'refused', 'rule', v_rule);
  end if;
  insert into ledger.session (digest, person_id, opened_at, seen_at, ends_at, hard_ends_at, source_address)
  values (v_digest, v_person.person_id, v_at, v_at, v_at + least((request ->> 'idleMinutes')::integer * interval '1 minute',
    (request ->> 'longestHours')::integer * interval '1 hour'), v_at + (request ->> 'longestHours')::integer * interval '1 hour',
    request ->> 'sourceAddress')
  on conflict (digest) do nothing;
  if not found then return ledger.repeated_session(v_digest, v_person); end if;
  update ledger.person p set subject = request ->> 'subject', name = coalesce(request ->> 'name', p.name),
    email = coalesce(request ->> 'email', p.email), last_login_at = v_at
  where p.person_id = v_person.person_id returning * into v_person;
  perform ledger.audit(v_by || jsonb_build_object('actor', v_person.person_id), 'session-opened', 'person',
    v_person.person_id, v_at);
  -- A session that has been over for a week tells nothing that the audit does not.
  delete from ledger.session s where s.digest in (
    select n.digest from ledger.session n where n.hard_ends_at < v_at - interval '7 days'
    order by n.hard_ends_at limit 20 for update skip locked);
  return ledger.repeated_session(v_digest, v_person);
end $$;

-- The person of a login, locked: by the provider's subject, else by an address without one. One statement, so
-- that of two first logins at once the second finds what the first has written.
create or replace function ledger.person_at_login(request jsonb) returns ledger.person language sql as $$
  select * from ledger.person p
  where p.issuer = request ->> 'issuer'
    and (p.subject = request ->> 'subject'
      or (p.subject is null and p.login_email = lower(request ->> 'email')
        and coalesce((request ->> 'emailVerified')::boolean, false)))
  order by p.subject limit 1
  for no key update
$$;

create or replace function ledger.repeated_session(p_digest bytea, p_person ledger.person) returns jsonb
language plpgsql stable as $$
declare v_session ledger.session;
begin
  select * into strict v_session from ledger.session s where s.digest = p_digest;
  if v_session.person_id <> p_person.person_id then
    raise exception 'was used before, for a session of %', v_session.person_id
      using errcode = 'LL409', detail = ledger.session_name(p_digest);
  end if;
  return jsonb_build_object('outcome', 'opened') || ledger.session_json(v_session, p_person);
end $$;

-- A session's name for the audit: of its digest enough to tell it from others, and nothing that opens it.
create or replace function ledger.session_name(p_digest bytea) returns text language sql immutable as $$
  select 'session:' || left(encode(p_digest, 'hex'), 16)
$$;

create or replace function ledger.session_json(p_session ledger.session, p_person ledger.person) returns jsonb
language sql stable as $$
  select jsonb_build_object('sessionId', ledger.session_name(p_session.digest), 'person', ledger.person_json(p_person),
    'openedAt', ledger.instant_text(p_session.opened_at), 'endsAt', ledger.instant_text(p_session.ends_at))
$$;

-- The session of a digest at a time; null when there is none that counts. It writes at most once a minute of a
-- session's use, so nearly every find only reads. request { digest, at, idleMinutes }
create or replace function loopline.find_session(request jsonb) returns jsonb language plpgsql as $$
declare
  v_at timestamptz := (request ->> 'at')::timestamptz;
  v_session ledger.session;
  v_person ledger.person;
begin
  select * into v_session from ledger.session s where s.digest = ledger.digest_given(request ->> 'digest');
  if not found or v_session.ended_at is not null or v_session.ends_at <= v_at then return null; end if;
  select * into v_person from ledger.person p where p.person_id = v_session.person_id and p.left_at is null;
  if not found then return null; end if;
  if v_session.seen_at <= v_at - interval '1 minute' then
    update ledger.session s set seen_at = greatest(s.seen_at, v_at), ends_at = greatest(s.ends_at,
      least(s.hard_ends_at, v_at + (request ->> 'idleMinutes')::integer * interval '1 minute'))
    where s.digest = v_session.digest and s.ended_at is null and s.seen_at <= v_at - interval '1 minute';
    -- Somebody else may have moved it on meanwhile, or ended it.
    select * into v_session from ledger.session s where s.digest = v_session.digest and s.ended_at is null;
    if not found then return null; end if;
  end if;
  return ledger.session_json(v_session, v_person);
end $$;

-- A logout. Safe to repeat. request { digest, at, sourceAddress?, requestId? } answers { applied }
create or replace function loopline.end_session(request jsonb) returns jsonb language plpgsql as $$
declare
  v_at timestamptz := (request ->> 'at')::timestamptz;
  v_session ledger.session;
begin
  update ledger.session s set ended_at = v_at
  where s.digest = ledger.digest_given(request ->> 'digest') and s.ended_at is null and s.ends_at > v_at
  returning * into v_session;
  if not found then return jsonb_build_object('applied', false); end if;
  perform ledger.audit(jsonb_build_object('actor', v_session.person_id, 'credential', ledger.session_name(v_session.digest),
    'requestId', request ->> 'requestId', 'sourceAddress', request ->> 'sourceAddress'),
    'session-ended', 'person', v_session.person_id, v_at);
  perform ledger.tell_access_changed('session:' || encode(v_session.digest, 'hex'));
  return jsonb_build_object('applied', true);
end $$;

-- Ends every session of a person, who may log in again. request { personId, at, reason? }
-- answers { sessionsEnded }
create or replace function loopline.end_sessions_of_person(request jsonb) returns jsonb language plpgsql as $$
declare
  v_by jsonb := ledger.acting();
  v_at timestamptz := (request ->> 'at')::timestamptz;
  v_person text := request ->> 'personId';
  v_ended integer;
begin
  perform from ledger.person p where p.person_id = v_person for no key update;
  if not found then perform ledger.fail_not_found('Person', v_person); end if;
  v_ended := ledger.end_open_sessions(v_person, v_at);
  if v_ended > 0 then
    perform ledger.audit(v_by, 'sessions-ended', 'person', v_person, v_at, request ->> 'reason', null,
      jsonb_build_object('sessionsEnded', v_ended));
    perform ledger.tell_access_changed(v_person);
  end if;
  return jsonb_build_object('sessionsEnded', v_ended);
end $$;

-- Answers how many there were. The caller holds the person's row, so that no session opens beside it.
create or replace function ledger.end_open_sessions(p_person text, p_at timestamptz) returns integer language plpgsql as $$
declare v_ended integer;
begin
  update ledger.session s set ended_at = p_at
  where s.person_id = p_person and s.ended_at is null and s.ends_at > p_at;
  get diagnostics v_ended = row_count;
  return v_ended;
end $$;
