-- The customer's label. Idempotency key: <return id>:label:1. request { returnId, labelId, trackingNumber }.
create or replace function loopline.record_return_label(request jsonb) returns jsonb language plpgsql as $$
declare v_id text := request ->> 'returnId'; v_key text := v_id || ':label:1'; v_stored jsonb;
begin
  perform ledger.lock_return(v_id);
  v_stored := ledger.stored_step(v_key, request);
  if v_stored is not null then return v_stored; end if;
  update ledger.returns set label_id = request ->> 'labelId', tracking_number = request ->> 'trackingNumber'
  where return_id = v_id;
  perform ledger.note(v_id, 'return-label-bought', 'loopline', ledger.business_time(v_id), request ->> 'labelId', null,
    jsonb_build_object('trackingNumber', request ->> 'trackingNumber'));
  return ledger.store_step(v_key, v_id, request, ledger.return_position(v_id, true));
end $$;

-- No label could be bought: a person is told, who may have it tried again, and the return goes on without one.
-- Idempotency key: <return id>:label-skipped:<occurrence>. request { returnId, occurrence?, decision: { message } }.
create or replace function loopline.skip_return_label(request jsonb) returns jsonb language plpgsql as $$
declare
  v_id text := request ->> 'returnId';
  v_key text := v_id || ':label-skipped:' || coalesce(request ->> 'occurrence', '1');
  v_content jsonb := request - 'decision';
  v_stored jsonb;
begin
  perform ledger.lock_return(v_id);
  v_stored := ledger.stored_step(v_key, v_content);
  if v_stored is not null then return v_stored; end if;
  perform ledger.raise_exception('carrier', v_id, v_id, 'label',
    jsonb_build_object('step', 'buyReturnLabel', 'message', request #>> '{decision,message}'), ledger.business_time(v_id));
  -- From here on no label is wanted any more.
  return ledger.store_step(v_key, v_id, v_content, ledger.return_position(v_id, true) || '{"label": null}');
end $$;

create or replace function ledger.lock_return(p_return text) returns ledger.returns language plpgsql as $$
declare v_return ledger.returns;
begin
  select * into v_return from ledger.returns where return_id = p_return for no key update;
  if not found then perform ledger.fail_not_found('Return', p_return); end if;
  return v_return;
end $$;
