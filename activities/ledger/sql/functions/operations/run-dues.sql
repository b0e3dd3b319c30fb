-- The business clock has come to `until`: open waits that end by then are reached, and their processes
-- are told to look; with `subjectId` those of this subject alone. Whoever waits for nothing any more finds
-- that out from the ledger. Entries of the exception board that are put aside until then are back, and overdue
-- ones are escalated.
create or replace function loopline.run_dues(request jsonb) returns jsonb language plpgsql as $$
declare
  v_until timestamptz := (request ->> 'until')::timestamptz;
  -- Whoever tells the time ends no approval by it that the clock lets run: a day is as much as clocks may differ.
  v_approvals timestamptz := least(v_until, clock_timestamp() + interval '1 day');
  v_subject text := request ->> 'subjectId';
  v_limit integer := least(greatest(coalesce((request ->> 'limit')::integer, 200), 1), 1000);
  v_reached integer;
  v_board jsonb;
begin
  with reached as (
    update ledger.due d set state = 'reached'
    where d.due_id in (
      select n.due_id from ledger.due n
      where n.state = 'open' and n.due_at <= v_until and (n.kind <> 'approval' or n.due_at <= v_approvals)
        and (v_subject is null or n.subject_id = v_subject)
      order by n.due_at, n.due_id
      limit v_limit for update skip locked)
    returning d.due_id, d.subject_id, d.process_id, d.kind, d.next_step, d.due_at
  ), told as (
    select r.due_id,
      ledger.note(r.subject_id, 'due-reached', 'loopline', r.due_at, 'due:' || r.due_id, r.kind,
        jsonb_build_object('nextStep', r.next_step)),
      ledger.signal(r.process_id, 'due:' || r.due_id)
    from (select * from reached order by due_at, due_id) r
  )
  select count(*) into v_reached from told;
  v_board := ledger.run_board(v_until, v_subject, v_limit, false);
  v_board := case when v_board @> '{"woken": 0, "escalated": 0}' then '{}' else v_board end;
  -- One act, of whoever tells the time, however many waits end with it.
  if v_reached > 0 or v_board <> '{}' then
    perform ledger.audit(ledger.acting(), 'run_dues', split_part(coalesce(v_subject, 'clock'), ':', 1),
      coalesce(v_subject, 'clock'), v_until, null, null,
      jsonb_build_object('reached', v_reached) || v_board);
  end if;
  return jsonb_build_object('reached', v_reached,
    'more', ledger.board_is_due(v_until, v_subject) or exists (
      select from ledger.due d
      where d.state = 'open' and d.due_at <= v_until and (d.kind <> 'approval' or d.due_at <= v_approvals)
      and (v_subject is null or d.subject_id = v_subject)));
end $$;
