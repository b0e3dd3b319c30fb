-- Cursors of lists: where the page ended, opaque to callers and safe in a URL. A cursor of no list names its field.
create or replace function ledger.cursor(p_at timestamptz, p_id text) returns text language sql immutable as $$
  select translate(encode(convert_to(jsonb_build_array(to_json(p_at at time zone 'UTC') #>> '{}', p_id)::text, 'UTF8'),
    'base64'), E'+/=\n', '-_')
$$;

create or replace function ledger.read_cursor(p_cursor text) returns jsonb language plpgsql stable as $$
declare v_cursor jsonb;
begin
  begin
    v_cursor := convert_from(decode(rpad(translate(p_cursor, '-_', '+/'), (length(p_cursor) + 3) / 4 * 4, '='),
      'base64'), 'UTF8')::jsonb;
  exception when others then
    v_cursor := null;
  end;
  if jsonb_typeof(v_cursor) = 'array' and v_cursor ->> 1 is not null and v_cursor -> 2 is null
    and pg_input_is_valid(v_cursor ->> 0, 'timestamp') then return v_cursor; end if;
  perform ledger.fail_invalid('cursor', 'is not a cursor of this list');
  return null;
end $$;

create or replace function ledger.cursor_time(p_cursor text) returns timestamptz language sql stable as $$
  select ((ledger.read_cursor(p_cursor) ->> 0)::timestamp) at time zone 'UTC'
$$;

create or replace function ledger.cursor_id(p_cursor text) returns text language sql stable as $$
  select ledger.read_cursor(p_cursor) ->> 1
$$;

-- The id of a cursor of a list that is numbered.
create or replace function ledger.cursor_number(p_cursor text) returns bigint language plpgsql stable as $$
declare v_id text := ledger.cursor_id(p_cursor);
begin
  if not pg_input_is_valid(v_id, 'bigint') then
    perform ledger.fail_invalid('cursor', 'is not a cursor of this list');
  end if;
  return v_id::bigint;
end $$;
