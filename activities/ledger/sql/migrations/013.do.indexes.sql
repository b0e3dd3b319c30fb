-- A wait that has been reached can still be met, so it is looked for as an open one is.

drop index ledger.due_by_subject;
create index due_by_subject on ledger.due (subject_id) where state in ('open', 'reached');
