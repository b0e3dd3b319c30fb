-- Changes of suppliers and of other master data that wait for people.

create sequence ledger.master_data_change_number;

create table ledger.master_data_change (
  -- supplier-change:7, or master-data-edit:8.
  change_id    text primary key check (change_id ~ '^(supplier-change|master-data-edit):[1-9]\d*$'),
  noun         text not null check (noun in ('supplier', 'sku', 'node', 'channel')),
  record_key   text not null,
  -- What is to be changed, by the names on the wire; before and after hold these fields alone.
  fields       text[] not null check (cardinality(fields) > 0),
  before       jsonb not null,
  after        jsonb not null,
  -- How often the record came to say something else in these fields while the change waited, and once more.
  basis        integer not null default 1 check (basis > 0),
  state        text not null check (state in ('waiting', 'applied', 'rejected', 'expired', 'withdrawn', 'overtaken')),
  -- Why one that was approved could not be carried out.
  refusal      text check ((refusal is not null) = (state = 'overtaken')),
  approval_id  text references ledger.approval,
  requested_by text not null,
  requested_at timestamptz not null,
  decided_by   text,
  decided_at   timestamptz,
  recorded_at  timestamptz not null default clock_timestamp(),
  check ((state = 'waiting') = (decided_at is null))
);
-- A record has one change at a time that waits.
create unique index master_data_change_waiting on ledger.master_data_change (noun, record_key) where state = 'waiting';
create index master_data_change_by_noun on ledger.master_data_change (noun, recorded_at, change_id);
create index master_data_change_by_record on ledger.master_data_change (noun, record_key, recorded_at);
