-- One approval as lists and its subject show it. Money as strings in minor units.
create or replace function ledger.approval_json(p_approval text) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', a.approval_id, 'processId', a.process_id, 'subjectKind', a.subject_kind, 'subjectId', a.subject_id,
    'subject', a.matrix_subject,
    'amount', jsonb_build_object('amountMinor', a.amount_minor::text, 'currency', a.currency),
    'baseAmountMinor', a.base_minor::text,
    'role', a.role, 'askedRoles', to_jsonb(a.asked_roles), 'askedPeople', to_jsonb(a.asked_people),
    'requestedBy', a.requested_by, 'requestedFor', a.requested_for, 'rule', a.rule, 'row', a.plan ->> 'row',
    'reasons', a.reasons, 'policyVersion', a.policy_version, 'run', a.run, 'levels', jsonb_array_length(a.plan -> 'levels'),
    'openLevels', to_jsonb(a.open_levels), 'state', a.state, 'phase', a.phase, 'escalated', a.escalated,
    'dueAt', ledger.instant_text(a.due_at), 'requestedAt', ledger.instant_text(a.requested_at),
    'decidedBy', a.decided_by, 'decidedFor', a.decided_for, 'decidedAt', ledger.instant_text(a.decided_at),
    'closedBy', a.closed_by, 'note', a.note, 'recordedAt', ledger.instant_text(a.recorded_at))
  from ledger.approval a where a.approval_id = p_approval
$$;
