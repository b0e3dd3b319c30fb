-- Puts trouble on the exception board. Owner, severity, SLA, actions and limits stand in the exception
-- catalogue (policy "exceptions"). While one is open, the same trouble of the same subject is that one; soon
-- after it was closed it is reopened. Answers the entry's id.
create or replace function ledger.raise_exception(
  p_kind text, p_subject text, p_process text, p_discriminator text, p_evidence jsonb, p_occurred_at timestamptz
) returns text language plpgsql as $$
declare
  v_key text := p_subject || ':' || p_kind || ':' || coalesce(p_discriminator, '');
  v_id text;
  v_entry jsonb;
  v_event text := 'reopened';
begin
  update ledger.exception e set seen = e.seen + 1, last_seen_at = greatest(e.last_seen_at, p_occurred_at)
  where e.dedupe_key = v_key and e.state = 'open' returning e.exception_id into v_id;
  if found then return v_id; end if;

  v_entry := ledger.exception_entry(p_kind, p_subject, p_evidence, p_occurred_at);
  v_id := ledger.reopen_exception(v_key, p_process, p_evidence, v_entry, p_occurred_at);
  if v_id is null then
    v_event := 'raised';
    v_id := ledger.open_exception(v_key, p_kind, p_subject, p_process, p_evidence, v_entry, p_occurred_at);
    -- Somebody else has raised it meanwhile.
    if v_id is null then
      select e.exception_id into v_id from ledger.exception e where e.dedupe_key = v_key and e.state = 'open';
      return v_id;
    end if;
  end if;
  perform ledger.note(p_subject, 'exception-raised', 'loopline', p_occurred_at, v_id, p_kind, p_evidence);
  perform ledger.board_event(v_id, v_event, 'loopline', p_occurred_at, null,
    jsonb_build_object('dueAt', ledger.instant_text((v_entry ->> 'dueAt')::timestamptz), 'owner', v_entry ->> 'owner',
      'severity', v_entry ->> 'severity'));
  return v_id;
end $$;

-- What the catalogue says of this trouble, with `dueAt`, the order's class and the places of the subject.
create or replace function ledger.exception_entry(
  p_kind text, p_subject text, p_evidence jsonb, p_at timestamptz
) returns jsonb language plpgsql stable as $$
declare
  v_places jsonb := ledger.exception_lies(p_subject, p_evidence);
  v_class text := ledger.order_class_of(p_subject);
  v_document jsonb := ledger.policy_at('exceptions', v_places #>> '{channels,0}', v_places #>> '{regions,0}', p_at) -> 'document';
  v_entry jsonb := v_document -> 'kinds' -> p_kind;
begin
  if v_entry is null then
    raise exception 'The exception catalogue has no kind %', p_kind using errcode = 'LL500';
  end if;
  -- A catalogue of the merchant's own may be older than these settings.
  v_entry := '{"slaHoursByClass": {}, "rootCauses": [], "snoozeHours": 24, "reopenHours": 0, "escalateTo": "ops",
    "snoozes": 3, "escalateEveryHours": 24, "escalations": 3}'::jsonb || (v_document - 'kinds') || v_entry;
  return v_entry || v_places || jsonb_build_object('orderClass', v_class, 'dueAt',
    p_at + make_interval(hours => ledger.sla_hours(v_entry, v_class)));
end $$;

-- The same as slaHours in rules/exception/sla.ts.
create or replace function ledger.sla_hours(p_entry jsonb, p_class text) returns integer language sql immutable as $$
  select coalesce(p_entry -> 'slaHoursByClass' ->> p_class, p_entry ->> 'slaHours')::integer
$$;

-- Where the trouble lies: { nodes, channels, regions }, each an array. ["*"] stands for no such place at all. Of
-- a subject that is no thing of ours, such as a connector, the evidence may name the channel and the node.
create or replace function ledger.exception_lies(p_subject text, p_evidence jsonb) returns jsonb
language sql stable as $$
  select jsonb_object_agg(d.place, case
      when s.places -> d.place = '"*"' then '["*"]'
      when s.places -> d.place = '[]' and p_evidence ? d.named then jsonb_build_array(p_evidence -> d.named)
      else s.places -> d.place end)
  from (select ledger.subject_places(p_subject) as places) s
  cross join (values ('nodes', 'node'), ('channels', 'channel'), ('regions', 'region')) d(place, named)
$$;

-- The class of the order that it is about; of a return, of the order that its first line was sold in.
create or replace function ledger.order_class_of(p_subject text) returns text language sql stable as $$
  select o.class from ledger.orders o
  where o.order_id = case split_part(p_subject, ':', 1)
    when 'order' then p_subject
    when 'return' then (select l.order_id from ledger.return_line l
      where l.return_id = p_subject and l.order_id is not null order by l.line_no limit 1) end
$$;

