-- What everybody leaves behind: timeline, messages, processes, due dates, approvals, exceptions.

create or replace function ledger.note(
  p_subject text, p_event text, p_actor text, p_occurred_at timestamptz,
  p_cause text default null, p_reason text default null, p_detail jsonb default '{}'
) returns void language sql as $$
  insert into ledger.timeline (subject_id, event, actor, cause, reason, detail, occurred_at)
  values (p_subject, p_event, p_actor, p_cause, p_reason, coalesce(p_detail, '{}'), p_occurred_at)
$$;

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

-- Opens an approval and its due date; the id names the subject and the round.
create or replace function ledger.ask_approval(
  p_process text, p_subject_kind text, p_subject text, p_round text, p_amount_minor bigint, p_currency text,
  p_role text, p_requested_by text, p_rule text, p_due_hours numeric, p_occurred_at timestamptz
) returns text language plpgsql as $$
declare v_id text := 'approval:' || p_subject || ':' || p_round;
begin
  insert into ledger.approval (approval_id, process_id, subject_kind, subject_id, amount_minor, currency, role,
    requested_by, rule, state, due_at, requested_at)
  values (v_id, p_process, p_subject_kind, p_subject, p_amount_minor, p_currency, p_role, p_requested_by,
    p_rule, 'open', p_occurred_at + make_interval(secs => p_due_hours * 3600), p_occurred_at)
  on conflict (approval_id) do nothing;
  perform ledger.set_due(p_subject, p_process, 'approval', 'escalate',
    p_occurred_at + make_interval(secs => p_due_hours * 3600), p_round);
  perform ledger.note(p_subject, 'approval-asked', p_requested_by, p_occurred_at, v_id, p_rule,
    jsonb_build_object('amountMinor', p_amount_minor::text, 'currency', p_currency, 'role', p_role));
  return v_id;
end $$;

-- Puts trouble on the exception board. Owner, severity, SLA and actions stand in the exception
-- catalogue (policy "exceptions"). While one is open, the same trouble of the same subject is that one.
create or replace function ledger.raise_exception(
  p_kind text, p_subject text, p_process text, p_discriminator text, p_evidence jsonb, p_occurred_at timestamptz
) returns text language plpgsql as $$
declare v_id text; v_entry jsonb; v_key text := p_subject || ':' || p_kind || ':' || coalesce(p_discriminator, '');
begin
  select document -> 'kinds' -> p_kind into v_entry from ledger.policy_version
  where policy = 'exceptions' and channel = '*' order by version desc limit 1;
  if v_entry is null then
    raise exception 'The exception catalogue has no kind %', p_kind using errcode = 'LL500';
  end if;
  insert into ledger.exception (exception_id, dedupe_key, kind, subject_id, process_id, owner, severity, state,
    evidence, actions, raised_at, due_at)
  values ('exception:' || nextval('ledger.exception_number'), v_key, p_kind, p_subject, p_process,
    v_entry ->> 'owner', v_entry ->> 'severity', 'open', coalesce(p_evidence, '{}'),
    (select array_agg(a) from jsonb_array_elements_text(v_entry -> 'actions') a),
    p_occurred_at, p_occurred_at + make_interval(hours => (v_entry ->> 'slaHours')::integer))
  on conflict (dedupe_key) where state = 'open' do nothing
  returning exception_id into v_id;
  if v_id is null then
    select exception_id into v_id from ledger.exception where dedupe_key = v_key and state = 'open';
    return v_id;
  end if;
  perform ledger.note(p_subject, 'exception-raised', 'loopline', p_occurred_at, v_id, p_kind, p_evidence);
  return v_id;
end $$;

-- The trouble is over by itself: closes the open exception of this kind; answers whether there was one.
create or replace function ledger.heal_exception(
  p_kind text, p_subject text, p_discriminator text, p_occurred_at timestamptz
) returns boolean language plpgsql as $$
declare v_id text;
begin
  update ledger.exception set state = 'resolved', resolution = 'healed', resolved_by = 'loopline',
    resolved_at = p_occurred_at
  where dedupe_key = p_subject || ':' || p_kind || ':' || coalesce(p_discriminator, '') and state = 'open'
  returning exception_id into v_id;
  if v_id is not null then
    perform ledger.note(p_subject, 'exception-resolved', 'loopline', p_occurred_at, v_id, 'healed');
  end if;
  return v_id is not null;
end $$;
