-- How risky it is to trade with a customer or a supplier, as people rate it: the approval matrix asks by it.

-- Append-only. The last row of a party counts; whoever has none is as any other.
create table ledger.risk_rating (
  -- `customer:<number>` or `supplier:<id>`.
  party       text not null check (party ~ '^(customer:[1-9][0-9]{0,17}|supplier:[A-Za-z0-9._-]{1,64})$'),
  sequence    integer not null check (sequence > 0),
  risk        text not null check (risk in ('low', 'normal', 'high')),
  reason      text not null,
  actor       text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (party, sequence)
);
create index risk_rating_newest on ledger.risk_rating (recorded_at desc, party desc);

select ledger.keep_append_only('risk_rating');
