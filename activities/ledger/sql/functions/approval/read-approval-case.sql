-- Everything that the rules need to judge what somebody says about an approval, or what is due by itself.
-- request { approvalId, decisionId?, actor?, people?: further ids that matter, at?: whose clock delegations are
--   judged by, dueId?: a deadline that has been reached, judged by its own time, rows?: whether the matrix is wanted
--   with its rows }
-- Answers { approval, sequence, events, matrix: { version, document }, people, delegations, acts, word, outcome,
--   dueId, dueAtMs, dueStep, nextAbsenceMs, factsToday, standing }. `word` is the stored one of decisionId and `outcome` its answer; LL404 when
-- there is no such approval, or when decisionId names a word about another.
create or replace function loopline.read_approval_case(request jsonb) returns jsonb language plpgsql stable as $$
declare
  v_id text := request ->> 'approvalId'; v_approval ledger.approval; v_word ledger.decision; v_business timestamptz;
  v_matrix jsonb; v_people text[]; v_at timestamptz; v_due ledger.due;
begin
  select * into v_approval from ledger.approval where approval_id = v_id;
  if not found then perform ledger.fail_not_found('Approval', v_id); end if;
  select * into v_word from ledger.decision where decision_id = request ->> 'decisionId';
  select * into v_due from ledger.approval_due(v_approval);
  v_business := ledger.business_time(v_approval.subject_id);
  if v_due.due_id = request ->> 'dueId' then v_business := greatest(v_business, v_due.due_at); end if;
  v_at := coalesce(v_word.heard_at, (request ->> 'at')::timestamptz, v_business);
  v_matrix := ledger.policy_at('approval-matrix', v_approval.facts ->> 'channel', v_approval.facts ->> 'region', v_business);
  if request ->> 'rows' is distinct from 'true' then v_matrix := v_matrix #- '{document,rows}'; end if;
  v_people := ledger.people_of(v_approval, array_remove(array[v_word.actor, v_word.body ->> 'to',
    v_word.body ->> 'askee', request ->> 'actor'] || coalesce(ledger.text_array(request -> 'people'), '{}'), null));
  return jsonb_build_object(
    'approval', jsonb_build_object('id', v_id, 'subjectKind', v_approval.subject_kind,
      'subjectId', v_approval.subject_id, 'processId', v_approval.process_id, 'state', v_approval.state,
      'wantedBy', v_approval.wanted_by, 'requestedAtMs', ledger.ms_of(v_approval.requested_at),
      'businessMs', ledger.ms_of(v_business)),
    'sequence', v_approval.sequence,
    'events', ledger.approval_events_json(v_id),
    'matrix', v_matrix,
    'people', ledger.deciders_json(v_people, v_at),
    'delegations', ledger.delegations_among(v_people),
    'acts', (select coalesce(jsonb_agg(jsonb_build_object('duty', a.duty, 'by', ledger.hand(a.actor),
        'onBehalfOf', ledger.hand(a.on_behalf_of), 'subjectId', a.subject_id) order by a.act_id), '[]')
      from ledger.act a
      where a.thing = any (ledger.things_of(v_approval.subject_kind, v_approval.subject_id))),
    'word', case when v_word.approval_id = v_id then ledger.word_json(v_word) end,
    'outcome', case when v_word.approval_id = v_id then ledger.decision_result(v_id, v_word.decision_id) end,
    'dueId', v_due.due_id, 'dueAtMs', ledger.ms_of(v_due.due_at), 'dueStep', v_due.next_step,
    'nextAbsenceMs', (select ledger.ms_of(min(d.valid_from)) from ledger.delegations_now() d
      where d.from_person = any (v_people) and d.absent and d.valid_from > v_business
        and ledger.delegation_lasts(d, d.valid_from)),
    'factsToday', ledger.approval_facts(v_approval.subject_kind, v_approval.subject_id, v_approval.facts),
    'standing', ledger.approval_standing(v_id, false));
end $$;

-- A history as the rules fold it, oldest first.
create or replace function ledger.approval_events_json(p_approval text) returns jsonb language sql stable as $$
  select jsonb_agg(e.body || jsonb_build_object('kind', e.kind, 'by', e.actor, 'atMs', ledger.ms_of(e.occurred_at),
      'level', e.level) || case when e.kind = 'decided' then jsonb_build_object('onBehalfOf', e.on_behalf_of) else '{}' end
    order by e.sequence)
  from ledger.approval_event e where e.approval_id = p_approval
$$;

