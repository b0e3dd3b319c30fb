-- A decision says when it was made, in business time: today's for live work, its own for old trade.

alter table ledger.decision add column occurred_at timestamptz;
alter table ledger.decision disable trigger append_only;
update ledger.decision set occurred_at = recorded_at;
alter table ledger.decision enable trigger append_only;
alter table ledger.decision alter column occurred_at set not null;
