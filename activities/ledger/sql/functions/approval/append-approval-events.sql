-- Adds events to an approval's history and carries out what closes it, in one piece. The rules have judged them
-- by the history up to expectedSequence and the facts of the subject that they have seen: where either has
-- changed since, nothing is stored, and they judge again. Without events the deadline is moved to where the
-- projection has it, as a calendar or an absence may have moved it. How the approval stands after them the ledger
-- folds itself, and refuses (LL500) what cannot be: ledger.judge_events.
-- request { approvalId, expectedSequence, seenFacts?, events, projection, dueId?: the deadline that was reached,
--   movedAtMs?, restart?: { applied, passedOver, text, rule, policyVersion }, decisionId?, answer? }; answer is what
--   the person is told, stored with the word.
-- Answers { outcome: stored | conflict | known, applied, state, answer, closing, standing }; `known` when the
-- word has been answered before. Idempotent by decisionId, else by expectedSequence.
create or replace function loopline.append_approval_events(request jsonb) returns jsonb language plpgsql as $$
declare
  v_approval ledger.approval; v_decision text := request ->> 'decisionId'; v_event jsonb; v_result jsonb;
  v_run integer; v_sequence integer; v_projection jsonb;
begin
  select * into v_approval from ledger.approval where approval_id = request ->> 'approvalId';
  if not found then perform ledger.fail_not_found('Approval', request ->> 'approvalId'); end if;
  -- The subject, then the approval: whatever touches both does so in this order.
  perform ledger.lock_subject(v_approval.subject_kind, v_approval.subject_id);
  select * into v_approval from ledger.approval where approval_id = v_approval.approval_id for no key update;
  if v_decision is not null then
    v_result := ledger.decision_result(v_approval.approval_id, v_decision);
    if v_result is not null then return v_result || '{"outcome": "known"}'; end if;
  end if;
  if v_approval.sequence <> (request ->> 'expectedSequence')::integer
    or ledger.other_facts(v_approval, request -> 'seenFacts') then
    return jsonb_build_object('outcome', 'conflict');
  end if;

  v_run := v_approval.run;
  v_sequence := v_approval.sequence;
  if jsonb_array_length(coalesce(request -> 'events', '[]')) > 0 or request ? 'movedAtMs' then
    v_projection := ledger.judge_events(v_approval, request);
    if v_projection is null then return jsonb_build_object('outcome', 'conflict'); end if;
    v_projection := (request -> 'projection') || ledger.projection_of_run(v_projection)
      || jsonb_build_object('run', v_run);
  end if;
  for v_event in select value from jsonb_array_elements(coalesce(request -> 'events', '[]')) loop
    v_sequence := v_sequence + 1;
    if v_event ->> 'kind' = 'restarted' then
      v_run := v_run + 1;
      perform ledger.restart_approval(v_approval.approval_id, v_run, v_event, request -> 'restart');
    end if;
    perform ledger.store_approval_event(v_approval.approval_id, v_sequence, v_run, v_event, v_decision);
    perform ledger.note_approval_event(v_approval, v_event, v_decision);
  end loop;
  if v_sequence > v_approval.sequence then
    perform ledger.tell(ledger.events_told(v_approval, request -> 'events'));
    perform ledger.project_approval(v_approval.approval_id, v_projection || jsonb_build_object('run', v_run), v_sequence);
    if v_approval.state = 'open' and v_projection ->> 'state' <> 'open' then
      perform ledger.close_approval(v_approval.approval_id, v_projection, v_decision);
    end if;
  elsif v_approval.state = 'open' and request ? 'movedAtMs' then
    perform ledger.move_deadline(v_approval, request || jsonb_build_object('projection', v_projection));
  end if;
  return ledger.appended(v_approval, v_decision, request -> 'answer', v_sequence > v_approval.sequence);
end $$;

-- What the audit says of these events: each with who said it and for whom, and how the approval stood before.
create or replace function ledger.events_told(p_approval ledger.approval, p_events jsonb) returns jsonb
language sql immutable as $$
  select jsonb_build_object(
    'before', jsonb_build_object('state', p_approval.state, 'phase', p_approval.phase, 'run', p_approval.run),
    'after', jsonb_build_object('approvalId', p_approval.approval_id, 'events', (
      select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('kind', e.value -> 'kind', 'by', e.value -> 'by',
        'onBehalfOf', e.value -> 'onBehalfOf', 'level', e.value -> 'level', 'decision', e.value -> 'decision',
        'cause', e.value -> 'cause')) order by e.position)
      from jsonb_array_elements(p_events) with ordinality e(value, position))))
