-- What the rules need to judge a return: the sales that may cover its lines, newest first, the policies
-- in force at the sales and now, and whether the channel is trusted.
-- request { request: content, requestedAt }; answers { known } with the first answer of a repeat, else
-- { known: null, trusted, currency, channel, region, approvalMatrix: { version, document }, refundTiming: the same,
-- policyVersion, policies: { version: document }, sales: [...] }.
create or replace function loopline.read_return_snapshot(request jsonb) returns jsonb language plpgsql stable as $$
declare
  v_content jsonb := request -> 'request';
  v_at timestamptz := (request ->> 'requestedAt')::timestamptz;
  v_scope record;
  v_known jsonb;
  v_sales jsonb;
  v_version integer;
  v_region text;
begin
  v_scope := ledger.return_scope(v_content);
  v_known := ledger.known_return(v_scope.channel, v_content);
  if v_known is not null then return jsonb_build_object('known', v_known); end if;
  perform ledger.check_return_lines(v_content, v_scope.customer_id, v_scope.channel, v_at);
  v_sales := ledger.covering_sales(v_content, v_scope.customer_id, v_scope.currency, v_scope.trusted, v_at);
  -- Who names no order brings back what they bought last.
  v_region := coalesce(ledger.return_region(v_content),
    (select o.ship_to ->> 'country' from ledger.orders o where o.order_id = v_sales #>> '{0,orderId}'));
  select f.version into v_version from ledger.policy_in_force('return', v_scope.channel, v_region, v_at) f;
  return jsonb_build_object('known', null, 'trusted', v_scope.trusted, 'currency', v_scope.currency,
    'channel', v_scope.channel, 'region', v_region,
    'customerRisk', ledger.risk_of('customer:' || v_scope.customer_id),
    'skuClasses', ledger.classes_of(array(select w ->> 'code' from jsonb_array_elements(v_content -> 'lines') w)),
    'approvalMatrix', ledger.policy_at('approval-matrix', v_scope.channel, v_region, v_at),
    'refundTiming', ledger.policy_at('refund-timing', v_scope.channel, v_region, v_at),
    'policyVersion', v_version, 'sales', v_sales,
    'policies', (select jsonb_object_agg(p.version, p.document) from ledger.policy_version p
      where p.policy = 'return' and (p.version = v_version
        or p.version in (select (s ->> 'policyVersion')::integer from jsonb_array_elements(v_sales) s))));
end $$;

-- The classes of these SKUs, each once; of a code that is none, such as a charge's, none.
create or replace function ledger.classes_of(p_codes text[]) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(distinct k.class order by k.class), '[]') from ledger.sku k where k.sku = any (p_codes)
$$;

-- Where the goods were sent that are brought back: the country of the order that the request names, if it
-- names one.
create or replace function ledger.return_region(p_content jsonb) returns text language sql stable as $$
  select o.ship_to ->> 'country' from ledger.orders o
  where o.order_id = coalesce(p_content ->> 'orderId',
    jsonb_path_query_first(p_content, '$.lines[*].orderId') #>> '{}')
$$;

-- Order lines with units that can still be cancelled (`open`) or brought back (`returnable`).
-- A line that names its sale is covered by that sale, a request that names an order by that order,
-- any other by everything the customer bought until then.
create or replace function ledger.covering_sales(
  p_content jsonb, p_customer_id bigint, p_currency text, p_trusted boolean, p_at timestamptz
) returns jsonb language sql stable as $$
  with wanted as (
    select distinct w ->> 'kind' as kind, w ->> 'code' as code, w ->> 'orderId' as order_id,
      (w ->> 'orderLineNo')::integer as line_no
    from jsonb_array_elements(p_content -> 'lines') w
  ), candidate as (
    select l.order_id, l.line_no from wanted w
    join ledger.order_line l on l.order_id = w.order_id and l.line_no = w.line_no
    union
    select l.order_id, l.line_no from wanted w
    join ledger.order_line l on l.order_id = p_content ->> 'orderId' and l.kind = w.kind and l.code = w.code
    where w.line_no is null and p_content ->> 'orderId' is not null
    union
    select l.order_id, l.line_no from wanted w
    join ledger.order_line l on l.customer_id = p_customer_id and l.code = w.code and l.kind = w.kind
      and l.placed_at <= p_at
    where w.line_no is null and p_content ->> 'orderId' is null
  )
  select coalesce(jsonb_agg(jsonb_build_object(
      'orderId', l.order_id, 'lineNo', l.line_no, 'kind', l.kind, 'code', l.code,
      'placedAt', ledger.instant_text(l.placed_at),
      -- Between two business times: since its last units left, or else since it was placed.
      'ageDays', extract(epoch from p_at - coalesce(case when not p_trusted then (
        select max(d.occurred_at) from ledger.dispatch d
        join ledger.shipment_line s on s.shipment_id = d.shipment_id
        where d.order_id = l.order_id and s.line_no = l.line_no and s.dispatched > 0) end, l.placed_at)) / 86400,
      'open', case when o.state in ('accepted', 'released')
        then l.quantity - l.shipped - l.cancelled - l.short else 0 end,
      'returnable', l.shipped - l."returning", 'returning', l."returning", 'shipped', l.shipped,
      'unitPrice', trim_scale(l.unit_price)::text, 'invoicedMinor', l.invoiced_minor::text,
      'taxMinor', l.tax_minor::text, 'amountMinor', l.amount_minor::text,
      'policyVersion', substring(o.policy_versions ->> 'return' from '\d+$')::integer)
    order by l.placed_at desc, o.recorded_at desc, o.order_id desc, l.line_no desc), '[]')
  from candidate c
  join ledger.order_line l using (order_id, line_no)
  join ledger.orders o using (order_id)
  -- A discount that is asked for later is no discount of the sale brought back: it is never covered.
  where o.currency = p_currency and o.state <> 'rejected' and l.kind <> 'discount'
    and l.quantity - l.cancelled - l.short - l."returning" > 0
$$;
