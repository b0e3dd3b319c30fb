-- One person, also one who has left; LL404 when there is none. request { personId }
create or replace function loopline.read_person(request jsonb) returns jsonb language plpgsql stable as $$
declare v_person ledger.person;
begin
  select * into v_person from ledger.person p where p.person_id = request ->> 'personId';
  if not found then perform ledger.fail_not_found('Person', request ->> 'personId'); end if;
  return ledger.person_json(v_person);
end $$;

-- Whom a token speaks for, as the provider names them; null for nobody who is entered here and has not left.
-- request { issuer, subject }
create or replace function loopline.find_person(request jsonb) returns jsonb language sql stable as $$
  select ledger.person_json(p) from ledger.person p
  where p.issuer = request ->> 'issuer' and p.subject = request ->> 'subject' and p.left_at is null
$$;

-- People, newest first; with `left` those who have left instead; `within` those who reach something of it.
-- request { limit?, cursor?, role?, left?, within? }
create or replace function loopline.list_people(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_left boolean := coalesce((request ->> 'left')::boolean, false);
  v_rows jsonb;
begin
  select jsonb_agg(ledger.person_json(s)
      || jsonb_build_object('cursor', ledger.cursor_text(array[s.recorded_at::text, s.person_id]))
    order by s.recorded_at desc, s.person_id desc)
  into v_rows
  from (
    select * from ledger.person n
    where (n.left_at is not null) = v_left
      and (request ->> 'role' is null or request ->> 'role' = any (n.roles))
      and ledger.reaches_within(request, n.nodes, n.channels, n.regions)
      and (v_after is null or (n.recorded_at, n.person_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.person_id desc
    limit v_limit + 1) s;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- Who works here now, by name: id, name and roles, and nothing else of them. request { limit?, cursor?, personId? }
create or replace function loopline.list_colleagues(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{text,text}');
  v_rows jsonb;
begin
  select jsonb_agg(jsonb_build_object('personId', s.person_id, 'name', s.name, 'roles', to_jsonb(s.roles),
      'cursor', ledger.cursor_text(array[s.name, s.person_id]))
    order by s.name, s.person_id)
  into v_rows
  from (
    select * from ledger.person n
    where n.left_at is null
      and (request ->> 'personId' is null or n.person_id = request ->> 'personId')
      and (v_after is null or (n.name, n.person_id) > (v_after[1], v_after[2]))
    order by n.name, n.person_id
    limit v_limit + 1) s;
  return ledger.page_of(v_rows, v_limit);
end $$;

-- Whether a reach, in which null is everywhere, has something of a list's `within`.
create or replace function ledger.reaches_within(request jsonb, p_nodes text[], p_channels text[], p_regions text[])
returns boolean language sql immutable as $$
  select coalesce(p_nodes && ledger.within(request, 'nodes'), true)
    and coalesce(p_channels && ledger.within(request, 'channels'), true)
    and coalesce(p_regions && ledger.within(request, 'regions'), true)
$$;

create or replace function ledger.person_json(p_person ledger.person) returns jsonb language sql stable as $$
  select jsonb_build_object('personId', p_person.person_id, 'issuer', p_person.issuer, 'subject', p_person.subject,
    'loginEmail', p_person.login_email, 'name', p_person.name, 'email', p_person.email, 'roles', to_jsonb(p_person.roles),
    'reach', ledger.reach_json(p_person.nodes, p_person.channels, p_person.regions, p_person.amount_limit_minor),
    'leftAt', ledger.instant_text(p_person.left_at), 'lastLoginAt', ledger.instant_text(p_person.last_login_at),
    'recordedAt', ledger.instant_text(p_person.recorded_at))
$$;

-- What somebody may do, as the audit keeps it: no name and no address. Null for nobody.
create or replace function ledger.person_access(p_person ledger.person) returns jsonb language sql stable as $$
  select case when p_person.person_id is not null then jsonb_build_object('roles', to_jsonb(p_person.roles),
    'reach', ledger.reach_json(p_person.nodes, p_person.channels, p_person.regions, p_person.amount_limit_minor),
    'leftAt', ledger.instant_text(p_person.left_at)) end
$$;

-- Somebody has left: no login any more, and every session ends. The keys that they made belong to programs
-- and stay. The last admin who reaches everything stays too. Safe to repeat. request { personId, at, reason?, limits? }
-- answers { personId, applied, sessionsEnded, leftAt, rule }; rule: last-admin
create or replace function loopline.end_person(request jsonb) returns jsonb language plpgsql as $$
declare
  v_by jsonb := ledger.acting();
  v_at timestamptz := (request ->> 'at')::timestamptz;
  v_old ledger.person;
  v_new ledger.person;
  v_ended integer;
begin
  perform ledger.lock_people();
  select * into v_old from ledger.person p where p.person_id = request ->> 'personId' for no key update;
  if not found then perform ledger.fail_not_found('Person', request ->> 'personId'); end if;
  perform ledger.check_limits(v_old.person_id, request -> 'limits', v_old.nodes, v_old.channels, v_old.regions,
    v_old.amount_limit_minor);
  if v_old.left_at is not null or ledger.is_last_admin(v_old) then
    return jsonb_build_object('personId', v_old.person_id, 'applied', false, 'sessionsEnded', 0,
      'leftAt', ledger.instant_text(v_old.left_at), 'rule', case when v_old.left_at is null then 'last-admin' end);
  end if;
  update ledger.person p set left_at = v_at where p.person_id = v_old.person_id returning * into v_new;
  v_ended := ledger.end_open_sessions(v_old.person_id, v_at);
  perform ledger.audit(v_by, 'person-left', 'person', v_old.person_id, v_at, request ->> 'reason',
    ledger.person_access(v_old), ledger.person_access(v_new) || jsonb_build_object('sessionsEnded', v_ended));
  perform ledger.tell_access_changed(v_old.person_id);
  return jsonb_build_object('personId', v_old.person_id, 'applied', true, 'sessionsEnded', v_ended,
    'leftAt', ledger.instant_text(v_new.left_at), 'rule', null);
end $$;