$$;

-- The answer of what was appended; kept for ever where it answers a person's word.
create or replace function ledger.appended(
  p_approval ledger.approval, p_decision text, p_answer jsonb, p_changed boolean
) returns jsonb language plpgsql as $$
declare v_result jsonb; v_id text := p_approval.approval_id;
begin
  select jsonb_build_object('applied', p_changed, 'state', a.state, 'answer', p_answer,
    'closing', ledger.closing_json(a)) into v_result
  from ledger.approval a where a.approval_id = v_id;
  if p_decision is not null then
    perform ledger.store_step(v_id || ':decide:' || p_decision, p_approval.subject_id,
      jsonb_build_object('approvalId', v_id, 'decisionId', p_decision), v_result);
  end if;
  return v_result || jsonb_build_object('outcome', 'stored', 'standing', ledger.approval_standing(v_id, p_changed));
end $$;

-- What a stored word was answered, null while it was not.
create or replace function ledger.decision_result(p_approval text, p_decision text) returns jsonb
language sql stable as $$
  select ledger.stored_step(p_approval || ':decide:' || p_decision,
    jsonb_build_object('approvalId', p_approval, 'decisionId', p_decision))
$$;

create or replace function ledger.store_approval_event(
  p_approval text, p_sequence integer, p_run integer, p_event jsonb, p_decision text
) returns void language sql as $$
  insert into ledger.approval_event (approval_id, sequence, kind, run, level, body, actor, on_behalf_of, note,
    decision_id, occurred_at)
  select p_approval, p_sequence, p_event ->> 'kind', p_run, (p_event ->> 'level')::integer,
    p_event - array['kind', 'by', 'atMs', 'level', 'onBehalfOf', 'note'], p_event ->> 'by', p_event ->> 'onBehalfOf',
    -- What follows from the word by itself is not said by the person.
    case when p_event ->> 'by' <> 'loopline' then p_event ->> 'note' end,
    case when p_event ->> 'by' <> 'loopline' then p_decision end, ledger.instant_of_ms(p_event -> 'atMs')
$$;

