-- Takes in a finance entry with the postings that the rule has mapped it to, and posts them, or asks
-- for the approval that the rule wants. Idempotent by externalRef: a repeat is answered as the first
-- was, with replayed true; other content is LL409. Answers { replayed, entry, decision }.
create or replace function loopline.record_finance_entry(request jsonb) returns jsonb language plpgsql as $$
declare
  v_content jsonb := request - 'decision' - 'actor';
  v_decision jsonb := request -> 'decision';
  v_ref text := request ->> 'externalRef';
  v_at timestamptz := (request ->> 'occurredAt')::timestamptz;
  v_id text; v_key text; v_result jsonb;
begin
  select entry_id into v_id from ledger.finance_entry where external_ref = v_ref;
  if v_id is null then v_id := ledger.store_finance_entry(request, v_content); end if;
  perform from ledger.finance_entry where entry_id = v_id for no key update;
  v_key := v_id || ':record:' || v_ref;
  v_result := ledger.stored_step(v_key, v_content);
  if v_result is not null then return v_result || '{"replayed": true}'; end if;

  perform ledger.note(v_id, 'entry-requested', request ->> 'actor', v_at, v_ref, request ->> 'kind',
    jsonb_build_object('amountMinor', v_decision ->> 'amountMinor', 'currency', request ->> 'currency',
      'invoice', request ->> 'invoice', 'rule', v_decision ->> 'rule'));
  if jsonb_typeof(v_decision -> 'approval') = 'object' then
    perform ledger.open_process(v_id, 'finance-entry',
      jsonb_build_object('Owner', v_decision #>> '{approval,projection,askedRoles,0}'));
    perform ledger.ask_approval(v_id, 'finance-entry', v_id, '1', abs((v_decision ->> 'amountMinor')::bigint),
      request ->> 'currency', v_decision -> 'approval', request ->> 'actor', v_at);
  else
    perform ledger.post_finance_entry(v_id, v_decision, v_key, request ->> 'actor', v_at);
  end if;
  return ledger.store_step(v_key, v_id, v_content, jsonb_build_object(
    'replayed', false, 'entry', ledger.finance_entry_json(v_id), 'decision', v_decision));
end $$;

-- The new row's id, or that of the row which another call has stored meanwhile.
create or replace function ledger.store_finance_entry(request jsonb, p_content jsonb) returns text
language plpgsql as $$
declare v_id text; v_customer bigint;
begin
  if request ? 'customer' then v_customer := ledger.entry_customer(request); end if;
  if request ? 'invoice'
     and not exists (select from ledger.dispatch where invoice_number = request ->> 'invoice') then
    perform ledger.fail_invalid('invoice', format('%s is no known invoice', request ->> 'invoice'));
  end if;
  insert into ledger.finance_entry (entry_id, external_ref, request_hash, kind, quantity, unit_price, currency,
    amount_minor, below_minor, customer_id, state, source_ref, requested_by, occurred_at)
  values ('finance-entry:' || nextval('ledger.finance_entry_number'), request ->> 'externalRef',
    ledger.content_hash(p_content), request ->> 'kind', (request ->> 'quantity')::bigint,
    (request ->> 'unitPrice')::numeric, request ->> 'currency', (request -> 'decision' ->> 'amountMinor')::bigint,
    (request -> 'decision' ->> 'belowMinor')::numeric, v_customer, 'in-review', request ->> 'sourceRef',
    request ->> 'actor', (request ->> 'occurredAt')::timestamptz)
  on conflict (external_ref) do nothing returning entry_id into v_id;
  if v_id is null then
    select entry_id into v_id from ledger.finance_entry where external_ref = request ->> 'externalRef';
  end if;
  return v_id;
end $$;

-- The customer whom the entry names, made known if need be.
create or replace function ledger.entry_customer(request jsonb) returns bigint language plpgsql as $$
declare v_customer bigint; v_channel text := request ->> 'channel'; v_external text := request -> 'customer' ->> 'externalId';
begin
  if not exists (select from ledger.channel where channel = v_channel) then
    perform ledger.fail_invalid('channel', format('%s is no known channel', v_channel));
  end if;
  insert into ledger.customer (channel, external_id) values (v_channel, v_external)
  on conflict (channel, external_id) do nothing;
  select customer_id into v_customer from ledger.customer where channel = v_channel and external_id = v_external;
  return v_customer;
end $$;
