-- Who did what: one row an act, written by the act's own statement, and the seals that a separate step puts
-- on the rows behind it.

-- Append-only. `xact` is the transaction that wrote the row: rows become final in its order, which the ids,
-- drawn before the commit, do not say.
create table ledger.audit (
  xact           xid8 not null default pg_current_xact_id(),
  audit_id       bigint generated always as identity,
  -- A person, a key's holder or a process, and for whom it acted.
  actor          text not null,
  on_behalf_of   text,
  -- The key's or the session's id, never the secret.
  credential     text,
  act            text not null,
  subject_kind   text not null,
  subject_id     text not null,
  -- What changed of the subject, where it matters.
  before         jsonb,
  after          jsonb,
  reason         text,
  request_id     text,
  source_address text,
  occurred_at    timestamptz not null,
  recorded_at    timestamptz not null default clock_timestamp(),
  primary key (xact, audit_id)
);
create index audit_newest on ledger.audit (recorded_at, audit_id);
create index audit_by_subject on ledger.audit (subject_id, recorded_at, audit_id);
-- Whoever acts often is found soon along the newest; for the others these say in which pages there is nothing
-- of theirs. A sorted index each would cost every act half as much again.
create index audit_by_actor on ledger.audit using brin (actor text_bloom_ops (n_distinct_per_range = 100))
  with (pages_per_range = 32, autosummarize = on);
create index audit_by_act on ledger.audit using brin (act text_bloom_ops (n_distinct_per_range = 100))
  with (pages_per_range = 32, autosummarize = on);

-- Append-only. The chain over the rows, in the order of (xact, audit_id).
create table ledger.audit_seal (
  sequence      bigint primary key check (sequence > 0),
  xact          xid8 not null,
  audit_id      bigint not null,
  previous_hash bytea not null check (length(previous_hash) = 32),
  -- Of the row alone, so that the chain can be followed where a row may not be shown.
  content_hash  bytea not null check (length(content_hash) = 32),
  row_hash      bytea not null check (length(row_hash) = 32),
  -- On the first seal of a day (UTC): the last day with seals, its last sequence and that one's hash.
  anchor        text,
  sealed_at     timestamptz not null,
  unique (xact, audit_id)
);

-- Where the chain ends; one row. A chain whose end was cut off does not reach it.
create table ledger.audit_head (
  only_one  boolean primary key default true check (only_one),
  sequence  bigint not null,
  xact      xid8 not null,
  audit_id  bigint not null,
  row_hash  bytea not null,
  sealed_at timestamptz not null
);
insert into ledger.audit_head (sequence, xact, audit_id, row_hash, sealed_at)
values (0, '0', 0, sha256(''), '-infinity');

do $$
declare name text;
begin
  foreach name in array array['audit', 'audit_seal'] loop
    execute format('create trigger append_only before update or delete on ledger.%I
                    for each row execute function ledger.refuse_change()', name);
    execute format('create trigger append_only_whole before truncate on ledger.%I
                    for each statement execute function ledger.refuse_change()', name);
  end loop;
end $$;
