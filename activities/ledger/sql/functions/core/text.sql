-- A unit price as people write it: two places at least, and no zeros behind more.
create or replace function ledger.price_text(p_price numeric) returns text language sql immutable as $$
  select round(p_price, greatest(2, min_scale(p_price)))::text
$$;
