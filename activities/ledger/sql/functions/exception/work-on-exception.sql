-- What people do about an entry before it is closed. Each is idempotent by an id of its own, and answers
-- { applied, replayed, exception }; applied is false where the entry's state does not allow it.

-- Whoever claims it works on it. Not applied when somebody else does.
-- request { exceptionId, claimId, note?, actor, occurredAt?, at? }
create or replace function loopline.claim_exception(request jsonb) returns jsonb language plpgsql as $$
declare v_act record; v_row ledger.exception; v_actor text := request ->> 'actor';
begin
  select * into v_act from ledger.begin_board_act(request, 'claim', 'claimId');
  if v_act.stored is not null then return v_act.stored; end if;
  v_row := v_act.entry;
  if v_row.state <> 'open' or coalesce(v_row.assignee, v_actor) <> v_actor then
    return ledger.board_answer(v_row.exception_id, false);
  end if;
  update ledger.exception e set assignee = v_actor where e.exception_id = v_row.exception_id;
  perform ledger.tell(jsonb_build_object('before', jsonb_build_object('assignee', v_row.assignee),
    'after', jsonb_build_object('assignee', v_actor)));
  perform ledger.board_event(v_row.exception_id, 'claimed', v_actor, ledger.board_time(v_row, request), request ->> 'note');
  return ledger.end_board_act(v_row, v_act.key, v_act.content);
end $$;

