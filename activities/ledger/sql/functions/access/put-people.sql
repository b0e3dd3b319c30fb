-- Creates and changes people, at most 500, each with a result of its own in the order given: { personId,
-- result, before, after, errors?: [{ path, message, rule? }] }, where before and after say what the person may do.
-- Idempotent by content.
-- request { people: [{ personId?, issuer, subject?, loginEmail?, name, email?, roles, reach, returns? }], at,
--   limits?: what whoever asks may give, as ledger.giving_faults has it }
create or replace function loopline.put_people(request jsonb) returns jsonb language plpgsql as $$
declare
  v_by jsonb := ledger.acting();
  v_given jsonb;
  v_result jsonb;
  v_results jsonb := '[]';
  v_seen text[] := '{}';
begin
  perform ledger.lock_people();
  for v_given in
    select e.value from jsonb_array_elements(request -> 'people') with ordinality e(value, position) order by e.position
  loop
    v_result := ledger.put_person(v_given, v_seen, (request ->> 'at')::timestamptz, v_by, request -> 'limits');
    if v_result ->> 'result' <> 'refused' then v_seen := v_seen || (v_result ->> 'personId'); end if;
    v_results := v_results || jsonb_build_array(v_result);
  end loop;
  return jsonb_build_object('results', v_results);
end $$;

-- One person; p_seen are those whom the same call has named before.
create or replace function ledger.put_person(
  p_given jsonb, p_seen text[], p_at timestamptz, p_by jsonb, p_limits jsonb
) returns jsonb language plpgsql as $$
declare
  v_known text[] := ledger.people_named(p_given);
  v_old ledger.person;
  v_new ledger.person;
  v_faults jsonb;
begin
  select * into v_old from ledger.person p where p.person_id = v_known[1] for no key update;
  v_faults := ledger.person_faults(p_given, v_known, v_old, p_seen) || ledger.reach_faults(p_given -> 'reach')
    || ledger.giving_faults(p_given, v_old, p_limits);
  if v_faults = '[]' then
    v_new := ledger.person_given(p_given, v_old);
    if ledger.is_last_admin(v_old) and not ledger.gives_everything(v_new) then
      v_faults := jsonb_build_array(jsonb_build_object('path', 'roles',
        'message', 'would leave no admin who reaches everything (last-admin)', 'rule', 'last-admin'));
    end if;
  end if;
  if v_faults <> '[]' then
    return jsonb_build_object('personId', coalesce(p_given ->> 'personId', v_old.person_id), 'result', 'refused',
      'errors', v_faults, 'before', null, 'after', null);
  end if;
  if v_old.person_id is null then
    insert into ledger.person select v_new.*;
  elsif v_new is distinct from v_old then
    update ledger.person p
    set (subject, login_email, name, email, roles, nodes, channels, regions, amount_limit_minor, left_at)
      = (v_new.subject, v_new.login_email, v_new.name, v_new.email, v_new.roles, v_new.nodes, v_new.channels,
         v_new.regions, v_new.amount_limit_minor, v_new.left_at)
    where p.person_id = v_old.person_id;
  end if;
  if v_new is distinct from v_old then
    perform ledger.audit(p_by, case when v_old.person_id is null then 'person-entered' else 'person-changed' end,
      'person', v_new.person_id, p_at, null, ledger.person_access(v_old), ledger.person_access(v_new));
    perform ledger.tell_access_changed(v_new.person_id);
  end if;
  return jsonb_build_object('personId', v_new.person_id,
    'result', case when v_old.person_id is null then 'created' when v_new is distinct from v_old then 'updated'
      else 'unchanged' end,
    'before', ledger.person_access(v_old), 'after', ledger.person_access(v_new));
end $$;

-- Whom an element names, by subject and by login address: none, one, or two where it contradicts itself.
create or replace function ledger.people_named(p_given jsonb) returns text[] language sql stable as $$
  select array(
    select p.person_id from ledger.person p
    where p.issuer = p_given ->> 'issuer'
      and (p.subject = p_given ->> 'subject' or p.login_email = lower(p_given ->> 'loginEmail'))
    order by p.person_id)
$$;

-- The row as it shall be. Name and mail address are ours until the first login, then the provider's word.
create or replace function ledger.person_given(p_given jsonb, p_old ledger.person) returns ledger.person
language plpgsql as $$
declare v_new ledger.person := p_old; v_reach jsonb := p_given -> 'reach';
begin
  v_new.person_id := coalesce(p_old.person_id, p_given ->> 'personId', 'person:' || nextval('ledger.person_number'));
  v_new.issuer := p_given ->> 'issuer';
  v_new.subject := coalesce(p_old.subject, p_given ->> 'subject');
  v_new.login_email := coalesce(lower(p_given ->> 'loginEmail'), p_old.login_email);
  if p_old.last_login_at is null then
    v_new.name := p_given ->> 'name';
    v_new.email := coalesce(p_given ->> 'email', v_new.login_email);
  end if;
  v_new.roles := ledger.names_of(p_given -> 'roles');
  v_new.nodes := ledger.names_of(v_reach -> 'nodes');
  v_new.channels := ledger.names_of(v_reach -> 'channels');
  v_new.regions := ledger.names_of(v_reach -> 'regions');
  v_new.amount_limit_minor := (v_reach ->> 'amountMinor')::bigint;
  v_new.left_at := null;
  v_new.recorded_at := coalesce(p_old.recorded_at, clock_timestamp());
  return v_new;
end $$;

-- What is wrong with an element: [{ path, message }].
create or replace function ledger.person_faults(
  p_given jsonb, p_known text[], p_old ledger.person, p_seen text[]
) returns jsonb language sql stable as $$
  with fault (path, message) as (
    select 'subject', 'or loginEmail is needed, to know the person by'
    where p_given ->> 'subject' is null and p_given ->> 'loginEmail' is null
    union all
    select 'roles', 'must be a list' where jsonb_typeof(p_given -> 'roles') is distinct from 'array'
    union all
    select 'loginEmail', format('is that of %s, the subject is that of another person', p_known[2])
    where cardinality(p_known) > 1
    union all
    select 'subject', format('is not the one with which %s has logged in', p_old.person_id)
    where cardinality(p_known) = 1 and p_old.subject <> p_given ->> 'subject'
    union all
    select 'personId', 'must be person: and a name that begins with a small letter'
    where p_given ->> 'personId' !~ '^person:[a-z][A-Za-z0-9._-]{0,62}$' and p_old.person_id is null
    union all
    select 'personId', format('is %s already', p_old.person_id) where p_old.person_id <> p_given ->> 'personId'
    union all
    select 'personId', 'belongs to another person'
    where p_old.person_id is null and exists (select from ledger.person p where p.person_id = p_given ->> 'personId')
    union all
    select 'returns', format('is needed: %s has left', p_old.person_id)
    where p_old.left_at is not null and not coalesce((p_given ->> 'returns')::boolean, false)
    union all
    select 'issuer', format('and %s name %s twice in this call', case when p_given ->> 'subject' is null then 'loginEmail'
      else 'subject' end, p_old.person_id)
    where p_old.person_id = any (p_seen)
  )
  select coalesce(jsonb_agg(jsonb_build_object('path', f.path, 'message', f.message)), '[]') from fault f
$$;
