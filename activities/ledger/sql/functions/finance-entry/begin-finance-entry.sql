-- The first step of the process: it runs now. Answers { alreadyFinished, state, approvalId,
-- waitSeconds }: what it waits for and how long, in business time.
create or replace function loopline.begin_finance_entry(request jsonb) returns jsonb language plpgsql as $$
declare v_state text;
begin
  select state into v_state from ledger.finance_entry where entry_id = request ->> 'processId' for no key update;
  if not found then perform ledger.fail_not_found('Finance entry', request ->> 'processId'); end if;
  return ledger.begin_review(request ->> 'processId') || jsonb_build_object('state', v_state);
end $$;
