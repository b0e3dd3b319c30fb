-- What the approval rule needs to know: the current unit cost (major units of the base currency) and
-- the policy in force. Answers { unitCost, currency, policy, policyVersion }; LL422 names the field
-- that is unknown.
create or replace function loopline.read_adjustment_snapshot(request jsonb) returns jsonb
language plpgsql stable as $$
declare v_policy jsonb := ledger.policy_at('adjustment', (request ->> 'occurredAt')::timestamptz);
begin
  perform ledger.check_adjustment(request);
  return jsonb_build_object(
    'unitCost', round(ledger.current_unit_cost(request ->> 'sku', request ->> 'node'), 6)::text,
    'currency', ledger.base_currency(), 'policy', v_policy -> 'document', 'policyVersion', v_policy -> 'version');
end $$;

create or replace function ledger.check_adjustment(request jsonb) returns void language plpgsql stable as $$
begin
  if not exists (select from ledger.sku where sku = request ->> 'sku') then
    perform ledger.fail_invalid('sku', format('%s is no known SKU', request ->> 'sku'));
  end if;
  if not exists (select from ledger.node where node = request ->> 'node') then
    perform ledger.fail_invalid('node', format('%s is no known node', request ->> 'node'));
  end if;
  if not exists (select from ledger.reason_code
                 where reason_code = request ->> 'reasonCode' and subject = 'adjustment') then
    perform ledger.fail_invalid('reasonCode', format('%s is no reason for an adjustment; there are %s',
      request ->> 'reasonCode',
      (select string_agg(reason_code, ', ' order by reason_code) from ledger.reason_code where subject = 'adjustment')));
  end if;
end $$;
