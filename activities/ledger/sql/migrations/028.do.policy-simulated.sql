-- What a trial of a draft on past returns has said belongs to the draft's history, for whoever decides on it.
alter table ledger.policy_draft_event drop constraint policy_draft_event_event_check;
alter table ledger.policy_draft_event add constraint policy_draft_event_event_check
  check (event in ('written', 'simulated', 'submitted', 'approved', 'rejected', 'withdrawn', 'activated'));
