-- Writes a draft, or writes it anew while it is one. Natural key: draftId; the same content again changes
-- nothing. One that another version has overtaken while people decided, or after, can be written anew as well:
-- it is a draft of what holds now, and nobody has agreed to that yet. request { draftId, policy, channel, region, document, note?, activeFrom?, madeFrom?, actor, at }.
-- Answers { applied, reason, draft }; reason: another-policy, not-the-author or state. LL422 names a channel
-- that is not known and a date that has passed.
create or replace function loopline.put_policy_draft(request jsonb) returns jsonb language plpgsql as $$
begin
  return ledger.write_draft(request);
end $$;

create or replace function ledger.write_draft(request jsonb) returns jsonb language plpgsql as $$
declare
  v_id text := request ->> 'draftId';
  v_at timestamptz := (request ->> 'at')::timestamptz;
  v_old ledger.policy_draft; v_new ledger.policy_draft; v_refusal text; v_overtaken boolean;
begin
  if request ->> 'channel' <> '*'
    and not exists (select from ledger.channel c where c.channel = request ->> 'channel') then
    perform ledger.fail_invalid('channel', format('%s is not a known channel', request ->> 'channel'));
  end if;
  -- Two that write one draft for the first time come here one after the other.
  perform pg_advisory_xact_lock(hashtextextended('policy-draft:' || v_id, 0));
  select * into v_old from ledger.policy_draft where draft_id = v_id for no key update;
  v_new := ledger.draft_asked_for(request, v_at);
  if v_old.draft_id is null then
    perform ledger.check_active_from(v_new.active_from, v_at);
    insert into ledger.policy_draft select v_new.*;
  else
    if ledger.same_draft(v_old, v_new) then return ledger.draft_answer(v_id, null); end if;
    v_overtaken := v_old.state in ('submitted', 'approved')
      and not ledger.draft_fits(v_old, greatest(v_old.active_from, v_at));
    v_refusal := case when v_old.policy <> v_new.policy then 'another-policy'
      when v_old.author <> v_new.author then 'not-the-author'
      when v_old.state <> 'draft' and not v_overtaken then 'state' end;
    if v_refusal is not null then return ledger.draft_answer(v_id, v_refusal); end if;
    perform ledger.check_active_from(v_new.active_from, v_at);
    if v_overtaken then
      perform ledger.withdraw_approvals(ledger.draft_subject(v_id), request ->> 'actor', v_at);
    end if;
    update ledger.policy_draft set channel = v_new.channel, region = v_new.region, document = v_new.document,
      base_version = v_new.base_version, made_from = v_new.made_from, note = v_new.note, active_from = v_new.active_from,
      state = 'draft', approval_id = null
    where draft_id = v_id;
  end if;
  perform ledger.note_draft(v_id, 'written', request ->> 'actor', request ->> 'note', v_at,
    jsonb_build_object('document', v_new.document, 'channel', v_new.channel, 'region', v_new.region,
      'baseVersion', v_new.base_version, 'activeFrom', ledger.instant_text(v_new.active_from)));
  return ledger.draft_answer(v_id, null);
end $$;

-- The row that a request describes. Its base is what it would take the place of.
create or replace function ledger.draft_asked_for(request jsonb, p_at timestamptz) returns ledger.policy_draft
language plpgsql stable as $$
declare v_draft ledger.policy_draft;
begin
  v_draft.draft_id := request ->> 'draftId';
  v_draft.policy := request ->> 'policy';
  v_draft.channel := request ->> 'channel';
  v_draft.region := request ->> 'region';
  v_draft.document := request -> 'document';
  v_draft.active_from := (request ->> 'activeFrom')::timestamptz;
  v_draft.made_from := (request ->> 'madeFrom')::integer;
  v_draft.author := request ->> 'actor';
  v_draft.note := request ->> 'note';
  v_draft.state := 'draft';
  v_draft.recorded_at := clock_timestamp();
  select f.version into v_draft.base_version
  from ledger.policy_in_force(v_draft.policy, v_draft.channel, v_draft.region, coalesce(v_draft.active_from, p_at)) f;
  if not found then perform ledger.fail_not_found('Policy', v_draft.policy); end if;
  return v_draft;
end $$;

-- What was decided stays decided: nothing comes into force in the past.
create or replace function ledger.check_active_from(p_from timestamptz, p_at timestamptz) returns void
language plpgsql stable as $$
begin
  if p_from < p_at then
    perform ledger.fail_invalid('activeFrom', format('lies before %s, the time here', ledger.instant_text(p_at)));
  end if;
end $$;

-- A repeat says the same, whatever has become of the draft; until it is decided on for good, its base has to be
-- the same too.
create or replace function ledger.same_draft(p_old ledger.policy_draft, p_new ledger.policy_draft) returns boolean
language sql immutable as $$
  select (p_old.policy, p_old.channel, p_old.region, p_old.document, p_old.note, p_old.active_from, p_old.made_from,
      p_old.author)
    is not distinct from
      (p_new.policy, p_new.channel, p_new.region, p_new.document, p_new.note, p_new.active_from, p_new.made_from,
      p_new.author)
    and (p_old.state not in ('draft', 'submitted', 'approved') or p_old.base_version = p_new.base_version)
$$;

-- The draft, locked. LL404 where it is not a draft of this policy.
create or replace function ledger.lock_draft(p_policy text, p_draft text) returns ledger.policy_draft
language plpgsql as $$
declare v_draft ledger.policy_draft;
begin
  select * into v_draft from ledger.policy_draft
  where draft_id = p_draft and policy = p_policy for no key update;
  if not found then perform ledger.fail_not_found('Draft', p_draft); end if;
  return v_draft;
end $$;

create or replace function ledger.note_draft(
  p_draft text, p_event text, p_actor text, p_note text, p_at timestamptz, p_detail jsonb default '{}'
) returns void language sql as $$
  insert into ledger.policy_draft_event (draft_id, event, actor, note, detail, occurred_at)
  values (p_draft, p_event, p_actor, p_note, p_detail, p_at);
  select ledger.trace(ledger.draft_subject(p_draft), p_at, p_event, p_note, p_detail)
$$;

create or replace function ledger.draft_answer(p_draft text, p_reason text) returns jsonb
language sql stable as $$
  select jsonb_build_object('applied', p_reason is null, 'reason', p_reason, 'draft', ledger.draft_json(p_draft))
$$;
