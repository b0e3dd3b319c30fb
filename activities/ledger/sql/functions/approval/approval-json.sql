-- One approval as the API shows it. Money as strings in minor units.
create or replace function ledger.approval_json(p_approval text) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', a.approval_id, 'processId', a.process_id, 'subjectKind', a.subject_kind, 'subjectId', a.subject_id,
    'amount', jsonb_build_object('amountMinor', a.amount_minor::text, 'currency', a.currency),
    'role', a.role, 'requestedBy', a.requested_by, 'rule', a.rule, 'state', a.state,
    'dueAt', ledger.instant_text(a.due_at), 'requestedAt', ledger.instant_text(a.requested_at),
    'decidedBy', a.decided_by, 'decidedAt', ledger.instant_text(a.decided_at), 'note', a.note,
    'recordedAt', ledger.instant_text(a.recorded_at))
  from ledger.approval a where a.approval_id = p_approval
$$;

-- The version of a policy that was in force at a business time, as { version, document }.
create or replace function ledger.policy_at(p_policy text, p_at timestamptz) returns jsonb
language sql stable as $$
  select jsonb_build_object('version', p.policy || '@' || p.version, 'document', p.document)
  from ledger.policy_version p
  where p.policy = p_policy and p.channel = '*' and p.effective_from <= p_at
  order by p.effective_from desc, p.version desc limit 1
$$;
