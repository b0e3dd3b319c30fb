-- What every list needs: a bounded limit, an opaque cursor, and the page itself.
-- Lists read with `plan_cache_mode = force_custom_plan`: a plan that knows which filters and which cursor
-- are given goes along an index, one plan for all of them reads the whole table. The setting holds for
-- whatever is called inside as well, so a row's JSON that asks further tables is made outside.

create or replace function ledger.page_limit(p_request jsonb) returns integer
language sql immutable as $$
  select least(greatest(coalesce((p_request ->> 'limit')::integer, 50), 1), 200)
$$;

create or replace function ledger.cursor_text(p_values text[]) returns text
language sql immutable as $$
  select translate(encode(convert_to(to_jsonb(p_values)::text, 'UTF8'), 'base64'), E'+/=\n', '-_')
$$;

-- The values of a cursor, or null without one. One that was not made by cursor_text, or whose values are
-- not of the types that the list sorts by, is invalid input.
create or replace function ledger.cursor_values(p_cursor text, p_types text[]) returns text[]
language plpgsql stable as $$
declare v_values text[];
begin
  if p_cursor is null then return null; end if;
  begin
    v_values := ledger.text_array(convert_from(decode(
      rpad(translate(p_cursor, '-_', '+/'), (length(p_cursor) + 3) / 4 * 4, '='), 'base64'), 'UTF8')::jsonb);
  exception when others then
    v_values := null;
  end;
  if v_values is null or cardinality(v_values) <> cardinality(p_types)
    or exists (select from unnest(v_values, p_types) x(value, type)
               where x.value is null or not pg_input_is_valid(x.value, x.type)) then
    perform ledger.fail_invalid('cursor', 'is no cursor that this list has given out');
  end if;
  return v_values;
end $$;

-- The cursor of a list that is sorted by a time and an id, and its parts.
create or replace function ledger.cursor(p_at timestamptz, p_id text) returns text language sql immutable as $$
  select ledger.cursor_text(array[(to_json(p_at at time zone 'UTC') #>> '{}'), p_id])
$$;

create or replace function ledger.cursor_time(p_cursor text) returns timestamptz language sql stable as $$
  select ((ledger.cursor_values(p_cursor, '{timestamp,text}'))[1]::timestamp) at time zone 'UTC'
$$;

create or replace function ledger.cursor_id(p_cursor text) returns text language sql stable as $$
  select (ledger.cursor_values(p_cursor, '{timestamp,text}'))[2]
$$;

create or replace function ledger.cursor_number(p_cursor text) returns bigint language sql stable as $$
  select (ledger.cursor_values(p_cursor, '{timestamp,bigint}'))[2]::bigint
$$;

-- A page from rows that each carry their own `cursor`, read with one row more than the page holds.
create or replace function ledger.page_of(p_rows jsonb, p_limit integer) returns jsonb
language sql immutable as $$
  select jsonb_build_object(
    'data', coalesce((select jsonb_agg(r.value - 'cursor' order by r.position)
      from jsonb_array_elements(p_rows) with ordinality r(value, position) where r.position <= p_limit), '[]'),
    'nextCursor', case when jsonb_array_length(coalesce(p_rows, '[]')) > p_limit
      then p_rows -> (p_limit - 1) -> 'cursor' end)
$$;

create or replace function ledger.text_array(p_array jsonb) returns text[]
language sql immutable as $$
  select case when jsonb_typeof(p_array) = 'array'
    then array(select jsonb_array_elements_text(p_array)) end
$$;

-- RFC 3339, UTC, to the millisecond.
create or replace function ledger.instant_text(p_at timestamptz) returns text
language sql immutable as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Whose external id this is, on one channel or on all; null when nobody is asked for.
create or replace function ledger.customers_named(p_external_id text, p_channel text default null) returns bigint[]
language sql stable as $$
  select case when p_external_id is not null then array(
    select c.customer_id from ledger.customer c
    where c.external_id = p_external_id and (p_channel is null or c.channel = p_channel)) end
$$;
