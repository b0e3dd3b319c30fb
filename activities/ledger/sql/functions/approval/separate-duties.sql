-- What nobody may do, whoever asks for it and however: the last line behind the rule and the process. These
-- triggers refuse the owner of the tables too.

-- A decision is refused to whoever asked, to whoever has had a say in this run, for a seat that is taken, in
-- another's place without their delegation, at a level that is not asked, and on what is closed.
create or replace function ledger.refuse_decision() returns trigger language plpgsql as $$
declare v_approval ledger.approval; v_level jsonb; v_why text;
begin
  -- Two decisions at once come here one after the other.
  select * into v_approval from ledger.approval where approval_id = new.approval_id for no key update;
  v_level := v_approval.plan #> array['levels', new.level::text];
  v_why := case
    when new.actor in (v_approval.requested_by, v_approval.requested_for) then 'asked for it'
    when new.on_behalf_of in (v_approval.requested_by, v_approval.requested_for) then 'would decide for who asked for it'
    when v_approval.state <> 'open' then 'comes too late, it is ' || v_approval.state
    when new.run <> v_approval.run then 'decides another run'
    when v_level is null then 'decides a level that there is not'
    when exists (select from ledger.approval_event e where e.approval_id = new.approval_id and e.run = new.run
        and e.kind = 'decided' and (new.actor in (e.actor, e.on_behalf_of) or new.on_behalf_of in (e.actor, e.on_behalf_of)))
      then 'has had a say on it'
    when (v_level ->> 'quorum' = 'all' or new.body #>> '{seat,kind}' = 'person')
        and exists (select from ledger.approval_event e where e.approval_id = new.approval_id and e.run = new.run
          and e.kind = 'decided' and e.level = new.level and e.body -> 'seat' = new.body -> 'seat')
      then 'decides for a seat that is taken'
    when new.on_behalf_of is not null and not exists (select from ledger.delegations_now() d
        where d.delegation_id = new.body ->> 'delegationId' and d.from_person = new.on_behalf_of and d.to_person = new.actor)
      then 'has no delegation of ' || new.on_behalf_of
  end;
  if v_why is not null then
    raise exception '% cannot decide %: % %', new.actor, new.approval_id, new.actor, v_why using errcode = 'LL500';
  end if;
  perform ledger.record_act(v_approval.matrix_subject, t.thing, v_approval.subject_id, new.actor, new.on_behalf_of,
    new.occurred_at)
  from unnest(ledger.things_of(v_approval.subject_kind, v_approval.subject_id)) t(thing) order by t.thing;
  return new;
end $$;

create or replace trigger refuse_decision before insert on ledger.approval_event
for each row when (new.kind = 'decided') execute function ledger.refuse_decision();

-- Notes an act that the policy may separate from another. Of a process there is nothing to separate, nor of the
-- installation's own programs, whose key is nobody's (api/access: operator).
create or replace function ledger.record_act(
  p_duty text, p_thing text, p_subject text, p_actor text, p_on_behalf_of text, p_at timestamptz
) returns void language sql as $$
  insert into ledger.act (duty, thing, subject_id, actor, on_behalf_of, occurred_at)
  select p_duty, p_thing, p_subject, p_actor, p_on_behalf_of, p_at where p_actor not in ('loopline', 'operator')
$$;

-- Whoever did one act of a separated pair does not do the other to the same thing, nor does anybody for them.
create or replace function ledger.refuse_act() returns trigger language plpgsql as $$
declare v_pair jsonb; v_other text; v_act ledger.act;
begin
  -- Two acts on a thing at once come here one after the other.
  perform pg_advisory_xact_lock(hashtextextended('act:' || new.thing, 0));
  for v_pair in
    select value from jsonb_array_elements(
      ledger.policy_at('approval-matrix', new.occurred_at) #> '{document,separatedDuties}')
    where value -> 'duties' ? new.duty
  loop
    v_other := case when v_pair #>> '{duties,0}' = new.duty then v_pair #>> '{duties,1}' else v_pair #>> '{duties,0}' end;
    select * into v_act from ledger.act a
    where a.thing = new.thing and a.duty = v_other
      and (a.actor in (new.actor, new.on_behalf_of) or a.on_behalf_of in (new.actor, new.on_behalf_of)) limit 1;
    if found then
      raise exception '%: % had a hand in the % of %', v_pair ->> 'because', new.actor, v_other, v_act.subject_id
        using errcode = 'LL500';
    end if;
  end loop;
  return new;
end $$;

create or replace trigger refuse_act before insert on ledger.act
for each row execute function ledger.refuse_act();
