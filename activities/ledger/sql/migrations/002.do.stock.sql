-- Stock: moves between buckets, the balances they add up to, and the cost layers behind them.

-- The root of one SKU at one node. Whoever changes any balance, layer, reservation or backorder of
-- the pair locks this row first, in the order (sku, node); the rows below need no lock of their own.
create table ledger.stock_item (
  sku       text not null references ledger.sku,
  node      text not null references ledger.node,
  -- Available to promise: the units on hand, over all lots, that nobody has reserved.
  available bigint not null default 0 check (available >= 0),
  primary key (sku, node)
);

create table ledger.stock_balance (
  sku      text not null,
  node     text not null,
  bucket   text not null check (bucket in
             ('inbound', 'on-hand', 'reserved', 'picked', 'returned', 'quarantined', 'damaged')),
  lot      text not null default '',
  quantity bigint not null check (quantity >= 0),
  primary key (sku, node, bucket, lot),
  foreign key (sku, node) references ledger.stock_item
);

-- Append-only. Supplier, customer and adjustment are places outside the house: moves name them,
-- balances do not.
create table ledger.stock_move (
  move_id     bigint generated always as identity primary key,
  sku         text not null,
  node        text not null,
  lot         text not null default '',
  from_bucket text not null,
  to_bucket   text not null check (to_bucket <> from_bucket),
  quantity    bigint not null check (quantity > 0),
  event       text not null,
  key         text not null,
  subject_id  text not null,
  line_no     integer,
  source_ref  text,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  check (from_bucket in ('supplier', 'customer', 'adjustment', 'inbound', 'on-hand', 'reserved',
                         'picked', 'returned', 'quarantined', 'damaged')),
  check (to_bucket in ('supplier', 'customer', 'adjustment', 'inbound', 'on-hand', 'reserved',
                       'picked', 'returned', 'quarantined', 'damaged'))
);
create index stock_move_by_subject on ledger.stock_move (subject_id);
create index stock_move_by_item on ledger.stock_move (sku, node);

-- One layer per receipt for FIFO; one running layer per item and pool for average and standard cost.
-- Quantities and values left are a projection of cost_entry.
create table ledger.cost_layer (
  layer_id           bigint generated always as identity primary key,
  sku                text not null,
  node               text not null,
  pool               text not null check (pool in ('stock', 'returns')),
  method             text not null check (method in ('fifo', 'average', 'standard')),
  remaining_quantity bigint not null check (remaining_quantity >= 0),
  -- Major units of the base currency.
  remaining_value    numeric(24, 10) not null check (remaining_value >= 0),
  source_key         text not null,
  recorded_at        timestamptz not null default clock_timestamp(),
  check (remaining_quantity > 0 or remaining_value = 0),
  foreign key (sku, node) references ledger.stock_item
);
create index cost_layer_open on ledger.cost_layer (sku, node, pool, layer_id) where remaining_quantity > 0;
create unique index cost_layer_running on ledger.cost_layer (sku, node, pool) where method <> 'fifo';
create index cost_layer_by_source on ledger.cost_layer (source_key);

-- Append-only. amount_minor = round(layer value after) - round(layer value before).
create table ledger.cost_entry (
  entry_id     bigint generated always as identity primary key,
  layer_id     bigint not null references ledger.cost_layer,
  quantity     bigint not null,
  value        numeric(24, 10) not null,
  amount_minor bigint not null,
  event        text not null,
  key          text not null,
  subject_id   text not null,
  line_no      integer,
  source_ref   text,
  occurred_at  timestamptz not null,
  recorded_at  timestamptz not null default clock_timestamp()
);
create index cost_entry_by_layer on ledger.cost_entry (layer_id);
create index cost_entry_by_subject on ledger.cost_entry (subject_id, line_no);

-- What of whom is reserved where: a projection of the moves on-hand <-> reserved.
create table ledger.reservation (
  owner_id text not null,
  line_no  integer not null,
  sku      text not null,
  node     text not null,
  lot      text not null default '',
  quantity bigint not null check (quantity >= 0),
  -- The part of quantity that stands on a released shipment.
  on_shipment bigint not null default 0 check (on_shipment between 0 and quantity),
  primary key (owner_id, line_no, node, lot)
);
create index reservation_by_item on ledger.reservation (sku, node) where quantity > 0;

-- A reservation that belongs to no order yet, such as a basket; it expires.
create table ledger.stock_hold (
  hold_id     text primary key,
  state       text not null check (state in ('held', 'released', 'expired')),
  expires_at  timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp()
);
create index stock_hold_open on ledger.stock_hold (expires_at) where state = 'held';

-- Units an order waits for; served first come first served within priority (lower first).
create table ledger.backorder (
  order_id   text not null,
  line_no    integer not null,
  sku        text not null,
  node       text not null,
  quantity   bigint not null check (quantity >= 0),
  priority   integer not null default 100,
  queued_at  timestamptz not null,
  sequence   bigint generated always as identity,
  source_ref text,
  primary key (order_id, line_no, node)
);
create index backorder_queue on ledger.backorder (sku, node, priority, queued_at, sequence) where quantity > 0;
