-- Asks for the approval of a draft. Natural key: the draft; what is submitted is not submitted again.
-- request { draftId, policy, actor, at, note?, approval: null | what ask_approval takes }; without an approval
-- the matrix asks nobody and the draft is approved at once. Answers { applied, reason, draft }; reason:
-- not-the-author, unchanged (it says what is in force), stale (its base is no longer in force) or state.
create or replace function loopline.submit_policy_draft(request jsonb) returns jsonb language plpgsql as $$
begin
  return ledger.submit_draft(request);
end $$;

-- Writes a draft and submits it, or does neither: what an older version says, brought back. Natural key:
-- draftId. request as those of both. Answers as they do; a draft that is refused is not there.
create or replace function loopline.roll_back_policy(request jsonb) returns jsonb language plpgsql as $$
declare v_answer jsonb;
begin
  begin
    v_answer := ledger.write_draft(request);
    if (v_answer ->> 'applied')::boolean then v_answer := ledger.submit_draft(request); end if;
    if not (v_answer ->> 'applied')::boolean then
      raise exception 'a rollback that is refused leaves nothing' using errcode = 'LLUND';
    end if;
  exception when sqlstate 'LLUND' then null;
  end;
  return v_answer;
end $$;

create or replace function ledger.submit_draft(request jsonb) returns jsonb language plpgsql as $$
declare
  v_at timestamptz := (request ->> 'at')::timestamptz;
  v_draft ledger.policy_draft := ledger.lock_draft(request ->> 'policy', request ->> 'draftId');
  v_refusal text;
begin
  if v_draft.author <> request ->> 'actor' then return ledger.draft_answer(v_draft.draft_id, 'not-the-author'); end if;
  if v_draft.state in ('submitted', 'approved', 'active') then return ledger.draft_answer(v_draft.draft_id, null); end if;
  v_refusal := case when v_draft.state <> 'draft' then 'state'
    when not ledger.draft_fits(v_draft, greatest(v_draft.active_from, v_at)) then 'stale'
    when ledger.draft_changes_nothing(v_draft) then 'unchanged' end;
  if v_refusal is not null then return ledger.draft_answer(v_draft.draft_id, v_refusal); end if;

  perform ledger.check_draft_ask(v_draft, request -> 'approval', v_at);
  perform ledger.note_draft(v_draft.draft_id, 'submitted', request ->> 'actor', request ->> 'note', v_at,
    jsonb_build_object('rule', request #>> '{approval,rule}'));
  update ledger.policy_draft set state = 'submitted',
    approval_id = ledger.ask_policy_approval(v_draft, request -> 'approval', request ->> 'actor', v_at)
  where draft_id = v_draft.draft_id;
  if jsonb_typeof(request -> 'approval') is distinct from 'object' then
    perform ledger.decide_policy_draft(ledger.draft_subject(v_draft.draft_id), true, 'loopline', v_at);
  end if;
  return ledger.draft_answer(v_draft.draft_id, null);
end $$;

-- What the approval of a draft is about: the id of its subject.
create or replace function ledger.draft_subject(p_draft text) returns text language sql immutable as $$
  select 'policy-change:' || p_draft
$$;

-- The one place at which policies ask for an approval; null when nobody has to be asked. A draft that was
-- overtaken and written anew is another round.
create or replace function ledger.ask_policy_approval(
  p_draft ledger.policy_draft, p_approval jsonb, p_actor text, p_at timestamptz
) returns text language sql as $$
  select case when jsonb_typeof(p_approval) = 'object' then
    ledger.ask_approval(null, 'policy-change', ledger.draft_subject(p_draft.draft_id),
      (select (count(*) + 1)::text from ledger.approval a where a.subject_id = ledger.draft_subject(p_draft.draft_id)),
      0, ledger.base_currency(), p_approval, p_actor, p_at) end
$$;

-- Whoever submits a draft asks by the matrix that is in force for it: else they could have it approved by nobody, or by
-- whom they like. LL500 where the rule that was to say so has said something else.
create or replace function ledger.check_draft_ask(p_draft ledger.policy_draft, p_approval jsonb, p_at timestamptz)
returns void language plpgsql stable as $$
declare
  v_subject text := ledger.draft_subject(p_draft.draft_id);
  v_matrix jsonb := ledger.policy_at('approval-matrix', p_draft.channel, p_draft.region, p_at) -> 'document';
  v_facts jsonb := jsonb_build_object('subject', 'policy-change', 'amountMinor', '0',
    'channel', nullif(p_draft.channel, '*'), 'region', nullif(p_draft.region, '*'));
begin
  if jsonb_typeof(p_approval) = 'object' then
    perform ledger.check_plan(v_subject, v_matrix, v_facts, p_approval -> 'plan', false);
  elsif not exists (select from ledger.rows_for(v_matrix, v_facts, false) r where r -> 'levels' = '[]') then
    raise exception '% is submitted to nobody, and the matrix asks somebody', v_subject using errcode = 'LL500';
  end if;
end $$;

-- Whether the draft still changes what it was written against, if it held from this time on.
create or replace function ledger.draft_fits(p_draft ledger.policy_draft, p_at timestamptz) returns boolean
language sql stable as $$
  select exists (select from ledger.policy_in_force(p_draft.policy, p_draft.channel, p_draft.region, p_at) f
                 where f.version = p_draft.base_version)
$$;

create or replace function ledger.draft_changes_nothing(p_draft ledger.policy_draft) returns boolean
language sql stable as $$
  select exists (select from ledger.policy_version v
    where v.policy = p_draft.policy and v.version = p_draft.base_version and v.document = p_draft.document
      and v.channel = p_draft.channel and v.region = p_draft.region)
$$;
