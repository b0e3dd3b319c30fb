-- The ledger's own view of a run: which levels are open, what was answered, how it ended, folded from its events as
-- rules/approval/run-approval.ts folds them. It is a second opinion: nothing closes unless both agree
-- (test/ledger/approval-fold.test.ts holds them against each other).
-- A run is its plan with { state: open | returned | approved | rejected | withdrawn, closing, returnedAtMs } and, at
-- each level, { state, escalated, reminded, askee, askedAtMs, answers, fromMs, spentMs }: the clock runs since fromMs,
-- and had run for spentMs before.

-- The run that an approval is in, from the events that are stored.
create or replace function ledger.run_of(p_approval ledger.approval) returns jsonb language plpgsql stable as $$
declare v_run jsonb; v_event jsonb;
begin
  for v_event in
    select e.body || jsonb_build_object('kind', e.kind, 'by', e.actor, 'onBehalfOf', e.on_behalf_of, 'level', e.level,
      'atMs', ledger.ms_of(e.occurred_at))
    from ledger.approval_event e
    where e.approval_id = p_approval.approval_id and e.run = p_approval.run order by e.sequence
  loop
    v_run := case when v_event ->> 'kind' in ('requested', 'restarted')
      then ledger.begin_run(p_approval.plan, v_event -> 'atMs')
      -- What found nothing to act on counts for nothing, as in the rule.
      else coalesce(ledger.run_after(v_run, v_event), v_run) end;
  end loop;
  return v_run;
end $$;

