-- What every act on the board shares: its event, its time, the lock, and its answer.

create or replace function ledger.board_event(
  p_exception text, p_event text, p_actor text, p_at timestamptz, p_reason text default null, p_detail jsonb default '{}'
) returns void language plpgsql as $$
begin
  insert into ledger.exception_event (exception_id, event, actor, reason, detail, occurred_at)
  values (p_exception, p_event, p_actor, p_reason, coalesce(p_detail, '{}'), p_at);
  perform ledger.trace(p_exception, p_at, p_event, p_reason, p_detail);
end $$;

-- When a person acted: never before the entry was raised.
create or replace function ledger.board_time(p_row ledger.exception, request jsonb) returns timestamptz
language sql stable as $$
  select greatest(p_row.raised_at, coalesce((request ->> 'occurredAt')::timestamptz, (request ->> 'at')::timestamptz))
$$;

-- The entry and what is merged into it, and another one in the same way, locked in the order of their ids. The
-- subjects' rows first, as everywhere: closing a short write-off takes stock, closing a connector's trouble turns
-- it on.
create or replace function ledger.lock_exception(p_exception text, p_other text default null)
returns ledger.exception language plpgsql as $$
declare v_row ledger.exception;
begin
  perform from ledger.stock_adjustment a
  where a.adjustment_id in (select e.subject_id from ledger.exception e
    where (e.exception_id in (p_exception, p_other) or e.merged_into in (p_exception, p_other)) and e.state = 'open')
  order by a.adjustment_id for no key update;
  perform from ledger.webhook_endpoint w
  where 'webhook-endpoint:' || w.endpoint_id in (select e.subject_id from ledger.exception e
    where (e.exception_id in (p_exception, p_other) or e.merged_into in (p_exception, p_other)) and e.state = 'open')
  order by w.endpoint_id for no key update;
  perform from ledger.exception e
  where e.exception_id in (p_exception, p_other) or e.merged_into in (p_exception, p_other)
  order by e.exception_id for no key update;
  select * into v_row from ledger.exception e where e.exception_id = p_exception;
  if not found then perform ledger.fail_not_found('Exception', p_exception); end if;
  return v_row;
end $$;

-- What every act on an entry begins with: the entry, locked with whatever else `duplicateId` names; the key that
-- its repeats are known by (p_fact is the field that names it) and what of it they have to match; and `stored`, the
-- answer of a repeat. Who acts is part of what has to match.
create or replace function ledger.begin_board_act(
  request jsonb, p_act text, p_fact text, out entry ledger.exception, out key text, out content jsonb, out stored jsonb
) language plpgsql as $$
begin
  entry := ledger.lock_exception(request ->> 'exceptionId', request ->> 'duplicateId');
  key := entry.exception_id || ':' || p_act || ':' || (request ->> p_fact);
  -- When it happened, and what a rule made of it, may differ in a repeat.
  content := request - 'occurredAt' - 'at' - 'snoozesSeen' - 'decision';
  stored := ledger.stored_step(key, content) || '{"replayed": true}';
end $$;

-- The answer of an act that was done, kept for its repeats.
create or replace function ledger.end_board_act(p_entry ledger.exception, p_key text, p_content jsonb) returns jsonb
language sql as $$
  select ledger.store_step(p_key, p_entry.subject_id, p_content, ledger.board_answer(p_entry.exception_id, true))
$$;

-- What a resolution is carried out under, once: the entry's own id, and another each time that it came back.
create or replace function ledger.occurrence_of(p_row ledger.exception) returns text language sql immutable as $$
  select case p_row.reopened when 0 then p_row.exception_id else p_row.exception_id || ':' || p_row.reopened::text end
$$;

-- { applied, replayed, exception }
create or replace function ledger.board_answer(p_exception text, p_applied boolean) returns jsonb
language sql stable as $$
  select jsonb_build_object('applied', p_applied, 'replayed', false, 'exception', ledger.exception_json(p_exception))
$$;

-- What the event of a closed entry says of it.
create or replace function ledger.closing_detail(p_row ledger.exception) returns jsonb language sql stable as $$
  select jsonb_build_object('action', p_row.resolution, 'rootCause', p_row.root_cause,
    'dueAt', ledger.instant_text(p_row.due_at), 'inTime', p_row.resolved_at <= p_row.due_at)
$$;

-- An entry is closed and these are still open: they are matters of their own again.
create or replace function ledger.unmerge_rest(p_exception text, p_actor text, p_at timestamptz) returns void
language plpgsql as $$
declare v_id text;
begin
  for v_id in
    update ledger.exception e set merged_into = null, escalate_at = case when e.escalations < e.escalation_limit then e.due_at end
    where e.merged_into = p_exception and e.state = 'open' returning e.exception_id
  loop
    perform ledger.board_event(v_id, 'unmerged', p_actor, p_at, null, jsonb_build_object('from', p_exception));
  end loop;
end $$;
