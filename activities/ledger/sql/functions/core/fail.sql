-- The failures that callers tell apart by their code: LL404 not found, LL409 other content under a
-- known key, LL422 invalid input (detail names the field), LL500 a broken invariant.

create or replace function ledger.fail_not_found(p_what text, p_id text) returns void
language plpgsql as $$
begin
  raise exception '% % does not exist', p_what, p_id using errcode = 'LL404';
end $$;

create or replace function ledger.fail_invalid(p_path text, p_message text) returns void
language plpgsql as $$
begin
  raise exception '%', p_message using errcode = 'LL422', detail = p_path;
end $$;
