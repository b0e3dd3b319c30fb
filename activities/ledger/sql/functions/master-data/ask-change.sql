-- The elements as they were asked for, with what waits.
create or replace function ledger.as_asked(p_elements jsonb) returns jsonb language sql immutable as $$
  select coalesce(jsonb_agg(e.value || case when jsonb_typeof(e.value #> '{change,after}') = 'object'
    then e.value #> '{change,after}' else '{}' end order by e.position), '[]')
  from jsonb_array_elements(p_elements) with ordinality e(value, position)
$$;

-- Elements that ask for something else than what somebody else has asked for before, and that waits:
-- { "3": [{ path, message }] }.
create or replace function ledger.change_faults(p_noun text, p_elements jsonb) returns jsonb language sql stable as $$
  select coalesce(jsonb_object_agg((e.position - 1)::text, jsonb_build_array(jsonb_build_object(
      'path', e.value #>> '{change,fields,0}',
      'message', format('%s waits for its approval and asks for something else', c.change_id)))), '{}')
  from jsonb_array_elements(p_elements) with ordinality e(value, position)
  join ledger.master_data_change c
    on c.noun = p_noun and c.record_key = e.value ->> p_noun and c.state = 'waiting'
  where jsonb_typeof(e.value -> 'change') = 'object' and c.after <> e.value #> '{change,after}'
    and c.requested_by <> ledger.acting() ->> 'actor'
$$;

-- Asks people about what of the elements waits. Answers the results with what waits among them.
create or replace function ledger.ask_changes(p_noun text, p_elements jsonb, p_answer jsonb, p_at timestamptz)
returns jsonb language plpgsql as $$
declare v_results jsonb := p_answer -> 'results'; v_element jsonb; v_place text[]; v_change ledger.master_data_change;
begin
  for v_element, v_place in
    select e.value, array[(e.position - 1)::text] from jsonb_array_elements(p_elements) with ordinality e(value, position)
    where jsonb_typeof(e.value -> 'change') = 'object' order by e.position
  loop
    continue when v_results #> v_place ->> 'result' = 'refused';
    v_change := ledger.open_change(p_noun, v_element, p_at);
    v_results := jsonb_set(v_results, v_place, v_results #> v_place || jsonb_build_object('result', 'waiting',
      'changeId', v_change.change_id, 'approvalId', v_change.approval_id, 'fields', to_jsonb(v_change.fields)));
  end loop;
  return jsonb_build_object('results', v_results);
end $$;

-- Stores one change and asks for its approval. The same again is the same change; another one of the same person
-- takes the place of what they asked before.
create or replace function ledger.open_change(p_noun text, p_element jsonb, p_at timestamptz)
returns ledger.master_data_change language plpgsql as $$
declare
  v_by jsonb := ledger.acting(); v_asked jsonb := p_element -> 'change'; v_subject text := ledger.change_subject(p_noun);
  v_old ledger.master_data_change; v_new ledger.master_data_change;
begin
  select * into v_old from ledger.master_data_change c
  where c.noun = p_noun and c.record_key = p_element ->> p_noun and c.state = 'waiting' for no key update;
  if v_old.after = v_asked -> 'after' then return v_old; end if;
  if v_old.change_id is not null then perform ledger.withdraw_change(v_old, v_by ->> 'actor', p_at); end if;

  insert into ledger.master_data_change (change_id, noun, record_key, fields, before, after, state, requested_by, requested_at)
  values (v_subject || ':' || nextval('ledger.master_data_change_number'), p_noun, p_element ->> p_noun,
    ledger.text_array(v_asked -> 'fields'),
    ledger.picked(ledger.master_record(p_noun, p_element ->> p_noun), ledger.text_array(v_asked -> 'fields')),
    v_asked -> 'after', 'waiting', v_by ->> 'actor', p_at)
  returning * into v_new;
  perform ledger.note(v_new.change_id, 'change-asked', v_by ->> 'actor', p_at, null, null,
    ledger.change_details(v_new.change_id));
  update ledger.master_data_change set approval_id = ledger.ask_approval(null, v_subject, v_new.change_id, '1', 0,
    ledger.base_currency(), v_asked -> 'approval', v_by ->> 'actor', p_at)
  where change_id = v_new.change_id returning * into v_new;
  if p_noun = 'supplier' then
    perform ledger.record_act('supplier-change', 'supplier:' || v_new.record_key, v_new.change_id, v_by ->> 'actor',
      v_by ->> 'onBehalfOf', clock_timestamp());
  end if;
  perform ledger.audit(v_by, 'put_' || p_noun || 's', v_subject, v_new.change_id, p_at, null,
    ledger.change_shown(v_new.before), ledger.change_shown(v_new.after));
  return v_new;
end $$;

-- What the approval matrix calls a change of such a record; its ids begin with it.
create or replace function ledger.change_subject(p_noun text) returns text language sql immutable as $$
  select case p_noun when 'supplier' then 'supplier-change' else 'master-data-edit' end
$$;

-- What is kept of a change for ever: that an address changed, and not which. It may be somebody's own.
create or replace function ledger.change_shown(p_fields jsonb) returns jsonb language sql immutable as $$
  select p_fields || case when p_fields ? 'email' then '{"email": "changed"}' else '{}' end::jsonb
$$;

-- What the approval of a change rests on, in words by field. `version` counts what it was to change: when the
-- record says something else meanwhile, it is another one.
create or replace function ledger.change_details(p_change text) returns jsonb language sql stable as $$
  select jsonb_object_agg(f.name, case when f.name = 'email' then 'changed'
      else coalesce(c.before ->> f.name, 'none') || ' → ' || coalesce(c.after ->> f.name, 'none') end)
    || jsonb_build_object('record', c.noun || ':' || c.record_key, 'version', c.basis::text)
  from ledger.master_data_change c cross join unnest(c.fields) f(name)
  where c.change_id = p_change group by c.change_id
$$;

-- Records have been written: a change that waits and was to change what they said before is one of another
-- version from now on, and its approval starts again.
create or replace function ledger.rebase_changes(p_noun text, p_elements jsonb, p_at timestamptz) returns void
language plpgsql as $$
declare v_change ledger.master_data_change; v_now jsonb;
begin
  for v_change in
    select c.* from ledger.master_data_change c
    where c.noun = p_noun and c.state = 'waiting'
      and c.record_key in (select e.value ->> p_noun from jsonb_array_elements(p_elements) e)
    order by c.change_id for no key update
  loop
    v_now := ledger.picked(ledger.master_record(p_noun, v_change.record_key), v_change.fields);
    continue when v_now = v_change.before;
    update ledger.master_data_change set before = v_now, basis = basis + 1
    where change_id = v_change.change_id returning * into v_change;
    perform ledger.note(v_change.change_id, 'record-changed', coalesce(ledger.acting() ->> 'actor', 'loopline'), p_at,
      null, null, ledger.change_details(v_change.change_id));
    perform ledger.signal(v_change.approval_id, v_change.change_id || ':' || v_change.basis);
  end loop;
end $$;

-- Whoever asked asks for something else instead.
create or replace function ledger.withdraw_change(p_change ledger.master_data_change, p_actor text, p_at timestamptz)
returns void language plpgsql as $$
begin
  perform ledger.withdraw_approvals(p_change.change_id, p_actor, p_at);
  update ledger.master_data_change set state = 'withdrawn', decided_by = p_actor, decided_at = p_at
  where change_id = p_change.change_id;
  perform ledger.note(p_change.change_id, 'change-withdrawn', p_actor, p_at);
end $$;
