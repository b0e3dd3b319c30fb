-- What the stock functions hand to one another.

create type ledger.movement as (
  sku text, node text, lot text, from_bucket text, to_bucket text, quantity bigint,
  subject_id text, line_no integer, source_ref text);

create type ledger.allocation as (
  owner_id text, line_no integer, sku text, node text, quantity bigint, source_ref text);
