-- Idempotency by business key: a key is answered once, and for ever the same.

-- jsonb prints its keys in one order, so equal content has one hash. The callers leave engine time,
-- attempts and policy text out of what they hash.
create or replace function ledger.content_hash(p_content jsonb) returns bytea
language sql immutable as $$ select sha256(convert_to(p_content::text, 'UTF8')) $$;

-- The stored result of a key, or null when it has not been done yet. The refusal of other content says
-- what the key was first used for; its detail is the key.
create or replace function ledger.stored_step(p_key text, p_content jsonb) returns jsonb
language plpgsql stable as $$
declare v_step ledger.step;
begin
  select * into v_step from ledger.step where key = p_key;
  if not found then return null; end if;
  if v_step.request_hash <> ledger.content_hash(p_content) then
    raise exception 'was used before, for % at %, with other content; the first stands', v_step.subject_id,
      ledger.instant_text(v_step.recorded_at) using errcode = 'LL409', detail = p_key;
  end if;
  return ledger.with_customer(v_step.result);
end $$;

create or replace function ledger.store_step(p_key text, p_subject text, p_content jsonb, p_result jsonb)
returns jsonb language plpgsql as $$
begin
  insert into ledger.step (key, subject_id, request_hash, result)
  values (p_key, p_subject, ledger.content_hash(p_content), ledger.without_customer(p_result));
  return p_result;
end $$;

-- What is kept for ever names no customer: an answer that shows an order, a return or an entry is stored
-- without, and given again with the customer as they are then.
create or replace function ledger.without_customer(p_result jsonb) returns jsonb language plpgsql immutable as $$
begin
  if jsonb_typeof(p_result) <> 'object' or not p_result ?| array['order', 'return', 'entry'] then return p_result; end if;
  return p_result #- '{order,customer}' #- '{return,customer}' #- '{entry,customer}';
end $$;

create or replace function ledger.with_customer(p_result jsonb) returns jsonb language plpgsql stable as $$
begin
  if jsonb_typeof(p_result) <> 'object' then return p_result; end if;
  return case
    when jsonb_typeof(p_result #> '{order,id}') = 'string' then jsonb_set(p_result, '{order,customer}', coalesce((
      select jsonb_build_object('externalId', c.external_id, 'name', c.name)
      from ledger.orders o join ledger.customer c using (customer_id) where o.order_id = p_result #>> '{order,id}'), 'null'))
    when jsonb_typeof(p_result #> '{return,id}') = 'string' then jsonb_set(p_result, '{return,customer}', coalesce((
      select jsonb_build_object('externalId', c.external_id)
      from ledger.returns r join ledger.customer c using (customer_id) where r.return_id = p_result #>> '{return,id}'), 'null'))
    when jsonb_typeof(p_result #> '{entry,id}') = 'string' then jsonb_set(p_result, '{entry,customer}', coalesce((
      select jsonb_build_object('channel', c.channel, 'externalId', c.external_id)
      from ledger.finance_entry f join ledger.customer c using (customer_id) where f.entry_id = p_result #>> '{entry,id}'), 'null'))
    else p_result end;
end $$;
