-- What the approval rule needs to know: the current unit cost (major units of the base currency) and
-- the policies in force. Answers { unitCost, currency, policy, policyVersion, skuClass, region, approvalMatrix:
-- { version, document } }; LL422 names the field
-- that is unknown.
create or replace function loopline.read_adjustment_snapshot(request jsonb) returns jsonb
language plpgsql stable as $$
declare v_policy jsonb := ledger.policy_at('adjustment', '*', ledger.node_region(request ->> 'node'),
  (request ->> 'occurredAt')::timestamptz);
begin
  perform ledger.check_adjustment(request);
  return jsonb_build_object(
    'unitCost', round(ledger.current_unit_cost(request ->> 'sku', request ->> 'node'), 6)::text,
    'currency', ledger.base_currency(), 'policy', v_policy -> 'document', 'policyVersion', v_policy -> 'version',
    'skuClass', (select k.class from ledger.sku k where k.sku = request ->> 'sku'),
    'region', ledger.node_region(request ->> 'node'),
    'approvalMatrix', ledger.policy_at('approval-matrix', '*', ledger.node_region(request ->> 'node'),
      (request ->> 'occurredAt')::timestamptz));
end $$;

create or replace function ledger.check_adjustment(request jsonb) returns void language plpgsql stable as $$
begin
  if not exists (select from ledger.sku where sku = request ->> 'sku') then
    perform ledger.fail_invalid('sku', format('%s is no known SKU', request ->> 'sku'));
  end if;
  if not exists (select from ledger.node where node = request ->> 'node') then
    perform ledger.fail_invalid('node', format('%s is no known node', request ->> 'node'));
  end if;
  if not ledger.reason_offered('adjustment', request ->> 'reasonCode', '*', ledger.node_region(request ->> 'node'),
      (request ->> 'occurredAt')::timestamptz) then
    perform ledger.fail_invalid('reasonCode', format('%s is no reason for an adjustment; there are %s',
      request ->> 'reasonCode', (select string_agg(c, ', ' order by c)
        from ledger.policy_in_force('reason-codes', '*', ledger.node_region(request ->> 'node'),
          coalesce((request ->> 'occurredAt')::timestamptz, 'infinity')) f
        cross join jsonb_object_keys(f.document -> 'adjustment') c)));
  end if;
end $$;
