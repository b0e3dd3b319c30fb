-- The figures of a trade whose rows carry source references `<source>:<class>:<ordinal>`.
-- Postings, moves and lines count when their reference names one of the sources; cost of goods sold,
-- payments, refunds and credits count when their order, return or entry has a row of them. What cannot be told apart by
-- source (goods received, scrapped, sent back and left, inventory value, receivables, states) is read
-- over the whole ledger; `unitsCarriedIn` is what all other sources brought in less what they took, so
-- received + returned + found + carriedIn = shipped + writtenOff + scrapped + returnedToSupplier + left.
create or replace function loopline.read_trade(request jsonb) returns jsonb language plpgsql stable as $$
declare v_sources text[] := ledger.text_array(request -> 'sources');
begin
  if cardinality(coalesce(v_sources, '{}')) = 0 then
    perform ledger.fail_invalid('source', 'name at least one source');
  end if;
  return ledger.trade_money(v_sources) || ledger.trade_units(v_sources) || ledger.trade_states(v_sources);
end $$;

create or replace function ledger.of_sources(p_source_ref text, p_sources text[]) returns boolean
language sql immutable as $$ select split_part(p_source_ref, ':', 1) = any (p_sources) $$;

create or replace function ledger.trade_money(p_sources text[]) returns jsonb language plpgsql stable as $$
declare
  v_accounts constant text[] := array['revenue', 'shipping-income', 'other-charges', 'returns', 'discounts',
    'manual-adjustments', 'cancellation-price-differences', 'marketplace-fees', 'payment-fees', 'bank-charges',
    'bank-charges-recovered', 'bad-debt', 'samples', 'donations', 'voucher-liability'];
  v_money jsonb;
  v_by_class jsonb;
  v_gross bigint;
begin
  select coalesce(jsonb_object_agg(c.class, c.minor::text), '{}'), coalesce(sum(c.minor), 0)
  into v_by_class, v_gross
  from (
    select split_part(p.source_ref, ':', 2) as class,
      sum(p.amount_minor * ((p.credit = any (v_accounts))::integer - (p.debit = any (v_accounts))::integer))::bigint as minor
    from ledger.posting p
    where split_part(p.source_ref, ':', 1) = any (p_sources) and p.source_ref is not null
      and (p.credit = any (v_accounts) or p.debit = any (v_accounts))
    group by 1) c;
  with subjects as (
    select l.order_id as subject_id from ledger.order_line l
    where l.source_ref is not null and split_part(l.source_ref, ':', 1) = any (p_sources)
    union select l.return_id from ledger.return_line l
    where l.source_ref is not null and split_part(l.source_ref, ':', 1) = any (p_sources)
    union select e.entry_id from ledger.finance_entry e where ledger.of_sources(e.source_ref, p_sources)
  )
  select jsonb_build_object(
    'grossSum', ledger.decimal_text(v_gross::numeric / 100),
    'byClassMinor', v_by_class,
    'roundingMinor', ledger.decimal_text(
      -- A discount is posted against the sale, so its remainder counts against it too.
      (select coalesce(sum(case when l.kind = 'discount' then -l.below_minor else l.below_minor end), 0)
       from ledger.order_line l where l.source_ref is not null and split_part(l.source_ref, ':', 1) = any (p_sources))
      -- A returned line was posted against the sale, so what rounding left out of it counts against it.
      - (select coalesce(sum(l.below_minor), 0) from ledger.return_line l
         where l.source_ref is not null and split_part(l.source_ref, ':', 1) = any (p_sources))
      + (select coalesce(sum(e.below_minor), 0) from ledger.finance_entry e
         where ledger.of_sources(e.source_ref, p_sources) and e.state = 'posted')),
    'cogsMinor', (
      select coalesce(sum(case when p.debit = 'cost-of-goods-sold' then p.amount_minor else -p.amount_minor end), 0)::text
      from ledger.posting p
      where p.subject_id in (select s.subject_id from subjects s)
        and 'cost-of-goods-sold' in (p.debit, p.credit)),
    'inventoryValueMinor', ledger.account_balance('inventory')::text,
    'capturedMinor', (select coalesce(sum(p.captured_minor), 0)::text from ledger.payment p
      where p.order_id in (select s.subject_id from subjects s)),
    'refundedMinor', (select coalesce(sum(r.amount_minor), 0)::text from ledger.refund r
      where r.state = 'refunded' and r.subject_id in (select s.subject_id from subjects s)),
    'creditedToAccountMinor', (select coalesce(sum(p.amount_minor), 0)::text from ledger.posting p
      where p.subject_id in (select s.subject_id from subjects s)
        and p.credit in ('customer-credit', 'unidentified-credits')),
    'receivablesMinor', ledger.account_balance('receivables')::text,
    'trialBalanceDifferenceMinor', (
      select coalesce(sum(a.balance), 0)::text
      from (select p.debit as account, sum(p.amount_minor) as balance from ledger.posting p group by 1
            union all select p.credit, -sum(p.amount_minor) from ledger.posting p group by 1) a))
  into v_money;
  return v_money;
end $$;

-- Debits less credits, over all currencies' minor units of the base currency.
create or replace function ledger.account_balance(p_account text) returns bigint language sql stable as $$
  select coalesce(sum(case when p.debit = p_account then p.amount_minor else -p.amount_minor end), 0)::bigint
  from ledger.posting p
  where p_account in (p.debit, p.credit) and p.currency = ledger.base_currency()
$$;

-- The shortest decimal: no zeros at the end.
create or replace function ledger.decimal_text(p_value numeric) returns text language sql immutable as $$
  select trim_scale(p_value)::text
$$;
