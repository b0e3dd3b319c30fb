-- A fact from a machine, stored once with its effect. Content { source, factId, payload } and the time
-- it happened inside the payload: { id, type, occurredAt, data }.
create or replace function loopline.record_fact(request jsonb) returns jsonb language plpgsql as $$
declare
  v_source text := request ->> 'source';
  v_fact text := request ->> 'factId';
  v_payload jsonb := request -> 'payload';
  v_hash bytea := ledger.content_hash(request -> 'payload');
  v_known ledger.inbox;
  v_result jsonb;
begin
  select * into v_known from ledger.inbox i where i.source = v_source and i.fact_id = v_fact;
  if found then
    if v_known.payload_hash <> v_hash then
      raise exception 'The fact % of % came again with other content', v_fact, v_source
        using errcode = 'LL409', detail = v_fact;
    end if;
    return v_known.result || jsonb_build_object('replayed', true);
  end if;
  v_result := case v_source
    when 'gateway' then ledger.apply_payment_event(v_fact, v_payload)
    when 'carrier' then ledger.apply_tracking_event(v_fact, v_payload)
    else jsonb_build_object('applied', false, 'state', 'recorded') end;
  -- Two deliveries at once meet here: the second is undone as a conflict, repeated, and finds this row.
  insert into ledger.inbox (source, fact_id, payload_hash, payload, result)
  values (v_source, v_fact, v_hash, v_payload, v_result);
  -- Where the fact is of nothing that we know, it is a subject itself.
  perform ledger.trace('fact:' || v_source || ':' || v_fact, (v_payload ->> 'occurredAt')::timestamptz);
  return v_result || jsonb_build_object('replayed', false);
end $$;
