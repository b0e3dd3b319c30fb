-- Second attempts: of giving money back, and of repairs for which the engine could not be asked.

alter table ledger.payment
  -- Under which of its keys the rest is given back: under another one only after the provider has said no.
  add column give_back_key integer not null default 1 check (give_back_key > 0),
  -- Which attempt of ours at it comes next.
  add column give_back_try integer not null default 1 check (give_back_try > 0);

-- Why it came to what a repair settles; null where nobody said.
alter table ledger.process_repair add column root_cause text;

-- `repair`: a reset that nobody could carry out when it was asked for.
alter table ledger.outbox drop constraint outbox_kind_check,
  add constraint outbox_kind_check check (kind in ('signal', 'decision', 'mail', 'channel-notice', 'notice', 'digest',
    'webhook', 'repair'));
