-- Nothing reads along these any more, and every order paid for them. A subject's steps are found by their
-- keys, which begin with its id; demand is read by node.

drop index ledger.step_by_subject;
drop index ledger.stock_move_by_subject;
drop index ledger.order_line_by_code;
