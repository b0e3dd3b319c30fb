-- What an operator does about a process that stands still: `retry`, `skip` a step that it can do without, or `reset`
-- to a named step. Retry and skip are done with this call, and the process is told to look; a closed workflow is
-- started again. A reset is stored as pending, with a message for the dispatcher: whoever reaches the engine first
-- carries it out and says so by finish_repair. Answers { applied, replayed, repair }; applied is false for a process
-- that has ended and about which nothing is on the board. Idempotent by repairId; LL409 for other content under a
-- known one, LL422 for a root cause that what it settles does not have.
-- request { processId, repairId, action, step?, reason, rootCause?, actor, occurredAt?, at? }
create or replace function loopline.request_repair(request jsonb) returns jsonb language plpgsql as $$
declare
  v_process text := request ->> 'processId';
  v_repair ledger.process_repair;
begin
  perform ledger.lock_process(v_process);
  v_repair := ledger.known_repair(request);
  if v_repair.repair_id is not null then return ledger.repair_answer(v_repair, true, true); end if;
  v_repair := ledger.repair_given(request);
  if v_repair.settles = '{}' and exists (
    select from ledger.process p where p.process_id = v_process and p.state = 'ended') then
    return ledger.repair_answer(v_repair, false, false);
  end if;
  insert into ledger.process_repair select v_repair.*;
  if v_repair.action = 'reset' then
    -- Whoever has asked for it is the first to try.
    insert into ledger.outbox (kind, subject_id, payload, available_at)
    values ('repair', v_process, jsonb_build_object('repairId', v_repair.repair_id, 'step', v_repair.step,
      'reason', v_repair.reason), clock_timestamp() + interval '5 seconds');
    perform ledger.trace(v_process, v_repair.occurred_at, 'reset-requested', v_repair.reason);
    return ledger.repair_answer(v_repair, true, false);
  end if;
  if v_repair.action = 'skip' then perform ledger.skip_step(v_repair); end if;
  v_repair := ledger.end_repair(v_repair, 'done', '{}', v_repair.occurred_at);
  perform ledger.send('signal', v_process, jsonb_build_object('factId', 'repair:' || v_repair.repair_id, 'again', true));
  return ledger.repair_answer(v_repair, true, false);
end $$;

-- What the engine made of a reset. Settles the entries that it was about, unless their trouble has been seen
-- again since; where it came to nothing they stay, and say why. Safe to repeat: the first word counts.
-- request { processId, repairId, state: done|failed, outcome, actor, at? }
create or replace function loopline.finish_repair(request jsonb) returns jsonb language plpgsql as $$
declare v_repair ledger.process_repair;
begin
  perform ledger.lock_process(request ->> 'processId');
  select * into v_repair from ledger.process_repair r
  where r.process_id = request ->> 'processId' and r.repair_id = request ->> 'repairId';
  if not found then perform ledger.fail_not_found('Repair', request ->> 'repairId'); end if;
  delete from ledger.outbox o
  where o.kind = 'repair' and o.subject_id = v_repair.process_id and o.payload ->> 'repairId' = v_repair.repair_id;
  if v_repair.state <> 'pending' then return ledger.repair_answer(v_repair, true, true); end if;
  v_repair := ledger.end_repair(v_repair, request ->> 'state', request -> 'outcome',
    greatest(v_repair.occurred_at, (request ->> 'at')::timestamptz));
  return ledger.repair_answer(v_repair, true, false);
end $$;

-- The subject's row first, as everywhere; then repairs of one process follow one another.
create or replace function ledger.lock_process(p_process text) returns void language plpgsql as $$
begin
  perform from ledger.orders where order_id = p_process for no key update;
  perform from ledger.returns where return_id = p_process for no key update;
  perform from ledger.purchase_order where purchase_order_id = p_process for no key update;
  perform from ledger.process where process_id = p_process for no key update;
  if not found then perform ledger.fail_not_found('Process', p_process); end if;
end $$;

create or replace function ledger.known_repair(request jsonb) returns ledger.process_repair
language plpgsql stable as $$
declare v_known ledger.process_repair;
begin
  select * into v_known from ledger.process_repair r
  where r.process_id = request ->> 'processId' and r.repair_id = request ->> 'repairId';
  if found and (v_known.action, v_known.step, v_known.reason, v_known.root_cause) is distinct from
      (request ->> 'action', request ->> 'step', request ->> 'reason', request ->> 'rootCause') then
    raise exception 'was used before, for % of % at %, with other content; the first stands', v_known.action,
      v_known.process_id, ledger.instant_text(v_known.recorded_at)
      using errcode = 'LL409', detail = v_known.process_id || ':repair:' || v_known.repair_id;
  end if;
  return v_known;
end $$;

-- The repair as it is stored. It settles what this process has reported of its steps; a step narrows a retry to what stands
-- at it, or was seen from outside.
create or replace function ledger.repair_given(request jsonb) returns ledger.process_repair
language plpgsql stable as $$
declare v_repair ledger.process_repair;
begin
  v_repair.process_id := request ->> 'processId';
  v_repair.repair_id := request ->> 'repairId';
  v_repair.action := request ->> 'action';
  v_repair.step := request ->> 'step';
  v_repair.reason := request ->> 'reason';
  v_repair.root_cause := request ->> 'rootCause';
  v_repair.actor := request ->> 'actor';
  v_repair.state := 'pending';
  v_repair.occurred_at := greatest(ledger.business_time(v_repair.process_id),
    coalesce(ledger.fact_time(request, v_repair.process_id), (select p.recorded_at from ledger.process p
      where p.process_id = v_repair.process_id)));
  v_repair.recorded_at := clock_timestamp();
  select coalesce(jsonb_object_agg(e.exception_id, e.seen), '{}') into v_repair.settles
  from ledger.exception e
  where e.process_id = v_repair.process_id and e.subject_id = v_repair.process_id and e.state = 'open'
    and e.kind in ('workflow-failed', 'compensation-failed') and e.evidence ? 'step'
    and (v_repair.action = 'reset' or v_repair.step is null or e.evidence ->> 'step' = v_repair.step
      or (v_repair.action = 'retry' and e.evidence ->> 'step' = 'watched from outside'));
  perform ledger.check_root_cause(e, v_repair.root_cause)
  from jsonb_object_keys(v_repair.settles) k join ledger.exception e on e.exception_id = k;
  return v_repair;
