-- Purchase orders, what suppliers say and send, and replenishment cycles.

create sequence ledger.purchase_order_number;

create table ledger.purchase_order (
  purchase_order_id  text primary key,
  number             text not null unique,
  external_ref       text unique,
  request_hash       bytea not null,
  cycle_id           text,
  supplier           text not null references ledger.supplier,
  node               text not null references ledger.node,
  currency           text not null,
  state              text not null check (state in ('in-review', 'approved', 'sent', 'acknowledged', 'closed', 'rejected')),
  total_minor        bigint not null,
  deliver_exactly_at timestamptz,
  expected_at        timestamptz,
  -- The supplier has said that it ships no more of this order.
  final              boolean not null default false,
  ordered_at         timestamptz not null,
  ended_at           timestamptz,
  recorded_at        timestamptz not null default clock_timestamp()
);
create index purchase_order_newest on ledger.purchase_order (recorded_at desc, purchase_order_id desc);
create index purchase_order_open on ledger.purchase_order (node) where state not in ('closed', 'rejected');

create table ledger.purchase_order_line (
  purchase_order_id text not null references ledger.purchase_order,
  line_no           integer not null,
  sku               text not null references ledger.sku,
  quantity          bigint not null check (quantity > 0),
  unit_price        numeric(20, 6) not null check (unit_price >= 0),
  acknowledged      bigint,
  noticed           bigint not null default 0,
  received          bigint not null default 0,
  -- Will never come: the supplier is short, or the order was closed.
  short             bigint not null default 0,
  invoiced          bigint not null default 0,
  -- Posted to goods received not invoiced, and taken off it by matched invoices.
  received_minor    bigint not null default 0,
  matched_minor     bigint not null default 0,
  check (short >= 0 and received >= 0),
  primary key (purchase_order_id, line_no)
);
create index purchase_order_line_by_sku on ledger.purchase_order_line (sku);

create table ledger.shipping_notice (
  notice_id         text primary key,
  purchase_order_id text not null references ledger.purchase_order,
  node              text not null,
  state             text not null check (state in ('open', 'received')),
  final             boolean not null,
  shipped_at        timestamptz not null,
  expected_at       timestamptz not null,
  recorded_at       timestamptz not null default clock_timestamp()
);
create index shipping_notice_open on ledger.shipping_notice (expected_at) where state = 'open';
create index shipping_notice_by_order on ledger.shipping_notice (purchase_order_id);

create table ledger.shipping_notice_line (
  notice_id text not null references ledger.shipping_notice,
  line_no   integer not null,
  sku       text not null,
  quantity  bigint not null check (quantity > 0),
  received  bigint not null default 0,
  primary key (notice_id, line_no)
);

-- Append-only.
create table ledger.receipt (
  receipt_id        text not null,
  purchase_order_id text references ledger.purchase_order,
  notice_id         text,
  line_no           integer not null,
  sku               text not null,
  node              text not null,
  lot               text not null default '',
  quantity          bigint not null check (quantity > 0),
  unit_cost         numeric(20, 6) not null,
  layer_id          bigint not null references ledger.cost_layer,
  occurred_at       timestamptz not null,
  recorded_at       timestamptz not null default clock_timestamp()
);
create index receipt_by_order on ledger.receipt (purchase_order_id, line_no);
create index receipt_by_item on ledger.receipt (sku, recorded_at desc);

create table ledger.supplier_invoice (
  purchase_order_id text not null references ledger.purchase_order,
  invoice_number    text not null,
  state             text not null check (state in ('waiting', 'matched', 'mismatch', 'disputed')),
  lines             jsonb not null,
  amount_minor      bigint not null,
  -- Invoiced above (positive) or below the order price, for the quantity invoiced.
  difference_minor  bigint not null default 0,
  occurred_at       timestamptz not null,
  recorded_at       timestamptz not null default clock_timestamp(),
  primary key (purchase_order_id, invoice_number)
);

create table ledger.replenishment_cycle (
  cycle_id      text primary key,
  node          text not null references ledger.node,
  cycle_date    date not null,
  state         text not null check (state in ('planned', 'done')),
  business_time timestamptz not null,
  recorded_at   timestamptz not null default clock_timestamp(),
  ended_at      timestamptz,
  unique (node, cycle_date)
);

-- Append-only. Every proposal with all its terms.
create table ledger.replenishment_proposal (
  cycle_id          text not null references ledger.replenishment_cycle,
  sku               text not null references ledger.sku,
  supplier          text not null references ledger.supplier,
  quantity          bigint not null check (quantity > 0),
  purchase_order_id text,
  -- Why nothing was ordered: the stock on order changed after the facts were read.
  dropped           text,
  terms             jsonb not null,
  primary key (cycle_id, sku)
);
