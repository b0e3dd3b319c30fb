-- By when an order is promised to have left, by the cutoffs in force when it was placed.
alter type ledger.incoming_order add attribute promised_dispatch_at timestamptz;
-- Null where nothing is promised: no goods, or goods that are waited for.
alter table ledger.orders add column promised_dispatch_at timestamptz;