end $$;

-- Leaves out the step at which a process stands, where the ledger can be told not to ask for it any more. The
-- same steps as in rules/exception/skippable-steps.ts; whatever books goods or money is not among them.
create or replace function ledger.skip_step(p_repair ledger.process_repair) returns void language plpgsql as $$
declare v_process text := p_repair.process_id; v_content jsonb; v_key text;
begin
  if p_repair.settles = '{}' then
    perform ledger.fail_invalid('step', format('%s does not stand at %s', v_process, p_repair.step));
  end if;
  case p_repair.step
    when 'remindInspection' then perform ledger.meet_due(v_process, 'inspection');
    when 'remindCapture' then perform ledger.meet_due(v_process, 'capture');
    when 'escalateLateSupplier' then perform ledger.renew_supplier_due(v_process, 'skipped-' || p_repair.repair_id);
    when 'recordReturnLabel', 'skipReturnLabel' then
      v_content := jsonb_build_object('returnId', v_process, 'occurrence', ledger.label_occurrence(v_process));
      v_key := v_process || ':label-skipped:' || (v_content ->> 'occurrence');
      if ledger.stored_step(v_key, v_content) is null then
        perform ledger.store_step(v_key, v_process, v_content, ledger.return_position(v_process, true) || '{"label": null}');
      end if;
    else perform ledger.fail_invalid('step', format('%s cannot be left out; what can is remindInspection, remindCapture, '
      'escalateLateSupplier, recordReturnLabel and skipReturnLabel', p_repair.step));
  end case;
end $$;

create or replace function ledger.end_repair(
  p_repair ledger.process_repair, p_state text, p_outcome jsonb, p_at timestamptz
) returns ledger.process_repair language plpgsql as $$
declare v_repair ledger.process_repair; v_row ledger.exception; v_is_done boolean := p_state = 'done';
begin
  update ledger.process_repair r set state = p_state, outcome = coalesce(p_outcome, '{}'), ended_at = clock_timestamp()
  where r.process_id = p_repair.process_id and r.repair_id = p_repair.repair_id returning * into v_repair;
  perform ledger.note(v_repair.process_id, case when v_is_done then 'process-repaired' else 'process-repair-failed' end,
    v_repair.actor, p_at, 'repair:' || v_repair.repair_id, v_repair.reason, jsonb_strip_nulls(jsonb_build_object(
      'action', v_repair.action, 'step', v_repair.step, 'outcome', nullif(v_repair.outcome, '{}'))));
  for v_row in
    select e.* from ledger.exception e join jsonb_each_text(v_repair.settles) s on s.key = e.exception_id
    where e.state = 'open' order by e.exception_id for no key update of e
  loop
    if v_is_done and v_row.seen = (v_repair.settles ->> v_row.exception_id)::integer then
      perform ledger.settle_by_repair(v_row, v_repair, p_at);
    else
      perform ledger.board_event(v_row.exception_id, 'repair-failed', v_repair.actor, p_at, v_repair.reason, jsonb_strip_nulls(jsonb_build_object('repairId', v_repair.repair_id,
          'action', v_repair.action, 'step', v_repair.step, 'outcome', v_repair.outcome)));
    end if;
  end loop;
  return v_repair;
end $$;

create or replace function ledger.settle_by_repair(
  p_row ledger.exception, p_repair ledger.process_repair, p_at timestamptz
) returns void language plpgsql as $$
declare v_row ledger.exception;
begin
  update ledger.exception e set state = 'resolved', resolution = p_repair.action, resolved_by = p_repair.actor,
    note = p_repair.reason, root_cause = coalesce(p_repair.root_cause, 'not-investigated'), resolved_at = greatest(e.raised_at, p_at),
    snoozed_until = null, snooze_reason = null, escalate_at = null
  where e.exception_id = p_row.exception_id returning * into v_row;
  perform ledger.board_event(p_row.exception_id, 'repaired', p_repair.actor, v_row.resolved_at, p_repair.reason,
    ledger.closing_detail(v_row) || jsonb_strip_nulls(jsonb_build_object('repairId', p_repair.repair_id, 'step', p_repair.step)));
  perform ledger.unmerge_rest(p_row.exception_id, p_repair.actor, v_row.resolved_at);
end $$;

-- { applied, replayed, repair, process }
create or replace function ledger.repair_answer(p_repair ledger.process_repair, p_applied boolean, p_replayed boolean)
returns jsonb language sql stable as $$
  select jsonb_build_object('applied', p_applied, 'replayed', p_replayed, 'repair', jsonb_build_object(
    'processId', p_repair.process_id, 'repairId', p_repair.repair_id, 'action', p_repair.action, 'step', p_repair.step,
    'reason', p_repair.reason, 'rootCause', p_repair.root_cause, 'actor', p_repair.actor, 'state', p_repair.state, 'outcome', coalesce(p_repair.outcome, '{}'),
    'exceptionIds', (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(p_repair.settles) k),
    'requestedAt', ledger.instant_text(p_repair.occurred_at), 'endedAt', ledger.instant_text(p_repair.ended_at)))
$$;
