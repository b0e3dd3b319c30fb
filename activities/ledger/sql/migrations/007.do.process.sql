-- What carries the processes: steps, decisions, exceptions, due dates, timeline, inbox and outbox.

-- Append-only. The stored answer of everything that was done once.
create table ledger.step (
  key          text primary key,
  subject_id   text not null,
  request_hash bytea not null,
  result       jsonb not null,
  recorded_at  timestamptz not null default clock_timestamp()
);
create index step_by_subject on ledger.step (subject_id);

create table ledger.process (
  process_id   text primary key,
  kind         text not null check (kind in ('order', 'return', 'purchase-order', 'replenishment',
                 'stock-adjustment', 'finance-entry')),
  state        text not null check (state in ('pending', 'running', 'ended')),
  attributes   jsonb not null default '{}',
  leased_until timestamptz,
  attempts     integer not null default 0,
  recorded_at  timestamptz not null default clock_timestamp(),
  started_at   timestamptz,
  ended_at     timestamptz
);
create index process_pending on ledger.process (recorded_at, process_id) where state = 'pending';
create index process_running on ledger.process (started_at) where state = 'running';

create table ledger.stock_adjustment (
  adjustment_id   text primary key,
  external_ref    text not null unique,
  request_hash    bytea not null,
  kind            text not null check (kind in ('found', 'write-off', 'correction')),
  sku             text not null,
  node            text not null,
  lot             text not null default '',
  -- Signed: found is positive, write-off negative.
  quantity        bigint not null check (quantity <> 0),
  reason_code     text not null,
  state           text not null check (state in ('in-review', 'applied', 'rejected')),
  value_minor     bigint not null default 0,
  applied         bigint not null default 0,
  short           bigint not null default 0,
  source_ref      text,
  requested_by    text not null,
  occurred_at     timestamptz not null,
  recorded_at     timestamptz not null default clock_timestamp()
);
create sequence ledger.adjustment_number;

create table ledger.finance_entry (
  entry_id     text primary key,
  external_ref text not null unique,
  request_hash bytea not null,
  kind         text not null,
  quantity     bigint not null,
  unit_price   numeric(20, 6) not null,
  currency     text not null,
  amount_minor bigint not null,
  below_minor  numeric(20, 6) not null default 0,
  customer_id  bigint,
  state        text not null check (state in ('in-review', 'posted', 'rejected')),
  source_ref   text,
  requested_by text not null,
  occurred_at  timestamptz not null,
  recorded_at  timestamptz not null default clock_timestamp()
);
create sequence ledger.finance_entry_number;

create table ledger.approval (
  approval_id  text primary key,
  process_id   text not null,
  subject_kind text not null,
  subject_id   text not null,
  amount_minor bigint not null,
  currency     text not null,
  role         text not null,
  requested_by text not null,
  rule         text not null,
  state        text not null check (state in ('open', 'approved', 'rejected', 'expired', 'withdrawn')),
  due_at       timestamptz not null,
  decided_by   text,
  decided_at   timestamptz,
  note         text,
  requested_at timestamptz not null,
  recorded_at  timestamptz not null default clock_timestamp()
);
create index approval_open on ledger.approval (recorded_at) where state = 'open';
create index approval_by_subject on ledger.approval (subject_id);

-- Append-only. What a person said, before the process heard it.
create table ledger.decision (
  decision_id text primary key,
  approval_id text not null references ledger.approval,
  decision    text not null check (decision in ('approve', 'reject')),
  note        text,
  actor       text not null,
  recorded_at timestamptz not null default clock_timestamp()
);

create sequence ledger.exception_number;
create table ledger.exception (
  exception_id text primary key,
  -- The same trouble of the same subject is one exception while it is open.
  dedupe_key   text not null,
  kind         text not null,
  subject_id   text not null,
  process_id   text,
  owner        text not null,
  severity     text not null check (severity in ('low', 'normal', 'high')),
  state        text not null check (state in ('open', 'resolved')),
  evidence     jsonb not null default '{}',
  actions      text[] not null,
  resolution   text,
  resolved_by  text,
  note         text,
  raised_at    timestamptz not null,
  due_at       timestamptz not null,
  resolved_at  timestamptz,
  recorded_at  timestamptz not null default clock_timestamp()
);
create unique index exception_one_open on ledger.exception (dedupe_key) where state = 'open';
create index exception_open on ledger.exception (recorded_at) where state = 'open';
create index exception_by_subject on ledger.exception (subject_id);

-- Every wait with its deadline and named next step, in business time.
create table ledger.due (
  due_id      text primary key,
  subject_id  text not null,
  process_id  text not null,
  kind        text not null,
  next_step   text not null,
  due_at      timestamptz not null,
  state       text not null check (state in ('open', 'reached', 'met')),
  recorded_at timestamptz not null default clock_timestamp()
);
create index due_open on ledger.due (due_at) where state = 'open';
create index due_by_subject on ledger.due (subject_id) where state = 'open';

-- Append-only.
create table ledger.timeline (
  timeline_id bigint generated always as identity primary key,
  subject_id  text not null,
  event       text not null,
  actor       text not null,
  cause       text,
  reason      text,
  detail      jsonb not null default '{}',
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp()
);
create index timeline_by_subject on ledger.timeline (subject_id, timeline_id);

-- Append-only. Facts from machines, each once.
create table ledger.inbox (
  source       text not null,
  fact_id      text not null,
  payload_hash bytea not null,
  payload      jsonb not null,
  result       jsonb not null,
  recorded_at  timestamptz not null default clock_timestamp(),
  primary key (source, fact_id)
);

create table ledger.outbox (
  outbox_id    bigint generated always as identity primary key,
  kind         text not null check (kind in ('signal', 'decision', 'mail', 'channel-notice')),
  subject_id   text not null,
  payload      jsonb not null,
  leased_until timestamptz,
  available_at timestamptz not null default clock_timestamp(),
  attempts     integer not null default 0,
  done_at      timestamptz,
  recorded_at  timestamptz not null default clock_timestamp()
);
create index outbox_open on ledger.outbox (outbox_id) where done_at is null;
create index outbox_open_by_subject on ledger.outbox (kind, subject_id, outbox_id) where done_at is null;