create or replace function ledger.begin_run(p_plan jsonb, p_at_ms jsonb) returns jsonb language sql stable as $$
  select ledger.advance_run(p_plan || jsonb_build_object('state', 'open', 'closing', null, 'returnedAtMs', null, 'levels', (
    select coalesce(jsonb_agg(l.value || '{"state": "waiting", "escalated": false, "reminded": false, "askee": null,
      "askedAtMs": null, "answers": [], "fromMs": null, "spentMs": 0}' order by l.ordinality), '[]')
    from jsonb_array_elements(p_plan -> 'levels') with ordinality l)), null, '{"cause": "automatic"}', p_at_ms)
$$;

-- The run after another event; null where the event finds nothing to act on.
create or replace function ledger.run_after(p_run jsonb, p_event jsonb) returns jsonb language plpgsql stable as $$
declare
  v_kind text := p_event ->> 'kind'; v_at jsonb := p_event -> 'atMs'; v_no text := p_event ->> 'level';
  v_level jsonb := p_run #> array['levels', v_no];
begin
  if v_kind = 'commented' then return p_run; end if;
  if p_run ->> 'state' not in ('open', 'returned') then return null; end if;
  if v_kind = 'withdrawn' then return ledger.end_run(p_run, 'withdrawn', p_event, '{"cause": "withdrawal"}', v_at); end if;
  if v_kind = 'restarted' then return ledger.begin_run(p_event -> 'plan', v_at); end if;
  if p_run ->> 'state' = 'returned' then
    if v_kind <> 'expired' or v_no is not null then return null; end if;
    return ledger.end_run(p_run, 'rejected', null, '{"cause": "expiry"}', v_at);
  end if;
  if v_level ->> 'state' is distinct from 'open' then return null; end if;
  if v_kind in ('decided', 'expired') then
    v_level := case v_kind when 'decided' then ledger.level_decided(v_level, p_event) else ledger.level_expired(v_level) end;
    if v_level is null then return null; end if;
    p_run := jsonb_set(p_run, array['levels', v_no], v_level);
    return case when v_level ->> 'state' = 'open' then p_run
      else ledger.advance_run(p_run, case when v_kind = 'decided' then p_event end,
        jsonb_build_object('cause', case v_kind when 'decided' then 'decision' else 'expiry' end, 'level', v_no::integer), v_at) end;
  end if;
  if v_kind = 'returned-for-change' then
    return p_run || jsonb_build_object('state', 'returned', 'returnedAtMs', v_at, 'levels', (
      select jsonb_agg(l.value || '{"askee": null, "askedAtMs": null}' order by l.ordinality)
      from jsonb_array_elements(p_run -> 'levels') with ordinality l));
  end if;
  v_level := ledger.level_after(v_level, p_event);
  return case when v_level is not null then jsonb_set(p_run, array['levels', v_no], v_level) end;
end $$;

-- An open level after an event that decides nothing; null where that finds nothing to act on.
create or replace function ledger.level_after(p_level jsonb, p_event jsonb) returns jsonb language plpgsql stable as $$
declare v_at jsonb := p_event -> 'atMs'; v_asked boolean := p_level ->> 'askee' is not null;
begin
  case p_event ->> 'kind'
    when 'reminded' then return p_level || '{"reminded": true}';
    when 'information-asked' then
      if v_asked then return null; end if;
      return p_level || jsonb_build_object('askee', p_event -> 'askee', 'askedAtMs', v_at, 'fromMs', null, 'spentMs',
        (p_level ->> 'spentMs')::numeric + (v_at::text)::numeric - (p_level ->> 'fromMs')::numeric);
    when 'information-given', 'information-overdue' then
      if not v_asked then return null; end if;
      return p_level || jsonb_build_object('askee', null, 'askedAtMs', null, 'fromMs', v_at);
    when 'escalated' then
      if jsonb_typeof(p_level -> 'escalateTo') is distinct from 'object' or (p_level ->> 'escalated')::boolean then return null; end if;
      return p_level || jsonb_build_object('escalated', true, 'spentMs', 0, 'fromMs', case when not v_asked then v_at end);
    when 'reassigned' then
      return case when (p_event #>> '{seat,escalation}')::boolean
        then case when jsonb_typeof(p_level -> 'escalateTo') is distinct from 'object' then p_level
          else p_level || jsonb_build_object('escalateTo', ledger.pass_on(p_level -> 'escalateTo', p_event)) end
        else ledger.pass_on(p_level, p_event) end;
    else return null;
  end case;
end $$;

-- A seat goes to another person.
create or replace function ledger.pass_on(p_deciders jsonb, p_event jsonb) returns jsonb language sql immutable as $$
  select p_deciders || jsonb_build_object(
    'roles', case when p_event #>> '{seat,kind}' = 'role' then (p_deciders -> 'roles') - (p_event #>> '{seat,name}')
      else p_deciders -> 'roles' end,
    'people', p.others || case when p.others ? (p_event ->> 'to') then '[]' else jsonb_build_array(p_event -> 'to') end)
  from (select case when p_event #>> '{seat,kind}' = 'person' then (p_deciders -> 'people') - (p_event #>> '{seat,name}')
    else p_deciders -> 'people' end) p(others)
$$;

-- What the answers of a level amount to with this one. Whoever it was escalated to has the last word; a no is a vote
-- where a number of named people is asked, else one no is enough.
create or replace function ledger.level_decided(p_level jsonb, p_event jsonb) returns jsonb language plpgsql stable as $$
declare
  v_answers jsonb := (p_level -> 'answers') || jsonb_build_object('by', p_event -> 'by',
    'onBehalfOf', p_event -> 'onBehalfOf', 'decision', p_event -> 'decision', 'seat', p_event -> 'seat');
  v_all integer := jsonb_array_length(p_level -> 'roles') + jsonb_array_length(p_level -> 'people');
  v_enough integer := ledger.quorum_count(p_level -> 'quorum', v_all);
  v_vote boolean := jsonb_typeof(p_level -> 'quorum') = 'object' and p_level -> 'roles' = '[]';
  v_yes integer; v_no integer; v_last text;
begin
  select count(*) filter (where a.value ->> 'decision' = 'approve'), count(*) filter (where a.value ->> 'decision' <> 'approve'),
    (array_agg(a.value ->> 'decision' order by a.ordinality) filter (where (a.value #>> '{seat,escalation}')::boolean))[1]
  into v_yes, v_no, v_last from jsonb_array_elements(v_answers) with ordinality a;
  return p_level || jsonb_build_object('answers', v_answers, 'state', case
    when v_last is not null then case v_last when 'approve' then 'approved' else 'rejected' end
    when v_no > case when v_vote then v_all - v_enough else 0 end then 'rejected'
    when v_yes >= v_enough then 'approved' else 'open' end);
end $$;

-- What the policy says about a level whose last deadline has passed; null where it is to be escalated first.
create or replace function ledger.level_expired(p_level jsonb) returns jsonb language sql immutable as $$
  select case e.effect when 'approve' then p_level || '{"state": "approved"}'
    when 'reject' then p_level || '{"state": "rejected"}' end
  from (select case when (p_level ->> 'escalated')::boolean then p_level #>> '{escalateTo,onExpiry}'
    else p_level ->> 'onExpiry' end) e(effect)
$$;

create or replace function ledger.quorum_count(p_quorum jsonb, p_all integer) returns integer language sql immutable as $$
  select case p_quorum when '"all"' then p_all when '"any"' then least(1, p_all) else (p_quorum ->> 'count')::integer end
$$;

-- Opens what comes next, or ends the run when its levels have decided it. p_event is the word that decided last.
create or replace function ledger.advance_run(p_run jsonb, p_event jsonb, p_closing jsonb, p_at_ms jsonb) returns jsonb
language plpgsql stable as $$
declare
  v_all integer := jsonb_array_length(p_run -> 'levels');
  v_enough integer := ledger.quorum_count(p_run -> 'needed', v_all);
  v_yes integer; v_no integer; v_next bigint;
begin
  select count(*) filter (where l.value ->> 'state' = 'approved'), count(*) filter (where l.value ->> 'state' = 'rejected'),
    min(l.ordinality) filter (where l.value ->> 'state' = 'waiting')
  into v_yes, v_no, v_next from jsonb_array_elements(p_run -> 'levels') with ordinality l;
  if v_no > v_all - v_enough then return ledger.end_run(p_run, 'rejected', p_event, p_closing, p_at_ms); end if;
  if v_yes >= v_enough then return ledger.end_run(p_run, 'approved', p_event, p_closing, p_at_ms); end if;
  return p_run || jsonb_build_object('levels', (
    select jsonb_agg(case when l.value ->> 'state' = 'waiting' and (p_run ->> 'order' = 'parallel' or l.ordinality = v_next)
      then l.value || jsonb_build_object('state', 'open', 'fromMs', p_at_ms) else l.value end order by l.ordinality)
    from jsonb_array_elements(p_run -> 'levels') with ordinality l));
end $$;

create or replace function ledger.end_run(p_run jsonb, p_state text, p_event jsonb, p_closing jsonb, p_at_ms jsonb) returns jsonb
language sql immutable as $$
  select p_run || jsonb_build_object('state', p_state, 'closing', p_closing
    || jsonb_build_object('by', p_event -> 'by', 'onBehalfOf', p_event -> 'onBehalfOf', 'atMs', p_at_ms))
$$;

-- What happens next at a level (null: to what was returned) if nobody does anything, and before when it cannot:
-- hours of business pass no faster than hours do. { what, atMs }
create or replace function ledger.deadline_of(p_run jsonb, p_level text) returns jsonb language sql stable as $$
  select case
    when p_run ->> 'state' = 'returned' then jsonb_build_object('what', 'expire',
      'atMs', ledger.hours_after(p_run -> 'returnedAtMs', p_run -> 'changeHours', 0))
    when l ->> 'askee' is not null then jsonb_build_object('what', 'resume',
      'atMs', ledger.hours_after(l -> 'askedAtMs', p_run -> 'informationHours', 0))
    when (l ->> 'escalated')::boolean then jsonb_build_object('what', 'expire',
      'atMs', ledger.hours_after(l -> 'fromMs', l #> '{escalateTo,deadlineHours}', (l ->> 'spentMs')::numeric))
    when not (l ->> 'reminded')::boolean then jsonb_build_object('what', 'remind',
      'atMs', ledger.hours_after(l -> 'fromMs', l -> 'remindAfterHours', (l ->> 'spentMs')::numeric))
    else jsonb_build_object('what', case l ->> 'onExpiry' when 'escalate' then 'escalate' else 'expire' end,
      'atMs', ledger.hours_after(l -> 'fromMs', l -> 'deadlineHours', (l ->> 'spentMs')::numeric)) end
  from (select p_run #> array['levels', p_level]) x(l)
  where (p_run ->> 'state' = 'returned') = (p_level is null)
    and (p_run ->> 'state' = 'returned' or (p_run ->> 'state' = 'open' and l ->> 'state' = 'open'))
$$;

-- Milliseconds since 1970, to the second: instants are kept finer than they are told.
create or replace function ledger.hours_after(p_from_ms jsonb, p_hours jsonb, p_spent_ms numeric) returns numeric
language sql immutable as $$
  select (p_from_ms::text)::numeric + greatest((p_hours::text)::numeric * 3600000 - p_spent_ms, 0) - 1000
$$;

-- What lists and waits keep of a run beside its events.
create or replace function ledger.projection_of_run(p_run jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('state', case p_run ->> 'state' when 'returned' then 'open' else p_run ->> 'state' end,
    'closing', p_run -> 'closing',
    'phase', case when p_run ->> 'state' = 'returned' then 'returned'
      when bool_or(l.value ->> 'askee' is not null) then 'information-asked' else 'deciding' end,
    'openLevels', coalesce(jsonb_agg(l.ordinality - 1 order by l.ordinality) filter (where l.value ->> 'state' is not null), '[]'),
    'escalated', coalesce(bool_or((l.value ->> 'escalated')::boolean), false))
  from (select) one
  left join jsonb_array_elements(p_run -> 'levels') with ordinality l
    on p_run ->> 'state' = 'open' and l.value ->> 'state' = 'open'
$$;
