-- A cycle reads what it decides from in one pass over what is recent, and hands it on in parts.

-- Demand of a node over a window. Lines of one time lie together, so naming what is read of them would save
-- little here and cost every order more.
create index order_line_demand on ledger.order_line (node, placed_at) where kind = 'goods' and node is not null;
-- Observed lead times of a node.
create index receipt_of_orders on ledger.receipt (node, occurred_at)
  include (sku, purchase_order_id) where purchase_order_id is not null;
create index purchase_order_by_cycle on ledger.purchase_order (cycle_id, purchase_order_id) where cycle_id is not null;

-- What is being planned: pages of facts and decided purchase orders, until the cycle is recorded. Nobody
-- misses it after a crash, the cycle is then planned again; so it is not logged.
create unlogged table ledger.replenishment_part (
  plan_id     uuid not null,
  kind        text not null check (kind in ('facts', 'orders')),
  part_no     integer not null,
  content     jsonb not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (plan_id, kind, part_no)
);
-- Packing what is read once costs more than it saves.
alter table ledger.replenishment_part alter column content set storage external;
