-- The messages were delivered. A signal, a decision and a repair only tell of facts that the ledger holds
-- elsewhere, so they go; what was sent to people and channels stays, as evidence. Safe to repeat.
create or replace function loopline.finish_outbox(request jsonb) returns jsonb language plpgsql as $$
declare v_ids bigint[] := ledger.text_array(request -> 'ids')::bigint[]; v_gone integer; v_kept integer;
begin
  delete from ledger.outbox o
  where o.outbox_id = any (v_ids) and o.done_at is null and o.kind in ('signal', 'decision', 'repair');
  get diagnostics v_gone = row_count;
  update ledger.outbox o set done_at = clock_timestamp(), leased_until = null
  where o.outbox_id = any (v_ids) and o.done_at is null;
  get diagnostics v_kept = row_count;
  return jsonb_build_object('finished', v_gone + v_kept);
end $$;
