-- Takes in many orders with one call: intake, reservation, lines, payment and process, each order with
-- a result of its own in the order of the request. Idempotency key: channel + external id + payload hash.
-- request { orders: [{ channel, externalId, payloadHash, orderId, class, currency, placedAt, priority,
--   customer, shipTo, screening, policyVersions, totalMinor, lines, plans, backorderNodes, payment, at, actor }] }
-- Outcomes: accepted, rejected (short), replayed, mismatch, invalid.
create or replace function loopline.accept_orders(request jsonb) returns jsonb language plpgsql as $$
declare
  v_orders jsonb[] := array(select o from jsonb_array_elements(request -> 'orders') with ordinality x(o, n) order by n);
  v_errors jsonb := ledger.invalid_orders(request -> 'orders');
  v_new integer[];
  v_placed record;
begin
  v_new := ledger.take_in(v_orders, v_errors);
  if v_new is not null then
    perform ledger.lock_order_items(v_orders, v_new);
    v_placed := ledger.place_orders(v_orders, v_new);
    perform ledger.record_orders(v_orders, v_new, v_placed.outcomes, v_placed.allocations, v_placed.backorders);
  end if;
  perform ledger.raise_changed_intake(v_orders, v_errors, v_new);
  return (select jsonb_agg(ledger.acceptance_result(v_orders[n], v_errors -> n::text, n = any (v_new)) order by n)
          from generate_subscripts(v_orders, 1) n);
end $$;

-- What is wrong with which element, by its position: { "3": [{ path, message }] }.
create or replace function ledger.invalid_orders(p_orders jsonb) returns jsonb language sql stable as $$
  select coalesce(jsonb_object_agg(pos, errors), '{}') from (
    select pos, jsonb_agg(jsonb_build_object('path', path, 'message', message)) as errors from (
      select x.n as pos, format('lines[%s].sku', l.n - 1) as path,
        format('%s is not a known SKU', l.line ->> 'code') as message
      from jsonb_array_elements(p_orders) with ordinality x(o, n)
      cross join jsonb_array_elements(x.o -> 'lines') with ordinality l(line, n)
      where l.line ->> 'kind' = 'goods'
        and not exists (select from ledger.sku s where s.sku = l.line ->> 'code')
      union all
      select x.n, 'channel', format('%s is not a known channel', x.o ->> 'channel')
      from jsonb_array_elements(p_orders) with ordinality x(o, n)
      where not exists (select from ledger.channel c where c.channel = x.o ->> 'channel')
    ) wrong group by pos
  ) by_position
$$;

-- Inserts the intake and answers the positions that are new. An element whose key is known is a
-- repeat, or another payload under a known key, which is kept as evidence.
create or replace function ledger.take_in(p_orders jsonb[], p_errors jsonb) returns integer[]
language plpgsql as $$
declare v_new integer[];
begin
  with candidate as (
    select distinct on (o ->> 'channel', o ->> 'externalId') n, o
    from unnest(p_orders) with ordinality x(o, n)
    where not p_errors ? n::text
    order by o ->> 'channel', o ->> 'externalId', n
  ), inserted as (
    insert into ledger.intake (channel, external_id, payload_hash, order_id)
    select o ->> 'channel', o ->> 'externalId', decode(o ->> 'payloadHash', 'hex'), o ->> 'orderId'
    from candidate order by 1, 2
    on conflict do nothing
    returning channel, external_id
  )
  select array_agg(c.n order by c.n) into v_new
  from candidate c join inserted i on i.channel = c.o ->> 'channel' and i.external_id = c.o ->> 'externalId';

  insert into ledger.intake_refusal (channel, external_id, payload_hash, payload)
  select o ->> 'channel', o ->> 'externalId', decode(o ->> 'payloadHash', 'hex'), o - 'plans'
  from ledger.changed_elements(p_orders, p_errors, v_new) x;

  insert into ledger.customer (channel, external_id, name, email)
  select distinct on (1, 2) o ->> 'channel', o #>> '{customer,externalId}', o #>> '{customer,name}', o #>> '{customer,email}'
  from unnest(p_orders) with ordinality x(o, n)
  where n = any (v_new) and o #>> '{customer,externalId}' is not null
  order by 1, 2
  on conflict do nothing;
  return v_new;
