-- Who may decide, as far as the ledger can tell from what is stored: people who hold a seat of the level, or to
-- whom one of them has delegated, and never whoever asked (rules/approval/may-decide.ts).

-- Whether it was they who asked, with whatever hand.
create or replace function ledger.is_requester(p_approval ledger.approval, p_actor text) returns boolean
language sql stable as $$
  select coalesce(ledger.hand(p_actor) in (ledger.hand(p_approval.requested_by),
    coalesce(ledger.hand(p_approval.requested_for), ledger.hand(p_approval.requested_by))), false)
$$;

-- Whether one of these hands has decided in this run, or had it decided for them.
create or replace function ledger.has_had_say(p_run jsonb, p_hands text[]) returns boolean language sql stable as $$
  select exists (
    select from jsonb_array_elements(p_run -> 'levels') l cross join jsonb_array_elements(l.value -> 'answers') a
    where ledger.hand(a.value ->> 'by') = any (p_hands) or ledger.hand(a.value ->> 'onBehalfOf') = any (p_hands))
$$;

-- Who did something to the same thing that the policy separates from deciding this, and why that bars them.
create or replace function ledger.separated_from(p_approval ledger.approval) returns table (hand text, why text)
language sql stable as $$
  select distinct on (h.hand) h.hand,
    format('%s: %s had a hand in the %s of %s', d.value ->> 'because', h.hand, a.duty, a.subject_id)
  from jsonb_array_elements(ledger.policy_at('approval-matrix', p_approval.facts ->> 'channel', p_approval.facts ->> 'region',
    ledger.business_time(p_approval.subject_id)) #> '{document,separatedDuties}') d
  join ledger.act a on a.thing = any (ledger.things_of(p_approval.subject_kind, p_approval.subject_id))
    and a.duty <> p_approval.matrix_subject and d.value -> 'duties' ?& array[a.duty, p_approval.matrix_subject]
  cross join lateral unnest(array[ledger.hand(a.actor), ledger.hand(a.on_behalf_of)]) h(hand)
  where h.hand is not null
  order by h.hand, a.act_id
$$;

-- The seats of a level of a run; those of its escalation while it is escalated.
create or replace function ledger.seats_of(p_level jsonb) returns table (kind text, name text, escalation boolean)
language sql immutable as $$
  select s.kind, n.name, s.escalation
  from (values (p_level, false), (case when (p_level ->> 'escalated')::boolean then nullif(p_level -> 'escalateTo', 'null') end, true))
    d(deciders, escalation)
  cross join lateral (values ('person', d.deciders -> 'people', d.escalation), ('role', d.deciders -> 'roles', d.escalation))
    s(kind, names, escalation)
  cross join lateral jsonb_array_elements_text(s.names) n(name)
$$;

-- The people who can take a seat: who bear its name or its role, up to the amount of their authority.
create or replace function ledger.holders_of(p_approval ledger.approval, p_level jsonb)
returns table (person_id text, kind text, name text, escalation boolean) language sql stable as $$
  select p.person_id, s.kind, s.name, s.escalation
  from ledger.seats_of(p_level) s
  join ledger.person p on case s.kind when 'person' then p.person_id = s.name else s.name = any (p.roles) end
  where p.left_at is null and (p.amount_limit_minor is null or p_approval.base_minor <= p.amount_limit_minor)
$$;

-- The delegations that stand at an instant and cover an approval.
create or replace function ledger.delegations_for(p_approval ledger.approval, p_at timestamptz) returns setof ledger.delegation
language sql stable as $$
  select d.* from ledger.delegations_now() d
  where ledger.delegation_holds(d, p_approval.matrix_subject, p_approval.base_minor, p_at)
$$;

-- Whether somebody may decide a level now: by a seat of their own, or in the place of somebody who has one.
create or replace function ledger.may_decide_level(
  p_approval ledger.approval, p_run jsonb, p_level jsonb, p_person text, p_at timestamptz
) returns boolean language sql stable as $$
  with barred (hand) as (select s.hand from ledger.separated_from(p_approval) s),
  voice (person_id) as (
    select p_person
    union select d.from_person from ledger.delegations_for(p_approval, p_at) d where d.to_person = p_person
  )
  select exists (select from ledger.person p where p.person_id = p_person and p.left_at is null)
    and not ledger.is_requester(p_approval, p_person) and not ledger.has_had_say(p_run, array[ledger.hand(p_person)])
    and not exists (select from barred b where b.hand = ledger.hand(p_person))
    and exists (
      select from voice v join ledger.holders_of(p_approval, p_level) h using (person_id)
      where not ledger.is_requester(p_approval, v.person_id) and not ledger.has_had_say(p_run, array[v.person_id])
        and not exists (select from barred b where b.hand = v.person_id))
$$;

-- Whether enough are there to decide a level by themselves. It is escalated for absence only where they are not.
create or replace function ledger.is_attended(
  p_approval ledger.approval, p_run jsonb, p_level jsonb, p_at timestamptz
) returns boolean language sql stable as $$
  with seat as (
    select s.kind, s.name from ledger.seats_of(p_level) s
    where not s.escalation and (p_level ->> 'quorum' <> 'all' or not exists (
      select from jsonb_array_elements(p_level -> 'answers') a
      where (a.value #>> '{seat,kind}', a.value #>> '{seat,name}', a.value #>> '{seat,escalation}') = (s.kind, s.name, 'false')))
  ), present as (
    select h.person_id, h.kind, h.name
    from ledger.holders_of(p_approval, p_level) h join seat s on not h.escalation and (s.kind, s.name) = (h.kind, h.name)
    where not ledger.is_requester(p_approval, h.person_id) and not ledger.has_had_say(p_run, array[h.person_id])
      and not exists (select from ledger.separated_from(p_approval) b where b.hand = h.person_id)
      and not exists (select from ledger.delegations_now() d where d.from_person = h.person_id and d.absent
        and ledger.delegation_lasts(d, p_at))
  )
  select case when p_level ->> 'quorum' = 'all'
    then not exists (select from seat s where not exists (select from present p where (p.kind, p.name) = (s.kind, s.name)))
      and (select count(distinct person_id) from present) >= (select count(*) from seat)
    else (select count(distinct person_id) from present) + (select count(*) from jsonb_array_elements(p_level -> 'answers') a
      where a.value ->> 'decision' = 'approve') >= ledger.quorum_count(p_level -> 'quorum', 1) end
$$;

-- Refuses a decision to whoever asked, to whoever has had a say in this run or did what the policy separates from it,
-- for a seat that is taken or that nobody gave them, in another's place without a delegation that stands, at a level
-- that is not asked, and on what is closed. p_event { by, onBehalfOf, run, level, seat, delegationId }; p_at is the
-- instant by which delegations count.
create or replace function ledger.check_decision(
  p_approval ledger.approval, p_run jsonb, p_event jsonb, p_at timestamptz
) returns void language plpgsql stable as $$
declare
  v_by text := p_event ->> 'by'; v_for text := p_event ->> 'onBehalfOf'; v_seat jsonb := p_event -> 'seat';
  v_level jsonb := p_run #> array['levels', p_event ->> 'level']; v_why text;
  v_hands text[] := array_remove(array[ledger.hand(v_by), ledger.hand(v_for)], null);
begin
  v_why := case
    when ledger.is_requester(p_approval, v_by) then 'asked for it'
    when ledger.is_requester(p_approval, v_for) then 'would decide for who asked for it'
    when p_approval.state <> 'open' then 'comes too late, it is ' || p_approval.state
    when (p_event ->> 'run')::integer <> p_approval.run then 'decides another run'
    when v_level is null then 'decides a level that there is not'
    when ledger.has_had_say(p_run, v_hands) then 'has had a say on it'
    when (v_level ->> 'quorum' = 'all' or v_seat ->> 'kind' = 'person') and exists (
        select from jsonb_array_elements(v_level -> 'answers') a where a.value -> 'seat' = v_seat)
      then 'decides for a seat that is taken'
    when v_for is not null and not exists (select from ledger.delegations_for(p_approval, p_at) d
        where d.delegation_id = p_event ->> 'delegationId' and d.from_person = v_for and d.to_person = v_by)
      then 'has no delegation of ' || v_for
    when p_run ->> 'state' <> 'open' or v_level ->> 'state' <> 'open' then 'decides a level that is not asked'
    when not exists (select from ledger.person p where p.person_id = v_by and p.left_at is null) then 'is nobody who decides'
    when not exists (select from ledger.holders_of(p_approval, v_level) h where h.person_id = coalesce(v_for, v_by)
        and (h.kind, h.name, h.escalation::text) = (v_seat ->> 'kind', v_seat ->> 'name', v_seat ->> 'escalation'))
      then 'does not hold the seat ' || coalesce(v_seat ->> 'name', 'that it is for')
    else (select s.why from ledger.separated_from(p_approval) s where s.hand = any (v_hands) order by s.hand limit 1)
  end;
  if v_why is not null then
    raise exception '% cannot decide %: % %', v_by, p_approval.approval_id, v_by, v_why using errcode = 'LL500';
  end if;
end $$;
