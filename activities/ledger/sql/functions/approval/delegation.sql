-- Delegations: the last row of each counts, the others are its history.
create or replace function ledger.delegations_now() returns setof ledger.delegation language sql stable as $$
  select distinct on (d.delegation_id) d.* from ledger.delegation d order by d.delegation_id, d.sequence desc
$$;

-- Whether a delegation, or an absence, is in force at a time.
create or replace function ledger.delegation_lasts(p ledger.delegation, p_at timestamptz) returns boolean
language sql immutable as $$
  select p.valid_from <= p_at and p_at < p.valid_until and (p.revoked_at is null or p_at < p.revoked_at)
$$;

-- Whether a delegation gives the right to decide on a subject of this worth at a time: its dates, its scope and its
-- limit. The rule says the same (rules/approval/may-decide.ts).
create or replace function ledger.delegation_holds(
  p ledger.delegation, p_subject text, p_base_minor bigint, p_at timestamptz
) returns boolean language sql immutable as $$
  select p.to_person is not null and ledger.delegation_lasts(p, p_at)
    and (p.subjects is null or p_subject = any (p.subjects))
    and (p.limit_minor is null or p_base_minor <= p.limit_minor)
$$;

-- All from or to these people, also those that are over, so that a refusal can name them.
create or replace function ledger.delegations_among(p_people text[]) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', d.delegation_id, 'from', d.from_person, 'to', d.to_person,
      'validFromMs', ledger.ms_of(d.valid_from), 'validUntilMs', ledger.ms_of(d.valid_until),
      'revokedAtMs', ledger.ms_of(d.revoked_at), 'subjects', to_jsonb(d.subjects), 'limitMinor', d.limit_minor::text)
    order by d.delegation_id), '[]')
  from ledger.delegations_now() d
  where d.to_person is not null and (d.from_person = any (p_people) or d.to_person = any (p_people))
$$;

-- Puts a delegation, or ends one: `revoked` true. request { delegationId?, from?: the actor if left out, to: person |
-- null, subjects: [text] | null, limitMinor: text | null, validFrom, validUntil, absent, reason?, revoked, actor, at,
-- limits?: how far whoever asks reaches, held against another whose it is (ledger.check_limits), deciders?: [role], of
-- which `to` has to have one }.
-- A delegation stays the person's who delegates; one that was revoked stays so. Natural key: delegationId and content.
-- Answers { outcome: stored | unchanged | refused, rule, delegation }; rule: not-own, to-oneself, revoked,
-- unknown-person, cannot-decide. LL404 for `from` whom nobody knows.
create or replace function loopline.put_delegation(request jsonb) returns jsonb language plpgsql as $$
declare
  v_actor text := request ->> 'actor'; v_to text := request ->> 'to'; v_rule text; v_same boolean;
  v_from text := coalesce(request ->> 'from', request ->> 'actor');
  v_revoked boolean := coalesce((request ->> 'revoked')::boolean, false);
  v_id text := coalesce(request ->> 'delegationId', 'delegation:' || nextval('ledger.delegation_number'));
  v_last ledger.delegation; v_next ledger.delegation;
