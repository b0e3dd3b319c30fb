-- Erases what is held of one person, and keeps what the law wants kept: invoices, credit notes, payments and
-- postings with their amounts and ids, and the country that was delivered to, which taxes depend on. The
-- customer stays as a number. Refused while something of theirs is under way. Idempotency key:
-- <customer>:erase:<erasureId>. request { customerId, erasureId, reason, actor, at }
-- answers { applied, state: erased | under-way, customerId, erasedAt, underWay, erased: { orders, … }, replayed }
create or replace function loopline.erase_customer(request jsonb) returns jsonb language plpgsql as $$
declare
  v_id bigint := ledger.customer_id(request ->> 'customerId');
  v_key text := (request ->> 'customerId') || ':erase:' || (request ->> 'erasureId');
  v_content jsonb := jsonb_build_object('reason', request -> 'reason');
  v_at timestamptz := (request ->> 'at')::timestamptz;
  v_customer ledger.customer;
  v_result jsonb;
  v_under_way text[];
begin
  -- What changes an order or return holds its row before it names the customer; a new one waits for the
  -- customer's row, and finds it gone.
  perform from ledger.orders o where o.customer_id = v_id order by o.order_id for no key update;
  perform from ledger.returns r where r.customer_id = v_id order by r.return_id for no key update;
  select * into v_customer from ledger.customer c where c.customer_id = v_id for update;
  if not found then perform ledger.fail_not_found('Customer', request ->> 'customerId'); end if;
  v_result := ledger.stored_step(v_key, v_content);
  if v_result is not null then return v_result || '{"replayed": true}'; end if;
  if v_customer.erased_at is not null then
    return ledger.erasure(false, 'erased', v_id, v_customer.erased_at, '{}', null);
  end if;
  v_under_way := ledger.customer_under_way(v_id);
  if v_under_way <> '{}' then return ledger.erasure(false, 'under-way', v_id, null, v_under_way, null); end if;

  v_result := ledger.erasure(true, 'erased', v_id, v_at, '{}', ledger.erase_person(v_customer, v_at));
  perform ledger.audit(ledger.acting(), 'erase_customer', 'customer', request ->> 'customerId', v_at, request ->> 'reason',
    null, v_result -> 'erased');
  return ledger.store_step(v_key, request ->> 'customerId', v_content, v_result);
end $$;

create or replace function ledger.erasure(
  p_applied boolean, p_state text, p_customer bigint, p_at timestamptz, p_under_way text[], p_erased jsonb
) returns jsonb language sql immutable as $$
  select jsonb_build_object('applied', p_applied, 'state', p_state, 'customerId', 'customer:' || p_customer,
    'erasedAt', ledger.instant_text(p_at), 'underWay', to_jsonb(p_under_way), 'erased', p_erased, 'replayed', false)
$$;

-- The number of `customer:<number>`; LL404 for anything else.
create or replace function ledger.customer_id(p_customer text) returns bigint language plpgsql stable as $$
begin
  if p_customer is null or p_customer !~ '^customer:[1-9]\d{0,17}$' then
    perform ledger.fail_not_found('Customer', coalesce(p_customer, ''));
  end if;
  return substr(p_customer, length('customer:') + 1)::bigint;
end $$;

-- What of a customer's is not over, by id, at most twenty: orders, returns, entries, open exceptions of theirs,
-- mail that was not sent, credit that they can still spend.
create or replace function ledger.customer_under_way(p_customer bigint) returns text[] language sql stable as $$
  with subject as (
    select o.order_id as id, o.state in ('accepted', 'released') as open from ledger.orders o where o.customer_id = p_customer
    union all
    select r.return_id, r.state not in ('closed', 'refused', 'expired') from ledger.returns r where r.customer_id = p_customer
    union all
    select f.entry_id, f.state = 'in-review' from ledger.finance_entry f where f.customer_id = p_customer
    union all
    select g.goodwill_id, g.state in ('in-review', 'refunding') from ledger.goodwill g where g.customer_id = p_customer
  ), found as (
    select s.id from subject s where s.open
    union
    select p.process_id from ledger.process p join subject s on s.id = p.process_id where p.state <> 'ended'
    union
    select e.exception_id from ledger.exception e join subject s on s.id = e.subject_id where e.state = 'open'
    union
    select 'mail:' || m.outbox_id from ledger.outbox m join subject s on s.id = m.subject_id
    where m.kind = 'mail' and m.done_at is null
    union
    select 'customer-credit:' || c.currency from ledger.customer_credit c
    where c.customer_id = p_customer and c.balance_minor > 0
  )
  select coalesce(array_agg(f.id order by f.id), '{}') from (select id from found order by id limit 20) f
$$;

-- Takes the person out of every row that may change; answers how many rows of each kind there were. No
-- append-only table names anybody.
create or replace function ledger.erase_person(p_customer ledger.customer, p_at timestamptz) returns jsonb
language plpgsql as $$
declare
  v_id bigint := p_customer.customer_id;
  v_orders integer; v_payments integer; v_mails integer; v_refusals integer;
begin
  update ledger.customer c set external_id = 'erased-' || gen_random_uuid(), name = null, email = null, erased_at = p_at
  where c.customer_id = v_id;
  update ledger.orders o set ship_to = jsonb_strip_nulls(jsonb_build_object('country', o.ship_to -> 'country'))
  where o.customer_id = v_id;
  get diagnostics v_orders = row_count;
  update ledger.payment p set token = null
  where p.token is not null and p.order_id in (select o.order_id from ledger.orders o where o.customer_id = v_id);
  get diagnostics v_payments = row_count;
  update ledger.outbox m set payload = m.payload - 'to'
  where m.kind = 'mail' and m.payload ? 'to' and m.subject_id in (
    select o.order_id from ledger.orders o where o.customer_id = v_id
    union all select r.return_id from ledger.returns r where r.customer_id = v_id);
  get diagnostics v_mails = row_count;
  delete from ledger.intake_refusal_person n using ledger.intake_refusal r
  where r.refusal_id = n.refusal_id and r.channel = p_customer.channel
    and (n.person #>> '{customer,externalId}' = p_customer.external_id
      or r.external_id in (select o.external_id from ledger.orders o where o.customer_id = v_id));
  get diagnostics v_refusals = row_count;
  return jsonb_build_object('orders', v_orders, 'payments', v_payments, 'mails', v_mails, 'refusedOrders', v_refusals);
end $$;
