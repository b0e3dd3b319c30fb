-- What can be known of an event without the rule: whether it may happen at all to this approval, as it stands and as
-- it was asked for. The rules have judged before (rules/approval/answer-command.ts); whatever comes here past them,
-- and be it from the application's role, changes nothing.

-- The run after all of these events. Null where somebody was quicker and the rules have to judge again. LL500 for
-- an event that nobody could have let pass, or a projection that does not follow from them.
create or replace function ledger.judge_events(p_approval ledger.approval, request jsonb) returns jsonb language plpgsql stable as $$
declare
  v_approval ledger.approval := p_approval; v_run jsonb := ledger.run_of(p_approval); v_after jsonb := v_run; v_event jsonb;
  -- Before any of them: absences and delegations were judged by it.
  v_business timestamptz := ledger.business_time(p_approval.subject_id);
  v_last timestamptz; v_word ledger.decision; v_due ledger.due := ledger.approval_due(p_approval);
  v_now timestamptz := clock_timestamp() + interval '1 day';
begin
  if v_due.due_id = request ->> 'dueId' and v_due.due_at <= v_now then
    v_business := greatest(v_business, v_due.due_at);
  end if;
  if ledger.instant_of_ms(request -> 'movedAtMs') > greatest(v_now, v_business) then
    raise exception 'The deadline of % is moved in the future', p_approval.approval_id using errcode = 'LL500';
  end if;
  for v_event in select value from jsonb_array_elements(coalesce(request -> 'events', '[]')) loop
    v_after := ledger.run_after(v_after, v_event);
    if v_after is null then perform ledger.fail_event(p_approval, v_event, 'finds nothing to act on'); end if;
  end loop;
  perform ledger.check_projection(p_approval, v_after, request -> 'projection');
  select * into v_word from ledger.decision d
  where d.decision_id = request ->> 'decisionId' and d.approval_id = p_approval.approval_id;
  select max(e.occurred_at) into v_last from ledger.approval_event e where e.approval_id = p_approval.approval_id;
  for v_event in select value from jsonb_array_elements(coalesce(request -> 'events', '[]')) loop
    if not ledger.event_holds(v_approval, v_run, v_event, request -> 'restart', coalesce(v_word.heard_at, v_business), v_business) then
      return null;
    end if;
    perform ledger.check_word(v_approval, v_event, v_word);
    perform ledger.check_time(v_approval, v_event, v_last, v_business);
    v_run := ledger.run_after(v_run, v_event);
    v_last := ledger.instant_of_ms(v_event -> 'atMs');
    if v_event ->> 'kind' = 'restarted' then
      v_approval.run := v_approval.run + 1;
      v_approval.facts := v_event -> 'facts';
      v_approval.base_minor := (v_event #>> '{facts,amountMinor}')::bigint;
    end if;
  end loop;
  return v_after;
end $$;

create or replace function ledger.fail_event(p_approval ledger.approval, p_event jsonb, p_why text) returns void
language plpgsql as $$
begin
  raise exception '% of % by % %', p_event ->> 'kind', p_approval.approval_id, p_event ->> 'by', p_why using errcode = 'LL500';
end $$;

-- What is said to follow from the events does: how it ends, and what comes next while it is open.
create or replace function ledger.check_projection(p_approval ledger.approval, p_run jsonb, p_projection jsonb) returns void
language plpgsql stable as $$
declare
  v_state text := ledger.projection_of_run(p_run) ->> 'state'; v_next jsonb := p_projection -> 'deadline'; v_earliest jsonb;
begin
  -- A comment on what is closed changes nothing.
  if p_approval.state <> 'open' then return; end if;
  if v_state is distinct from p_projection ->> 'state' then
    raise exception '% is % by what happened, and is said to be % by a % that is not in its history', p_approval.approval_id,
      v_state, p_projection ->> 'state', p_projection #>> '{closing,cause}' using errcode = 'LL500';
  end if;
  if v_state <> 'open' then return; end if;
  -- A look decides nothing.
  if v_next ->> 'what' = 'look' then return; end if;
  v_earliest := ledger.deadline_of(p_run, v_next ->> 'level');
  if v_earliest is null or v_next ->> 'what' is distinct from v_earliest ->> 'what'
    or (v_next ->> 'atMs')::numeric < (v_earliest ->> 'atMs')::numeric then
    raise exception '% cannot come to % at %', p_approval.approval_id, v_next, v_earliest using errcode = 'LL500';
  end if;
end $$;

-- Whether an event holds by what stands in the ledger now; p_at is the clock of whoever heard the word.
create or replace function ledger.event_holds(
  p_approval ledger.approval, p_run jsonb, p_event jsonb, p_restart jsonb, p_at timestamptz, p_business timestamptz
) returns boolean language plpgsql stable as $$
declare v_by text := p_event ->> 'by'; v_level jsonb := p_run #> array['levels', p_event ->> 'level'];
begin
  case p_event ->> 'kind'
    when 'decided' then
      perform ledger.check_decision(p_approval, p_run, p_event || jsonb_build_object('run', p_approval.run), p_at);
    when 'information-asked', 'returned-for-change' then
      if not ledger.may_decide_level(p_approval, p_run, v_level, v_by, p_at) then
        perform ledger.fail_event(p_approval, p_event, 'comes from nobody who is asked');
      end if;
    when 'information-given' then
      if v_by is distinct from v_level ->> 'askee' then
        perform ledger.fail_event(p_approval, p_event, 'comes from nobody who was asked');
      end if;
    when 'reassigned' then perform ledger.check_reassignment(p_approval, p_run, p_event, p_at, p_business);
    when 'withdrawn' then
      if not ledger.is_requester(p_approval, v_by) then
        perform ledger.fail_event(p_approval, p_event, 'comes from nobody who asked for it');
      end if;
    when 'restarted' then return ledger.restart_holds(p_approval, p_run, p_event, p_restart, p_business);
    when 'commented' then null;
    else
      if p_event ->> 'kind' = 'escalated' and p_event ->> 'cause' = 'absence' then
        return not ledger.is_attended(p_approval, p_run, v_level, p_at);
      end if;
      perform ledger.check_deadline(p_approval, p_run, p_event);
  end case;
  return true;
end $$;

-- What a person is said to have said, they have said: their word is stored. The rest no person says.
create or replace function ledger.check_word(p_approval ledger.approval, p_event jsonb, p_word ledger.decision) returns void
language plpgsql stable as $$
declare v_kind text := p_event ->> 'kind';
begin
  if p_event ->> 'by' = 'loopline' then
    if v_kind not in ('reminded', 'escalated', 'expired', 'information-overdue', 'restarted') then
      perform ledger.fail_event(p_approval, p_event, 'is for people to say');
    end if;
    return;
  end if;
  if p_word.decision_id is null or p_word.actor is distinct from p_event ->> 'by'
    or v_kind is distinct from (case p_word.kind when 'decide' then 'decided' when 'ask-information' then 'information-asked'
      when 'give-information' then 'information-given' when 'return-for-change' then 'returned-for-change'
      when 'reassign' then 'reassigned' when 'comment' then 'commented' when 'withdraw' then 'withdrawn'
      when 'resubmit' then 'restarted' end)
    or (v_kind = 'decided' and p_word.decision is distinct from p_event ->> 'decision')
    or (v_kind = 'information-asked' and p_word.body ->> 'askee' is distinct from p_event ->> 'askee')
    or (v_kind = 'reassigned' and (p_word.body ->> 'to', p_word.body -> 'seat') is distinct from (p_event ->> 'to', p_event -> 'seat'))
    or (p_event ->> 'level' is not null and coalesce(p_word.body ->> 'level', '0') <> p_event ->> 'level')
    -- What was said of another run counts for none but that one.
    or (p_event ->> 'level' is not null and coalesce(p_word.body ->> 'run', '1') <> p_approval.run::text) then
    perform ledger.fail_event(p_approval, p_event, 'was never said');
  end if;
end $$;

-- Nothing happens before what happened last, nor further ahead than clocks may differ (a day, as the API has it).
create or replace function ledger.check_time(
  p_approval ledger.approval, p_event jsonb, p_last timestamptz, p_business timestamptz
) returns void language plpgsql stable as $$
declare v_at timestamptz := ledger.instant_of_ms(p_event -> 'atMs');
begin
  if v_at is null or ledger.ms_of(v_at) < ledger.ms_of(greatest(p_last, p_approval.requested_at)) then
    perform ledger.fail_event(p_approval, p_event, 'comes before what happened last');
  end if;
  -- A deadline is judged by its own clock, which calendars may have moved since.
  if v_at > greatest(clock_timestamp() + interval '1 day', p_last, p_business)
    and p_event ->> 'kind' not in ('reminded', 'expired', 'escalated', 'information-overdue') then
    perform ledger.fail_event(p_approval, p_event, 'lies in the future');
  end if;
end $$;

-- A deadline ends nothing before it is there: neither earlier than the hours of the level let it, nor before the
-- stored wait is over by the clock here, further than clocks may differ.
create or replace function ledger.check_deadline(
  p_approval ledger.approval, p_run jsonb, p_event jsonb
) returns void language plpgsql stable as $$
declare v_next jsonb := ledger.deadline_of(p_run, p_event ->> 'level'); v_due ledger.due := ledger.approval_due(p_approval);
begin
  if v_next ->> 'what' is distinct from (case p_event ->> 'kind' when 'reminded' then 'remind' when 'escalated' then 'escalate'
      when 'expired' then 'expire' when 'information-overdue' then 'resume' end)
    or (p_event ->> 'atMs')::numeric < (v_next ->> 'atMs')::numeric
    or v_due.due_id is null or v_due.next_step = 'lookApproval' or (p_event ->> 'atMs')::numeric < ledger.ms_of(v_due.due_at)
    or v_due.due_at > clock_timestamp() + interval '1 day' then
    perform ledger.fail_event(p_approval, p_event, 'comes before its deadline');
  end if;
end $$;

-- A seat is passed on by whoever may decide the level in no other's place or by a role that the policy names, never by
-- whoever asked, and to somebody who may decide it: who has one of its roles, did not ask, and is not asked already.
create or replace function ledger.check_reassignment(
  p_approval ledger.approval, p_run jsonb, p_event jsonb, p_at timestamptz, p_business timestamptz
) returns void language plpgsql stable as $$
declare
  v_by text := p_event ->> 'by'; v_to text := p_event ->> 'to'; v_matrix jsonb; v_oversees boolean; v_roles jsonb;
  v_level jsonb := p_run #> array['levels', p_event ->> 'level'];
begin
  v_matrix := ledger.policy_at('approval-matrix', p_approval.facts ->> 'channel', p_approval.facts ->> 'region', p_business) -> 'document';
  v_oversees := not ledger.is_requester(p_approval, v_by) and exists (
    select from ledger.person p where p.person_id = v_by and p.left_at is null and v_matrix -> 'reassignRoles' ?| p.roles);
  v_roles := (v_level -> 'roles') || coalesce(v_level #> '{escalateTo,roles}', '[]');
  if not v_oversees and not ledger.may_decide_level(p_approval, p_run, v_level, v_by, p_at) then
    perform ledger.fail_event(p_approval, p_event, 'comes from nobody who is asked');
  end if;
  if not v_oversees and not exists (select from ledger.holders_of(p_approval, v_level) h where h.person_id = v_by) then
    perform ledger.fail_event(p_approval, p_event, 'passes on what was delegated');
  end if;
  if ledger.is_requester(p_approval, v_to) or ledger.hand(v_to) = ledger.hand(v_by)
    or not exists (select from ledger.person p where p.person_id = v_to and p.left_at is null
      and (v_roles ?| p.roles or (v_oversees and v_roles = '[]'))) then
    perform ledger.fail_event(p_approval, p_event, 'names somebody who may not decide it: ' || coalesce(v_to, 'nobody'));
  end if;
end $$;

-- A run begins again by the facts and the matrix of today: by its requester after it was returned, else only where
-- the facts have changed. False where either has moved since it was read.
create or replace function ledger.restart_holds(
  p_approval ledger.approval, p_run jsonb, p_event jsonb, p_restart jsonb, p_business timestamptz
) returns boolean language plpgsql stable as $$
declare
  v_today jsonb := ledger.approval_facts(p_approval.subject_kind, p_approval.subject_id, p_approval.facts);
  v_matrix jsonb := ledger.policy_at('approval-matrix', p_approval.facts ->> 'channel', p_approval.facts ->> 'region', p_business);
  v_returned boolean := p_run ->> 'state' = 'returned';
begin
  if p_event ->> 'cause' = 'resubmitted' then
    if not v_returned or not ledger.is_requester(p_approval, p_event ->> 'by') then
      perform ledger.fail_event(p_approval, p_event, 'brings back what was not returned to them');
    end if;
  elsif v_returned or p_event ->> 'by' <> 'loopline' or v_today = p_approval.facts then
    perform ledger.fail_event(p_approval, p_event, 'rests on facts that have not changed');
  end if;
  if p_event -> 'facts' is distinct from v_today or p_restart ->> 'policyVersion' is distinct from v_matrix ->> 'version' then
    return false;
  end if;
  perform ledger.check_plan(p_approval.approval_id, v_matrix -> 'document', v_today, p_event -> 'plan',
    p_approval.wanted_by is not null);
  return true;
end $$;
