-- What the rule of finance entries needs to know: { policy, policyVersion,
-- approvalMatrix: { version, document } }.
create or replace function loopline.read_finance_entry_snapshot(request jsonb) returns jsonb
language plpgsql stable as $$
declare v_policy jsonb := ledger.policy_at('finance-entry', (request ->> 'occurredAt')::timestamptz);
begin
  return jsonb_build_object('policy', v_policy -> 'document', 'policyVersion', v_policy -> 'version',
    'approvalMatrix', ledger.policy_at('approval-matrix', request ->> 'channel', '*',
      (request ->> 'occurredAt')::timestamptz));
end $$;
