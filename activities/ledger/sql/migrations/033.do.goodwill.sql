-- Goodwill after the sale: money that a customer is given without returning anything.

create sequence ledger.goodwill_number;

create table ledger.goodwill (
  goodwill_id    text primary key check (goodwill_id ~ '^goodwill:[1-9]\d*$'),
  external_ref   text not null unique,
  order_id       text not null references ledger.orders,
  customer_id    bigint references ledger.customer,
  currency       text not null,
  -- What was asked for, what was given of it, and what of that became the customer's credit.
  amount_minor   bigint not null check (amount_minor > 0),
  given_minor    bigint not null default 0 check (given_minor between 0 and amount_minor),
  credited_minor bigint not null default 0 check (credited_minor between 0 and given_minor),
  resolution     text not null check (resolution in ('refund', 'credit')),
  reason_code    text not null references ledger.reason_code,
  state          text not null check (state in ('in-review', 'refunding', 'closed', 'refused')),
  -- Of the approval matrix.
  policy_version text not null,
  requested_by   text not null,
  occurred_at    timestamptz not null,
  recorded_at    timestamptz not null default clock_timestamp()
);
create index goodwill_by_order on ledger.goodwill (order_id);
create index goodwill_by_customer on ledger.goodwill (customer_id) where customer_id is not null;
create index goodwill_recorded on ledger.goodwill (recorded_at, goodwill_id);

alter table ledger.process drop constraint process_kind_check,
  add constraint process_kind_check check (kind in ('order', 'return', 'purchase-order', 'replenishment',
    'stock-adjustment', 'finance-entry', 'approval', 'goodwill'));

alter table ledger.reason_code drop constraint reason_code_subject_check,
  add constraint reason_code_subject_check
    check (subject in ('return', 'cancellation', 'adjustment', 'exception', 'goodwill'));
