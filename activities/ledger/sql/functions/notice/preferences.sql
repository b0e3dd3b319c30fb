-- A person's preference as it is stored; null of whoever has said nothing.
create or replace function ledger.preference_json(p_person text) returns jsonb language sql stable as $$
  select jsonb_build_object('kinds', n.kinds,
    'quietHours', case when n.quiet_from is not null
      then jsonb_build_object('from', n.quiet_from, 'to', n.quiet_to) end,
    'timeZone', n.time_zone, 'digestHour', n.digest_hour)
  from ledger.notice_preference n where n.person_id = p_person
$$;

-- { preference } of { personId }; null of whoever has said nothing.
create or replace function loopline.read_notice_preference(request jsonb) returns jsonb
language plpgsql stable as $$
begin
  return jsonb_build_object('preference', ledger.preference_json(request ->> 'personId'));
end $$;

-- Stores how notices reach a person: { personId, preference, at }. Only the person says so: LL403. Idempotent by
-- content. Answers { changed }.
create or replace function loopline.put_notice_preference(request jsonb) returns jsonb language plpgsql as $$
declare
  v_person text := request ->> 'personId'; v_new jsonb := request -> 'preference'; v_before jsonb; v_is_new boolean;
  v_by jsonb := coalesce(request -> 'by', jsonb_build_object('actor', v_person));
begin
  if v_by ->> 'actor' is distinct from v_person then
    raise exception 'How notices reach % is for nobody else to say', v_person using errcode = 'LL403', detail = 'not-own';
  end if;
  -- Two at once of a person who has none yet: the second one waits for the first and replaces it.
  insert into ledger.notice_preference (person_id, kinds, time_zone, digest_hour, changed_at)
  values (v_person, '{}', v_new ->> 'timeZone', (v_new ->> 'digestHour')::integer, (request ->> 'at')::timestamptz)
  on conflict (person_id) do nothing;
  v_is_new := found;
  perform from ledger.notice_preference where person_id = v_person for no key update;
  if not v_is_new then v_before := ledger.preference_json(v_person); end if;
  if v_before = v_new then return jsonb_build_object('changed', false, 'replayed', true); end if;
  update ledger.notice_preference
  set kinds = v_new -> 'kinds', quiet_from = v_new #>> '{quietHours,from}', quiet_to = v_new #>> '{quietHours,to}',
    time_zone = v_new ->> 'timeZone', digest_hour = (v_new ->> 'digestHour')::integer,
    changed_at = (request ->> 'at')::timestamptz
  where person_id = v_person;
  perform ledger.audit(v_by, 'put_notice_preference', 'person', v_person, (request ->> 'at')::timestamptz, null,
    v_before, v_new);
  return jsonb_build_object('changed', true, 'replayed', false);
end $$;
