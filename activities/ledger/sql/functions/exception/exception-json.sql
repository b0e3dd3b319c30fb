-- One exception as the API shows it.
create or replace function ledger.exception_json(p_exception text) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', e.exception_id, 'kind', e.kind, 'subjectId', e.subject_id, 'processId', e.process_id,
    'owner', e.owner, 'severity', e.severity, 'state', e.state, 'evidence', e.evidence,
    'actions', to_jsonb(e.actions), 'resolution', e.resolution, 'resolvedBy', e.resolved_by, 'note', e.note,
    'raisedAt', ledger.instant_text(e.raised_at), 'dueAt', ledger.instant_text(e.due_at),
    'resolvedAt', ledger.instant_text(e.resolved_at), 'recordedAt', ledger.instant_text(e.recorded_at))
  from ledger.exception e where e.exception_id = p_exception
$$;
