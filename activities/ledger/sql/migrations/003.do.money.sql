-- Money: postings between two accounts, payments with their ceilings, customers' credit.

-- Append-only. One debit, one credit, one currency: balanced by construction. The rows of one key
-- are one journal.
create table ledger.posting (
  posting_id     bigint generated always as identity primary key,
  key            text not null,
  event          text not null,
  debit          text not null references ledger.account,
  credit         text not null references ledger.account check (credit <> debit),
  currency       text not null check (currency ~ '^[A-Z]{3}$'),
  amount_minor   bigint not null check (amount_minor > 0),
  subject_id     text not null,
  line_no        integer,
  source_ref     text,
  payment_id     text,
  customer_id    bigint,
  policy_version text,
  -- The first open day on or after the fact's day.
  posted_on      date not null,
  occurred_at    timestamptz not null,
  recorded_at    timestamptz not null default clock_timestamp()
);
create index posting_by_subject on ledger.posting (subject_id);
create index posting_by_source on ledger.posting (split_part(source_ref, ':', 1)) where source_ref is not null;
create index posting_by_payment on ledger.posting (payment_id) where payment_id is not null;

create table ledger.closed_period (
  closed_through date primary key,
  recorded_at    timestamptz not null default clock_timestamp()
);

create table ledger.payment (
  payment_id       text primary key,
  order_id         text not null,
  provider         text not null,
  token            text,
  -- The provider's id of the authorization.
  reference        text,
  currency         text not null,
  state            text not null check (state in ('due', 'authorized', 'challenged', 'declined', 'voided')),
  requested_minor  bigint not null check (requested_minor >= 0),
  authorized_minor bigint not null default 0 check (authorized_minor >= 0),
  captured_minor   bigint not null default 0 check (captured_minor >= 0),
  refunded_minor   bigint not null default 0,
  -- Captured before the invoice and not yet used by one.
  deposit_minor    bigint not null default 0 check (deposit_minor >= 0),
  recorded_at      timestamptz not null default clock_timestamp(),
  check (captured_minor <= authorized_minor),
  check (refunded_minor between 0 and captured_minor)
);
create index payment_by_order on ledger.payment (order_id);
create index payment_by_reference on ledger.payment (reference) where reference is not null;

-- What is to be captured, one row per invoice; settled by what the provider answers.
create table ledger.capture (
  capture_id   text primary key,
  payment_id   text not null references ledger.payment,
  order_id     text not null,
  amount_minor bigint not null check (amount_minor > 0),
  state        text not null check (state in ('due', 'captured', 'failed')),
  provider_id  text,
  failure      text,
  occurred_at  timestamptz not null,
  recorded_at  timestamptz not null default clock_timestamp()
);
create index capture_open on ledger.capture (order_id) where state = 'due';
create index capture_by_order on ledger.capture (order_id);

create table ledger.refund (
  refund_id    text primary key,
  payment_id   text not null references ledger.payment,
  subject_id   text not null,
  -- What the refund gives back: refunds-payable for a credit note, customer-deposits for goods never sent.
  account      text not null references ledger.account,
  amount_minor bigint not null check (amount_minor > 0),
  state        text not null check (state in ('due', 'refunded', 'failed')),
  provider_id  text,
  failure      text,
  occurred_at  timestamptz not null,
  recorded_at  timestamptz not null default clock_timestamp()
);
create index refund_by_subject on ledger.refund (subject_id);
create index refund_open on ledger.refund (payment_id) where state = 'due';

-- A limit is enforced here, so this balance is a row and not a sum.
create table ledger.customer_credit (
  customer_id   bigint not null references ledger.customer,
  currency      text not null,
  balance_minor bigint not null check (balance_minor >= 0),
  primary key (customer_id, currency)
);
