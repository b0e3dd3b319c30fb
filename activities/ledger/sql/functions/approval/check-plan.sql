-- What the matrix can say of facts without the rule (rules/approval/evaluate-matrix.ts), so that nobody is asked by
-- another row, or in another way, than the policy has it.

-- Whether a row applies: yes, no, or unknown where it hangs on a fact that is not known.
create or replace function ledger.row_applies(p_when jsonb, p_facts jsonb) returns text language sql stable as $$
  select case when bool_or(c.met = 'no') then 'no' when bool_or(c.met = 'unknown') then 'unknown' else 'yes' end
  from (
    select case when n.holds is null then 'unknown' when n.holds then 'yes' else 'no' end
    from (values
      ('amountAboveMinor', (p_facts ->> 'amountMinor')::numeric > (p_when ->> 'amountAboveMinor')::numeric),
      ('amountUpToMinor', (p_facts ->> 'amountMinor')::numeric <= (p_when ->> 'amountUpToMinor')::numeric)) n(condition, holds)
    where p_when ? n.condition
    union all
    select case when p_facts ->> 'marginBasisPoints' is null then 'unknown'
      when (p_facts ->> 'marginBasisPoints')::numeric < (p_when ->> 'marginBelowBasisPoints')::numeric then 'yes' else 'no' end
    where p_when ? 'marginBelowBasisPoints'
    union all
    select case when f.known is null then 'unknown' when exists (
        select from jsonb_array_elements_text(case jsonb_typeof(f.known) when 'array' then f.known else jsonb_build_array(f.known) end) v(code)
        where p_when -> k.condition ? v.code) then 'yes' else 'no' end
    from (values ('customerRisks', 'customerRisk'), ('supplierRisks', 'supplierRisk'), ('skuClasses', 'skuClasses'),
      ('reasonCodes', 'reasonCodes'), ('channels', 'channel'), ('regions', 'region'), ('fields', 'fields')) k(condition, fact)
    cross join lateral (select nullif(p_facts -> k.fact, 'null')) f(known)
    where p_when ? k.condition
  ) c(met)
$$;

-- Facts as limits of the matrix can be held against them: an amount without a rate into the base currency is not known.
create or replace function ledger.facts_in_base(p_matrix jsonb, p_facts jsonb) returns jsonb language sql immutable as $$
  select case when p_matrix #>> '{exchangeRates,base}' <> p_facts ->> 'currency' then p_facts - 'amountMinor' else p_facts end
$$;

-- The rows of which one decides: of those that ask somebody (p_asking), or of all, the first that applies and
-- before it those that may.
create or replace function ledger.rows_for(p_matrix jsonb, p_facts jsonb, p_asking boolean) returns setof jsonb
language sql stable as $$
  with judged as (
    select r.value as row, r.ordinality as no, ledger.row_applies(r.value -> 'when', ledger.facts_in_base(p_matrix, p_facts)) as applies
    from jsonb_array_elements(p_matrix -> 'rows') with ordinality r
    where r.value ->> 'subject' = p_facts ->> 'subject' and (not p_asking or r.value -> 'levels' <> '[]')
  )
  select j.row from judged j
  where j.applies <> 'no' and not exists (select from judged b where b.applies = 'yes' and b.no < j.no)
  order by j.no
$$;

-- LL500 for a plan that is none of what the matrix says about these facts. Where the subject's own policy wants a
-- person and no row that asks one applies, it is the row that asks fewest (decideMatrix).
create or replace function ledger.check_plan(
  p_subject text, p_matrix jsonb, p_facts jsonb, p_plan jsonb, p_wanted boolean
) returns void language plpgsql stable as $$
declare v_row jsonb; v_asks boolean;
begin
  select r.value into v_row from jsonb_array_elements(p_matrix -> 'rows') r
  where r.value ->> 'id' = p_plan ->> 'row' and r.value ->> 'subject' = p_facts ->> 'subject';
  v_asks := v_row -> 'levels' <> '[]';
  if v_row is null
    or (ledger.plain_levels(v_row), v_row -> 'order', v_row -> 'needed', p_matrix -> 'informationHours', p_matrix -> 'changeHours')
      is distinct from (ledger.plain_levels(p_plan), p_plan -> 'order', p_plan -> 'needed', p_plan -> 'informationHours',
        p_plan -> 'changeHours')
    or not (
      (v_row in (select ledger.rows_for(p_matrix, p_facts, false))
        and (v_asks or not p_wanted or not exists (select from jsonb_array_elements(p_matrix -> 'rows') r
          where r.value ->> 'subject' = p_facts ->> 'subject' and r.value -> 'levels' <> '[]')))
      or (p_wanted and v_asks and (v_row in (select ledger.rows_for(p_matrix, p_facts, true))
        or ledger.asks_fewest(p_matrix, p_facts, v_row)))) then
    raise exception '% is not asked for by the row %', p_subject, p_plan ->> 'row' using errcode = 'LL500';
  end if;
end $$;

-- The levels without the calendars that were chosen for them.
create or replace function ledger.plain_levels(p_row jsonb) returns jsonb language sql immutable as $$
  select jsonb_agg((l.value - 'calendar') #- '{escalateTo,calendar}' order by l.ordinality) from jsonb_array_elements(p_row -> 'levels') with ordinality l
$$;

-- Whether no row that asks somebody applies for certain, and none asks fewer levels than this one.
create or replace function ledger.asks_fewest(p_matrix jsonb, p_facts jsonb, p_row jsonb) returns boolean
language sql stable as $$
  select not bool_or(ledger.row_applies(r.value -> 'when', ledger.facts_in_base(p_matrix, p_facts)) = 'yes'
    or jsonb_array_length(r.value -> 'levels') < jsonb_array_length(p_row -> 'levels'))
  from jsonb_array_elements(p_matrix -> 'rows') r
  where r.value ->> 'subject' = p_facts ->> 'subject' and r.value -> 'levels' <> '[]'
$$;
