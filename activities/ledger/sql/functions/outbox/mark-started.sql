-- The processes have their workflows. One that has ended meanwhile stays ended.
create or replace function loopline.mark_started(request jsonb) returns jsonb language plpgsql as $$
declare v_count integer;
begin
  update ledger.process p
  set state = 'running', started_at = coalesce(p.started_at, clock_timestamp()), leased_until = null
  where p.process_id in (
    select n.process_id from ledger.process n
    where n.process_id = any (ledger.text_array(request -> 'processIds')) and n.state = 'pending'
    order by n.process_id for no key update);
  get diagnostics v_count = row_count;
  return jsonb_build_object('started', v_count);
end $$;