end $$;

-- Another payload under a known key is somebody's to look at: one open exception per order, and none for
-- a payload that was looked at before. Its evidence are hashes and totals, nothing about a person. The
-- first order stands as it is: its business time goes on only where the channel tells no history.
create or replace function ledger.raise_changed_intake(p_orders jsonb[], p_errors jsonb, p_new integer[]) returns void
language plpgsql as $$
declare v_changed record;
begin
  for v_changed in
    select distinct on (x.order_id, x.o ->> 'payloadHash') x.order_id, x.o, x.first_hash, r.total_minor, r.currency, c.trusted
    from ledger.changed_elements(p_orders, p_errors, p_new) x
    join ledger.orders r on r.order_id = x.order_id
    join ledger.channel c on c.channel = r.channel
    where not exists (select from ledger.exception e where e.subject_id = x.order_id and e.kind = 'intake-changed'
                        and e.evidence ->> 'payloadHash' = x.o ->> 'payloadHash')
    order by x.order_id, x.o ->> 'payloadHash', x.n
  loop
    perform ledger.raise_exception('intake-changed', v_changed.order_id, null, '', jsonb_build_object(
        'firstPayloadHash', v_changed.first_hash, 'payloadHash', v_changed.o ->> 'payloadHash',
        'firstTotalMinor', v_changed.total_minor::text, 'totalMinor', v_changed.o ->> 'totalMinor',
        'firstCurrency', v_changed.currency, 'currency', v_changed.o ->> 'currency', 'sentBy', v_changed.o ->> 'actor'),
      case when v_changed.trusted then ledger.business_time(v_changed.order_id)
        else greatest(ledger.business_time(v_changed.order_id), (v_changed.o ->> 'at')::timestamptz) end);
  end loop;
end $$;

-- The elements that name a known order with another payload than its own. Looked up one by one: a plan
-- that reads a channel's whole intake is one that waits for statistics.
create or replace function ledger.changed_elements(p_orders jsonb[], p_errors jsonb, p_new integer[])
returns table (n bigint, o jsonb, order_id text, first_hash text) language sql stable as $$
  select x.n, x.o, i.order_id, encode(i.payload_hash, 'hex')
  from unnest(p_orders) with ordinality x(o, n)
  cross join lateral (
    select k.order_id, k.payload_hash from ledger.intake k
    where k.channel = x.o ->> 'channel' and k.external_id = x.o ->> 'externalId' limit 1) i
  where not p_errors ? x.n::text and x.n <> all (coalesce(p_new, '{}'))
    and i.payload_hash <> decode(x.o ->> 'payloadHash', 'hex')
$$;

create or replace function ledger.lock_order_items(p_orders jsonb[], p_new integer[]) returns void
language plpgsql as $$
declare v_skus text[]; v_nodes text[];
begin
  select array_agg(sku), array_agg(node) into v_skus, v_nodes from (
    select l ->> 'code' as sku, e ->> 'node' as node
    from unnest(p_new) n
    cross join jsonb_array_elements(p_orders[n] -> 'plans') plan
    cross join jsonb_array_elements(plan) e
    join jsonb_array_elements(p_orders[n] -> 'lines') l on l ->> 'lineNo' = e ->> 'lineNo'
    union
    select l ->> 'code', node
    from unnest(p_new) n
    cross join jsonb_array_elements_text(coalesce(p_orders[n] -> 'backorderNodes', '[]')) node
    cross join jsonb_array_elements(p_orders[n] -> 'lines') l
    where l ->> 'kind' = 'goods'
  ) items;
  perform ledger.lock_items(v_skus, v_nodes);
end $$;