begin
  perform ledger.check_speaker(v_actor);
  if v_from <> v_actor and not exists (select from ledger.person p where p.person_id = v_from and p.left_at is null) then
    perform ledger.fail_not_found('Person', v_from);
  end if;
  -- Whoever enters one for somebody else reaches as far as they do, as for a change of their rights.
  perform ledger.check_limits(p.person_id, request -> 'limits', p.nodes, p.channels, p.regions, p.amount_limit_minor)
  from ledger.person p where p.person_id = v_from and v_from <> v_actor;
  perform pg_advisory_xact_lock(hashtextextended(v_id, 0));
  select * into v_last from ledger.delegations_now() d where d.delegation_id = v_id;
  v_rule := case
    when v_last.delegation_id is not null and v_last.from_person <> v_from then 'not-own'
    -- Nobody takes the right of another by entering it themself, nor by a key of theirs.
    when v_from <> v_actor and not v_revoked and ledger.hand(v_to) = ledger.hand(v_actor) then 'to-oneself'
    when not exists (select from ledger.person p where p.person_id = v_from and p.left_at is null) then 'unknown-person'
    when v_to is not null and not exists (select from ledger.person p where p.person_id = v_to and p.left_at is null)
      then 'unknown-person' end;
  if v_rule is not null then
    return jsonb_build_object('outcome', 'refused', 'rule', v_rule, 'delegation', ledger.delegation_json(v_last));
  end if;
  v_next := jsonb_populate_record(v_last, jsonb_build_object('delegation_id', v_id,
    'sequence', coalesce(v_last.sequence, 0) + 1, 'from_person', v_from, 'to_person', v_to,
    'subjects', case when jsonb_typeof(request -> 'subjects') = 'array' then request -> 'subjects' end,
    'limit_minor', request ->> 'limitMinor', 'valid_from', request ->> 'validFrom', 'valid_until', request ->> 'validUntil',
    'absent', request -> 'absent', 'reason', request ->> 'reason', 'actor', v_actor,
    'revoked_at', case when v_revoked then coalesce(v_last.revoked_at, (request ->> 'at')::timestamptz) end,
    'recorded_at', clock_timestamp()));
  v_same := v_last.delegation_id is not null
    and (to_jsonb(v_last) - array['sequence', 'recorded_at']) = (to_jsonb(v_next) - array['sequence', 'recorded_at']);
  if not v_same and v_last.revoked_at is not null then
    return jsonb_build_object('outcome', 'refused', 'rule', 'revoked', 'delegation', ledger.delegation_json(v_last));
  end if;
  -- Such a delegate could decide on nothing, and would see what they have no part in. Ending it takes no role.
  if not v_same and not v_revoked and exists (
    select from ledger.person p where p.person_id = v_to and not (request -> 'deciders' ?| p.roles)) then
    return jsonb_build_object('outcome', 'refused', 'rule', 'cannot-decide', 'delegation', ledger.delegation_json(v_last));
  end if;
  if not v_same then
    insert into ledger.delegation select v_next.*;
    perform ledger.tell(jsonb_build_object('before', ledger.delegation_json(v_last)));
    perform ledger.note(v_id, case when v_next.revoked_at is null then 'delegation-put' else 'delegation-ended' end,
      v_actor, (request ->> 'at')::timestamptz, null, v_next.reason, ledger.delegation_json(v_next));
    perform ledger.tell_of_delegation(v_next, (request ->> 'at')::timestamptz);
  end if;
  return jsonb_build_object('outcome', case when v_same then 'unchanged' else 'stored' end, 'rule', null,
    'delegation', ledger.delegation_json(case when v_same then v_last else v_next end));
end $$;

-- What waits for the person hears of it and looks again: a level that nobody is left for goes on at once.
create or replace function ledger.tell_of_delegation(p_delegation ledger.delegation, p_at timestamptz) returns void
language plpgsql as $$
declare v_approval record;
begin
  for v_approval in
    select a.approval_id, a.subject_id, a.process_id from ledger.approval a
    where a.state = 'open' and (p_delegation.from_person = any (a.asked_people)
      or a.asked_roles && (select p.roles from ledger.person p where p.person_id = p_delegation.from_person))
    order by a.approval_id
  loop
    perform ledger.note(v_approval.subject_id, 'approval-delegation', p_delegation.actor,
      greatest(p_at, ledger.business_time(v_approval.subject_id)), p_delegation.delegation_id, p_delegation.reason,
      jsonb_build_object('approvalId', v_approval.approval_id) || ledger.delegation_json(p_delegation));
    perform ledger.signal(v_approval.process_id, p_delegation.delegation_id || ':' || p_delegation.sequence);
  end loop;
end $$;

create or replace function ledger.delegation_json(p ledger.delegation) returns jsonb language sql stable as $$
  select case when p.delegation_id is not null then jsonb_build_object('id', p.delegation_id, 'from', p.from_person,
    'to', p.to_person, 'subjects', to_jsonb(p.subjects), 'limitMinor', p.limit_minor::text,
    'validFrom', ledger.instant_text(p.valid_from), 'validUntil', ledger.instant_text(p.valid_until), 'absent', p.absent,
    'revokedAt', ledger.instant_text(p.revoked_at), 'reason', p.reason, 'version', p.sequence,
    'by', p.actor, 'recordedAt', ledger.instant_text(p.recorded_at)) end
$$;

-- Delegations newest first, each as it stands: of one person (`person`, from or to), or all.
create or replace function loopline.list_delegations(request jsonb) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare
  v_limit integer := ledger.page_limit(request);
  v_after text[] := ledger.cursor_values(request ->> 'cursor', '{timestamptz,text}');
  v_rows jsonb;
begin
  select jsonb_agg(ledger.delegation_json(d) || jsonb_build_object('cursor',
    ledger.cursor_text(array[d.recorded_at::text, d.delegation_id])) order by d.recorded_at desc, d.delegation_id desc)
  into v_rows
  from (
    select n.* from ledger.delegations_now() n
    where (request ->> 'person' is null or request ->> 'person' in (n.from_person, n.to_person))
      and (v_after is null or (n.recorded_at, n.delegation_id) < (v_after[1]::timestamptz, v_after[2]))
    order by n.recorded_at desc, n.delegation_id desc limit v_limit + 1) d;
  return ledger.page_of(v_rows, v_limit);
end $$;
