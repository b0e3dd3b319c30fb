-- Every try to authorize a payment has a key of its own at the provider; a repeat of one try does not.
alter table ledger.payment add column attempt text not null default '1';
alter table ledger.payment add column decline_code text;
-- Why an order's unshipped rest was given up, for the void and the timeline.
alter table ledger.orders add column priority integer not null default 100;
