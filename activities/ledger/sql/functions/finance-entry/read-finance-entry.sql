-- One finance entry; LL404 when there is none of that id.
create or replace function loopline.read_finance_entry(request jsonb) returns jsonb language plpgsql stable as $$
declare v_entry jsonb := ledger.finance_entry_json(request ->> 'entryId');
begin
  if v_entry is null then perform ledger.fail_not_found('Finance entry', request ->> 'entryId'); end if;
  return v_entry;
end $$;
