-- Master data: who sells, from where, what, bought from whom, and under which policies.

create table ledger.channel (
  channel     text primary key check (channel ~ '^[a-z0-9-]{1,32}$'),
  name        text not null,
  kind        text not null check (kind in ('web-shop', 'marketplace', 'b2b-portal')),
  -- Whether short lines wait for stock; null leaves it to the sourcing policy.
  backorder   text check (backorder in ('allow', 'refuse')),
  -- A trusted channel's facts are history: windows and fraud rules do not judge them again.
  trusted     boolean not null default false,
  recorded_at timestamptz not null default clock_timestamp()
);

create table ledger.node (
  node        text primary key check (node ~ '^[A-Za-z0-9._-]{1,64}$'),
  name        text not null,
  country     text not null,
  priority    integer not null default 100,
  recorded_at timestamptz not null default clock_timestamp()
);

create table ledger.customer (
  customer_id bigint generated always as identity primary key,
  channel     text not null references ledger.channel,
  external_id text not null,
  name        text,
  email       text,
  recorded_at timestamptz not null default clock_timestamp(),
  unique (channel, external_id)
);

create table ledger.supplier (
  supplier       text primary key check (supplier ~ '^[A-Za-z0-9._-]{1,64}$'),
  name           text not null,
  currency       text not null check (currency ~ '^[A-Z]{3}$'),
  lead_time_days integer not null check (lead_time_days >= 0),
  email          text,
  recorded_at    timestamptz not null default clock_timestamp()
);

create table ledger.sku (
  sku             text primary key check (length(sku) between 1 and 120),
  description     text not null default '',
  unit_of_measure text not null default 'each',
  barcode         text,
  class           text not null default 'B',
  cost_method     text not null default 'fifo' check (cost_method in ('fifo', 'average', 'standard')),
  -- In major units of the base currency; set for cost_method standard.
  standard_cost   numeric(20, 6) check (standard_cost >= 0),
  supplier        text references ledger.supplier,
  lead_time_days  integer check (lead_time_days >= 0),
  recorded_at     timestamptz not null default clock_timestamp(),
  check (cost_method <> 'standard' or standard_cost is not null)
);

create table ledger.supplier_sku (
  supplier          text not null references ledger.supplier,
  sku               text not null references ledger.sku,
  unit_price        numeric(20, 6) not null check (unit_price >= 0),
  minimum_quantity  bigint not null default 1 check (minimum_quantity > 0),
  multiple_quantity bigint not null default 1 check (multiple_quantity > 0),
  recorded_at       timestamptz not null default clock_timestamp(),
  primary key (supplier, sku)
);
create index supplier_sku_by_sku on ledger.supplier_sku (sku);

create table ledger.reason_code (
  reason_code text primary key check (reason_code ~ '^[a-z0-9-]{1,64}$'),
  subject     text not null check (subject in ('return', 'cancellation', 'adjustment', 'exception')),
  description text not null
);

create table ledger.account (
  account text primary key check (account ~ '^[a-z-]{1,64}$'),
  name    text not null,
  -- Which side a normal balance stands on, for reading a trial balance.
  kind    text not null check (kind in ('asset', 'liability', 'income', 'expense', 'equity'))
);

create table ledger.policy_version (
  policy         text not null check (policy ~ '^[a-z-]{1,64}$'),
  version        integer not null check (version > 0),
  channel        text not null default '*',
  effective_from timestamptz not null,
  document       jsonb not null,
  recorded_at    timestamptz not null default clock_timestamp(),
  primary key (policy, version)
);
create index policy_version_in_force on ledger.policy_version (policy, channel, effective_from desc);
