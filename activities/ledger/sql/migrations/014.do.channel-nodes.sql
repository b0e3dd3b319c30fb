-- The nodes that send a channel's orders; null: all of them.

alter table ledger.channel add column nodes text[];