create or replace function ledger.word_json(p_word ledger.decision) returns jsonb language sql stable as $$
  select '{"run": 1, "level": 0}'::jsonb || p_word.body || jsonb_build_object('kind', p_word.kind, 'decision', p_word.decision, 'by', p_word.actor,
    'note', p_word.note, 'occurredAtMs', ledger.ms_of(p_word.occurred_at), 'heardAtMs', ledger.ms_of(p_word.heard_at))
$$;

-- Who may matter: whoever has a role or a name that the plan asks, those named here, and everybody from whom or
-- to whom one of them delegates.
create or replace function ledger.people_of(p_approval ledger.approval, p_named text[]) returns text[]
language sql stable as $$
  with level as (select value from jsonb_array_elements(p_approval.plan -> 'levels')),
  asked (name) as (
    select jsonb_array_elements_text(value -> 'people') from level
    union select jsonb_array_elements_text(coalesce(nullif(value -> 'escalateTo', 'null') -> 'people', '[]')) from level
    union select unnest(p_approval.asked_people) union select unnest(p_named)
  ), asked_role (name) as (
    select jsonb_array_elements_text(value -> 'roles') from level
    union select jsonb_array_elements_text(coalesce(nullif(value -> 'escalateTo', 'null') -> 'roles', '[]')) from level
  ), known (id) as (
    select name from asked
    union select p.person_id from ledger.person p
      where p.left_at is null and p.roles && array(select name from asked_role)
  )
  select array(
    select id from known
    union select d.from_person from ledger.delegation d where d.to_person in (select id from known)
    union select d.to_person from ledger.delegation d
      where d.from_person in (select id from known) and d.to_person is not null)
$$;

-- People as the rule sees them. Keys and programs are nobody here: only people decide.
create or replace function ledger.deciders_json(p_people text[], p_at timestamptz) returns jsonb
language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', p.person_id, 'roles', to_jsonb(p.roles),
      'amountLimitMinor', p.amount_limit_minor::text,
      'absent', exists (select from ledger.delegations_now() d where d.from_person = p.person_id and d.absent
        and ledger.delegation_lasts(d, p_at))) order by p.person_id), '[]')
  from ledger.person p where p.person_id = any (p_people) and p.left_at is null
$$;

-- How an approval stands for the process that waits for it.
create or replace function ledger.approval_standing(p_approval text, p_applied boolean) returns jsonb
language sql stable as $$
  select jsonb_build_object('applied', p_applied, 'state', a.state, 'run', a.run, 'phase', a.phase,
    'openLevels', to_jsonb(a.open_levels),
    'requesters', to_jsonb(array_remove(array[a.requested_by, a.requested_for], null)),
    'decided', (select coalesce(jsonb_agg(n.name order by n.name), '[]') from (
      select e.actor from ledger.approval_event e
      where e.approval_id = a.approval_id and e.run = a.run and e.kind = 'decided'
      union select e.on_behalf_of from ledger.approval_event e
      where e.approval_id = a.approval_id and e.run = a.run and e.kind = 'decided' and e.on_behalf_of is not null) n(name)),
    'separated', (select coalesce(jsonb_agg(jsonb_build_object('by', s.hand, 'text', s.why) order by s.hand), '[]')
      from ledger.separated_from(a) s where a.state = 'open'),
    'closing', ledger.closing_json(a),
    'dueId', d.due_id, 'nextStep', d.next_step,
    'waitSeconds', case when d.state = 'reached' then 0
      else ceil(greatest(0, extract(epoch from d.due_at - ledger.business_time(a.subject_id))))::bigint end)
  from ledger.approval a left join lateral ledger.approval_due(a) d on a.state = 'open' and d.due_id is not null
  where a.approval_id = p_approval
$$;

create or replace function ledger.approval_due(p_approval ledger.approval) returns ledger.due
language sql stable as $$
  select d from ledger.due d
  where d.subject_id = p_approval.subject_id and d.state in ('open', 'reached') and ledger.is_wait_of(d, p_approval)
  order by d.due_at limit 1
$$;

-- Who closed it and when; null while it is open. `by` is null where a deadline did.
create or replace function ledger.closing_json(p_approval ledger.approval) returns jsonb language sql immutable as $$
  select case when p_approval.state <> 'open' then jsonb_build_object('by', p_approval.decided_by,
    'onBehalfOf', p_approval.decided_for, 'at', ledger.instant_text(p_approval.decided_at),
    'cause', p_approval.closed_by) end
$$;
