-- The messages were delivered. Safe to repeat.
create or replace function loopline.finish_outbox(request jsonb) returns jsonb language plpgsql as $$
declare v_count integer;
begin
  update ledger.outbox o set done_at = clock_timestamp(), leased_until = null
  where o.outbox_id = any (ledger.text_array(request -> 'ids')::bigint[]) and o.done_at is null;
  get diagnostics v_count = row_count;
  return jsonb_build_object('finished', v_count);
end $$;
