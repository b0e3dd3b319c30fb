-- Orders: intake, lines, holds, shipments, dispatches and invoices.

create table ledger.intake (
  channel      text not null references ledger.channel,
  external_id  text not null,
  payload_hash bytea not null,
  order_id     text not null,
  recorded_at  timestamptz not null default clock_timestamp(),
  primary key (channel, external_id)
);

-- Append-only. A known external id came again with another payload: refused, kept as evidence.
create table ledger.intake_refusal (
  refusal_id   bigint generated always as identity primary key,
  channel      text not null,
  external_id  text not null,
  payload_hash bytea not null,
  payload      jsonb not null,
  recorded_at  timestamptz not null default clock_timestamp()
);

create table ledger.orders (
  order_id        text primary key,
  channel         text not null references ledger.channel,
  external_id     text not null,
  class           text not null default 'standard',
  customer_id     bigint references ledger.customer,
  currency        text not null check (currency ~ '^[A-Z]{3}$'),
  ship_to         jsonb not null,
  state           text not null check (state in ('accepted', 'released', 'completed', 'cancelled', 'rejected')),
  -- Which step comes first, decided by rules at acceptance: authorize, screen or release.
  screening       text[] not null default '{}',
  total_minor     bigint not null,
  charges_due     boolean not null default false,
  policy_versions jsonb not null default '{}',
  placed_at       timestamptz not null,
  ended_at        timestamptz,
  recorded_at     timestamptz not null default clock_timestamp()
);
create index orders_newest on ledger.orders (recorded_at desc, order_id desc);
create index orders_open on ledger.orders (state, recorded_at) where state in ('accepted', 'released');

create table ledger.order_line (
  order_id         text not null references ledger.orders,
  line_no          integer not null,
  external_line_id text not null,
  kind             text not null check (kind in ('goods', 'shipping', 'other', 'discount', 'manual', 'voucher')),
  -- The SKU of goods, the charge's code otherwise.
  code             text not null,
  node             text,
  quantity         bigint not null check (quantity > 0),
  unit_price       numeric(20, 6) not null,
  -- unit price x quantity - discount, rounded half away from zero; tax on top or inside stays in tax_minor.
  amount_minor     bigint not null,
  -- What rounding left out, in minor units, exact.
  below_minor      numeric(20, 6) not null default 0,
  tax_minor        bigint not null default 0,
  discount_minor   bigint not null default 0,
  source_ref       text,
  customer_id      bigint,
  placed_at        timestamptz not null,
  reserved         bigint not null default 0 check (reserved >= 0),
  backordered      bigint not null default 0 check (backordered >= 0),
  shipped          bigint not null default 0 check (shipped >= 0),
  cancelled        bigint not null default 0 check (cancelled >= 0),
  short            bigint not null default 0 check (short >= 0),
  -- Units promised to returns (authorized or in review), of those shipped.
  "returning"      bigint not null default 0 check ("returning" between 0 and shipped),
  invoiced_minor   bigint not null default 0,
  tax_invoiced_minor bigint not null default 0,
  cancelled_minor  bigint not null default 0,
  -- Cost the shipped units left with, and what returns have brought back of it (major units).
  shipped_cost     numeric(24, 10) not null default 0,
  returned_cost    numeric(24, 10) not null default 0,
  returned         bigint not null default 0,
  check (reserved + backordered + shipped + cancelled + short <= quantity),
  check (returned <= shipped),
  check (returned_cost <= shipped_cost),
  primary key (order_id, line_no)
);
create index order_line_by_customer on ledger.order_line (customer_id, code, placed_at desc) where customer_id is not null;
create index order_line_by_code on ledger.order_line (code, placed_at);
create index order_line_by_source on ledger.order_line (split_part(source_ref, ':', 1)) where source_ref is not null;

create table ledger.order_hold (
  order_id   text not null references ledger.orders,
  hold       text not null check (hold in ('payment', 'fraud', 'address', 'stock', 'carrier')),
  reason     text not null,
  raised_at  timestamptz not null,
  cleared_at timestamptz,
  primary key (order_id, hold)
);

create table ledger.shipment (
  shipment_id text primary key,
  order_id    text not null references ledger.orders,
  node        text not null references ledger.node,
  state       text not null check (state in ('released', 'dispatched', 'cancelled')),
  released_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp()
);
create index shipment_by_order on ledger.shipment (order_id);
create index shipment_queue on ledger.shipment (recorded_at, shipment_id) where state = 'released';

create table ledger.shipment_line (
  shipment_id text not null references ledger.shipment,
  line_no     integer not null,
  lot         text not null default '',
  sku         text not null,
  quantity    bigint not null check (quantity >= 0),
  dispatched  bigint not null default 0 check (dispatched >= 0 and dispatched <= quantity),
  primary key (shipment_id, line_no, lot)
);

create table ledger.dispatch (
  dispatch_id     text primary key,
  shipment_id     text not null references ledger.shipment,
  order_id        text not null,
  invoice_number  text not null unique,
  amount_minor    bigint not null,
  tax_minor       bigint not null,
  carrier         text,
  tracking_number text,
  occurred_at     timestamptz not null,
  recorded_at     timestamptz not null default clock_timestamp()
);
create index dispatch_by_order on ledger.dispatch (order_id);
create index dispatch_by_tracking on ledger.dispatch (tracking_number) where tracking_number is not null;
create sequence ledger.invoice_number;
