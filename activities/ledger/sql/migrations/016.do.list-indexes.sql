-- Every list is read along an index in its own order, however many rows lie behind it. What is over is
-- nearly everything, so states that are left or rare have small indexes of their own.

create index orders_by_customer on ledger.orders (customer_id, recorded_at desc, order_id desc)
  where customer_id is not null;
create index orders_not_completed on ledger.orders (state, recorded_at desc, order_id desc)
  where state <> 'completed';
drop index ledger.orders_open;

create index shipment_oldest on ledger.shipment (recorded_at, shipment_id);
create index shipment_cancelled on ledger.shipment (recorded_at, shipment_id) where state = 'cancelled';

create index payment_newest on ledger.payment (recorded_at desc, payment_id desc);
create index payment_not_authorized on ledger.payment (state, recorded_at desc, payment_id desc)
  where state <> 'authorized';

create index returns_by_customer on ledger.returns (customer_id, recorded_at desc, return_id desc)
  where customer_id is not null;
create index returns_not_closed on ledger.returns (state, recorded_at desc, return_id desc)
  where state <> 'closed';
drop index ledger.returns_queue;

create index exception_newest on ledger.exception (recorded_at desc, exception_id desc);
create index approval_newest on ledger.approval (recorded_at desc, approval_id desc);
create index stock_adjustment_newest on ledger.stock_adjustment (recorded_at desc, adjustment_id desc);
create index finance_entry_newest on ledger.finance_entry (recorded_at desc, entry_id desc);
create index shipping_notice_earliest on ledger.shipping_notice (expected_at, notice_id);
create index sku_newest on ledger.sku (recorded_at desc, sku desc);
create index customer_by_external_id on ledger.customer (external_id);
create index order_hold_open on ledger.order_hold (order_id) where cleared_at is null;
