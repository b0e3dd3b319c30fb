-- The process has answered this decision, so nobody needs to send it again. Only now: an effect that
-- was recorded may be unknown to a process whose task was lost, and the second sending tells it.
-- Answers what became of the decision, as submit_decision does. Safe to repeat.
create or replace function loopline.acknowledge_decision(request jsonb) returns jsonb language plpgsql as $$
begin
  if not exists (select from ledger.decision where decision_id = request ->> 'decisionId') then
    perform ledger.fail_not_found('Decision', request ->> 'decisionId');
  end if;
  perform ledger.finish_decision(request ->> 'decisionId');
  return ledger.decision_answer(request ->> 'decisionId', false);
end $$;

create or replace function ledger.finish_decision(p_decision text) returns void language sql as $$
  update ledger.outbox o set done_at = clock_timestamp(), leased_until = null
  from ledger.decision d join ledger.approval a using (approval_id)
  where d.decision_id = p_decision and o.kind = 'decision' and o.subject_id = a.process_id
    and o.payload ->> 'decisionId' = p_decision and o.done_at is null
$$;
