-- What a person said about an approval, stored before the process hears it; the rules have let it pass. request
-- { approvalId, decisionId, kind, decision?, note?, body: { run, level, askee?, seat?, to? }, actor, onBehalfOf?,
-- occurredAt?, at? }; onBehalfOf is whose authority the rule took it for, and goes into the audit alone. Answers
-- { status, applied, replayed, rule, process, approval, answer }:
--   pending  the process has to take it; the outbox sends it again if nobody does
--   settled  it is final: applied, or too late because the approval was not open any more
--   refused  this person may not decide; `rule` says why, nothing was stored
-- A word in another's name is LL500: a person and a key speak for themselves. Idempotent by decisionId.
create or replace function loopline.submit_decision(request jsonb) returns jsonb language plpgsql as $$
declare
  v_decision text := request ->> 'decisionId';
  v_kind text := coalesce(request ->> 'kind', 'decide');
  v_actor text := request ->> 'actor';
  v_approval ledger.approval;
begin
  perform ledger.check_speaker(v_actor);
  select * into v_approval from ledger.approval where approval_id = request ->> 'approvalId';
  if not found then perform ledger.fail_not_found('Approval', request ->> 'approvalId'); end if;
  -- As settling does: what is stored was stored while the approval was open, and is answered so.
  perform ledger.lock_subject(v_approval.subject_kind, v_approval.subject_id);
  select * into v_approval from ledger.approval where approval_id = v_approval.approval_id;

  if ledger.decision_known(request) then return ledger.decision_answer(v_decision, true); end if;
  if v_kind in ('decide', 'ask-information', 'return-for-change') and ledger.is_requester(v_approval, v_actor) then
    return ledger.submission('refused', false, false, 'requester-may-not-decide', v_approval.approval_id, null);
  end if;
  -- What was said when all was over is kept as well, but changes nothing.
  if v_approval.state <> 'open' and v_kind <> 'comment' then
    return ledger.submission('settled', false, false, null, v_approval.approval_id, null);
  end if;

  insert into ledger.decision (decision_id, approval_id, kind, decision, body, note, actor, occurred_at, heard_at)
  values (v_decision, v_approval.approval_id, v_kind, request ->> 'decision', coalesce(request -> 'body', '{}'),
    request ->> 'note', v_actor, ledger.fact_time(request, v_approval.subject_id), (request ->> 'at')::timestamptz)
  on conflict (decision_id) do nothing;
  -- Under the subject's lock only a decision on another approval can have been quicker: LL409.
  if not found then perform ledger.decision_known(request); end if;
  perform ledger.tell(ledger.word_told(v_approval, request));
  insert into ledger.outbox (kind, subject_id, payload, available_at)
  values ('decision', v_approval.process_id,
    jsonb_build_object('decisionId', v_decision, 'approvalId', v_approval.approval_id),
    -- The API sends it at once; the dispatcher only when that came to nothing.
    clock_timestamp() + interval '5 seconds');
  return ledger.decision_answer(v_decision, false);
end $$;

-- What the audit says of a word: what was said at which level of what, how it stood, and for whom.
create or replace function ledger.word_told(p_approval ledger.approval, request jsonb) returns jsonb
language sql immutable as $$
  select jsonb_build_object('onBehalfOf', request -> 'onBehalfOf',
    'before', jsonb_build_object('state', p_approval.state, 'phase', p_approval.phase, 'run', p_approval.run),
    'after', jsonb_strip_nulls(jsonb_build_object('decision', request -> 'decision',
      'levelName', p_approval.plan #>> array['levels', request #>> '{body,level}', 'name'],
      'subject', p_approval.matrix_subject, 'subjectId', p_approval.subject_id,
      'amountMinor', p_approval.amount_minor::text, 'currency', p_approval.currency)
      || coalesce(request -> 'body', '{}')))
$$;

-- Whether this decision is stored already; LL409 when its id was used for another one.
create or replace function ledger.decision_known(request jsonb) returns boolean language plpgsql as $$
declare v_known ledger.decision;
begin
  select * into v_known from ledger.decision where decision_id = request ->> 'decisionId';
  if not found then return false; end if;
  -- Run and level follow from when it was heard, and are no part of what the person says.
  if (v_known.approval_id, v_known.kind, v_known.decision, v_known.note, v_known.actor, v_known.body - array['run', 'level'])
     is distinct from (request ->> 'approvalId', coalesce(request ->> 'kind', 'decide'), request ->> 'decision',
       request ->> 'note', request ->> 'actor', coalesce(request -> 'body', '{}') - array['run', 'level']) then
    raise exception 'The decision % was used with other content', v_known.decision_id
      using errcode = 'LL409', detail = v_known.decision_id;
  end if;
  return true;
end $$;

-- What became of a stored decision.
create or replace function ledger.decision_answer(p_decision text, p_replayed boolean) returns jsonb
language plpgsql as $$
declare v_approval ledger.approval; v_outcome jsonb; v_kind text;
begin
  select d.kind into v_kind from ledger.decision d where d.decision_id = p_decision;
  select a.* into v_approval from ledger.approval a join ledger.decision d using (approval_id)
  where d.decision_id = p_decision;
  v_outcome := ledger.decision_result(v_approval.approval_id, p_decision);
  return ledger.submission(
    case when v_outcome is null and (v_approval.state = 'open' or v_kind = 'comment') then 'pending' else 'settled' end,
    coalesce((v_outcome ->> 'applied')::boolean, false), p_replayed, v_outcome #>> '{answer,rule}',
    v_approval.approval_id, nullif(v_outcome -> 'answer', 'null'));
end $$;

create or replace function ledger.submission(
  p_status text, p_applied boolean, p_replayed boolean, p_rule text, p_approval text, p_answer jsonb
) returns jsonb language sql stable as $$
  select jsonb_build_object('status', p_status, 'applied', p_applied, 'replayed', p_replayed, 'rule', p_rule,
    'process', (select ledger.process_json(p) from ledger.process p where p.process_id = a.process_id),
    'approval', ledger.approval_json(a.approval_id), 'answer', p_answer)
  from ledger.approval a where a.approval_id = p_approval
$$;