-- The row's columns that follow from its events.
create or replace function ledger.project_approval(p_approval text, p_projection jsonb, p_sequence integer)
returns void language plpgsql as $$
declare v_approval ledger.approval; v_deadline jsonb := nullif(p_projection -> 'deadline', 'null');
begin
  update ledger.approval set sequence = p_sequence, run = (p_projection ->> 'run')::integer,
    phase = p_projection ->> 'phase', asked_roles = ledger.text_array(p_projection -> 'askedRoles'),
    asked_people = ledger.text_array(p_projection -> 'askedPeople'),
    open_levels = ledger.text_array(p_projection -> 'openLevels')::integer[],
    escalated = (p_projection ->> 'escalated')::boolean,
    role = coalesce(p_projection #>> '{askedRoles,0}', role),
    due_at = coalesce(ledger.instant_of_ms(p_projection -> 'dueAtMs'), due_at)
  where approval_id = p_approval returning * into v_approval;
  if v_deadline is not null then
    perform ledger.set_approval_due(v_approval, ledger.instant_of_ms(v_deadline -> 'atMs'),
      (v_deadline ->> 'what') || 'Approval');
  end if;
end $$;

-- A deadline that stays keeps its wait, so that whoever waits for it is not told of another one. Each approval has
-- one of its own, however many wait on the subject.
create or replace function ledger.set_approval_due(p_approval ledger.approval, p_at timestamptz, p_step text)
returns void language plpgsql as $$
declare
  v_base text := ledger.approval_wait(p_approval) || '.' || p_approval.sequence;
  v_id text := v_base; v_moves integer := 0; v_due ledger.due;
begin
  select * into v_due from ledger.approval_due(p_approval);
  if (v_due.due_at, v_due.next_step) = (p_at, p_step) then return; end if;
  perform ledger.meet_approval_due(p_approval);
  while exists (select from ledger.due where due_id = v_id) loop
    v_moves := v_moves + 1;
    v_id := v_base || '-' || v_moves;
  end loop;
  insert into ledger.due (due_id, subject_id, process_id, kind, next_step, due_at, state)
  values (v_id, p_approval.subject_id, p_approval.process_id, 'approval', p_step, p_at, 'open');
end $$;

create or replace function ledger.meet_approval_due(p_approval ledger.approval) returns void language sql as $$
  update ledger.due d set state = 'met'
  where d.subject_id = p_approval.subject_id and d.state in ('open', 'reached') and ledger.is_wait_of(d, p_approval)
$$;

-- What the waits of an approval are named by: its subject and its round.
create or replace function ledger.approval_wait(p_approval ledger.approval) returns text language sql immutable as $$
  select p_approval.subject_id || ':approval:' || split_part(p_approval.approval_id, ':', -1)
$$;

create or replace function ledger.is_wait_of(p_due ledger.due, p_approval ledger.approval) returns boolean
language sql immutable as $$
  select p_due.kind = 'approval' and (p_due.due_id = ledger.approval_wait(p_approval)
    or starts_with(p_due.due_id, ledger.approval_wait(p_approval) || '.'))
$$;

-- The deadline is another one although nobody has said a word: noted, so that the clock goes on from here.
create or replace function ledger.move_deadline(p_approval ledger.approval, request jsonb) returns void
language plpgsql as $$
declare v_before ledger.due; v_after ledger.due;
begin
  select * into v_before from ledger.approval_due(p_approval);
  perform ledger.project_approval(p_approval.approval_id, request -> 'projection', p_approval.sequence);
  select * into v_after from ledger.approval_due(p_approval);
  if v_after.due_id is distinct from v_before.due_id then
    perform ledger.note(p_approval.subject_id, 'approval-deadline-moved', 'loopline',
      greatest(ledger.business_time(p_approval.subject_id), ledger.instant_of_ms(request -> 'movedAtMs')),
      p_approval.approval_id, null, jsonb_build_object('approvalId', p_approval.approval_id,
        'from', ledger.instant_text(v_before.due_at), 'to', ledger.instant_text(v_after.due_at),
        'nextStep', v_after.next_step));
  end if;
end $$;

-- Whether the subject of an open approval is another one than the rules have seen; null: they have not looked.
create or replace function ledger.other_facts(p_approval ledger.approval, p_seen jsonb) returns boolean
language plpgsql as $$
begin
  if p_approval.state <> 'open' or p_seen is null then return false; end if;
  return ledger.approval_facts(p_approval.subject_kind, p_approval.subject_id, p_approval.facts) <> p_seen;
end $$;

-- Another run is about the subject as it is now, wherever it lies now.
create or replace function ledger.restart_approval(p_approval text, p_run integer, p_event jsonb, p_restart jsonb)
returns void language plpgsql as $$
declare v_reach record;
begin
  select r.* into v_reach from ledger.approval a
  cross join lateral ledger.places_to_store(ledger.subject_places(a.subject_id)) r where a.approval_id = p_approval;
  update ledger.approval set run = p_run, plan = p_event -> 'plan', facts = p_event -> 'facts',
    base_minor = (p_event #>> '{facts,amountMinor}')::bigint,
    amount_minor = coalesce(p_event #>> '{facts,stated,amountMinor}', p_event #>> '{facts,amountMinor}')::bigint,
    applied = p_restart -> 'applied', passed_over = coalesce(p_restart -> 'passedOver', '[]'),
    reasons = p_restart ->> 'text', rule = p_restart ->> 'rule', policy_version = p_restart ->> 'policyVersion',
    reach_nodes = v_reach.nodes, reach_channels = v_reach.channels, reach_regions = v_reach.regions
  where approval_id = p_approval;
end $$;

-- On the subject's timeline, with the reason; an escalation is also for the exception board.
create or replace function ledger.note_approval_event(p_approval ledger.approval, p_event jsonb, p_decision text)
returns void language plpgsql as $$
declare
  v_at timestamptz := ledger.instant_of_ms(p_event -> 'atMs');
  v_kind text := p_event ->> 'kind';
begin
  -- Closing is noted by itself, under the state that it leads to.
  if v_kind <> 'withdrawn' then
    perform ledger.note(p_approval.subject_id, 'approval-' || v_kind, p_event ->> 'by', v_at,
      coalesce(p_decision, p_approval.approval_id), coalesce(p_event ->> 'note', p_event ->> 'cause'),
      jsonb_strip_nulls(jsonb_build_object('approvalId', p_approval.approval_id, 'level', p_event -> 'level',
        'onBehalfOf', p_event -> 'onBehalfOf', 'decision', p_event -> 'decision', 'askee', p_event -> 'askee',
        'to', p_event -> 'to', 'reasons', p_event -> 'reasons', 'row', p_event #> '{plan,row}')));
  end if;
  if v_kind = 'escalated' then
    perform ledger.raise_exception('approval-overdue', p_approval.subject_id, p_approval.process_id,
      p_approval.approval_id, jsonb_build_object('approvalId', p_approval.approval_id, 'role', p_approval.role,
        'level', p_event -> 'level', 'cause', p_event -> 'cause', 'amountMinor', p_approval.amount_minor::text,
        'currency', p_approval.currency), v_at);
  end if;
end $$;

-- Closes an approval whose closing event has just been stored: what it leads to is done in the same call.
create or replace function ledger.close_approval(p_approval text, p_projection jsonb, p_decision text) returns void
language plpgsql as $$
declare
  v_approval ledger.approval; v_closing jsonb := p_projection -> 'closing'; v_cause text := v_closing ->> 'cause';
  v_at timestamptz; v_note text;
begin
  select * into v_approval from ledger.approval where approval_id = p_approval;
  -- Nothing closes without an event that can.
  if not exists (select from ledger.approval_event e where e.approval_id = p_approval and e.sequence <= v_approval.sequence
      and e.run = v_approval.run and e.kind = case v_cause when 'decision' then 'decided' when 'expiry' then 'expired'
        when 'withdrawal' then 'withdrawn' else 'restarted' end) then
    raise exception '% is closed by a % that is not in its history', p_approval, v_cause using errcode = 'LL500';
  end if;
  v_at := greatest(v_approval.requested_at, ledger.business_time(v_approval.subject_id),
    ledger.instant_of_ms(v_closing -> 'atMs'));
  select d.note into v_note from ledger.decision d where d.decision_id = p_decision;
  update ledger.approval set state = p_projection ->> 'state', closed_by = v_cause,
    decided_by = v_closing ->> 'by', decided_for = v_closing ->> 'onBehalfOf', decided_at = v_at, note = v_note
  where approval_id = p_approval returning * into v_approval;
  perform ledger.meet_approval_due(v_approval);
  perform ledger.heal_exception('approval-overdue', v_approval.subject_id, p_approval, v_at);
  perform ledger.note(v_approval.subject_id, 'approval-' || v_approval.state, coalesce(v_approval.decided_by, 'loopline'),
    v_at, coalesce(p_decision, p_approval), v_approval.rule, jsonb_build_object('approvalId', p_approval,
      'note', v_note, 'onBehalfOf', v_approval.decided_for, 'by', v_cause));
  perform ledger.carry_out(v_approval.subject_kind, v_approval.subject_id, v_approval.state = 'approved',
    coalesce(v_approval.decided_by, 'loopline'), v_at);
  if v_approval.process_id = p_approval then perform ledger.end_process(p_approval); end if;
end $$;

-- Nothing is left to decide, because the subject has ended by itself. The caller holds the subject.
create or replace function ledger.withdraw_approvals(p_subject text, p_actor text, p_at timestamptz) returns void
language plpgsql as $$
declare v_approval ledger.approval;
begin
  for v_approval in
    select * from ledger.approval where subject_id = p_subject and state = 'open' order by approval_id for no key update
  loop
    perform ledger.store_approval_event(v_approval.approval_id, v_approval.sequence + 1, v_approval.run,
      jsonb_build_object('kind', 'withdrawn', 'by', p_actor, 'atMs', ledger.ms_of(p_at)), null);
    update ledger.approval set state = 'withdrawn', closed_by = 'withdrawal', decided_by = p_actor, decided_at = p_at,
      sequence = v_approval.sequence + 1, phase = 'deciding', asked_roles = '{}', asked_people = '{}', open_levels = '{}'
    where approval_id = v_approval.approval_id;
    perform ledger.meet_approval_due(v_approval);
    perform ledger.heal_exception('approval-overdue', p_subject, v_approval.approval_id, p_at);
    perform ledger.note(p_subject, 'approval-withdrawn', p_actor, p_at, v_approval.approval_id, v_approval.rule,
      jsonb_build_object('approvalId', v_approval.approval_id));
    if v_approval.process_id = v_approval.approval_id then
      perform ledger.signal(v_approval.process_id, v_approval.approval_id || ':withdrawn');
      perform ledger.end_process(v_approval.process_id);
    end if;
  end loop;
end $$;
