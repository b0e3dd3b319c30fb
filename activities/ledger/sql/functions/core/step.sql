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
  return v_step.result;
end $$;

create or replace function ledger.store_step(p_key text, p_subject text, p_content jsonb, p_result jsonb)
returns jsonb language plpgsql as $$
begin
  insert into ledger.step (key, subject_id, request_hash, result)
  values (p_key, p_subject, ledger.content_hash(p_content), p_result);
  return p_result;
end $$;
