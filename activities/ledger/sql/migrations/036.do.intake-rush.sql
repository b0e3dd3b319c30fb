-- When orders last queued for an answer in some process that takes them in. One row that is worth nothing a
-- second later: it is not logged.
create unlogged table ledger.intake_rush (
  is_only boolean primary key default true check (is_only),
  reported_at timestamptz not null
);
