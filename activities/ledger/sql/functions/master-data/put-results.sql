-- One result per element, in the order given: its key fields, what became of it, and what was wrong.
-- p_created and p_updated hold keys: the text of a single field, or the array of several.
create or replace function ledger.put_results(
  p_elements jsonb, p_fields text[], p_faults jsonb, p_created jsonb, p_updated jsonb
) returns jsonb language sql as $$
  select jsonb_build_object('results', coalesce(jsonb_agg(r.result order by r.position), '[]'))
  from (
    select e.position,
      (select jsonb_object_agg(f, e.value -> f) from unnest(p_fields) f)
      || case
        when p_faults ? (e.position - 1)::text
          then jsonb_build_object('result', 'refused', 'errors', p_faults -> (e.position - 1)::text)
        when coalesce(p_created, '[]') @> jsonb_build_array(k.key) then jsonb_build_object('result', 'created')
        when coalesce(p_updated, '[]') @> jsonb_build_array(k.key) then jsonb_build_object('result', 'updated')
        else jsonb_build_object('result', 'unchanged') end as result
    from jsonb_array_elements(p_elements) with ordinality e(value, position)
    cross join lateral (
      select case when cardinality(p_fields) = 1 then e.value -> p_fields[1]
        else (select to_jsonb(string_agg(e.value ->> f, E'\n' order by n))
              from unnest(p_fields) with ordinality u(f, n)) end as key) k) r
$$;

-- Elements whose key was named before in the same call: { "3": [{ path, message }] }.
create or replace function ledger.repeated_faults(p_elements jsonb, p_fields text[]) returns jsonb
language sql as $$
  select coalesce(jsonb_object_agg((r.position - 1)::text, jsonb_build_array(
    jsonb_build_object('path', p_fields[cardinality(p_fields)], 'message', 'is named twice in this call'))), '{}')
  from (
    select e.position, row_number() over (
      partition by (select string_agg(e.value ->> f, E'\n' order by n) from unnest(p_fields) with ordinality u(f, n))
      order by e.position) as nth
    from jsonb_array_elements(p_elements) with ordinality e(value, position)) r
  where r.nth > 1
$$;
