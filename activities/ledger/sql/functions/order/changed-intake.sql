-- Another payload under a known key is kept as evidence and is somebody's to look at: one open exception
-- per order, and none for a payload that was looked at before. The exception's evidence are hashes and
-- totals, nothing about a person. The first order stands as it is: its business time goes on only where the
-- channel tells no history.
create or replace function ledger.keep_changed_intake(p_orders jsonb, p_errors jsonb, p_new integer[]) returns void
language plpgsql as $$
declare v_changed record; v_exception text;
begin
  -- What names a person is kept where it can be erased.
  with changed as (
    select c.o from ledger.changed_elements(p_orders, p_errors, p_new) c
  ), kept as (
    insert into ledger.intake_refusal (channel, external_id, payload_hash, payload)
    select c.o ->> 'channel', c.o ->> 'externalId', decode(c.o ->> 'payloadHash', 'hex'),
      c.o - '{plans,by,customer,shipTo,payment}'::text[]
    from changed c
    returning refusal_id, channel, external_id, payload_hash
  )
  insert into ledger.intake_refusal_person (refusal_id, person)
  select distinct on (k.refusal_id) k.refusal_id, jsonb_build_object('customer', c.o -> 'customer',
    'shipTo', c.o -> 'shipTo', 'payment', c.o -> 'payment')
  from kept k
  join changed c on c.o ->> 'channel' = k.channel and c.o ->> 'externalId' = k.external_id
    and decode(c.o ->> 'payloadHash', 'hex') = k.payload_hash
  order by k.refusal_id;

  for v_changed in
    select distinct on (x.order_id, x.o ->> 'payloadHash') x.order_id, x.o, x.first_hash, r.total_minor, r.currency, c.trusted
    from ledger.changed_elements(p_orders, p_errors, p_new) x
    join ledger.orders r on r.order_id = x.order_id
    join ledger.channel c on c.channel = r.channel
    where not exists (select from ledger.exception e where e.subject_id = x.order_id and e.kind = 'intake-changed'
                        and e.evidence ->> 'payloadHash' = x.o ->> 'payloadHash')
    order by x.order_id, x.o ->> 'payloadHash', x.n
  loop
    v_exception := ledger.raise_exception('intake-changed', v_changed.order_id, null, '', jsonb_build_object(
        'firstPayloadHash', v_changed.first_hash, 'payloadHash', v_changed.o ->> 'payloadHash',
        'firstTotalMinor', v_changed.total_minor::text, 'totalMinor', v_changed.o ->> 'totalMinor',
        'firstCurrency', v_changed.currency, 'currency', v_changed.o ->> 'currency', 'sentBy', v_changed.o ->> 'actor'),
      case when v_changed.trusted then ledger.business_time(v_changed.order_id)
        else greatest(ledger.business_time(v_changed.order_id), (v_changed.o ->> 'at')::timestamptz) end);
    perform ledger.audit(
      coalesce(v_changed.o -> 'by', jsonb_build_object('actor', coalesce(v_changed.o ->> 'actor', 'unknown'))),
      'accept_orders', 'order', v_changed.order_id, coalesce((v_changed.o ->> 'at')::timestamptz, clock_timestamp()),
      'other content under a known id', null, jsonb_build_object('state', 'mismatch', 'exceptionId', v_exception));
  end loop;
end $$;

-- The elements that name a known order with another payload than its own. Looked up one by one: a plan
-- that reads a channel's whole intake is one that waits for statistics.
create or replace function ledger.changed_elements(p_orders jsonb, p_errors jsonb, p_new integer[])
returns table (n bigint, o jsonb, order_id text, first_hash text) language sql stable as $$
  select x.n, x.o, i.order_id, encode(i.payload_hash, 'hex')
  from jsonb_array_elements(p_orders) with ordinality x(o, n)
  cross join lateral (
    select k.order_id, k.payload_hash from ledger.intake k
    where k.channel = x.o ->> 'channel' and k.external_id = x.o ->> 'externalId' limit 1) i
  where not p_errors ? x.n::text and x.n <> all (coalesce(p_new, '{}'))
    and i.payload_hash <> decode(x.o ->> 'payloadHash', 'hex')
$$;
