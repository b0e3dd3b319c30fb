-- A person has decided on a draft. Called when the decision is carried out, with the subject locked; safe to
-- repeat, does nothing unless the draft is submitted. What was to hold from a date is put into force with it;
-- a date that has passed meanwhile becomes the time of the decision.
create or replace function ledger.decide_policy_draft(
  p_subject text, p_approved boolean, p_actor text, p_at timestamptz
) returns void language plpgsql as $$
declare v_draft ledger.policy_draft;
begin
  perform ledger.lock_policy_draft(p_subject);
  select * into v_draft from ledger.policy_draft where draft_id = ledger.draft_of(p_subject);
  if v_draft.state <> 'submitted' then return; end if;
  -- An author decides on no draft of their own: they have withdrawn their request.
  v_draft.state := case when p_approved then 'approved' when p_actor = v_draft.author then 'withdrawn' else 'rejected' end;
  update ledger.policy_draft set state = v_draft.state where draft_id = v_draft.draft_id;
  perform ledger.note_draft(v_draft.draft_id, v_draft.state, p_actor, null, p_at);
  perform ledger.lock_policy(v_draft.policy);
  -- Where another version has come between, it stays approved and has to be written anew.
  if p_approved and v_draft.active_from is not null
    and ledger.draft_fits(v_draft, greatest(v_draft.active_from, p_at)) then
    perform ledger.put_in_force(v_draft, greatest(v_draft.active_from, p_at), 'loopline', p_at);
  end if;
end $$;

-- The lock of the subject of an approval. LL404 for one that is no draft.
create or replace function ledger.lock_policy_draft(p_subject text) returns void language plpgsql as $$
begin
  perform from ledger.policy_draft where draft_id = ledger.draft_of(p_subject) for no key update;
  if not found then perform ledger.fail_not_found('Draft', p_subject); end if;
end $$;

create or replace function ledger.draft_of(p_subject text) returns text language sql immutable as $$
  select substr(p_subject, length('policy-change:') + 1)
$$;

-- Versions of one policy come into force one after the other. Whoever looks whether a draft still fits in order
-- to put it into force takes this first and looks then: of two drafts with one base, one is the first.
create or replace function ledger.lock_policy(p_policy text) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('policy:' || p_policy, 0));
end $$;

-- The draft becomes the next version of its policy, in force for its scope from this time on. The caller holds
-- the policy's lock.
create or replace function ledger.put_in_force(
  p_draft ledger.policy_draft, p_from timestamptz, p_actor text, p_at timestamptz
) returns void language plpgsql as $$
declare v_version integer;
begin
  insert into ledger.policy_version (policy, version, channel, region, effective_from, document, draft_id, made_from,
    actor, note)
  select p_draft.policy, max(v.version) + 1, p_draft.channel, p_draft.region, p_from, p_draft.document,
    p_draft.draft_id, p_draft.made_from, p_draft.author, p_draft.note
  from ledger.policy_version v where v.policy = p_draft.policy
  returning version into v_version;
  update ledger.policy_draft set state = 'active', version = v_version, active_from = p_from
  where draft_id = p_draft.draft_id;
  perform ledger.tell(jsonb_build_object('before', jsonb_build_object('version', p_draft.base_version),
    'after', jsonb_build_object('policy', p_draft.policy, 'channel', p_draft.channel, 'region', p_draft.region)));
  perform ledger.note_draft(p_draft.draft_id, 'activated', p_actor, null, p_at,
    jsonb_build_object('version', v_version, 'effectiveFrom', ledger.instant_text(p_from)));
  if p_draft.policy = 'approval-matrix' then
    perform ledger.tell_of_matrix(p_draft, v_version, p_from, p_actor, p_at);
  end if;
end $$;

-- Puts an approved draft into force from a date, or at once. Natural key: the draft and the date. request
-- { draftId, policy, activeFrom?, actor, at }. Answers { applied, reason, draft }; reason: state, stale, or
-- active (from another date). LL422 names a date that has passed.
create or replace function loopline.activate_policy_draft(request jsonb) returns jsonb language plpgsql as $$
declare
  v_at timestamptz := (request ->> 'at')::timestamptz;
  v_from timestamptz := coalesce((request ->> 'activeFrom')::timestamptz, v_at);
  v_draft ledger.policy_draft := ledger.lock_draft(request ->> 'policy', request ->> 'draftId');
  v_refusal text;
begin
  perform ledger.lock_policy(v_draft.policy);
  v_refusal := case
    when v_draft.state = 'active' then
      case when v_draft.active_from <> v_from and request ->> 'activeFrom' is not null then 'active' end
    when v_draft.state <> 'approved' then 'state'
    when not ledger.draft_fits(v_draft, v_from) then 'stale' end;
  if v_refusal is null and v_draft.state = 'approved' then
    perform ledger.check_active_from(v_from, v_at);
    perform ledger.put_in_force(v_draft, v_from, request ->> 'actor', v_at);
  end if;
  return ledger.draft_answer(v_draft.draft_id, v_refusal);
end $$;

-- Takes a draft back that is not in force. Natural key: the draft. request { draftId, policy, note?, actor, at }.
-- Answers { applied, reason, draft }; reason: not-the-author or state.
create or replace function loopline.withdraw_policy_draft(request jsonb) returns jsonb language plpgsql as $$
declare
  v_draft ledger.policy_draft := ledger.lock_draft(request ->> 'policy', request ->> 'draftId');
  v_subject text := ledger.draft_subject(v_draft.draft_id);
  v_refusal text;
begin
  v_refusal := case when v_draft.author <> request ->> 'actor' then 'not-the-author'
    when v_draft.state in ('active', 'rejected') then 'state' end;
  if v_refusal is null and v_draft.state <> 'withdrawn' then
    update ledger.policy_draft set state = 'withdrawn' where draft_id = v_draft.draft_id;
    perform ledger.withdraw_approvals(v_subject, request ->> 'actor', (request ->> 'at')::timestamptz);
    perform ledger.note_draft(v_draft.draft_id, 'withdrawn', request ->> 'actor', request ->> 'note',
      (request ->> 'at')::timestamptz);
  end if;
  return ledger.draft_answer(v_draft.draft_id, v_refusal);
end $$;
