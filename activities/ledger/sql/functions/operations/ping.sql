-- Answers when the database does.
create or replace function loopline.ping(request jsonb) returns jsonb language sql stable as $$
  select jsonb_build_object('ok', true)
$$;
