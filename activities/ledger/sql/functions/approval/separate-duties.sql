-- What nobody may do, whoever asks for it and however: the last line behind the rule and the process. These
-- triggers refuse the owner of the tables too.

-- A decision is one that may be: see ledger.check_decision.
create or replace function ledger.refuse_decision() returns trigger language plpgsql as $$
declare v_approval ledger.approval; v_at timestamptz;
begin
  -- Two decisions at once come here one after the other.
  select * into v_approval from ledger.approval where approval_id = new.approval_id for no key update;
  -- Delegations count by the clock of whoever heard the word.
  select d.heard_at into v_at from ledger.decision d where d.decision_id = new.decision_id;
  perform ledger.check_decision(v_approval, ledger.run_of(v_approval), new.body || jsonb_build_object('by', new.actor,
    'onBehalfOf', new.on_behalf_of, 'run', new.run, 'level', new.level),
    coalesce(v_at, ledger.business_time(v_approval.subject_id), new.occurred_at));
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

-- Whoever did one act of a separated pair does not do the other to the same thing, nor does anybody for them, nor a
-- key of theirs.
create or replace function ledger.refuse_act() returns trigger language plpgsql as $$
declare
  v_pair jsonb; v_other text; v_act ledger.act;
  v_hands text[] := array_remove(array[ledger.hand(new.actor), ledger.hand(new.on_behalf_of)], null);
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
      and (ledger.hand(a.actor) = any (v_hands) or ledger.hand(a.on_behalf_of) = any (v_hands)) limit 1;
    if found then
      raise exception '%: % had a hand in the % of %', v_pair ->> 'because', new.actor, v_other, v_act.subject_id
        using errcode = 'LL500';
    end if;
  end loop;
  return new;
end $$;

create or replace trigger refuse_act before insert on ledger.act
for each row execute function ledger.refuse_act();