-- Gives it to a person, or back to its role (assignee null), and where `owner` is named to another role. LL422 for
-- somebody who is not there, or has none of the roles that may resolve it (`decision`): nobody would ever do that.
-- request { exceptionId, assignmentId, assignee, owner?, note?, decision?: { scope, roles }, actor, occurredAt?, at? }
create or replace function loopline.assign_exception(request jsonb) returns jsonb language plpgsql as $$
declare v_act record; v_row ledger.exception; v_roles text[];
begin
  select * into v_act from ledger.begin_board_act(request, 'assign', 'assignmentId');
  if v_act.stored is not null then return v_act.stored; end if;
  v_row := v_act.entry;
  if v_row.state <> 'open' then return ledger.board_answer(v_row.exception_id, false); end if;
  if request ->> 'assignee' is not null then
    select p.roles into v_roles from ledger.person p where p.person_id = request ->> 'assignee' and p.left_at is null;
    if v_roles is null then
      perform ledger.fail_invalid('assignee', format('%s is no person who works here', request ->> 'assignee'));
    elsif not v_roles && ledger.names_of(request #> '{decision,roles}') then
      perform ledger.fail_invalid('assignee', format('%s does not have the scope %s, which it takes to resolve %s of kind %s',
        request ->> 'assignee', request #>> '{decision,scope}', v_row.exception_id, v_row.kind));
    end if;
  end if;
  update ledger.exception e set assignee = request ->> 'assignee', owner = coalesce(request ->> 'owner', e.owner)
  where e.exception_id = v_row.exception_id;
  perform ledger.tell(jsonb_build_object('before',
    jsonb_build_object('assignee', v_row.assignee, 'owner', v_row.owner)));
  perform ledger.board_event(v_row.exception_id, 'assigned', request ->> 'actor', ledger.board_time(v_row, request),
    request ->> 'note', jsonb_build_object('from', v_row.assignee, 'to', request -> 'assignee', 'fromOwner', v_row.owner,
      'toOwner', coalesce(request ->> 'owner', v_row.owner)));
  return ledger.end_board_act(v_row, v_act.key, v_act.content);
end $$;

-- Says something about it, also when it is closed. request { exceptionId, commentId, text, actor, occurredAt?, at? }
create or replace function loopline.comment_exception(request jsonb) returns jsonb language plpgsql as $$
declare v_act record; v_row ledger.exception;
begin
  select * into v_act from ledger.begin_board_act(request, 'comment', 'commentId');
  if v_act.stored is not null then return v_act.stored; end if;
  v_row := v_act.entry;
  perform ledger.board_event(v_row.exception_id, 'commented', request ->> 'actor', ledger.board_time(v_row, request),
    request ->> 'text');
  return ledger.end_board_act(v_row, v_act.key, v_act.content);
end $$;

-- Puts it aside until a time, if the rule (rules/exception/may-snooze.ts) has allowed that; else LL422. It judged
-- an entry that had been snoozed `snoozesSeen` times: `stale` is true when that is not so any more. The due date
-- stays. request { exceptionId, snoozeId, wakeAt, reason, snoozesSeen, decision: { outcome, text? }, actor,
-- occurredAt?, at? }
create or replace function loopline.snooze_exception(request jsonb) returns jsonb language plpgsql as $$
declare v_act record; v_row ledger.exception; v_wake_at timestamptz := (request ->> 'wakeAt')::timestamptz;
begin
  select * into v_act from ledger.begin_board_act(request, 'snooze', 'snoozeId');
  if v_act.stored is not null then return v_act.stored; end if;
  v_row := v_act.entry;
  if v_row.state <> 'open' or v_row.merged_into is not null then
    return ledger.board_answer(v_row.exception_id, false);
  end if;
  if v_row.snoozes <> (request ->> 'snoozesSeen')::integer then
    return ledger.board_answer(v_row.exception_id, false) || '{"stale": true}';
  end if;
  if request #>> '{decision,outcome}' <> 'allowed' then
    perform ledger.fail_invalid('wakeAt', request #>> '{decision,text}');
  end if;
  update ledger.exception e set snoozes = e.snoozes + 1, snoozed_until = v_wake_at, snooze_reason = request ->> 'reason'
  where e.exception_id = v_row.exception_id;
  perform ledger.tell(jsonb_build_object('before',
    jsonb_build_object('snoozes', v_row.snoozes, 'until', ledger.instant_text(v_row.snoozed_until))));
  perform ledger.board_event(v_row.exception_id, 'snoozed', request ->> 'actor', ledger.board_time(v_row, request),
    request ->> 'reason', jsonb_build_object('until', ledger.instant_text(v_wake_at)));
  return ledger.end_board_act(v_row, v_act.key, v_act.content);
end $$;

-- Says that another entry is the same trouble: closing this one closes that one by the same action, for its own
-- subject. LL422 for what cannot be the same: another kind, or one without the actions that this one offers.
-- request { exceptionId, mergeId, duplicateId, note?, actor, occurredAt?, at? }
create or replace function loopline.merge_exceptions(request jsonb) returns jsonb language plpgsql as $$
declare v_act record; v_row ledger.exception; v_other ledger.exception; v_at timestamptz;
begin
  select * into v_act from ledger.begin_board_act(request, 'merge', 'mergeId');
  if v_act.stored is not null then return v_act.stored; end if;
  v_row := v_act.entry;
  select * into v_other from ledger.exception e where e.exception_id = request ->> 'duplicateId';
  perform ledger.check_duplicate(v_row, v_other, request ->> 'duplicateId');
  if v_row.state <> 'open' or v_other.state <> 'open' or v_row.merged_into is not null or v_other.merged_into is not null then
    return ledger.board_answer(v_row.exception_id, false);
  end if;

  v_at := greatest(ledger.board_time(v_row, request), v_other.raised_at);
  update ledger.exception e
  set merged_into = v_row.exception_id, snoozed_until = null, snooze_reason = null, escalate_at = null
  where e.exception_id = v_other.exception_id or (e.merged_into = v_other.exception_id and e.state = 'open');
  perform ledger.board_event(v_row.exception_id, 'merged', request ->> 'actor', v_at, request ->> 'note',
    jsonb_build_object('duplicateId', v_other.exception_id));
  perform ledger.board_event(v_other.exception_id, 'merged', request ->> 'actor', v_at, request ->> 'note',
    jsonb_build_object('into', v_row.exception_id));
  return ledger.end_board_act(v_row, v_act.key, v_act.content);
end $$;

create or replace function ledger.check_duplicate(p_row ledger.exception, p_other ledger.exception, p_id text)
returns void language plpgsql stable as $$
begin
  if p_other.exception_id is null then
    perform ledger.fail_invalid('duplicateId', format('Exception %s does not exist', p_id));
  elsif p_other.exception_id = p_row.exception_id then
    perform ledger.fail_invalid('duplicateId', 'is the entry itself');
  elsif p_other.kind <> p_row.kind or not p_row.actions <@ p_other.actions then
    perform ledger.fail_invalid('duplicateId', format('%s is %s and offers %s, %s is %s and offers %s', p_id, p_other.kind,
      array_to_string(p_other.actions, ', '), p_row.exception_id, p_row.kind, array_to_string(p_row.actions, ', ')));
  end if;
end $$;
