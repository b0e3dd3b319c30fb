-- One exception as the API shows it.
create or replace function ledger.exception_json(p_exception text) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', e.exception_id, 'kind', e.kind, 'subjectId', e.subject_id, 'processId', e.process_id,
    'owner', e.owner, 'assignee', e.assignee, 'severity', e.severity, 'state', e.state, 'orderClass', e.order_class,
    'evidence', e.evidence, 'actions', to_jsonb(e.actions), 'rootCauses', to_jsonb(e.root_causes),
    'resolution', e.resolution, 'rootCause', e.root_cause, 'resolvedBy', e.resolved_by, 'note', e.note)
  || jsonb_build_object(
    'snoozedUntil', ledger.instant_text(e.snoozed_until), 'snoozeReason', e.snooze_reason, 'snoozes', e.snoozes,
    'snoozeLimit', e.snooze_limit, 'snoozeHours', e.snooze_hours,
    'mergedInto', e.merged_into, 'duplicates', coalesce((select jsonb_agg(d.exception_id order by d.exception_id)
      from ledger.exception d where d.merged_into = e.exception_id), '[]'),
    'escalations', e.escalations, 'escalatedTo', e.escalated_to, 'seen', e.seen, 'reopened', e.reopened,
    'firstSeenAt', ledger.instant_text(e.first_seen_at), 'lastSeenAt', ledger.instant_text(e.last_seen_at),
    'raisedAt', ledger.instant_text(e.raised_at), 'dueAt', ledger.instant_text(e.due_at),
    'resolvedAt', ledger.instant_text(e.resolved_at), 'recordedAt', ledger.instant_text(e.recorded_at))
  from ledger.exception e where e.exception_id = p_exception
$$;

-- The last 500 things that happened to it, oldest first.
create or replace function ledger.exception_events_json(p_exception text) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(jsonb_build_object('event', v.event, 'actor', v.actor, 'reason', v.reason, 'detail', v.detail,
    'occurredAt', ledger.instant_text(v.occurred_at), 'recordedAt', ledger.instant_text(v.recorded_at)) order by v.event_id), '[]')
  from (select * from ledger.exception_event n where n.exception_id = p_exception
        order by n.event_id desc limit 500) v
$$;
