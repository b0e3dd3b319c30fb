-- What surrounds every act of the application (activities/ledger/audited-functions.ts): whoever acts is known
-- to all that the act does, and what it did leaves one row. Three settings carry that, for as long as the
-- transaction lasts: loopline.by says who, loopline.trace what has changed first, loopline.told what it was and is.

-- The beginning: answers who acts, as { actor, onBehalfOf?, credential?, requestId?, sourceAddress? }.
create or replace function ledger.begin_act(p_act text, request jsonb) returns jsonb language plpgsql as $$
declare
  -- A request may name its actor as one of its own fields; orders that share a call name one each.
  v_by jsonb := coalesce(request -> 'by', jsonb_build_object('actor',
    coalesce(request ->> 'actor', request #>> '{orders,0,actor}')));
begin
  if coalesce(v_by ->> 'actor', '') = '' then
    raise exception '% changes the ledger and nobody says who does it: call it as somebody, ledger.as({ actor })', p_act
      using errcode = 'LL500';
  end if;
  perform set_config('loopline.by', (v_by - 'within')::text, true), set_config('loopline.trace', '', true),
    set_config('loopline.told', '', true);
  return v_by;
end $$;

-- Who acts; null outside of an act.
create or replace function ledger.acting() returns jsonb language sql stable as $$
  select nullif(current_setting('loopline.by', true), '')::jsonb
$$;

-- Something of a subject has changed, in business time p_at: what (p_event), why, and what there is to say of it.
-- The first word of an act counts: what follows from it for others is a consequence. Whatever writes a subject's
-- timeline says this by ledger.note.
create or replace function ledger.trace(
  p_subject text, p_at timestamptz, p_event text default null, p_reason text default null, p_detail jsonb default '{}'
) returns void language plpgsql as $$
begin
  if current_setting('loopline.trace', true) = '' then
    perform set_config('loopline.trace', p_at::text || E'\n' || p_subject, true);
    perform ledger.tell(jsonb_build_object('reason', p_reason,
      -- Whom a parcel went to, its carrier knows; a note is the reason, or stands in the history.
      'after', jsonb_strip_nulls(jsonb_build_object('event', p_event))
        || case when jsonb_typeof(p_detail) = 'object' then p_detail - '{note,trackingNumber}'::text[] else '{}' end));
  end if;
end $$;

-- What the row of the act under way says besides: { before?, after?, reason?, onBehalfOf? }. What is told of before
-- and after adds up. Nothing of a customer's name, address or mail.
create or replace function ledger.tell(p_more jsonb) returns void language plpgsql as $$
declare
  v_told jsonb := coalesce(nullif(current_setting('loopline.told', true), ''), '{}')::jsonb;
  v_part text;
begin
  foreach v_part in array '{before,after}'::text[] loop
    if jsonb_typeof(p_more -> v_part) = 'object' then
      p_more := jsonb_set(p_more, array[v_part], coalesce(v_told -> v_part, '{}') || (p_more -> v_part));
    end if;
  end loop;
  perform set_config('loopline.told', (v_told || p_more)::text, true);
end $$;

-- The end, under the locks of all that was done: whoever acts still reaches it, or it is undone. One row where
-- something was traced, none where the act only looked, repeated an earlier answer, was refused, or has left rows
-- of its own. An act that is not known to trace what it does (p_is_traced false) is judged by its answer, and rather
-- leaves a row too many. `after` says what was told of the change, and of what was asked and answered the plain
-- values that say what was done.
create or replace function ledger.end_act(
  p_act text, p_by jsonb, request jsonb, p_result jsonb, p_is_traced boolean
) returns void language plpgsql as $$
declare
  v_trace text := current_setting('loopline.trace', true);
  v_told jsonb; v_subject text; v_at timestamptz;
begin
  if p_by ? 'within' then perform ledger.check_reach(p_by -> 'within'); end if;
  if v_trace = 'own' then return; end if;
  if v_trace <> '' then
    v_at := split_part(v_trace, E'\n', 1)::timestamptz;
    v_subject := substr(v_trace, strpos(v_trace, E'\n') + 1);
  elsif p_is_traced or ledger.changed_nothing(p_result) then
    return;
  end if;
  v_subject := coalesce(v_subject, ledger.named_subject(request), ledger.named_subject(p_result), p_act);
  v_told := coalesce(nullif(current_setting('loopline.told', true), ''), '{}')::jsonb;
  perform ledger.audit(
    p_by || jsonb_strip_nulls(jsonb_build_object('onBehalfOf', v_told -> 'onBehalfOf')),
    p_act, split_part(v_subject, ':', 1), v_subject,
    coalesce((request ->> 'occurredAt')::timestamptz, v_at, (request ->> 'at')::timestamptz, clock_timestamp()),
    left(coalesce(request ->> 'reasonCode', request ->> 'reason', request ->> 'note', v_told ->> 'reason'), 500),
    nullif(v_told -> 'before', 'null'),
    nullif(coalesce(v_told -> 'after', '{}') || ledger.plain_values(request, p_result), '{}'));
end $$;

-- Of what was asked and what was answered the texts, numbers and truths that say what was done; none of these
-- names may hold anything of a customer.
create or replace function ledger.plain_values(request jsonb, p_result jsonb) returns jsonb
language sql immutable as $$
  select coalesce(jsonb_object_agg(n.name, v.value), '{}')
  from unnest('{state,outcome,action,kind,rootCause,step,node,sku,quantity,units,receivedUnits,overUnits,inboundUnits,
    shortUnits,supplier,currency,amountMinor,valueMinor,invoiceNumber,receiptId,noticeId,shipmentId,exceptionId,
    duplicateId,policy}'::text[]) n(name)
  cross join lateral (select coalesce(p_result -> n.name, request -> n.name) as value) v
  where jsonb_typeof(v.value) in ('string', 'number', 'boolean')
$$;

-- Whether an answer says of itself that nothing was changed.
create or replace function ledger.changed_nothing(p_result jsonb) returns boolean language sql immutable as $$
  select coalesce((p_result ->> 'replayed')::boolean, false)
    or p_result ->> 'status' = 'refused' or p_result ->> 'outcome' = 'refused'
    or (p_result ->> 'applied' = 'false' and p_result ->> 'status' is distinct from 'pending')
$$;

-- The subject that a request or an answer names.
create or replace function ledger.named_subject(p_content jsonb) returns text language sql immutable as $$
  select coalesce(p_content ->> 'approvalId', p_content ->> 'exceptionId', p_content ->> 'orderId', p_content ->> 'returnId',
    p_content ->> 'purchaseOrderId', p_content ->> 'processId', p_content ->> 'subjectId',
    'policy-change:' || (p_content ->> 'draftId'), p_content ->> 'id')
$$;
