-- Takes in a stock adjustment and applies it, or asks for the approval that the rule wants.
-- Idempotent by externalRef: a repeat is answered as the first was, with replayed true; other content
-- is LL409. Answers { replayed, adjustment }.
create or replace function loopline.adjust_stock(request jsonb) returns jsonb language plpgsql as $$
declare
  v_content jsonb := request - 'decision' - 'actor';
  v_ref text := request ->> 'externalRef';
  v_review boolean := jsonb_typeof(request #> '{decision,approval}') = 'object';
  v_at timestamptz := (request ->> 'occurredAt')::timestamptz;
  v_id text; v_key text; v_result jsonb;
begin
  select adjustment_id into v_id from ledger.stock_adjustment where external_ref = v_ref;
  if v_id is null then
    perform ledger.check_adjustment(request);
    v_id := ledger.store_adjustment(request, v_content);
  end if;
  perform from ledger.stock_adjustment where adjustment_id = v_id for no key update;
  v_key := v_id || ':adjust:' || v_ref;
  v_result := ledger.stored_step(v_key, v_content);
  if v_result is not null then return v_result || '{"replayed": true}'; end if;

  perform ledger.note(v_id, 'adjustment-requested', request ->> 'actor', v_at, v_ref, request ->> 'reasonCode',
    jsonb_build_object('kind', request ->> 'kind', 'sku', request ->> 'sku', 'node', request ->> 'node',
      'quantity', (request ->> 'quantity')::bigint, 'rule', request -> 'decision' ->> 'rule'));
  perform ledger.record_act('stock-count', v_id, v_id, request ->> 'actor', null, v_at);
  if v_review then
    perform ledger.review_adjustment(v_id, request, v_at);
  else
    perform ledger.apply_adjustment(v_id, v_key, request ->> 'actor', v_at);
  end if;
  return ledger.store_step(v_key, v_id, v_content,
    jsonb_build_object('replayed', false, 'adjustment', ledger.adjustment_json(v_id)));
end $$;

-- The new row's id, or that of the row which another call has stored meanwhile.
create or replace function ledger.store_adjustment(request jsonb, p_content jsonb) returns text
language plpgsql as $$
declare v_id text; v_quantity bigint := (request ->> 'quantity')::bigint;
begin
  insert into ledger.stock_adjustment (adjustment_id, external_ref, request_hash, kind, sku, node, lot, quantity,
    reason_code, state, value_minor, source_ref, requested_by, occurred_at)
  values ('stock-adjustment:' || nextval('ledger.adjustment_number'), request ->> 'externalRef',
    ledger.content_hash(p_content), request ->> 'kind', request ->> 'sku', request ->> 'node',
    coalesce(request ->> 'lot', ''),
    case when request ->> 'kind' = 'write-off' then -v_quantity else v_quantity end,
    request ->> 'reasonCode', 'in-review', (request -> 'decision' ->> 'valueMinor')::bigint,
    request ->> 'sourceRef', request ->> 'actor', (request ->> 'occurredAt')::timestamptz)
  on conflict (external_ref) do nothing returning adjustment_id into v_id;
  if v_id is null then
    select adjustment_id into v_id from ledger.stock_adjustment where external_ref = request ->> 'externalRef';
  end if;
  return v_id;
end $$;

create or replace function ledger.review_adjustment(p_adjustment text, request jsonb, p_at timestamptz)
returns void language plpgsql as $$
declare v_decision jsonb := request -> 'decision';
begin
  perform ledger.open_process(p_adjustment, 'stock-adjustment',
    jsonb_build_object('Node', request ->> 'node', 'Owner', v_decision #>> '{approval,projection,askedRoles,0}'));
  perform ledger.ask_approval(p_adjustment, 'stock-adjustment', p_adjustment, '1',
    (v_decision ->> 'valueMinor')::bigint, ledger.base_currency(), v_decision -> 'approval', request ->> 'actor', p_at);
end $$;
