-- A version of the approval matrix comes into force: whatever waits by it looks again, as its calendars may have
-- moved a deadline. Who is asked stays as it was asked.
create or replace function ledger.tell_of_matrix(
  p_draft ledger.policy_draft, p_version integer, p_from timestamptz, p_actor text, p_at timestamptz
) returns void language plpgsql as $$
declare v_approval record; v_name text := 'approval-matrix@' || p_version;
begin
  for v_approval in
    select a.approval_id, a.subject_id, a.process_id from ledger.approval a
    where a.state = 'open' and p_draft.channel in ('*', a.facts ->> 'channel')
      and p_draft.region in ('*', a.facts ->> 'region')
    order by a.approval_id
  loop
    perform ledger.note(v_approval.subject_id, 'approval-matrix-changed', p_actor,
      greatest(p_at, ledger.business_time(v_approval.subject_id)), v_name, p_draft.note,
      jsonb_build_object('approvalId', v_approval.approval_id, 'effectiveFrom', ledger.instant_text(p_from)));
    perform ledger.signal(v_approval.process_id, v_name);
  end loop;
end $$;
