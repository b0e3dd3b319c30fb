-- The processes could not be started: whoever claims next may have them, so that the oldest stay first.
create or replace function loopline.release_processes(request jsonb) returns jsonb language plpgsql as $$
declare v_count integer;
begin
  update ledger.process p
  set leased_until = null
  where p.process_id in (
    select n.process_id from ledger.process n
    where n.process_id = any (ledger.text_array(request -> 'processIds')) and n.state = 'pending'
    order by n.process_id for no key update);
  get diagnostics v_count = row_count;
  return jsonb_build_object('released', v_count);
end $$;
