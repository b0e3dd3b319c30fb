-- What everybody leaves behind: timeline, messages, processes, due dates.

create or replace function ledger.note(
  p_subject text, p_event text, p_actor text, p_occurred_at timestamptz,
  p_cause text default null, p_reason text default null, p_detail jsonb default '{}'
) returns void language plpgsql as $$
begin
  insert into ledger.timeline (subject_id, event, actor, cause, reason, detail, occurred_at)
  values (p_subject, p_event, p_actor, p_cause, p_reason, coalesce(p_detail, '{}'), p_occurred_at);
  -- What an act changes first is its subject in the audit; whoever is served from what it brings is not.
  if current_setting('loopline.trace', true) = '' and p_event <> 'backorder-allocated' then
    perform ledger.trace(p_subject, p_occurred_at, p_event, p_reason, p_detail);
  end if;
end $$;

-- The business time that a subject has reached: the latest fact on its timeline.
create or replace function ledger.business_time(p_subject text) returns timestamptz
language sql stable as $$ select max(occurred_at) from ledger.timeline where subject_id = p_subject $$;

-- When a fact happened: what it says itself, else when the API heard of it ("at", which no hash covers),
-- else the business time that its subject has reached.
create or replace function ledger.fact_time(p_request jsonb, p_subject text) returns timestamptz
language sql stable as $$
  select coalesce((p_request ->> 'occurredAt')::timestamptz, (p_request ->> 'at')::timestamptz,
    ledger.business_time(p_subject))
$$;

-- Tells a process to look at the ledger; p_fact names the fact that it will find there.
create or replace function ledger.signal(p_process text, p_fact text) returns void
language sql as $$
  insert into ledger.outbox (kind, subject_id, payload)
  select 'signal', p_process, jsonb_build_object('factId', p_fact)
  where exists (select from ledger.process where process_id = p_process and state <> 'ended')
$$;

create or replace function ledger.send(p_kind text, p_subject text, p_payload jsonb) returns void
language sql as $$
  insert into ledger.outbox (kind, subject_id, payload) values (p_kind, p_subject, p_payload)
$$;

create or replace function ledger.open_process(p_process text, p_kind text, p_attributes jsonb) returns void
language sql as $$
  insert into ledger.process (process_id, kind, state, attributes)
  values (p_process, p_kind, 'pending', p_attributes)
$$;

create or replace function ledger.end_process(p_process text) returns void
language sql as $$
  update ledger.process set state = 'ended', ended_at = clock_timestamp()
  where process_id = p_process and state <> 'ended'
$$;

-- One open wait per subject and kind: setting it again replaces the date.
create or replace function ledger.set_due(
  p_subject text, p_process text, p_kind text, p_next_step text, p_due_at timestamptz, p_occurrence text
) returns void language plpgsql as $$
begin
  update ledger.due set state = 'met' where subject_id = p_subject and kind = p_kind and state in ('open', 'reached')
    and due_id <> p_subject || ':' || p_kind || ':' || p_occurrence;
  insert into ledger.due (due_id, subject_id, process_id, kind, next_step, due_at, state)
  values (p_subject || ':' || p_kind || ':' || p_occurrence, p_subject, p_process, p_kind, p_next_step, p_due_at, 'open')
  on conflict (due_id) do nothing;
end $$;

-- A wait that the clock has reached and nobody has carried out yet can still be met.
create or replace function ledger.meet_due(p_subject text, p_kind text default null) returns void
language sql as $$
  update ledger.due set state = 'met'
  where subject_id = p_subject and state in ('open', 'reached') and (p_kind is null or kind = p_kind)
$$;
