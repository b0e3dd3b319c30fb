-- People have decided on a change. Called when the decision is carried out, with the change locked; safe to repeat,
-- does nothing unless it waits. An approved one is written at once if the record still says what they decided
-- about; else it is overtaken, and whoever wants it asks again.
create or replace function ledger.decide_change(p_subject text, p_approved boolean, p_actor text, p_at timestamptz)
returns void language plpgsql as $$
declare
  v_change ledger.master_data_change; v_approval ledger.approval; v_refusal text; v_state text;
begin
  select * into v_change from ledger.master_data_change
  where change_id = p_subject and state = 'waiting' for no key update;
  if not found then return; end if;
  select * into v_approval from ledger.approval where approval_id = v_change.approval_id;
  if p_approved then
    v_refusal := case when v_approval.facts #>> '{details,version}' is distinct from v_change.basis::text
      then 'the record was changed after it was asked' else ledger.apply_change(v_change) end;
  end if;
  v_state := case
    when p_approved then case when v_refusal is null then 'applied' else 'overtaken' end
    when v_approval.closed_by = 'expiry' then 'expired'
    when v_approval.closed_by = 'withdrawal' then 'withdrawn'
    else 'rejected' end;
  update ledger.master_data_change set state = v_state, refusal = v_refusal, decided_by = p_actor, decided_at = p_at
  where change_id = p_subject;
  perform ledger.note(p_subject, 'change-' || v_state, p_actor, p_at, v_change.approval_id, v_refusal,
    ledger.change_details(p_subject));
end $$;

-- Writes an approved change, in the name of whoever asked for it. Answers why it could not, null when it could.
create or replace function ledger.apply_change(p_change ledger.master_data_change) returns text language plpgsql as $$
declare
  v_record jsonb; v_result jsonb; v_trace text := current_setting('loopline.trace', true);
  v_by jsonb := coalesce(ledger.acting(), '{"actor": "loopline"}') || jsonb_build_object('onBehalfOf', p_change.requested_by);
begin
  perform ledger.lock_records(p_change.noun, array[p_change.record_key]);
  v_record := ledger.master_record(p_change.noun, p_change.record_key);
  if ledger.picked(v_record, p_change.fields) is distinct from p_change.before then
    return 'the record says something else by now';
  end if;
  -- The price that is known is one of the supplier until now.
  if p_change.noun = 'sku' and 'supplier' = any (p_change.fields) then
    v_record := v_record - '{supplierPrice,minimumQuantity,multipleQuantity}'::text[];
  end if;
  v_result := ledger.write_records(p_change.noun, jsonb_build_array(
    v_record || p_change.after || jsonb_build_object(p_change.noun, p_change.record_key)), v_by) #> '{results,0}';
  -- The record has left a row of its own in the audit; the act that carried it out leaves its own as well.
  perform set_config('loopline.trace', coalesce(v_trace, ''), true);
  return case when v_result ->> 'result' = 'refused' then (
    select string_agg(f.value ->> 'path' || ' ' || (f.value ->> 'message'), ', ')
    from jsonb_array_elements(v_result -> 'errors') f) end;
end $$;

-- Where a change lies, for whoever decides: at its channel, at its node, or nowhere in particular.
create or replace function ledger.change_places(p_change text) returns jsonb language sql stable as $$
  select case c.noun
    when 'node' then ledger.places_of_node(c.record_key)
    when 'channel' then ledger.places_json('"*"', jsonb_build_array(c.record_key), '"*"')
    else ledger.places_json('"*"', '"*"', '"*"') end
  from ledger.master_data_change c where c.change_id = p_change
$$;
