-- Keeps what a simulation of a draft has said, for as long as the draft is one that may come into force. Natural key:
-- its content; the same again leaves no trace. request { draftId, policy, from, until, summary: [text], actor, at }.
-- Answers { applied, reason, draft }; reason: state.
create or replace function loopline.note_policy_simulation(request jsonb) returns jsonb language plpgsql as $$
declare
  v_draft ledger.policy_draft := ledger.lock_draft(request ->> 'policy', request ->> 'draftId');
  v_detail jsonb := jsonb_build_object('from', request -> 'from', 'until', request -> 'until',
    'summary', request -> 'summary');
begin
  if v_draft.state not in ('draft', 'submitted', 'approved') then
    return ledger.draft_answer(v_draft.draft_id, 'state');
  end if;
  if ledger.last_simulation(v_draft.draft_id) - '{by,at}'::text[] = v_detail then
    return ledger.draft_answer(v_draft.draft_id, null);
  end if;
  perform ledger.note_draft(v_draft.draft_id, 'simulated', request ->> 'actor', null, (request ->> 'at')::timestamptz,
    v_detail);
  return ledger.draft_answer(v_draft.draft_id, null);
end $$;

-- What was said last of the draft as it stands: { from, until, summary, by, at }; null where it was not tried since
-- it was written.
create or replace function ledger.last_simulation(p_draft text) returns jsonb language sql stable as $$
  select e.detail || jsonb_build_object('by', e.actor, 'at', ledger.instant_text(e.occurred_at))
  from ledger.policy_draft_event e
  where e.draft_id = p_draft and e.event = 'simulated' and e.event_id > (
    select max(w.event_id) from ledger.policy_draft_event w where w.draft_id = p_draft and w.event = 'written')
  order by e.event_id desc limit 1
$$;
