-- What a call that takes orders in works on, one row each, so that its JSON is read only once. `pos` is the
-- order's position in the call, from 1.

create type ledger.incoming_order as (
  pos integer, order_id text, channel text, external_id text, payload_hash bytea, class text, currency text,
  placed_at timestamptz, priority integer, customer_id bigint, customer_ref text, customer_name text, customer_email text,
  ship_to jsonb, screening text[], policy_versions jsonb, total_minor bigint, plans jsonb, backorder_nodes text[],
  payment jsonb, actor text);

create type ledger.incoming_line as (
  pos integer, line_no integer, external_line_id text, kind text, code text, quantity bigint, unit_price numeric,
  amount_minor bigint, below_minor numeric, tax_minor bigint, discount_minor bigint, source_ref text);

-- A line's units at a node, in the order's plan of that number.
create type ledger.plan_entry as (
  pos integer, order_id text, plan_no integer, line_no integer, rank integer, sku text, node text, quantity bigint, source_ref text);

-- What became of an order; allocations and backorders: [{ lineNo, node, quantity }].
create type ledger.placed_order as (
  pos integer, order_id text, outcome text, node text, reserved bigint, backordered bigint, allocations jsonb,
  backorders jsonb);
