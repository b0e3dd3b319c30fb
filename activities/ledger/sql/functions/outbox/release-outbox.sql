-- The messages could not be delivered: back to the queue, not before the given seconds have passed.
create or replace function loopline.release_outbox(request jsonb) returns jsonb language plpgsql as $$
declare v_count integer;
begin
  update ledger.outbox o
  set leased_until = null,
    available_at = clock_timestamp()
      + make_interval(secs => coalesce((request ->> 'delaySeconds')::numeric, 0)::double precision)
  where o.outbox_id = any (ledger.text_array(request -> 'ids')::bigint[]) and o.done_at is null;
  get diagnostics v_count = row_count;
  return jsonb_build_object('released', v_count);
end $$;
