-- The trouble is over by itself: closes the open exception of this kind; answers whether there was one.
create or replace function ledger.heal_exception(
  p_kind text, p_subject text, p_discriminator text, p_occurred_at timestamptz
) returns boolean language plpgsql as $$
declare v_row ledger.exception;
begin
  update ledger.exception e set state = 'resolved', resolution = 'healed', resolved_by = 'loopline',
    root_cause = 'resolved-itself', resolved_at = p_occurred_at, snoozed_until = null, snooze_reason = null, escalate_at = null
  where e.dedupe_key = p_subject || ':' || p_kind || ':' || coalesce(p_discriminator, '') and e.state = 'open'
  returning * into v_row;
  if not found then return false; end if;
  perform ledger.note(p_subject, 'exception-resolved', 'loopline', p_occurred_at, v_row.exception_id, 'healed');
  perform ledger.board_event(v_row.exception_id, 'healed', 'loopline', p_occurred_at, null, ledger.closing_detail(v_row));
  perform ledger.unmerge_rest(v_row.exception_id, 'loopline', p_occurred_at);
  return true;
end $$;
