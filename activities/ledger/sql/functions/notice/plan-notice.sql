-- Who hears of something that happened, and how each of them wants to: { planned, recipients: [{ personId, name,
-- email, preference }], endpoints: [id] }. Changes nothing.
create or replace function loopline.read_notice_snapshot(request jsonb) returns jsonb language plpgsql stable as $$
begin
  return jsonb_build_object(
    'planned', exists (select from ledger.step where key = 'notice:' || (request ->> 'key') || ':plan'),
    'recipients', (
      select coalesce(jsonb_agg(jsonb_build_object('personId', p.person_id, 'email', p.email,
        'preference', ledger.preference_json(p.person_id)) order by p.person_id), '[]')
      from ledger.notice_people(ledger.text_array(request -> 'people'), ledger.text_array(request -> 'roles'),
        ledger.text_array(request -> 'without'), request -> 'reach') p),
    'endpoints', (
      select coalesce(jsonb_agg(e.endpoint_id order by e.endpoint_id), '[]') from ledger.webhook_endpoint e
      where e.state = 'active' and request ->> 'kind' = any (e.kinds)));
end $$;

-- Stores what the rule planned for each person, and writes the messages that follow: a mail at its time, one
-- digest for each person and time, a webhook for each endpoint. Takes the notice itself off the outbox.
-- Idempotent by `key`: the first plan stands. Answers { applied, mails, digests, webhooks }.
create or replace function loopline.plan_notice(request jsonb) returns jsonb language plpgsql as $$
declare
  v_key text := 'notice:' || (request ->> 'key') || ':plan';
  v_content jsonb := jsonb_build_object('key', request -> 'key');
  v_result jsonb := ledger.stored_step(v_key, v_content);
begin
  if v_result is null then
    v_result := jsonb_build_object('applied', true) || ledger.write_notices(request);
    perform ledger.store_step(v_key, request ->> 'subjectId', v_content, v_result);
  else
    v_result := v_result || jsonb_build_object('applied', false);
  end if;
  update ledger.outbox o set done_at = clock_timestamp(), leased_until = null
  where o.outbox_id = (request ->> 'outboxId')::bigint and o.done_at is null;
  return v_result;
end $$;

create or replace function ledger.write_notices(request jsonb) returns jsonb language plpgsql as $$
declare v_mails integer; v_digests integer; v_webhooks integer;
begin
  with planned as (
    select p.value ->> 'personId' as person, p.value ->> 'email' as email, p.value ->> 'plan' as plan,
      (p.value ->> 'dueAt')::timestamptz as due_at, p.value ->> 'timeZone' as time_zone,
      'notice:' || (request ->> 'key') || ':' || (p.value ->> 'personId') as notice_id
    from jsonb_array_elements(request -> 'plans') p
  ), stored as (
    insert into ledger.notice (notice_id, notice_key, person_id, kind, subject_id, item_id, facts, plan, due_at,
      digest_id, occurred_at)
    select p.notice_id, request ->> 'key', p.person, request ->> 'kind', request ->> 'subjectId', request ->> 'itemId',
      request -> 'facts', p.plan, p.due_at,
      case p.plan when 'digest' then 'digest:' || p.person || ':' || ledger.instant_text(p.due_at) end,
      (request ->> 'occurredAt')::timestamptz
    from planned p order by p.notice_id
    returning notice_id, person_id, plan, due_at, digest_id
  ), mails as (
    insert into ledger.outbox (kind, subject_id, payload, available_at)
    select 'mail', s.notice_id, jsonb_build_object('template', request ->> 'kind', 'messageId', s.notice_id,
        'to', p.email, 'personId', s.person_id, 'timeZone', p.time_zone, 'itemId', request ->> 'itemId',
        'facts', request -> 'facts'),
      coalesce(s.due_at, clock_timestamp())
    from stored s join planned p using (notice_id)
    where s.plan in ('now', 'after-quiet-hours') order by s.notice_id
    returning outbox_id
  ), digests as (
    -- The digest's time is the same for all that goes into it, so the first notice writes its message.
    insert into ledger.outbox (kind, subject_id, payload, available_at)
    select 'digest', s.digest_id, jsonb_build_object('personId', s.person_id), s.due_at
    from stored s where s.plan = 'digest' order by s.digest_id
    on conflict (subject_id) where kind = 'digest' do nothing
    returning outbox_id
  ), webhooks as (
    insert into ledger.outbox (kind, subject_id, payload)
    select 'webhook', 'webhook:' || e.id || ':' || (request ->> 'key'), jsonb_build_object('endpointId', e.id,
      'webhookId', request ->> 'webhookId', 'type', request ->> 'kind', 'timestamp', request ->> 'occurredAt',
      'data', jsonb_build_object('itemId', request -> 'itemId', 'subjectId', request -> 'subjectId')
        || (request -> 'facts'))
    from jsonb_array_elements_text(request -> 'endpoints') e(id) order by e.id
    returning outbox_id
  )
  select (select count(*) from mails), (select count(*) from digests), (select count(*) from webhooks)
  into v_mails, v_digests, v_webhooks;
  return jsonb_build_object('mails', v_mails, 'digests', v_digests, 'webhooks', v_webhooks);
end $$;