create or replace function ledger.open_exception(
  p_key text, p_kind text, p_subject text, p_process text, p_evidence jsonb, p_entry jsonb, p_at timestamptz
) returns text language sql as $$
  insert into ledger.exception (exception_id, dedupe_key, kind, subject_id, process_id, owner, severity, state,
    evidence, actions, raised_at, due_at, first_seen_at, last_seen_at, behind, order_class, escalate_at, snooze_limit,
    snooze_hours, reopen_hours, root_causes, escalate_to, escalate_every_hours, escalation_limit, reach_nodes,
    reach_channels, reach_regions)
  values ('exception:' || nextval('ledger.exception_number'), p_key, p_kind, p_subject, p_process,
    p_entry ->> 'owner', p_entry ->> 'severity', 'open', coalesce(p_evidence, '{}'),
    ledger.text_array(p_entry -> 'actions'), p_at, (p_entry ->> 'dueAt')::timestamptz, p_at, p_at,
    greatest(clock_timestamp() - p_at, '0'), p_entry ->> 'orderClass',
    case when (p_entry ->> 'escalations')::integer > 0 then (p_entry ->> 'dueAt')::timestamptz end,
    (p_entry ->> 'snoozes')::integer, (p_entry ->> 'snoozeHours')::integer, (p_entry ->> 'reopenHours')::integer,
    ledger.text_array(p_entry -> 'rootCauses'), p_entry ->> 'escalateTo', (p_entry ->> 'escalateEveryHours')::integer,
    (p_entry ->> 'escalations')::integer, ledger.text_array(p_entry -> 'nodes'), ledger.text_array(p_entry -> 'channels'),
    ledger.text_array(p_entry -> 'regions'))
  on conflict (dedupe_key) where state = 'open' do nothing
  returning exception_id
$$;

-- The entry of the same trouble that was closed last, opened again: it keeps its history, its owner and who
-- works on it, and has its whole time once more. Null where it was closed too long ago, or where its process
-- has yet to carry out what somebody decided: that is then another entry.
create or replace function ledger.reopen_exception(
  p_key text, p_process text, p_evidence jsonb, p_entry jsonb, p_at timestamptz
) returns text language plpgsql as $$
declare v_last ledger.exception;
begin
  select * into v_last from ledger.exception e where e.dedupe_key = p_key and e.state = 'resolved'
  order by e.recorded_at desc, e.exception_id desc limit 1 for no key update;
  if not found or v_last.reopen_hours = 0
    or p_at > v_last.resolved_at + make_interval(hours => v_last.reopen_hours)
    or ledger.resolution_is_under_way(v_last) then return null; end if;
  update ledger.exception e
  set state = 'open', reopened = e.reopened + 1, seen = e.seen + 1, process_id = p_process,
    evidence = coalesce(p_evidence, '{}'), severity = p_entry ->> 'severity', actions = ledger.text_array(p_entry -> 'actions'),
    raised_at = p_at, due_at = (p_entry ->> 'dueAt')::timestamptz, last_seen_at = greatest(e.last_seen_at, p_at),
    behind = greatest(clock_timestamp() - p_at, '0'), resolution = null, resolved_by = null, resolved_at = null,
    note = null, root_cause = null, merged_into = null, snoozes = 0, escalations = 0, escalated_to = null,
    escalate_at = case when e.escalation_limit > 0 then (p_entry ->> 'dueAt')::timestamptz end
  where e.exception_id = v_last.exception_id;
  return v_last.exception_id;
end $$;

-- Whether the process has yet to read what was decided: reopening would take that back.
create or replace function ledger.resolution_is_under_way(p_row ledger.exception) returns boolean
language sql stable as $$
  select p_row.resolution <> 'healed' and p_row.kind not in ('workflow-failed', 'compensation-failed')
    and exists (select from ledger.process p where p.process_id = p_row.process_id and p.state <> 'ended')
    and case split_part(p_row.subject_id, ':', 1)
      when 'order' then p_row.resolution in ('release', 'retry', 'cancel-order', 'accept-short') and not exists (
        select from ledger.step s where s.key = p_row.subject_id || ':resolution:' || ledger.occurrence_of(p_row))
      when 'return' then (p_row.kind = 'capture-overdue' and p_row.resolution = 'accept')
        or (p_row.kind = 'refund-failed' and not exists (
          select from ledger.step s where s.key = ledger.occurrence_of(p_row) || ':handled'))
      when 'goodwill' then p_row.kind = 'refund-failed' and not exists (
        select from ledger.step s where s.key = ledger.occurrence_of(p_row) || ':handled')
      when 'purchase-order' then not exists (
        select from ledger.step s where s.key = p_row.subject_id || ':resolve:' || ledger.occurrence_of(p_row))
      else false end
$$;

-- What cannot be done about this very trouble is not offered for it, as long as something else is.
create or replace function ledger.withhold_action(p_exception text, p_action text) returns void language sql as $$
  update ledger.exception e set actions = array_remove(e.actions, p_action)
  where e.exception_id = p_exception and e.actions <> array[p_action]
$$;
