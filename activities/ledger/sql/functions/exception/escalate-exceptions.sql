-- The clock has come to `until`: what was put aside until then is back, and what is overdue is escalated. This is
-- the clock of the wall, for entries whose facts are of today; an entry of old trade is given its whole time on
-- this clock as well. Safe to repeat. request { until, limit? } answers { woken, escalated }
create or replace function loopline.escalate_exceptions(request jsonb) returns jsonb language sql as $$
  select ledger.run_board((request ->> 'until')::timestamptz, null,
    least(greatest(coalesce((request ->> 'limit')::integer, 200), 1), 1000), true)
$$;

-- The same by either clock, of one subject or of all.
create or replace function ledger.run_board(p_until timestamptz, p_subject text, p_limit integer, p_by_wall boolean)
returns jsonb language plpgsql as $$
declare v_woken integer; v_escalated integer;
begin
  with woken as (
    update ledger.exception e set snoozed_until = null, snooze_reason = null
    where e.exception_id in (
      select n.exception_id from ledger.exception n
      where n.snoozed_until <= p_until and (p_subject is null or n.subject_id = p_subject)
      order by n.snoozed_until, n.exception_id limit p_limit for no key update skip locked)
    returning e.exception_id, old.snoozed_until as reached_at
  ), told as (
    select w.exception_id, ledger.board_event(w.exception_id, 'woken', 'loopline', w.reached_at)
    from (select * from woken order by reached_at, exception_id) w
  )
  select count(*) into v_woken from told;
  with late as (
    update ledger.exception e set escalations = e.escalations + 1, escalated_to = e.escalate_to,
      severity = case e.severity when 'low' then 'normal' else 'high' end,
      escalate_at = case when e.escalations + 1 < e.escalation_limit
        then e.escalate_at + make_interval(hours => e.escalate_every_hours) end
    where e.exception_id in (
      select n.exception_id from ledger.exception n
      where ledger.is_to_escalate(n, p_until, p_by_wall) and n.escalate_at <= p_until
        and (p_subject is null or n.subject_id = p_subject)
      order by n.escalate_at, n.exception_id limit p_limit for no key update skip locked)
    returning e.exception_id, old.escalate_at as reached_at, old.severity as before, e.severity, e.escalations, e.escalated_to
  ), told as (
    select l.exception_id, ledger.board_event(l.exception_id, 'escalated', 'loopline', l.reached_at, null, jsonb_build_object(
      'to', l.escalated_to, 'times', l.escalations, 'fromSeverity', l.before, 'toSeverity', l.severity))
    from (select * from late order by reached_at, exception_id) l
  )
  select count(*) into v_escalated from told;
  return jsonb_build_object('woken', v_woken, 'escalated', v_escalated);
end $$;

-- What is put aside, or the same as another entry, is not escalated by itself.
create or replace function ledger.is_to_escalate(p_row ledger.exception, p_until timestamptz, p_by_wall boolean)
returns boolean language sql stable as $$
  select p_row.state = 'open' and p_row.snoozed_until is null and p_row.merged_into is null
    and p_row.escalate_at + case when p_by_wall then p_row.behind else '0' end <= p_until
$$;

-- Whether the business clock has more to do on the board by then.
create or replace function ledger.board_is_due(p_until timestamptz, p_subject text) returns boolean
language sql stable as $$
  select exists (select from ledger.exception n
      where n.snoozed_until <= p_until and (p_subject is null or n.subject_id = p_subject))
    or exists (select from ledger.exception n
      where n.escalate_at <= p_until and ledger.is_to_escalate(n, p_until, false)
        and (p_subject is null or n.subject_id = p_subject))
$$;
