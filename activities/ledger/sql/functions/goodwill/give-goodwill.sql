-- What the rule of goodwill needs: { channel, region, currency, customerRisk, approvalMatrix: { version, document } }.
-- LL404 without such an order. request { orderId, askedAt }
create or replace function loopline.read_goodwill_snapshot(request jsonb) returns jsonb language plpgsql stable as $$
declare v_order ledger.orders;
begin
  select * into v_order from ledger.orders where order_id = request ->> 'orderId';
  if not found then perform ledger.fail_not_found('Order', request ->> 'orderId'); end if;
  return jsonb_build_object('channel', v_order.channel, 'region', v_order.ship_to ->> 'country',
    'currency', v_order.currency, 'customerRisk', ledger.risk_of('customer:' || v_order.customer_id), 'approvalMatrix', ledger.policy_at('approval-matrix', v_order.channel,
      v_order.ship_to ->> 'country', (request ->> 'askedAt')::timestamptz));
end $$;

-- Takes in goodwill on an order and gives it, or asks for the approval that the rule wants. Idempotent by
-- externalRef: a repeat is answered as the first was, with replayed true; other content is LL409. LL422 for more
-- than is left of what was paid, another currency, a reason that there is not, or a time before the order was placed.
-- Answers { replayed, goodwill }.
-- request { externalRef, orderId, amountMinor, currency, resolution, reasonCode, occurredAt, askedAt, actor, policyVersion,
--   approval: null | what ask_approval takes }
create or replace function loopline.give_goodwill(request jsonb) returns jsonb language plpgsql as $$
declare
  v_content jsonb := request - '{askedAt,actor,policyVersion,approval}'::text[];
  v_ref text := request ->> 'externalRef';
  v_at timestamptz := (request ->> 'occurredAt')::timestamptz;
  v_row ledger.goodwill; v_key text; v_result jsonb;
begin
  select * into v_row from ledger.goodwill where external_ref = v_ref for no key update;
  if not found then v_row := ledger.store_goodwill(request, v_at); end if;
  v_key := v_row.goodwill_id || ':give:' || v_ref;
  v_result := ledger.stored_step(v_key, v_content);
  if v_result is not null then return v_result || '{"replayed": true}'; end if;

  perform ledger.note(v_row.goodwill_id, 'goodwill-requested', request ->> 'actor', v_at, v_ref, v_row.reason_code,
    ledger.goodwill_detail(v_row, v_row.amount_minor));
  perform ledger.note(v_row.order_id, 'goodwill-requested', request ->> 'actor', v_at, v_row.goodwill_id,
    v_row.reason_code, ledger.goodwill_detail(v_row, v_row.amount_minor));
  if jsonb_typeof(request -> 'approval') = 'object' then
    perform ledger.open_process(v_row.goodwill_id, 'goodwill',
      jsonb_build_object('Owner', request #>> '{approval,projection,askedRoles,0}'));
    perform ledger.ask_approval(v_row.goodwill_id, 'goodwill', v_row.goodwill_id, '1', v_row.amount_minor,
      v_row.currency, request -> 'approval', request ->> 'actor', (request ->> 'askedAt')::timestamptz);
  else
    perform ledger.grant_goodwill(v_row, v_key, request ->> 'actor', v_at);
  end if;
  return ledger.store_step(v_key, v_row.goodwill_id, v_content,
    jsonb_build_object('replayed', false, 'goodwill', ledger.goodwill_json(v_row.goodwill_id)));
end $$;

-- The new row. Whoever asks for goodwill on one order at the same moment waits for its payments.
create or replace function ledger.store_goodwill(request jsonb, p_at timestamptz) returns ledger.goodwill
language plpgsql as $$
declare v_order ledger.orders; v_row ledger.goodwill; v_left bigint;
begin
  select * into v_order from ledger.orders where order_id = request ->> 'orderId';
  if not found then perform ledger.fail_not_found('Order', request ->> 'orderId'); end if;
  if p_at < v_order.placed_at then
    perform ledger.fail_invalid('occurredAt', format('lies before %s was placed', v_order.order_id));
  end if;
  if not exists (select from ledger.reason_code r
                 where r.reason_code = request ->> 'reasonCode' and r.subject = 'goodwill') then
    perform ledger.fail_invalid('reasonCode', format('%s is no reason for goodwill', request ->> 'reasonCode'));
  end if;
  if request ->> 'currency' <> v_order.currency then
    perform ledger.fail_invalid('amount.currency', format('must be %s, as the order is', v_order.currency));
  end if;
  perform ledger.lock_payments(v_order.order_id);
  v_left := ledger.goodwill_left(v_order.order_id);
  if (request ->> 'amountMinor')::bigint > v_left then
    perform ledger.fail_invalid('amount.amountMinor',
      format('only %s is left of what was paid, less what was given back or is about to be', v_left));
  end if;
  insert into ledger.goodwill (goodwill_id, external_ref, order_id, customer_id, currency, amount_minor, resolution,
    reason_code, state, policy_version, requested_by, occurred_at)
  values ('goodwill:' || nextval('ledger.goodwill_number'), request ->> 'externalRef', v_order.order_id,
    v_order.customer_id, v_order.currency, (request ->> 'amountMinor')::bigint, request ->> 'resolution',
    request ->> 'reasonCode', 'in-review', request ->> 'policyVersion', request ->> 'actor', p_at)
  returning * into v_row;
  return v_row;
end $$;

create or replace function ledger.lock_payments(p_order text) returns void language plpgsql as $$
begin
  perform from ledger.payment p where p.order_id = p_order order by p.payment_id for no key update;
end $$;

-- How much goodwill an order still bears: what was captured, less what was given back or is about to be, less what
-- became credit by goodwill, less goodwill that waits for its approval.
create or replace function ledger.goodwill_left(p_order text) returns bigint language sql stable as $$
  select greatest(0,
    coalesce((select sum(ledger.refundable_minor(p.payment_id)) from ledger.payment p where p.order_id = p_order), 0)
    - coalesce((select sum(g.credited_minor + case when g.state = 'in-review' then g.amount_minor else 0 end)
        from ledger.goodwill g where g.order_id = p_order), 0))::bigint
$$;

create or replace function ledger.goodwill_detail(p_row ledger.goodwill, p_minor bigint) returns jsonb
language sql immutable as $$
  select jsonb_build_object('goodwillId', p_row.goodwill_id, 'orderId', p_row.order_id, 'amountMinor', p_minor::text,
    'currency', p_row.currency, 'resolution', p_row.resolution)
$$;
