-- Returns, their lines by cover, inspections and credit notes.

create sequence ledger.return_number;

create table ledger.returns (
  return_id      text primary key,
  channel        text references ledger.channel,
  external_ref   text,
  request_hash   bytea not null,
  customer_id    bigint references ledger.customer,
  currency       text not null,
  state          text not null check (state in ('in-review', 'awaiting-receipt', 'awaiting-inspection',
                   'refunding', 'closed', 'refused', 'expired')),
  resolution     text not null check (resolution in ('refund', 'credit')),
  rule           text not null,
  reasons        jsonb not null default '[]',
  policy_version text,
  label_id       text,
  tracking_number text,
  receive_by     timestamptz,
  requested_at   timestamptz not null,
  authorized_at  timestamptz,
  received_at    timestamptz,
  ended_at       timestamptz,
  recorded_at    timestamptz not null default clock_timestamp(),
  unique (channel, external_ref)
);
create index returns_newest on ledger.returns (recorded_at desc, return_id desc);
create index returns_queue on ledger.returns (state, recorded_at) where state in ('awaiting-receipt', 'awaiting-inspection');

-- One row per cover of a requested line: cancelled units of a sale not yet shipped, units of a sale
-- that was shipped, or blind units for which no sale is left.
create table ledger.return_line (
  return_id        text not null references ledger.returns,
  line_no          integer not null,
  external_line_id text not null,
  kind             text not null check (kind in ('goods', 'shipping', 'other', 'discount', 'manual', 'voucher')),
  code             text not null,
  cover            text not null check (cover in ('cancelled', 'sale', 'blind')),
  order_id         text,
  order_line_no    integer,
  quantity         bigint not null check (quantity > 0),
  unit_price       numeric(20, 6) not null,
  amount_minor     bigint not null,
  tax_minor        bigint not null default 0,
  below_minor      numeric(20, 6) not null default 0,
  reason_code      text not null,
  node             text,
  source_ref       text,
  received         bigint not null default 0,
  inspected        bigint not null default 0,
  credited         bigint not null default 0,
  credited_minor   bigint not null default 0,
  -- Cost the received units came back with and what dispositions have taken of it (major units).
  received_cost    numeric(24, 10) not null default 0,
  disposed_cost    numeric(24, 10) not null default 0,
  check (received <= quantity and inspected <= received and credited <= quantity),
  check ((cover = 'blind') = (order_id is null)),
  primary key (return_id, line_no)
);
create index return_line_by_order on ledger.return_line (order_id) where order_id is not null;
create index return_line_by_source on ledger.return_line (split_part(source_ref, ':', 1)) where source_ref is not null;

-- Append-only.
create table ledger.return_receipt (
  receipt_id  text not null,
  return_id   text not null references ledger.returns,
  line_no     integer,
  sku         text not null,
  node        text not null,
  quantity    bigint not null check (quantity > 0),
  -- expected, over (more than authorized) or wrong-item; the last two go to quarantine.
  finding     text not null check (finding in ('expected', 'over', 'wrong-item')),
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp()
);
create index return_receipt_by_return on ledger.return_receipt (return_id);

-- Append-only.
create table ledger.inspection (
  inspection_id text not null,
  return_id     text not null references ledger.returns,
  line_no       integer not null,
  quantity      bigint not null check (quantity > 0),
  grade         text not null,
  disposition   text not null check (disposition in ('restock', 'repack', 'refurbish', 'vendor-return', 'quarantine', 'scrap')),
  inspector     text not null,
  occurred_at   timestamptz not null,
  recorded_at   timestamptz not null default clock_timestamp()
);
create index inspection_by_return on ledger.inspection (return_id);

create sequence ledger.credit_note_number;
-- Append-only.
create table ledger.credit_note (
  credit_note_number text primary key,
  return_id          text not null references ledger.returns,
  amount_minor       bigint not null,
  tax_minor          bigint not null,
  occurred_at        timestamptz not null,
  recorded_at        timestamptz not null default clock_timestamp()
);
create index credit_note_by_return on ledger.credit_note (return_id);
